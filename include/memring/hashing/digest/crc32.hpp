#pragma once
// CRC-32 as zlib computes it, and the 15 bits of it that memcached clients hash keys with.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

namespace detail {

using crc32_table = std::array<std::array<std::uint32_t, 256>, 8>;

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

/// The effect of four bytes that are followed by `Behind` zero bytes.
template <std::size_t Behind>
[[nodiscard]] constexpr std::uint32_t crc32_of_four(std::uint32_t word) noexcept {
    return crc32_rows[Behind + 3][word & 0xff] ^ crc32_rows[Behind + 2][(word >> 8) & 0xff] ^
           crc32_rows[Behind + 1][(word >> 16) & 0xff] ^ crc32_rows[Behind][word >> 24];
}

/// The effect of eight bytes, the first of them in the low bits.
[[nodiscard]] constexpr std::uint32_t crc32_of_eight(std::uint64_t bytes) noexcept {
    return crc32_of_four<4>(static_cast<std::uint32_t>(bytes)) ^
           crc32_of_four<0>(static_cast<std::uint32_t>(bytes >> 32));
}

}  // namespace detail

/// CRC-32 of `text`: IEEE 802.3 polynomial, reflected, as zlib's function of that name.
[[nodiscard]] constexpr std::uint32_t crc32(std::string_view text) noexcept {
    std::uint32_t value = 0xffffffff;
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left >= 8; left -= 8, rest += 8) {
        // Two words: the second does not wait for the value so far.
        value = detail::crc32_of_four<4>(value ^ detail::load_32(rest)) ^
                detail::crc32_of_four<0>(detail::load_32(rest + 4));
    }
    // The last 0 to 7 bytes as the end of eight, as leading zeros have no effect; what they do not
    // reach of the value so far just moves down. Two shifts, as one by all bits is undefined.
    const std::uint64_t tail = value ^ detail::load_tail<std::uint64_t>(text, left);
    return ~(detail::crc32_of_eight(tail << (8 * (7 - left)) << 8) ^
             static_cast<std::uint32_t>(std::uint64_t{value} >> (8 * left)));
}

/// The 15 bits of `crc32(text)` that libmemcached (hash `crc`), python-memcached and their kin
/// take for a key hash: 0 to 32767.
[[nodiscard]] constexpr std::uint32_t memcached_crc(std::string_view text) noexcept {
    return (crc32(text) >> 16) & 0x7fff;
}

}  // namespace memring
