#pragma once
// MD5 of many short texts, four at a time. One MD5 is a chain of 64 steps that wait for each other;
// four side by side fit into the vector registers every 64-bit machine has.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/digest/md5.hpp>

namespace memring {

#ifdef __GNUC__  // GCC and Clang; other compilers hash one text after the other
namespace detail {

inline constexpr std::size_t md5_lane_count = 4;

/// One word of each of four texts: a vector type of GCC and Clang, with element-wise operators.
using md5_lanes = std::uint32_t __attribute__((vector_size(16)));

/// Word 0 of the digests of four texts of at most `md5_max_tail` bytes each.
inline void md5_four_short(std::span<const std::string_view, md5_lane_count> texts,
                           std::span<std::uint32_t, md5_lane_count> out) noexcept {
    std::array<md5_words, md5_lane_count> blocks;
    for (std::size_t i = 0; i < md5_lane_count; ++i) {
        blocks[i] = md5_last_block(texts[i], texts[i].size());
    }
    std::array<md5_lanes, 16> words;
    for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = md5_lanes{blocks[0][i], blocks[1][i], blocks[2][i], blocks[3][i]};
    }
    std::array<md5_lanes, 4> state;
    for (std::size_t i = 0; i < state.size(); ++i) state[i] = md5_lanes{} + md5_start[i];
    md5_absorb(state, words);
    for (std::size_t i = 0; i < md5_lane_count; ++i) out[i] = state[0][i];
}

}  // namespace detail
#endif

/// Writes word 0 of the MD5 digest of each text: `out[i] == md5(texts[i])[0]`. Precondition:
/// `out.size() >= texts.size()`.
inline void md5_first_words(std::span<const std::string_view> texts,
                            std::span<std::uint32_t> out) noexcept {
    std::size_t i = 0;
#ifdef __GNUC__
    constexpr std::size_t lanes = detail::md5_lane_count;
    const auto is_short = [](std::string_view text) { return text.size() <= detail::md5_max_tail; };
    while (texts.size() - i >= lanes) {
        const auto four = texts.subspan(i).first<lanes>();
        if (std::ranges::all_of(four, is_short)) {
            detail::md5_four_short(four, out.subspan(i).first<lanes>());
            i += lanes;
        } else {
            out[i] = md5(texts[i])[0];
            ++i;
        }
    }
#endif
    for (; i < texts.size(); ++i) out[i] = md5(texts[i])[0];
}

}  // namespace memring
