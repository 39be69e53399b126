#pragma once
// The lookups, builds and updates of all schemes and of what they are compared with, as benchmarks
// of Google Benchmark.

#include <functional>
#include <string>
#include <string_view>

namespace memring::benchmark {

struct speed_options {
    double seconds = 0;   ///< least length of one repetition of one benchmark; 0: by command line
    int repetitions = 0;  ///< of each benchmark; 0: by command line
    /// Called at the beginning of each repetition with the name of its benchmark.
    std::function<void(const std::string&)> on_repetition{};
};

/// Registers them all. Each is called like the figure it gives, without the unit:
/// `routing.ketama.40.single`. Returns how many there are.
int register_speed_benchmarks(const speed_options& options);

/// Empty if libmemcached is one of them, else why not.
[[nodiscard]] std::string_view why_no_libmemcached() noexcept;

}  // namespace memring::benchmark
