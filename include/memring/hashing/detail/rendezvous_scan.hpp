#pragma once
// The inner loops of rendezvous hashing: a score for each node, eight at a time where the machine
// can. The scores are part of the mapping; how many are made at a time is not.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace memring::detail {

/// The score of a node for a key, on one number as on a vector of them: `score` comes in as the
/// node's first half, `second` is its other half; `low` and `high` are the halves of a key hashed
/// to 64 even bits. Three rounds of multiplying and shifting; the last two are MurmurHash3's
/// finalizer but for the last shift, which would not change what the highest score is.
template <class Word>
#ifdef __GNUC__
[[gnu::always_inline]]  // into functions compiled for a machine of their own
#endif
inline void
mix_rendezvous(Word& score, const Word& second, const Word& low, const Word& high) noexcept {
    score = (score ^ low) * 0x9e3779b1U;
    score = (score ^ (score >> 16)) + (second ^ high);
    score *= 0x85ebca6bU;
    score = (score ^ (score >> 13)) * 0xc2b2ae35U;
}

/// What the nodes put into their scores: 64 bits each, made from their names. A place is an index
/// into the list of seeds. Scores are signed, because that is what vector registers compare best.
class rendezvous_seeds {
public:
    rendezvous_seeds() = default;

    explicit rendezvous_seeds(const std::vector<std::uint64_t>& seeds)
        : x_size(static_cast<std::uint32_t>(seeds.size())) {
        // Whole vectors, filled up with the last seed: it never beats itself.
        const std::size_t padded = (seeds.size() + lane_count - 1) / lane_count * lane_count;
        for (std::size_t i = 0; i < padded; ++i) {
            const std::uint64_t seed = seeds[std::min(i, seeds.size() - 1)];
            x_first.push_back(static_cast<std::uint32_t>(seed));
            x_second.push_back(static_cast<std::uint32_t>(seed >> 32));
        }
    }

    [[nodiscard]] std::uint32_t size() const noexcept { return x_size; }

    [[nodiscard]] std::int32_t score(std::uint32_t place, std::uint64_t key) const noexcept {
        std::uint32_t score = x_first[place];
        mix_rendezvous(score, x_second[place], static_cast<std::uint32_t>(key),
                       static_cast<std::uint32_t>(key >> 32));
        return static_cast<std::int32_t>(score);
    }

    /// The first place with the highest score. Precondition: `size() > 0`.
    [[nodiscard]] std::uint32_t highest(std::uint64_t key) const noexcept {
#if defined(__GNUC__) && defined(__x86_64__)
        if (x_size > few && __builtin_cpu_supports("avx2")) return highest_by_lanes(key);
#endif
        return highest_one_by_one(key);
    }

    /// `highest`, without the help of vectors.
    [[nodiscard]] std::uint32_t highest_one_by_one(std::uint64_t key) const noexcept {
        std::uint32_t best = 0;
        std::int32_t best_score = score(0, key);
        for (std::uint32_t place = 1; place < x_size; ++place) {
            const std::int32_t now = score(place, key);
            best = now > best_score ? place : best;
            best_score = std::max(best_score, now);
        }
        return best;
    }

    /// Calls `visit(place, score)`, in order, for each place from 1 on where `gap_of(score) *
    /// inverses[place] / 2` is at most a limit, first `limit`, then what `visit` last returned.
    template <class Visit>
    void visit_near(std::uint64_t key, const std::vector<float>& inverses, float limit,
                    Visit visit) const noexcept {
#if defined(__GNUC__) && defined(__x86_64__)
        if (x_size > few && __builtin_cpu_supports("avx2")) {
            return visit_near_by_lanes(key, inverses, limit, visit);
        }
#endif
        visit_near_one_by_one(key, inverses, limit, visit);
    }

    /// `visit_near`, without the help of vectors.
    template <class Visit>
    void visit_near_one_by_one(std::uint64_t key, const std::vector<float>& inverses, float limit,
                               Visit visit) const noexcept {
        for (std::uint32_t place = 1; place < x_size; ++place) {
            const std::int32_t now = score(place, key);
            const auto half_gap = static_cast<float>(gap_of(now) >> 1);
            if (half_gap * inverses[place] <= limit) limit = visit(place, now);
        }
    }

