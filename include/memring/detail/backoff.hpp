#pragma once
// When a node that could not be reached may be tried again: pauses that double up to a limit, each
// with a random part left off, so that the clients of a node that restarts do not all come at once.

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <memring/connection_options.hpp>

namespace memring::detail {

/// Plain bookkeeping; the time is a parameter. Not thread-safe.
class backoff {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `seed` tells clients and connections apart.
    backoff(const backoff_options& options, std::uint64_t seed) noexcept
        : x_options(options), x_random(seed | 1) {}

    /// An attempt failed, or what it led to was no use.
    void failed(time_point now) noexcept {
        if (++x_failures == 1) return;
        const auto pause =
            std::min(x_options.most, x_options.first * (1 << std::min(x_failures - 2, 16u)));
        const auto longest = std::chrono::duration_cast<std::chrono::microseconds>(pause);
        x_until =
            now + longest - longest / 2 * static_cast<std::int64_t>(random_below_1024()) / 1024;
    }

    /// The node has answered.
    void succeeded() noexcept { x_failures = 0; }

    /// Whether the node is to be left alone still.
    [[nodiscard]] bool is_pausing(time_point now) const noexcept {
        return x_failures > 1 && now < x_until;
    }

private:
    // xorshift64 (Marsaglia, 2003): spreads clients, no more is asked of it.
    std::uint64_t random_below_1024() noexcept {
        x_random ^= x_random << 13;
        x_random ^= x_random >> 7;
        x_random ^= x_random << 17;
        return x_random >> 54;
    }

    backoff_options x_options;
    unsigned x_failures = 0;
    time_point x_until{};
    std::uint64_t x_random;
};

}  // namespace memring::detail
