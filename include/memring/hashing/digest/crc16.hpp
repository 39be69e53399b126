#pragma once
// The hash twemproxy calls crc16.

#include <array>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

namespace detail {

[[nodiscard]] constexpr std::array<std::uint16_t, 256> make_crc16_table() noexcept {
    std::array<std::uint16_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte << 8;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value << 1) ^ ((value & 0x8000) != 0 ? 0x1021U : 0U);
        }
        table[byte] = static_cast<std::uint16_t>(value);
    }
    return table;
}

inline constexpr std::array<std::uint16_t, 256> crc16_table = make_crc16_table();

}  // namespace detail

/// twemproxy's hash `crc16` (0.5.0). Its low 16 bits are CRC-16/XMODEM (polynomial 0x1021, start 0,
/// not reflected); the peer never cuts the register to 16 bits, so what it shifts out stays in the
/// upper half of the result.
[[nodiscard]] constexpr std::uint32_t twemproxy_crc16(std::string_view text) noexcept {
    std::uint32_t value = 0;
    for (const char c : text) {
        value = (value << 8) ^ detail::crc16_table[((value >> 8) ^ detail::byte_value(c)) & 0xff];
    }
    return value;
}

}  // namespace memring
