#pragma once
// MurmurHash3: x86_32 and x64_128.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

/// Both 64-bit halves of a MurmurHash3_x64_128. Its 16 bytes are those of the first half and then
/// of the second, each little-endian.
using murmur3_digest = std::array<std::uint64_t, 2>;

namespace detail {

[[nodiscard]] constexpr std::uint32_t murmur3_scramble(std::uint32_t word) noexcept {
    return std::rotl(word * 0xcc9e2d51, 15) * 0x1b873593;
}

// x64_128 has two such functions, each for one of the two words of its blocks.

[[nodiscard]] constexpr std::uint64_t murmur3_scramble_first(std::uint64_t word) noexcept {
    return std::rotl(word * 0x87c37b91114253d5, 31) * 0x4cf5ad432745937f;
}

[[nodiscard]] constexpr std::uint64_t murmur3_scramble_second(std::uint64_t word) noexcept {
    return std::rotl(word * 0x4cf5ad432745937f, 33) * 0x87c37b91114253d5;
}

[[nodiscard]] constexpr std::uint64_t murmur3_finish(std::uint64_t word) noexcept {
    word = (word ^ word >> 33) * 0xff51afd7ed558ccd;
    word = (word ^ word >> 33) * 0xc4ceb9fe1a85ec53;
    return word ^ word >> 33;
}

/// The next 16 bytes of a text, as two words.
constexpr void murmur3_128_absorb(murmur3_digest& hash, std::uint64_t first,
                                  std::uint64_t second) noexcept {
    hash[0] = (std::rotl(hash[0] ^ murmur3_scramble_first(first), 27) + hash[1]) * 5 + 0x52dce729;
    hash[1] = (std::rotl(hash[1] ^ murmur3_scramble_second(second), 31) + hash[0]) * 5 + 0x38495ab5;
}

/// The last `size` bytes of the text, at most 15.
[[nodiscard]] constexpr murmur3_digest murmur3_128_tail(murmur3_digest hash, std::string_view text,
                                                        std::size_t size) noexcept {
    if (size < 8) {
        hash[0] ^= murmur3_scramble_first(load_tail<std::uint64_t>(text, size));
    } else {
        hash[0] ^= murmur3_scramble_first(load_64(text.data() + (text.size() - size)));
        hash[1] ^= murmur3_scramble_second(load_tail<std::uint64_t>(text, size - 8));
    }
    return hash;
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
    hash ^= detail::murmur3_scramble(detail::load_tail<std::uint32_t>(text, left));
    hash ^= static_cast<std::uint32_t>(text.size());
    hash = (hash ^ hash >> 16) * 0x85ebca6b;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35;
    return hash ^ hash >> 16;
}

/// MurmurHash3_x64_128 of Austin Appleby, as a little-endian machine computes it.
[[nodiscard]] constexpr murmur3_digest murmur3_128(std::string_view text,
                                                   std::uint32_t seed = 0) noexcept {
    murmur3_digest hash{seed, seed};
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left >= 16; left -= 16, rest += 16) {
        detail::murmur3_128_absorb(hash, detail::load_64(rest), detail::load_64(rest + 8));
    }
    hash = detail::murmur3_128_tail(hash, text, left);
    hash[0] ^= text.size();
    hash[1] ^= text.size();
    hash[0] += hash[1];
    hash[1] += hash[0];
    hash = {detail::murmur3_finish(hash[0]), detail::murmur3_finish(hash[1])};
    hash[0] += hash[1];
    hash[1] += hash[0];
    return hash;
}

}  // namespace memring
