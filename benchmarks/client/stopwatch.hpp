#pragma once
// How long a load runs, and how fast it was.

#include <chrono>
#include <cstdint>
#include <ctime>

namespace memring::benchmark {

using clock = std::chrono::steady_clock;

/// Counts what a load gets done until its time is up. Looks at the clock now and then only.
class stopwatch {
public:
    explicit stopwatch(clock::duration length) : x_start(clock::now()), x_end(x_start + length) {}

    /// Counts one operation. False once the time is up.
    bool count() { return count(1); }
    bool count(std::uint64_t operations) {
        const auto before = x_count / interval;
        x_count += operations;
        if (x_count / interval != before && !x_is_over) {
            x_now = clock::now();
            x_is_over = x_now >= x_end;
        }
        return !x_is_over;
    }

    [[nodiscard]] bool is_over() const noexcept { return x_is_over; }
    [[nodiscard]] clock::duration length() const noexcept { return x_end - x_start; }
    [[nodiscard]] std::uint64_t counted() const noexcept { return x_count; }

    /// Takes over what another process has counted and measured of itself, in seconds.
    void take(std::uint64_t operations, double seconds, double processor_seconds) {
        x_count = operations;
        x_seconds = seconds;
        x_processor_seconds = processor_seconds;
    }

    /// Operations a second, from the start until now: read it when the last one has ended.
    [[nodiscard]] double rate() const {
        const double seconds = x_seconds > 0
                                   ? x_seconds
                                   : std::chrono::duration<double>(clock::now() - x_start).count();
        return static_cast<double>(x_count) / seconds;
    }

    /// Nanoseconds of processor time of this program, kernel included, for an operation. Hardly
    /// changes with what else the machine does.
    [[nodiscard]] double processor_cost() const {
        const double spent =
            x_seconds > 0 ? x_processor_seconds * 1e9 : processor_time() - x_processor_start;
        return spent / static_cast<double>(x_count);
    }

    /// Nanoseconds that this program has spent on processors so far.
    [[nodiscard]] static double processor_time() {
        std::timespec now{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
    }

private:
    static constexpr std::uint64_t interval = 100;

    clock::time_point x_start;
    clock::time_point x_end;
    clock::time_point x_now = x_start;
    double x_processor_start = processor_time();
    double x_seconds = 0;  // of another process, as all it takes
    double x_processor_seconds = 0;
    std::uint64_t x_count = 0;
    bool x_is_over = false;
};

}  // namespace memring::benchmark
