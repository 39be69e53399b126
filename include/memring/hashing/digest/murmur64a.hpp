#pragma once
// MurmurHash64A.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

/// MurmurHash64A of Austin Appleby (MurmurHash2 for 64-bit machines), as a little-endian machine
/// computes it.
[[nodiscard]] constexpr std::uint64_t murmur64a(std::string_view text,
                                                std::uint64_t seed) noexcept {
    constexpr std::uint64_t factor = 0xc6a4a7935bd1e995;
    std::uint64_t hash = seed ^ (std::uint64_t{text.size()} * factor);
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left >= 8; left -= 8, rest += 8) {
        std::uint64_t word = detail::load_64(rest) * factor;
        word = (word ^ word >> 47) * factor;
        hash = (hash ^ word) * factor;
    }
    if (left != 0) hash = (hash ^ detail::load_tail<std::uint64_t>(text, left)) * factor;
    hash = (hash ^ hash >> 47) * factor;
    return hash ^ hash >> 47;
}

}  // namespace memring
