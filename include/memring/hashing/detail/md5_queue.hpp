#pragma once
// Texts of any lengths, sorted into groups that MD5 hashes side by side.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/detail/md5_engine.hpp>
#include <memring/hashing/digest/md5.hpp>

namespace memring::detail {

/// Up to 64 texts, those of many blocks before those of few: the texts of a group are hashed until
/// the longest is done.
class md5_queue {
public:
    static constexpr std::size_t capacity = 64;

    /// So few texts take less time one by one than as a group.
    static constexpr std::size_t few = 3;

    /// Precondition: at most `capacity` texts.
    explicit md5_queue(std::span<const std::string_view> texts) noexcept : x_size(texts.size()) {
        std::size_t longs = 0;
        std::size_t shorts = x_size;
        for (std::size_t i = 0; i < x_size; ++i) {
            // Without a jump: in a mix of lengths it would be hard to foresee.
            const bool is_short = texts[i].size() <= md5_max_tail;
            shorts -= is_short ? 1 : 0;
            x_order[is_short ? shorts : longs] = static_cast<std::uint8_t>(i);
            longs += is_short ? 0 : 1;
        }
        std::sort(x_order.begin(), x_order.begin() + longs, [&](std::size_t a, std::size_t b) {
            return md5_block_count(texts[a].size()) > md5_block_count(texts[b].size());
        });
        for (std::size_t i = 0; i < x_size; ++i) x_texts[i] = texts[x_order[i]];
    }

    /// Calls `take(i, words, stride)` for each text: word j of its digest is `words[j * stride]`.
    template <class Take>
    void hash(const md5_engine& engine, Take take) const noexcept {
        std::size_t done = 0;
        for (; x_size - done > few; done += std::min(engine.lanes, x_size - done)) {
            std::array<std::uint32_t, 4 * md5_max_lanes> digests;
            engine.hash(x_texts.data() + done, digests.data());
            const std::size_t count = std::min(engine.lanes, x_size - done);
            for (std::size_t lane = 0; lane < count; ++lane) {
                take(x_order[done + lane], digests.data() + lane, engine.lanes);
            }
        }
        for (; done < x_size; ++done) {
            const md5_digest digest = md5(x_texts[done]);
            take(x_order[done], digest.data(), std::size_t{1});
        }
    }

private:
    std::size_t x_size;
    std::array<std::uint8_t, capacity> x_order;
    std::array<std::string_view, capacity + md5_max_lanes> x_texts;  // the last group ends in empty
};

/// Calls `take(i, words, stride)` for each text: word j of its digest is `words[j * stride]`.
template <class Take>
void md5_each(const md5_engine& engine, std::span<const std::string_view> texts,
              Take take) noexcept {
    if (texts.size() <= md5_queue::few) {  // not worth a queue either, which takes 20 ns
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const md5_digest digest = md5(texts[i]);
            take(i, digest.data(), std::size_t{1});
        }
        return;
    }
    for (std::size_t done = 0; done < texts.size(); done += md5_queue::capacity) {
        const std::size_t count = std::min(md5_queue::capacity, texts.size() - done);
        const md5_queue queue(texts.subspan(done, count));
        queue.hash(engine, [&](std::size_t i, const std::uint32_t* words, std::size_t stride) {
            take(done + i, words, stride);
        });
    }
}

template <class Take>
void md5_each(std::span<const std::string_view> texts, Take take) noexcept {
    md5_each(md5_best_engine(), texts, take);
}

}  // namespace memring::detail
