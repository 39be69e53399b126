#pragma once
// MurmurHash3: x86_32 and x64_128.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

namespace detail {

[[nodiscard]] constexpr std::uint32_t murmur3_scramble(std::uint32_t word) noexcept {
    return std::rotl(word * 0xcc9e2d51, 15) * 0x1b873593;
}

}  // namespace detail

/// MurmurHash3_x86_32 of Austin Appleby, as a little-endian machine computes it. Only the low 32
/// bits of the length count.
[[nodiscard]] constexpr std::uint32_t murmur3_32(std::string_view text,
                                                 std::uint32_t seed = 0) noexcept {
    std::uint32_t hash = seed;
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left >= 4; left -= 4, rest += 4) {
        hash = std::rotl(hash ^ detail::murmur3_scramble(detail::load_32(rest)), 13);
        hash = hash * 5 + 0xe6546b64;
    }
    hash ^= detail::murmur3_scramble(detail::load_tail<std::uint32_t>(rest, left));
    hash ^= static_cast<std::uint32_t>(text.size());
    hash = (hash ^ hash >> 16) * 0x85ebca6b;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35;
    return hash ^ hash >> 16;
}

}  // namespace memring
