#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <memring/hashing/digest/super_fast_hash.hpp>

using namespace memring;

namespace {

constexpr std::uint32_t original(std::string_view text) {
    return super_fast_hash(text, static_cast<std::uint32_t>(text.size()));
}

static_assert(super_fast_hash("") == 0);

// Three bytes from 0, the last one a number from -128 to 127.
std::uint32_t three_bytes(std::uint32_t low, std::uint32_t high, std::int64_t last) {
    std::uint32_t hash = low + 256 * high;
    hash ^= hash << 16;
    hash ^= static_cast<std::uint32_t>(last * (1 << 18));
    hash += hash >> 11;
    hash ^= hash << 3;
    hash += hash >> 5;
    hash ^= hash << 4;
    hash += hash >> 17;
    hash ^= hash << 25;
    return hash + (hash >> 6);
}

}  // namespace

// The original starts from the length; these are the values Chromium's tests have for it.
TEST_CASE("SuperFastHash started from the length is the original") {
    CHECK(original("hello world") == 2794219650);
    CHECK(original("helmo world") == 1006697176);
    CHECK(original({"hello\0 world", 12}) == 2319902537);
    CHECK(original({"hello\0 worle", 12}) == 553904462);
}

TEST_CASE("only the last byte of a tail of three is read as negative by SuperFastHash") {
    CHECK(super_fast_hash("ab\x7f") == three_bytes('a', 'b', 127));
    CHECK(super_fast_hash("ab\x80") == three_bytes('a', 'b', -128));
    CHECK(super_fast_hash("\xc3\xbc\xff") == three_bytes(0xc3, 0xbc, -1));
}
