#pragma once
// MurmurHash2, 32 bits.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

/// MurmurHash2 of Austin Appleby, the 32-bit one, as a little-endian machine computes it. Only the
/// low 32 bits of the length count.
[[nodiscard]] constexpr std::uint32_t murmur2(std::string_view text, std::uint32_t seed) noexcept {
    constexpr std::uint32_t factor = 0x5bd1e995;
    std::uint32_t hash = seed ^ static_cast<std::uint32_t>(text.size());
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left >= 4; left -= 4, rest += 4) {
        std::uint32_t word = detail::load_32(rest) * factor;
        word ^= word >> 24;
        hash = (hash * factor) ^ (word * factor);
    }
    if (left != 0) hash = (hash ^ detail::load_tail<std::uint32_t>(text, left)) * factor;
    hash = (hash ^ hash >> 13) * factor;
    return hash ^ hash >> 15;
}

}  // namespace memring
