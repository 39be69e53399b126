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

/// The digests of four texts of at most `md5_max_tail` bytes each, word by word.
[[nodiscard]] inline std::array<md5_lanes, 4> md5_four_short(
    std::span<const std::string_view, md5_lane_count> texts) noexcept {
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
    return state;
}

}  // namespace detail
#endif

namespace detail {

/// Calls `take(i, j, word)` with word `j`, below `Words`, of the digest of text `i`, for all.
template <std::size_t Words, class Take>
void md5_each_word(std::span<const std::string_view> texts, Take take) noexcept {
    std::size_t i = 0;
    const auto one_alone = [&] {
        const md5_digest digest = md5(texts[i]);
        for (std::size_t j = 0; j < Words; ++j) take(i, j, digest[j]);
        ++i;
    };
#ifdef __GNUC__
    const auto is_short = [](std::string_view text) { return text.size() <= md5_max_tail; };
    while (texts.size() - i >= md5_lane_count) {
        const auto four = texts.subspan(i).first<md5_lane_count>();
        if (!std::ranges::all_of(four, is_short)) {
            one_alone();
            continue;
        }
        const auto digests = md5_four_short(four);
        for (std::size_t lane = 0; lane < md5_lane_count; ++lane, ++i) {
            for (std::size_t j = 0; j < Words; ++j) take(i, j, digests[j][lane]);
        }
    }
#endif
    while (i < texts.size()) one_alone();
}

}  // namespace detail

/// Writes the MD5 digest of each text: `out[i] == md5(texts[i])`. Precondition:
/// `out.size() >= texts.size()`.
inline void md5_many(std::span<const std::string_view> texts, std::span<md5_digest> out) noexcept {
    detail::md5_each_word<4>(
        texts, [&](std::size_t i, std::size_t j, std::uint32_t word) { out[i][j] = word; });
}

/// Writes word 0 of the MD5 digest of each text: `out[i] == md5(texts[i])[0]`. Precondition:
/// `out.size() >= texts.size()`.
inline void md5_first_words(std::span<const std::string_view> texts,
                            std::span<std::uint32_t> out) noexcept {
    detail::md5_each_word<1>(
        texts, [&](std::size_t i, std::size_t, std::uint32_t word) { out[i] = word; });
}

}  // namespace memring
