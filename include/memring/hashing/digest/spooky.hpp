#pragma once
// SpookyHash V2: its short form, which is all that most keys need, and the long one from 192 bytes
// on.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

/// Both 64-bit halves of a SpookyHash: `hash1` and `hash2` of the paper.
using spooky_digest = std::array<std::uint64_t, 2>;

namespace detail {

inline constexpr std::uint64_t spooky_constant = 0xdeadbeefdeadbeef;

/// How long a text must be for the long form.
inline constexpr std::size_t spooky_long_size = 192;

inline constexpr std::size_t spooky_block_size = 96;

using spooky_small_state = std::array<std::uint64_t, 4>;
using spooky_state = std::array<std::uint64_t, 12>;

/// Calls `step(std::integral_constant)` for 0 to `Count` - 1, without a loop: the state stays in
/// registers.
template <std::size_t Count, class Step>
constexpr void spooky_unroll(Step step) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (step(std::integral_constant<std::size_t, I>{}), ...);
    }
    (std::make_index_sequence<Count>{});
}

constexpr void spooky_short_mix(spooky_small_state& h) noexcept {
    constexpr int turns[] = {50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36};
    spooky_unroll<12>([&](auto i) {
        std::uint64_t& word = h[(i + 2) % 4];
        word = std::rotl(word, turns[i]) + h[(i + 3) % 4];
        h[i % 4] ^= word;
    });
}

constexpr void spooky_short_end(spooky_small_state& h) noexcept {
    constexpr int turns[] = {15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63};
    spooky_unroll<11>([&](auto i) {
        std::uint64_t& word = h[(i + 2) % 4];
        std::uint64_t& next = h[(i + 3) % 4];
        next ^= word;
        word = std::rotl(word, turns[i]);
        next += word;
    });
}

constexpr void spooky_mix(spooky_state& s, const char* block) noexcept {
    constexpr int turns[] = {11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46};
    spooky_unroll<12>([&](auto i) {
        s[i] += load_64(block + 8 * i);
        s[(i + 2) % 12] ^= s[(i + 10) % 12];
        s[(i + 11) % 12] ^= s[i];
        s[i] = std::rotl(s[i], turns[i]);
        s[(i + 11) % 12] += s[(i + 1) % 12];
    });
}

constexpr void spooky_end(spooky_state& h) noexcept {
    constexpr int turns[] = {44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54};
    spooky_unroll<12>([&](auto i) {
        h[(i + 11) % 12] += h[(i + 1) % 12];
        h[(i + 2) % 12] ^= h[(i + 11) % 12];
        h[(i + 1) % 12] = std::rotl(h[(i + 1) % 12], turns[i]);
    });
}

/// The form for texts of 192 bytes and more.
[[nodiscard]] constexpr spooky_digest spooky_long(std::string_view text,
                                                  spooky_digest seed) noexcept {
    const auto [one, two] = seed;
    constexpr std::uint64_t three = spooky_constant;
    spooky_state state{one, two, three, one, two, three, one, two, three, one, two, three};
    for (; text.size() >= spooky_block_size; text.remove_prefix(spooky_block_size)) {
        spooky_mix(state, text.data());
    }
    std::array<char, spooky_block_size> last{};
    for (std::size_t i = 0; i < text.size(); ++i) last[i] = text[i];
    last.back() = static_cast<char>(text.size());
    for (std::size_t i = 0; i < state.size(); ++i) state[i] += load_64(&last[8 * i]);
    for (int round = 0; round < 3; ++round) spooky_end(state);
    return {state[0], state[1]};
}

}  // namespace detail

/// The short form of SpookyHash V2, for a text of any length. SpookyHash V2 itself uses it below
/// 192 bytes.
[[nodiscard]] constexpr spooky_digest spooky_short(std::string_view text,
                                                   spooky_digest seed) noexcept {
    detail::spooky_small_state state{seed[0], seed[1], detail::spooky_constant,
                                     detail::spooky_constant};
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left >= 16; left -= 16, rest += 16) {
        state[2] += detail::load_64(rest);
        state[3] += detail::load_64(rest + 8);
        detail::spooky_short_mix(state);
        if (left < 32) continue;
        left -= 16, rest += 16;
        state[0] += detail::load_64(rest);
        state[1] += detail::load_64(rest + 8);
    }
    state[3] += std::uint64_t{text.size()} << 56;
    if (left == 0) {
        state[2] += detail::spooky_constant;
        state[3] += detail::spooky_constant;
    } else if (left < 8) {
        state[2] += detail::load_tail<std::uint64_t>(text, left);
    } else {
        state[2] += detail::load_64(rest);
        state[3] += detail::load_tail<std::uint64_t>(text, left - 8);
    }
    detail::spooky_short_end(state);
    return {state[0], state[1]};
}

/// SpookyHash V2 (Bob Jenkins, 2012), 128 bits, on a little-endian machine.
[[nodiscard]] constexpr spooky_digest spooky_128(std::string_view text,
                                                 spooky_digest seed) noexcept {
    return text.size() < detail::spooky_long_size ? spooky_short(text, seed)
                                                  : detail::spooky_long(text, seed);
}

/// SpookyHash V2, 32 bits (`Hash32`): mcrouter's for weights.
[[nodiscard]] constexpr std::uint32_t spooky_32(std::string_view text,
                                                std::uint32_t seed) noexcept {
    return static_cast<std::uint32_t>(spooky_128(text, {seed, seed})[0]);
}

}  // namespace memring
