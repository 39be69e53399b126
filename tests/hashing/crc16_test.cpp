#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <memring/hashing/digest/crc16.hpp>

using namespace memring;

namespace {

// The check value of CRC-16/XMODEM.
static_assert((twemproxy_crc16("123456789") & 0xffff) == 0x31c3);
static_assert(twemproxy_crc16("") == 0);

// The polynomial division, bit by bit, with a register of 16 bits.
std::uint32_t slow_crc16(std::string_view text) {
    std::uint32_t value = 0;
    for (const char c : text) {
        value ^= std::uint32_t{static_cast<unsigned char>(c)} << 8;
        for (int bit = 0; bit < 8; ++bit) {
            const bool carries = (value & 0x8000) != 0;
            value = (value << 1) & 0xffff;
            if (carries) value ^= 0x1021;
        }
    }
    return value;
}

}  // namespace

TEST_CASE("the low half of twemproxy's CRC-16 is the real one") {
    std::string text;
    for (std::size_t size = 0; size <= 260; ++size) {
        CAPTURE(size);
        CHECK((twemproxy_crc16(text) & 0xffff) == slow_crc16(text));
        text += static_cast<char>((size * 7 + 200) % 256);
    }
}

// The peer shifts a byte out of the low half for each byte it reads, and keeps two of them.
TEST_CASE("the high half of twemproxy's CRC-16 is what its low half has lost") {
    const std::string text = "user:\xc3\xbc:42";
    for (std::size_t size = 2; size <= text.size(); ++size) {
        CAPTURE(size);
        const std::string_view key = std::string_view(text).substr(0, size);
        const std::uint32_t older = slow_crc16(key.substr(0, size - 2)) >> 8;
        const std::uint32_t newer = slow_crc16(key.substr(0, size - 1)) >> 8;
        const std::uint32_t high = twemproxy_crc16(key) >> 16;
        CHECK(high == (older << 8 | newer));
    }
}
