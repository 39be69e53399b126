#pragma once
// MurmurHash3 of texts that begin alike, without hashing the beginning again.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>
#include <memring/hashing/digest/murmur3.hpp>

namespace memring::detail {

/// The state of MurmurHash3_x86_32, seed 0, behind the beginning of a text.
class murmur3_prefix {
public:
    constexpr explicit murmur3_prefix(std::string_view prefix) noexcept
        : x_size(static_cast<std::uint32_t>(prefix.size())), x_kept(prefix.size() % 4) {
        for (std::size_t i = 0; i + 4 <= prefix.size(); i += 4) {
            absorb(x_hash, load_32(prefix.data() + i));
        }
        x_tail = load_tail<std::uint32_t>(prefix, x_kept);
    }

    /// `murmur3_32(prefix + rest)`.
    [[nodiscard]] constexpr std::uint32_t hash_with(std::string_view rest) const noexcept {
        const auto size = x_size + static_cast<std::uint32_t>(rest.size());
        std::uint32_t hash = x_hash;
        std::uint32_t tail = x_tail;
        if (x_kept + rest.size() < 4) {
            tail |= load_tail<std::uint32_t>(rest, rest.size()) << (8 * x_kept);
        } else {
            std::size_t i = 0;
            if (x_kept != 0) {
                i = 4 - x_kept;
                absorb(hash, tail | load_tail<std::uint32_t>(rest.substr(0, i), i) << (8 * x_kept));
            }
            for (; i + 4 <= rest.size(); i += 4) absorb(hash, load_32(rest.data() + i));
            tail = load_tail<std::uint32_t>(rest, rest.size() - i);
        }
        hash ^= murmur3_scramble(tail) ^ size;
        hash = (hash ^ hash >> 16) * 0x85ebca6b;
        hash = (hash ^ hash >> 13) * 0xc2b2ae35;
        return hash ^ hash >> 16;
    }

    // The state itself, for many of them side by side.

    [[nodiscard]] constexpr std::uint32_t hash() const noexcept { return x_hash; }
    [[nodiscard]] constexpr std::uint32_t tail() const noexcept { return x_tail; }
    [[nodiscard]] constexpr std::uint32_t size() const noexcept { return x_size; }
    [[nodiscard]] constexpr std::size_t kept() const noexcept { return x_kept; }

private:
    static constexpr void absorb(std::uint32_t& hash, std::uint32_t word) noexcept {
        hash = std::rotl(hash ^ murmur3_scramble(word), 13) * 5 + 0xe6546b64;
    }

    std::uint32_t x_hash = 0;
    std::uint32_t x_tail = 0;  // the bytes after the last whole word
    std::uint32_t x_size;
    std::size_t x_kept;  // how many those are
};

}  // namespace memring::detail