    /// How far a score is from the highest there can be: 0 to 2^32 - 1.
    [[nodiscard]] static std::uint32_t gap_of(std::int32_t score) noexcept {
        return 0x7fffffffU - static_cast<std::uint32_t>(score);
    }

    /// Seeds, and inverses for `visit_near`, come in groups of so many.
    static constexpr std::size_t lane_count = 8;

private:
    // Up to so many nodes a plain loop is as fast.
    static constexpr std::uint32_t few = 12;

#if defined(__GNUC__) && defined(__x86_64__)
    using unsigned_lanes = std::uint32_t __attribute__((vector_size(4 * lane_count)));
    using signed_lanes = std::int32_t __attribute__((vector_size(4 * lane_count)));
    using float_lanes = float __attribute__((vector_size(4 * lane_count)));

    [[gnu::target("avx2")]] std::uint32_t highest_by_lanes(std::uint64_t key) const noexcept {
        const unsigned_lanes low = unsigned_lanes{} + static_cast<std::uint32_t>(key);
        const unsigned_lanes high = unsigned_lanes{} + static_cast<std::uint32_t>(key >> 32);
        signed_lanes places = {0, 1, 2, 3, 4, 5, 6, 7};
        signed_lanes best = signed_lanes{} - 0x7fffffff - 1;
        signed_lanes best_places = places;
        for (std::size_t group = 0; group < x_first.size(); group += lane_count) {
            unsigned_lanes scores;
            unsigned_lanes second;
            std::memcpy(&scores, x_first.data() + group, sizeof scores);
            std::memcpy(&second, x_second.data() + group, sizeof second);
            mix_rendezvous(scores, second, low, high);
            const signed_lanes now = reinterpret_cast<signed_lanes>(scores);
            const signed_lanes is_better = now > best;
            best = (is_better & now) | (~is_better & best);
            best_places = (is_better & places) | (~is_better & best_places);
            places += static_cast<std::int32_t>(lane_count);
        }
        // The highest score, then the first place, in one number that is largest.
        std::uint64_t top = 0;
        for (std::size_t lane = 0; lane < lane_count; ++lane) {
            const std::uint64_t rank = ~gap_of(best[lane]);
            const std::uint64_t early = ~static_cast<std::uint32_t>(best_places[lane]);
            top = std::max(top, rank << 32 | early);
        }
        return ~static_cast<std::uint32_t>(top);
    }

    template <class Visit>
    [[gnu::target("avx2")]] void visit_near_by_lanes(std::uint64_t key,
                                                     const std::vector<float>& inverses,
                                                     float limit, Visit& visit) const noexcept {
        const unsigned_lanes low = unsigned_lanes{} + static_cast<std::uint32_t>(key);
        const unsigned_lanes high = unsigned_lanes{} + static_cast<std::uint32_t>(key >> 32);
        for (std::size_t group = 0; group < x_first.size(); group += lane_count) {
            unsigned_lanes scores;
            unsigned_lanes second;
            float_lanes inverse;
            std::memcpy(&scores, x_first.data() + group, sizeof scores);
            std::memcpy(&second, x_second.data() + group, sizeof second);
            std::memcpy(&inverse, inverses.data() + group, sizeof inverse);
            mix_rendezvous(scores, second, low, high);
            const signed_lanes half_gaps =
                reinterpret_cast<signed_lanes>((0x7fffffffU - scores) >> 1);
            const float_lanes distances = __builtin_convertvector(half_gaps, float_lanes) * inverse;
            const signed_lanes is_near = distances <= limit;
            auto near = static_cast<unsigned>(
                __builtin_ia32_movmskps256(reinterpret_cast<float_lanes>(is_near)));
            if (group == 0) near &= ~1U;
            for (; near != 0; near &= near - 1) {
                const auto lane = static_cast<std::size_t>(std::countr_zero(near));
                const auto place = static_cast<std::uint32_t>(group + lane);
                if (place < x_size && distances[lane] <= limit) {
                    limit = visit(place, static_cast<std::int32_t>(scores[lane]));
                }
            }
        }
    }
#endif

    std::uint32_t x_size = 0;
    std::vector<std::uint32_t> x_first;
    std::vector<std::uint32_t> x_second;
};

}  // namespace memring::detail
