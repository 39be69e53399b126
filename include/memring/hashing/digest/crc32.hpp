#pragma once
// CRC-32 as zlib computes it, and the 15 bits of it that memcached clients hash keys with.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memring {

namespace detail {

using crc32_table = std::array<std::array<std::uint32_t, 256>, 4>;

// Row k: the effect of a byte that is followed by k zero bytes.
[[nodiscard]] constexpr crc32_table make_crc32_table() noexcept {
    crc32_table table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
        }
        table[0][byte] = value;
    }
    for (std::size_t row = 1; row < table.size(); ++row) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t shorter = table[row - 1][byte];
            table[row][byte] = (shorter >> 8) ^ table[0][shorter & 0xff];
        }
    }
    return table;
}

inline constexpr crc32_table crc32_rows = make_crc32_table();

}  // namespace detail

/// CRC-32 of `text`: IEEE 802.3 polynomial, reflected, as zlib's function of that name.
[[nodiscard]] constexpr std::uint32_t crc32(std::string_view text) noexcept {
    const auto& rows = detail::crc32_rows;
    const auto byte_at = [&](std::size_t i) {
        return std::uint32_t{static_cast<unsigned char>(text[i])};
    };
    std::uint32_t value = 0xffffffff;
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4) {
        value ^= byte_at(i) | byte_at(i + 1) << 8 | byte_at(i + 2) << 16 | byte_at(i + 3) << 24;
        value = rows[3][value & 0xff] ^ rows[2][(value >> 8) & 0xff] ^
                rows[1][(value >> 16) & 0xff] ^ rows[0][value >> 24];
    }
    for (; i < text.size(); ++i) {
        value = (value >> 8) ^ rows[0][(value ^ byte_at(i)) & 0xff];
    }
    return ~value;
}

/// The 15 bits of `crc32(text)` that libmemcached (hash `crc`), python-memcached and their kin
/// take for a key hash: 0 to 32767.
[[nodiscard]] constexpr std::uint32_t memcached_crc(std::string_view text) noexcept {
    return (crc32(text) >> 16) & 0x7fff;
}

}  // namespace memring
