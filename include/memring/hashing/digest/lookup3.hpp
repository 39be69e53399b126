#pragma once
// lookup3, which memcached clients call the Jenkins hash.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

namespace detail {

struct lookup3_state {
    std::uint32_t a;
    std::uint32_t b;
    std::uint32_t c;

    constexpr void mix() noexcept {
        a = (a - c) ^ std::rotl(c, 4), c += b;
        b = (b - a) ^ std::rotl(a, 6), a += c;
        c = (c - b) ^ std::rotl(b, 8), b += a;
        a = (a - c) ^ std::rotl(c, 16), c += b;
        b = (b - a) ^ std::rotl(a, 19), a += c;
        c = (c - b) ^ std::rotl(b, 4), b += a;
    }

    constexpr void finish() noexcept {
        c = (c ^ b) - std::rotl(b, 14);
        a = (a ^ c) - std::rotl(c, 11);
        b = (b ^ a) - std::rotl(a, 25);
        c = (c ^ b) - std::rotl(b, 16);
        a = (a ^ c) - std::rotl(c, 4);
        b = (b ^ a) - std::rotl(a, 14);
        c = (c ^ b) - std::rotl(b, 24);
    }
};

}  // namespace detail

/// Bob Jenkins's lookup3 (May 2006), function `hashlittle`: its 32-bit result on a little-endian
/// machine. Only the low 32 bits of the length count.
[[nodiscard]] constexpr std::uint32_t lookup3(std::string_view text,
                                              std::uint32_t start = 0) noexcept {
    const std::uint32_t seed = 0xdeadbeef + static_cast<std::uint32_t>(text.size()) + start;
    detail::lookup3_state state{seed, seed, seed};
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left > 12; left -= 12, rest += 12) {
        state.a += detail::load_32(rest);
        state.b += detail::load_32(rest + 4);
        state.c += detail::load_32(rest + 8);
        state.mix();
    }
    if (left == 0) return state.c;
    // The last 1 to 12 bytes, as if zeros followed.
    const bool is_short = left < 8;
    const std::uint64_t first =
        is_short ? detail::load_tail<std::uint64_t>(text, left) : detail::load_64(rest);
    state.a += static_cast<std::uint32_t>(first);
    state.b += static_cast<std::uint32_t>(first >> 32);
    if (!is_short) {
        state.c += static_cast<std::uint32_t>(detail::load_tail<std::uint64_t>(text, left - 8));
    }
    state.finish();
    return state.c;
}

}  // namespace memring
