#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <memring/hashing/digest/fnv.hpp>

using namespace memring;

namespace {

// From the list of test vectors that Landon Noll publishes with the functions.
static_assert(fnv1_32("") == 0x811c9dc5 && fnv1a_32("") == 0x811c9dc5);
static_assert(fnv1_32("a") == 0x050c5d7e && fnv1a_32("a") == 0xe40c292c);
static_assert(fnv1_32("foobar") == 0x31f0b262 && fnv1a_32("foobar") == 0xbf9cf968);
static_assert(fnv1a_32("chongo was here!\n") == 0xd49930d5);
static_assert(fnv1_64("") == 0xcbf29ce484222325 && fnv1a_64("") == 0xcbf29ce484222325);
static_assert(fnv1_64("a") == 0xaf63bd4c8601b7be && fnv1a_64("a") == 0xaf63dc4c8601ec8c);
static_assert(fnv1_64("foobar") == 0x340d8765a4dda9c2);
static_assert(fnv1a_64("foobar") == 0x85944171f73967e8);
static_assert(fnv1a_64("chongo was here!\n") == 0x46810940eff5f915);

}  // namespace

// Values of libhashkit 1.1.4 on x86; the key holds a CJK character in UTF-8.
TEST_CASE("libmemcached's FNV hashes take bytes from 0x80 on for negative numbers") {
    constexpr std::string_view key =
        "k:\xe5\x80\xa4"
        "6";
    CHECK(libmemcached_fnv1_32(key) == 2654219399);
    CHECK(libmemcached_fnv1a_32(key) == 2483325431);
    CHECK(libmemcached_fnv1_64(key) == 2945865575);
    CHECK(libmemcached_fnv1a_64(key) == 1011042519);
    CHECK(libmemcached_fnv1_32(key) != fnv1_32(key));
    CHECK(libmemcached_fnv1a_32(key) != fnv1a_32(key));
}

TEST_CASE("libmemcached's FNV hashes of ASCII are the real ones, cut to 32 bits") {
    for (const std::string_view key : {"", "a", "user:1", "session:0123456789abcdef~"}) {
        CAPTURE(key);
        CHECK(libmemcached_fnv1_32(key) == fnv1_32(key));
        CHECK(libmemcached_fnv1a_32(key) == fnv1a_32(key));
        CHECK(libmemcached_fnv1_64(key) == static_cast<std::uint32_t>(fnv1_64(key)));
        CHECK(libmemcached_fnv1a_64(key) == static_cast<std::uint32_t>(fnv1a_64(key)));
    }
}

TEST_CASE("FNV reads every byte of a text with zeros in it") {
    constexpr std::string_view text("a\0b", 3);
    CHECK(fnv1a_32(text) != fnv1a_32("a"));
    CHECK(fnv1a_64(text) != fnv1a_64("ab"));
}
