// The properties of tests/fuzz over inputs made of protocol words and random bytes, the same ones
// on every run, and over the fuzzers' seeds.

#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fuzz/every_target.hpp>
#include <protocol/reply_frames.hpp>

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
                                          "STORED",
                                          "NOT_STORED",
                                          "NOT_FOUND",
                                          "EXISTS",
                                          "DELETED",
                                          "TOUCHED",
                                          "42",
                                          " 1.6.18",
                                          " 1.4.39-aws",
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

void check_everywhere(std::string_view input) {
    for (const auto& target : fuzz::every_target) fuzz::check_target(target.name, input);
}

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

/// Streams of frames that mostly fit a verb and echo the opaque.
std::string make_frames(std::mt19937& random) {
    constexpr int statuses[] = {0, 0, 0, 1, 2, 3, 5, 6, 0x20, 0x21, 0x81};
    std::string stream(1, static_cast<char>(random() % 2 == 0 ? 0 : 14));
    const std::size_t frames = 1 + random() % 5;
    for (std::size_t i = 0; i < frames; ++i) {
        testing::reply_parts parts;
        parts.opcode = static_cast<int>(random() % 0x23);
        parts.status = statuses[random() % std::size(statuses)];
        parts.opaque = random() % 8 == 0 ? 1 : static_cast<unsigned char>(stream.front());
        parts.cas = random();
        parts.extras.assign(random() % 3 * 4, 'f');
        parts.key.assign(random() % 3 == 0 ? 3 : 0, 'k');
        parts.value.assign(random() % 4 * 4, '1');
        stream += testing::frame(parts);
    }
    if (random() % 2 == 0) stream[1 + random() % (stream.size() - 1)] = static_cast<char>(random());
    return stream;
}

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("whatever protocol words and random bytes are put together, every property holds") {
    std::mt19937 random(20240229);
    for (int i = 0; i < 20000; ++i) {
        const std::string input = make_input(random);
        CAPTURE(input);
        REQUIRE_NOTHROW(check_everywhere(input));
    }
}

TEST_CASE("whatever byte of a stream of replies is changed, every property holds") {
    std::mt19937 random(20240301);
    for (int i = 0; i < 20000; ++i) {
        const std::string stream = make_stream(random);
        CAPTURE(stream);
        REQUIRE_NOTHROW(check_everywhere(stream));
    }
}

TEST_CASE("whatever byte of a stream of frames is changed, every property holds") {
    std::mt19937 random(20240302);
    for (int i = 0; i < 20000; ++i) {
        const std::string stream = make_frames(random);
        CAPTURE(stream);
        REQUIRE_NOTHROW(fuzz::check_target("binary", stream));
        REQUIRE_NOTHROW(fuzz::check_target("handshake", stream));
    }
}

TEST_CASE("every property holds for the seeds of the fuzzers, and for each of their beginnings") {
    for (const auto& target : fuzz::every_target) {
        CAPTURE(target.name);
        int seeds = 0;
        const std::filesystem::path corpus(MEMRING_CORPUS_DIR);
        for (const auto& file : std::filesystem::directory_iterator(corpus / target.name)) {
            CAPTURE(file.path());
            const std::string seed = contents(file.path());
            for (std::size_t size = 1; size <= seed.size(); ++size) {
                REQUIRE_NOTHROW(fuzz::check_target(target.name, seed.substr(0, size)));
            }
            ++seeds;
        }
        CHECK(seeds >= 3);
    }
}
