#pragma once
// Jump consistent hashing whose buckets can be taken out anywhere and put back in the reverse
// order. Buckets only: what they stand for is the user's.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <memring/hashing/detail/slot_table.hpp>
#include <memring/hashing/jump_hash.hpp>

namespace memring::detail {

/// Another hash of a key for each bucket it is driven from: SplitMix64's finalizer (Steele, Lea and
/// Flood, "Fast Splittable Pseudorandom Number Generators", 2014) at step `bucket` + 1.
[[nodiscard]] constexpr std::uint64_t driven_from(std::uint64_t hash,
                                                  std::uint32_t bucket) noexcept {
    std::uint64_t mixed = hash + (std::uint64_t{bucket} + 1) * 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

/// The buckets of MementoHash (Coluzzi, Brocco, Antonucci and Leidi, 2023). A key goes where jump
/// sends it; from a bucket that was taken out when `left` others were left it goes on to one of
/// those, chosen by a hash of key and bucket. Positions 0 to `left` - 1 stand for them: position
/// p is bucket p or, when that was taken out before, what then took its place.
///
/// The paper keeps the buckets that are out in a hash map; here a bucket has 4 bytes, in or out, so
/// that following it is one read.
class memento {
public:
    memento() noexcept = default;
    explicit memento(std::uint32_t buckets) : x_left(buckets), x_working(buckets) {}

    [[nodiscard]] std::uint32_t bucket_count() const noexcept {
        return static_cast<std::uint32_t>(x_left.size());
    }
    [[nodiscard]] std::uint32_t working_count() const noexcept { return x_working; }

    /// The buckets that are out, in the order they were taken out.
    [[nodiscard]] std::span<const std::uint32_t> removed() const noexcept { return x_removed; }

    /// The bucket of a hashed key. Precondition: `working_count() > 0`.
    [[nodiscard]] std::uint32_t bucket_of(std::uint64_t hash) const noexcept {
        return settle(hash, jump_consistent_hash(hash, bucket_count()));
    }

    /// Where a key that jump sends to `bucket` ends up.
    [[nodiscard]] std::uint32_t settle(std::uint64_t hash, std::uint32_t bucket) const noexcept {
        for (std::uint32_t left = x_left[bucket]; left != 0; left = x_left[bucket]) {
            bucket = scale_hash(driven_from(hash, bucket), left);
            while (x_left[bucket] >= left) bucket = x_left[bucket];
        }
        return bucket;
    }

    /// The bucket of the key, then where it would go if that were taken out, and so on; returns how
    /// many were written. Takes time in the square of that.
    std::size_t candidates_of(std::uint64_t hash, std::span<std::uint32_t> out) const noexcept;

    /// Takes a bucket out. The last one, when no other is out, is forgotten: plain jump.
    /// Precondition: it works.
    void remove(std::uint32_t bucket) {
        --x_working;
        if (x_removed.empty() && bucket + 1 == bucket_count()) {
            x_left.pop_back();
        } else {
            x_left[bucket] = x_working;
            x_removed.push_back(bucket);
        }
    }

    /// Puts back the bucket that was taken out last, or when none is out appends one; returns it.
    std::uint32_t add() {
        ++x_working;
        if (x_removed.empty()) {
            x_left.push_back(0);
            return bucket_count() - 1;
        }
        const std::uint32_t bucket = x_removed.back();
        x_removed.pop_back();
        x_left[bucket] = 0;
        return bucket;
    }

private:
    std::vector<std::uint32_t> x_left;     // how many were left without it; 0 of one that works
    std::vector<std::uint32_t> x_removed;  // oldest first
    std::uint32_t x_working = 0;
};

inline std::size_t memento::candidates_of(std::uint64_t hash,
                                          std::span<std::uint32_t> out) const noexcept {
    out = out.first(std::min<std::size_t>(out.size(), x_working));
    if (out.empty()) return 0;
    std::uint32_t buckets = bucket_count();
    bool is_plain = x_removed.empty();
    out[0] = bucket_of(hash);
    for (std::uint32_t taken = 1; taken < out.size(); ++taken) {
        const std::uint32_t last = out[taken - 1];
        is_plain = is_plain && last + 1 == buckets;
        if (is_plain) {
            out[taken] = jump_consistent_hash(hash, --buckets);
            continue;
        }
        const auto left_without = [&](std::uint32_t bucket) {
            const auto end = out.begin() + taken;
            const auto found = std::find(out.begin(), end, bucket);
            if (found == end) return x_left[bucket];
            return x_working - 1 - static_cast<std::uint32_t>(found - out.begin());
        };
        // Every bucket that is out left at least as many behind as this last one.
        std::uint32_t bucket = scale_hash(driven_from(hash, last), x_working - taken);
        while (const std::uint32_t left = left_without(bucket)) bucket = left;
        out[taken] = bucket;
    }
    return out.size();
}

}  // namespace memring::detail
