#pragma once
// The same node removal done three ways, each on a fresh cluster: what the hit rate does.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

namespace memring::tool {

struct comparison_options {
    bool has_real_servers = true;
    std::size_t nodes = 4;
    std::size_t keys = 20000;
    double gets_per_second = 10000;
    double interval = 0.25;                   ///< seconds that make one point of a curve
    double before = 1;                        ///< seconds, whole intervals
    double after = 5;                         ///< seconds, whole intervals
    std::chrono::milliseconds fetch_time{5};  ///< what a miss costs before the value is stored
};

/// The hit rate around one removal.
struct removal_curve {
    std::string name;
    std::vector<double> hit_rates;  ///< one an interval
    std::uint64_t gets = 0;
    std::uint64_t misses = 0;
    std::uint64_t errors = 0;
    std::uint64_t wrong = 0;  ///< hits with another value than was stored

    [[nodiscard]] double lowest() const noexcept;
};

struct comparison_result {
    comparison_options options;
    std::vector<removal_curve> curves;

    [[nodiscard]] std::size_t intervals_before() const noexcept;
    /// The hit rate of the interval that begins `seconds` after the removal.
    [[nodiscard]] double hit_rate_at(const removal_curve& curve, double seconds) const;
};

/// Gets at a constant rate over keys picked at random; what is missed is fetched and stored again,
/// as a cache does. After `options.before` seconds one node leaves: by a change of the list under
/// modulus hashing, by the same under ketama, and by a drain.
[[nodiscard]] asio::awaitable<void> compare_removals(comparison_result& result);

/// The curves as lines for a terminal.
[[nodiscard]] std::string table_of(const comparison_result& result);

}  // namespace memring::tool
