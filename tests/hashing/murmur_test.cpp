#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <memring/hashing/digest/murmur2.hpp>
#include <memring/hashing/digest/murmur3.hpp>
#include <memring/hashing/digest/murmur64a.hpp>

#include "smhasher.hpp"

using namespace memring;

namespace {

constexpr std::uint32_t fox_hash = murmur3_32("The quick brown fox jumps over the lazy dog");
static_assert(fox_hash == 0x2e4ff723);
static_assert(murmur3_32("", 1) == 0x514e28b7);
static_assert(murmur3_32("\xff\xff\xff\xff") == 0x76293b50);
static_assert(murmur3_32("!Ce\x87", 0x5082edee) == 0x2362f9de);
static_assert(murmur3_32("!Ce") == 0x7e4a8634);
static_assert(murmur3_32("!C") == 0xa0f7b07a);
static_assert(murmur3_32("!") == 0x72661cf4);
static_assert(murmur3_128("") == murmur3_digest{0, 0});
static_assert(murmur2("", 0) == 0);
static_assert(murmur64a("", 0) == 0);

}  // namespace

// The values of Austin Appleby's SMHasher for his own functions; they never change.
TEST_CASE("every MurmurHash has its verification value") {
    CHECK(smhasher_value([](std::string_view text, std::uint32_t seed) {
              return little_endian(murmur2(text, seed));
          }) == 0x27864c1e);
    CHECK(smhasher_value([](std::string_view text, std::uint32_t seed) {
              return little_endian(murmur64a(text, seed));
          }) == 0x1f0d3804);
    CHECK(smhasher_value([](std::string_view text, std::uint32_t seed) {
              return little_endian(murmur3_32(text, seed));
          }) == 0xb0f57ee3);
    CHECK(smhasher_value([](std::string_view text, std::uint32_t seed) {
              const murmur3_digest digest = murmur3_128(text, seed);
              return little_endian(digest[0]) + little_endian(digest[1]);
          }) == 0x6384ba69);
}

TEST_CASE("all 64 bits of a seed of MurmurHash64A count") {
    CHECK(murmur64a("key", 1) != murmur64a("key", 1 | std::uint64_t{1} << 40));
}
