// The properties of tests/fuzz over inputs made of protocol words and random bytes, the same ones
// on every run.

#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fuzz/parser_properties.hpp>

using namespace memring;

namespace {

const std::vector<std::string_view> words{"HD",
                                          "VA 2 ",
                                          "VA 10",
                                          "EN",
                                          "NS",
                                          "EX",
                                          "NF",
                                          "MN",
                                          "OK",
                                          "END",
                                          "VALUE k 0 2",
                                          "CONFIG cluster 0 9",
                                          "STAT a b",
                                          "VERSION",
                                          "RESET",
                                          "ERROR",
                                          "CLIENT_ERROR ",
                                          "SERVER_ERROR ",
                                          "\r\n",
                                          "\r\n",
                                          "\r\n",
                                          "\n",
                                          " O1",
                                          " O12",
                                          " f0",
                                          " c1",
                                          " t-1",
                                          " W",
                                          " X",
                                          " Z",
                                          "hi",
                                          "\r",
                                          "key=a",
                                          "key=%41%",
                                          " exp=-1",
                                          " cas=7",
                                          " fetch=no",
                                          " size=1",
                                          "mg ",
                                          "Zm9v b",
                                          "BUSY",
                                          "h|1.2.3.4|5",
                                          "a||11211 ",
                                          "12\n",
                                          "1\n",
                                          " "};

std::string make_input(std::mt19937& random) {
    std::string input(1, static_cast<char>(random() % 256));
    const std::size_t pieces = random() % 12;
    for (std::size_t i = 0; i < pieces; ++i) input += words[random() % words.size()];
    if (random() % 4 == 0 && !input.empty()) {
        input[random() % input.size()] = static_cast<char>(random() % 256);
    }
    return input;
}

/// Streams of replies that are mostly good, so that what follows a first reply is reached as well.
std::string make_stream(std::mt19937& random) {
    std::string stream(1, static_cast<char>(17));
    const std::size_t replies = 1 + random() % 5;
    for (std::size_t i = 0; i < replies; ++i) {
        std::string value;
        for (std::size_t size = random() % 40; size != 0; --size) {
            value.push_back("\r\n\0EVA 1O"[random() % 9]);
        }
        const std::string opaque = random() % 8 == 0 ? " O1" : " O17";
        switch (random() % 4) {
            case 0:
                stream += "VA " + std::to_string(value.size()) + " f1" + opaque + "\r\n" + value;
                break;
            case 1: stream += "HD c3" + opaque; break;
            case 2: stream += "EN" + opaque; break;
            default: stream += "STAT a b"; break;
        }
        stream += "\r\n";
    }
    if (random() % 2 == 0) stream[1 + random() % (stream.size() - 1)] = static_cast<char>(random());
    return stream;
}

}  // namespace

TEST_CASE("whatever protocol words and random bytes are put together, every property holds") {
    std::mt19937 random(20240229);
    for (int i = 0; i < 20000; ++i) {
        const std::string input = make_input(random);
        CAPTURE(input);
        REQUIRE_NOTHROW(fuzz::check_parsers(input));
    }
}

TEST_CASE("whatever byte of a stream of replies is changed, every property holds") {
    std::mt19937 random(20240301);
    for (int i = 0; i < 20000; ++i) {
        const std::string stream = make_stream(random);
        CAPTURE(stream);
        REQUIRE_NOTHROW(fuzz::check_parsers(stream));
    }
}
