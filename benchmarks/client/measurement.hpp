#pragma once
// Loads measured in interleaved rounds: one short slice of each, again and again, so that whatever
// else the machine does meets all of them. Rates are medians over the rounds, ratios are medians
// of each round's ratio to the baseline's slice of the same round.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "stopwatch.hpp"

namespace memring::benchmark {

[[nodiscard]] inline double median(std::vector<double> numbers) {
    if (numbers.empty()) return 0;
    std::ranges::sort(numbers);
    const std::size_t middle = numbers.size() / 2;
    return numbers.size() % 2 != 0 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
}

/// One load, its rate and what it cost in each round.
struct measurement {
    std::string name;       ///< for the table
    std::string flat_name;  ///< for the file
    std::function<void(stopwatch&)> load;
    std::vector<double> rates = {};
    std::vector<double> costs = {};

    [[nodiscard]] double rate() const { return median(rates); }
    [[nodiscard]] double cost() const { return median(costs); }
};

/// Measurements that are compared with the first of them.
struct measurement_group {
    std::string title;
    std::string flat_name;
    bool is_latency = false;  ///< print microseconds an operation instead of operations a second
    std::vector<measurement> members = {};

    void run_round(clock::duration slice, bool is_counted) {
        for (measurement& each : members) {
            stopwatch watch(slice);
            each.load(watch);
            if (!is_counted) continue;
            each.rates.push_back(watch.rate());
            each.costs.push_back(watch.processor_cost());
        }
    }

    /// `one`'s rate divided by `other`'s of the same round, sorted.
    [[nodiscard]] static std::vector<double> ratios(const measurement& one,
                                                    const measurement& other) {
        std::vector<double> all;
        for (std::size_t i = 0; i < one.rates.size(); ++i) {
            all.push_back(one.rates[i] / other.rates[i]);
        }
        std::ranges::sort(all);
        return all;
    }
};

}  // namespace memring::benchmark
