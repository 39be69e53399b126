#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <memring/hashing/digest/crc32.hpp>

using namespace memring;

namespace {

static_assert(crc32("123456789") == 0xcbf43926);
static_assert(crc32("") == 0);

// The definition, bit by bit, without any table.
std::uint32_t slow_crc32(std::string_view text) {
    std::uint32_t value = 0xffffffff;
    for (const char c : text) {
        value ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            const bool carries = (value & 1) != 0;
            value >>= 1;
            if (carries) value ^= 0xedb88320;
        }
    }
    return ~value;
}

}  // namespace

TEST_CASE("CRC-32 agrees with its definition for every length and byte") {
    std::string text;
    for (std::size_t size = 0; size <= 300; ++size) {
        CAPTURE(size);
        CHECK(crc32(text) == slow_crc32(text));
        text += static_cast<char>((size * 7 + 200) % 256);
    }
}

// Values of zlib's crc32 and of libhashkit 1.1.4 (hash `crc`).
TEST_CASE("CRC-32 and its 15 bits agree with zlib and libhashkit") {
    CHECK(crc32("a") == 3904355907);
    CHECK(memcached_crc("a") == 26807);
    CHECK(crc32("0") == 4108050209);
    CHECK(memcached_crc("0") == 29915);
    CHECK(memcached_crc("ob") == 0);
    CHECK(memcached_crc("") == 0);
}
