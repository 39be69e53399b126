// The properties of tests/fuzz/value_properties.hpp over the seed corpus and over what is made of
// it, the same inputs on every run.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fuzz/value_properties.hpp>

using namespace memring;

namespace {

std::vector<std::string> corpus() {
    std::vector<std::filesystem::path> paths;
    for (const auto& file : std::filesystem::directory_iterator(MEMRING_VALUE_CORPUS_DIR)) {
        paths.push_back(file.path());
    }
    std::ranges::sort(paths);
    std::vector<std::string> inputs;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return inputs;
}

// Another dialect, another flag, a byte changed, cut off, repeated, or put in.
std::string changed(std::string input, std::mt19937& random) {
    switch (random() % 6) {
        case 0: input[0] = static_cast<char>(random() % 8); break;
        case 1: input[1 + random() % 4] ^= static_cast<char>(1u << random() % 8); break;
        case 2: input[random() % input.size()] = static_cast<char>(random()); break;
        case 3: input.resize(5 + random() % (input.size() - 4)); break;
        case 4: input += input.substr(5, random() % 64); break;
        default:
            input.insert(5 + random() % (input.size() - 4), 1, "0 -.N\n\xff\x80"[random() % 8]);
    }
    return input;
}

}  // namespace

TEST_CASE("every value of the seed corpus keeps the properties in every dialect") {
    const auto inputs = corpus();
    REQUIRE(inputs.size() >= 20);
    for (auto input : inputs) {
        for (char dialect = 0; dialect < 8; ++dialect) {
            input[0] = dialect;
            CAPTURE(input);
            REQUIRE_NOTHROW(fuzz::check_values(input));
        }
    }
}

TEST_CASE("whatever is changed about a stored value, every property holds") {
    const auto inputs = corpus();
    std::mt19937 random(20240302);
    for (int i = 0; i < 20000; ++i) {
        auto input = inputs[random() % inputs.size()];
        for (auto times = 1 + random() % 4; times != 0; --times) input = changed(input, random);
        CAPTURE(input);
        REQUIRE_NOTHROW(fuzz::check_values(input));
    }
}
