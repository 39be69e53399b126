#pragma once
// Latencies counted in buckets whose width grows with the value, so that a few kilobytes tell any
// percentile of any number of them. Knows nothing of nodes or clients.

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace memring {

/// A histogram of latencies from 0 to 137 s, what is longer counted as that. Every power of two is
/// cut into 32 buckets of equal width: from 1 us on a percentile is within 1.6 % of the latency
/// that was recorded, below within 16 ns.
///
/// The log-linear buckets are those of HdrHistogram (Gil Tene, hdrhistogram.org), with a unit of
/// 32 ns and five bits of precision. No allocation, 7 KB. `Counter` is `std::uint64_t`, or
/// something that behaves like one and may be read by another thread meanwhile.
template <class Counter>
class basic_latency_histogram {
public:
    static constexpr unsigned unit_bits = 5;       ///< values are kept in units of 32 ns
    static constexpr unsigned precision_bits = 5;  ///< 32 buckets for each power of two
    static constexpr unsigned value_bits = 32;     ///< of a value in units
    static constexpr std::size_t bucket_count = (value_bits - precision_bits + 1) << precision_bits;

    /// Counts `count` latencies of this length; negative counts as 0.
    constexpr void record(std::chrono::nanoseconds latency, std::uint64_t count = 1) noexcept {
        const std::uint64_t ns =
            latency.count() > 0 ? static_cast<std::uint64_t>(latency.count()) : 0;
        x_buckets[bucket_of(latency)] += count;
        x_sum += ns * count;
        if (ns > x_max) x_max = ns;
    }

    /// Adds what `other` has counted.
    template <class Other>
    constexpr void merge(const basic_latency_histogram<Other>& other) noexcept {
        for (std::size_t i = 0; i < bucket_count; ++i) {
            if (const std::uint64_t more = other.count_in(i)) x_buckets[i] += more;
        }
        x_sum += static_cast<std::uint64_t>(other.sum().count());
        x_max = std::max<std::uint64_t>(x_max, static_cast<std::uint64_t>(other.max().count()));
    }

    [[nodiscard]] constexpr std::uint64_t count() const noexcept {
        std::uint64_t total = 0;
        for (const Counter& bucket : x_buckets) total += bucket;
        return total;
    }
    /// Of all latencies, exactly.
    [[nodiscard]] constexpr std::chrono::nanoseconds sum() const noexcept { return in_ns(x_sum); }
    /// The longest, exactly; 0 if there is none.
    [[nodiscard]] constexpr std::chrono::nanoseconds max() const noexcept { return in_ns(x_max); }

    /// The latency that `share` (0 to 1) of those counted do not exceed, taken to be in the middle
    /// of its bucket; 0 if there is none.
    [[nodiscard]] std::chrono::nanoseconds percentile(double share) const noexcept {
        const std::uint64_t total = count();
        if (total == 0) return {};
        const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(total));
        const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, total);
        std::uint64_t passed = 0;
        std::size_t place = 0;
        while ((passed += x_buckets[place]) < rank && place + 1 < bucket_count) ++place;
        return std::min(lower_bound(place) + (upper_bound(place) - lower_bound(place)) / 2, max());
    }
    [[nodiscard]] std::chrono::nanoseconds p50() const noexcept { return percentile(0.5); }
    [[nodiscard]] std::chrono::nanoseconds p99() const noexcept { return percentile(0.99); }
    [[nodiscard]] std::chrono::nanoseconds p999() const noexcept { return percentile(0.999); }

    /// How many are in buckets that end at or before `limit`: how many took no longer, but for
    /// those in the one bucket that `limit` cuts.
    [[nodiscard]] constexpr std::uint64_t count_up_to(
        std::chrono::nanoseconds limit) const noexcept {
        std::uint64_t total = 0;
        for (std::size_t i = 0; i < bucket_count && upper_bound(i) <= limit; ++i) {
            total += x_buckets[i];
        }
        return total;
    }

    [[nodiscard]] constexpr std::uint64_t count_in(std::size_t bucket) const noexcept {
        return x_buckets[bucket];
    }

    /// Which bucket counts `latency`.
    [[nodiscard]] static constexpr std::size_t bucket_of(
        std::chrono::nanoseconds latency) noexcept {
        constexpr std::uint64_t longest = (std::uint64_t{1} << value_bits) - 1;
        const std::uint64_t ns =
            latency.count() > 0 ? static_cast<std::uint64_t>(latency.count()) : 0;
        const std::uint64_t units = std::min(ns >> unit_bits, longest);
        // The highest bit chooses the power of two, the five below it the bucket. Without the first
        // term values below 32 would lose bits they do not have.
        const auto width =
            static_cast<unsigned>(std::bit_width(units | (std::uint64_t{1} << precision_bits)));
        const unsigned shift = width - precision_bits - 1;
        return (std::size_t{shift} << precision_bits) + static_cast<std::size_t>(units >> shift);
    }
    /// The shortest latency that a bucket counts.
    [[nodiscard]] static constexpr std::chrono::nanoseconds lower_bound(
        std::size_t bucket) noexcept {
        constexpr std::size_t sub_buckets = std::size_t{1} << precision_bits;
        const std::size_t shift = bucket < 2 * sub_buckets ? 0 : (bucket >> precision_bits) - 1;
        return in_ns(std::uint64_t{bucket - (shift << precision_bits)} << (shift + unit_bits));
    }
    /// The shortest latency that is too long for it. The last bucket also counts longer ones.
    [[nodiscard]] static constexpr std::chrono::nanoseconds upper_bound(
        std::size_t bucket) noexcept {
        return lower_bound(bucket + 1);
    }

private:
    [[nodiscard]] static constexpr std::chrono::nanoseconds in_ns(std::uint64_t count) noexcept {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(count));
    }

    std::array<Counter, bucket_count> x_buckets{};
    Counter x_sum{};
    Counter x_max{};
};

using latency_histogram = basic_latency_histogram<std::uint64_t>;

}  // namespace memring
