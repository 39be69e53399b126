// The hash functions of Bob Jenkins.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <memring/hashing/digest/lookup3.hpp>
#include <memring/hashing/digest/one_at_a_time.hpp>
#include <memring/hashing/digest/spooky.hpp>

#include "smhasher.hpp"

using namespace memring;

namespace {

// What lookup3.c says of itself.
static_assert(lookup3("") == 0xdeadbeef);
static_assert(lookup3("", 0xdeadbeef) == 0xbd5b7dde);
static_assert(lookup3("Four score and seven years ago") == 0x17770551);
static_assert(lookup3("Four score and seven years ago", 1) == 0xcd628161);

static_assert(one_at_a_time("") == 0);
static_assert(one_at_a_time("a") == 0xca2e9442);
static_assert(one_at_a_time("The quick brown fox jumps over the lazy dog") == 0x519e91f5);

static_assert(spooky_32("", 0) == 0x6bf50919);

}  // namespace

TEST_CASE("lookup3 and SpookyHash V2 have the verification values of SMHasher") {
    CHECK(smhasher_value([](std::string_view text, std::uint32_t seed) {
              return little_endian(lookup3(text, seed));
          }) == 0x3d83917a);
    CHECK(smhasher_value([](std::string_view text, std::uint32_t seed) {
              return little_endian(spooky_32(text, seed));
          }) == 0xa48be265);
    CHECK(smhasher_value([](std::string_view text, std::uint32_t seed) {
              const spooky_digest digest = spooky_128(text, {seed, seed});
              return little_endian(digest[0]) + little_endian(digest[1]);
          }) == 0x893cfcbe);
}

// From the author's test program for SpookyHash V2, on either side of each border: whole words, 32
// bytes, the long form at 192, its blocks of 96.
TEST_CASE("SpookyHash V2 of the bytes 128, 129, ... agrees with its author's table") {
    const std::pair<std::size_t, std::uint32_t> results[] = {
        {0, 0x6bf50919},   {1, 0x70de1d26},   {2, 0xa2b37298},   {3, 0x35bc5fbf},
        {4, 0x8223b279},   {7, 0xf9f1a233},   {8, 0xee193982},   {9, 0x54f86f29},
        {15, 0x83ec01f9},  {16, 0xf274736c},  {17, 0x7e9ac0df},  {31, 0x027bca7c},
        {32, 0xe5cfc8b6},  {33, 0xce01d9d7},  {48, 0x390e5fdc},  {63, 0x09c1afb4},
        {64, 0x069c8bb7},  {65, 0x6f9d4e1e},  {127, 0x82356bf2}, {128, 0x94e948ec},
        {191, 0xe13d9e19}, {192, 0x77e012bd}, {193, 0x2d05114c}, {194, 0xaecf2ddd},
        {195, 0xb2a2b4aa}, {250, 0x91ebbc56}, {255, 0x2f40ee0b}, {256, 0x38cebf03},
        {319, 0xf3a1526c}, {383, 0x4827f45c}, {384, 0x44eb5634}, {511, 0xcc1c8250},
    };
    for (const auto& known : results) {
        const std::size_t size = known.first;
        CAPTURE(size);
        std::string text;
        for (std::size_t i = 0; i < size; ++i) text += static_cast<char>((i + 128) % 256);
        CHECK(spooky_32(text, 0) == known.second);
    }
}

TEST_CASE("the short form of SpookyHash is the whole of it below 192 bytes only") {
    const std::string text(192, 'k');
    const std::string_view short_text = std::string_view(text).substr(1);
    CHECK(spooky_128(short_text, {7, 8}) == spooky_short(short_text, {7, 8}));
    CHECK(spooky_128(text, {7, 8}) != spooky_short(text, {7, 8}));
}

// Values of libhashkit 1.1.4 (hash `default`) on x86.
TEST_CASE("one-at-a-time reads bytes from 0x80 on as negative") {
    CHECK(one_at_a_time("\x80") == 3273477671);
    CHECK(one_at_a_time("\xff") == 2925896852);
    CHECK(one_at_a_time("k:\xe5\x80\xa4"
                        "6") == 3892481717);
}
