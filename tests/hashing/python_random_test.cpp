#include <array>
#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <memring/hashing/python_random.hpp>

using namespace memring;

namespace {

constexpr std::array<std::uint32_t, 4> authors_seed{0x123, 0x234, 0x345, 0x456};
static_assert(mersenne_twister(authors_seed)() == 1067595299);

// The MD5 of "10.0.0.1:11211" and of "10.0.0.2:11211", with the streams CPython 2.7 makes of them.
constexpr std::string_view first_host = "7fddf565db86ed2e954d6231128a7e24";
constexpr std::string_view second_host = "92eb2760ef990bd16ce35173868038d6";

}  // namespace

TEST_CASE("strings hash as in 64-bit CPython 2.7") {
    CHECK(python2_string_hash("") == 0);
    CHECK(python2_string_hash("abc") == 1453079729188098211U);
    CHECK(python2_string_hash(first_host) == 1255051478901994071U);
    CHECK(python2_string_hash(second_host) == 14109762376156165859U);
}

TEST_CASE("a byte of 0x80 and above counts as positive in a string's hash") {
    // (0x80 << 7) * 1000003 xor 0x80 xor 1
    CHECK(python2_string_hash("\x80") == ((std::uint64_t{0x80} << 7) * 1000003 ^ 0x80 ^ 1));
}

// Outputs of the authors' mt19937ar.c; those far out from Python's random with the same seed.
TEST_CASE("the twister gives its authors' numbers over several refills") {
    const std::array<std::uint32_t, 5> wanted{1067595299, 955945823, 477289528, 4107218783,
                                              4228976476};
    mersenne_twister words(authors_seed);
    for (std::uint32_t i = 0; i < 2000; ++i) {
        const std::uint32_t word = words();
        CAPTURE(i);
        if (i < wanted.size()) CHECK(word == wanted[i]);
        if (i == 622) CHECK(word == 853571438);
        if (i == 623) CHECK(word == 144400272);
        if (i == 624) CHECK(word == 3768408841);
        if (i == 999) CHECK(word == 3460025646);
        if (i == 1999) CHECK(word == 3099126062);
    }
}

// From python_consistent_memcached's run under Tauthon 2.8.5.
TEST_CASE("words, doubles and slots are those of CPython 2.7's Random") {
    python2_random words(first_host);
    CHECK(words.next_word() == 1871835298);
    CHECK(words.next_word() == 2289703144);
    python2_random doubles(first_host);
    CHECK(doubles.next_double() == 0.4358206207537133);
    CHECK(doubles.next_double() == 0.5530149334133155);
    python2_random draws(first_host);
    for (const std::uint32_t slot : {7141U, 9062U, 5119U, 11281U, 4125U, 2024U, 8520U, 7456U}) {
        CHECK(draws.next_below(16387) == slot);
    }
}

TEST_CASE("a draw below 1 is 0") {
    python2_random draws(second_host);
    for (int i = 0; i < 100; ++i) CHECK(draws.next_below(1) == 0);
}
