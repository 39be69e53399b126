#pragma once
// Loads measured in interleaved rounds: one short slice of each, again and again, so that whatever
// else the machine does meets all of them. What depends on a single round trip takes turns
// operation by operation instead. Figures are medians over the rounds, ratios are medians of each
// round's ratio to the baseline's slice of the same round.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
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

/// What is compared.
enum class quantity : unsigned char {
    rate,     ///< operations a second; more is better
    cost,     ///< nanoseconds of processor time an operation; less is better
    latency,  ///< the median operation's nanoseconds; less is better
};

/// One load, and what it did in each round.
struct measurement {
    std::string name;                                ///< for people
    std::string flat_name;                           ///< for the file
    std::function<void(stopwatch&)> load = nullptr;  ///< operations until the stopwatch is over
    std::function<void()> once = nullptr;  ///< one operation; where there is one, it takes turns
    std::vector<double> rates = {};
    std::vector<double> costs = {};
    std::vector<double> latencies = {};

    [[nodiscard]] const std::vector<double>& rounds(quantity what) const noexcept {
        switch (what) {
            case quantity::rate: return rates;
            case quantity::cost: return costs;
            case quantity::latency: return latencies;
        }
        return rates;
    }
    [[nodiscard]] double value(quantity what) const { return median(rounds(what)); }
};

/// Measurements of the same work.
struct measurement_group {
    std::string title;
    std::string flat_name;
    std::vector<measurement> members = {};
    std::size_t value_size = 0;  ///< of each key, in bytes; 0 where it is of no interest

    void run_round(clock::duration slice, bool is_counted);

    [[nodiscard]] const measurement* find(std::string_view flat_name_of_member) const noexcept {
        for (const measurement& each : members) {
            if (each.flat_name == flat_name_of_member) return &each;
        }
        return nullptr;
    }

    /// The best of those members that are there, named `first|second|...`. Null if none is.
    [[nodiscard]] const measurement* best(std::string_view names, quantity what) const;

    /// The median over the rounds of `own` divided by `baseline`; nothing where either is missing
    /// or was not measured. Both may name several: the best of them.
    [[nodiscard]] std::optional<double> ratio(std::string_view own, std::string_view baseline,
                                              quantity what) const;

private:
    void run_turns(clock::duration slice, bool is_counted);
};

inline void measurement_group::run_round(clock::duration slice, bool is_counted) {
    run_turns(slice, is_counted);
    for (measurement& each : members) {
        if (each.once) continue;
        stopwatch watch(slice);
        each.load(watch);
        const double rate = watch.rate();
        const double cost = watch.processor_cost();
        if (!is_counted) continue;
        each.rates.push_back(rate);
        each.costs.push_back(cost);
    }
}

inline void measurement_group::run_turns(clock::duration slice, bool is_counted) {
    struct taken {
        measurement* who;
        std::vector<double> nanoseconds;
        double processor = 0;
    };
    std::vector<taken> all;
    for (measurement& each : members) {
        if (each.once) all.push_back({&each, {}});
    }
    if (all.empty()) return;
    const auto end = clock::now() + slice * static_cast<int>(all.size());
    for (std::size_t turn = 0; clock::now() < end; ++turn) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            taken& now = all[(turn + i) % all.size()];  // nobody always follows the same one
            const double processor_before = stopwatch::processor_time();
            const auto before = clock::now();
            now.who->once();
            const auto after = clock::now();
            now.processor += stopwatch::processor_time() - processor_before;
            now.nanoseconds.push_back(
                std::chrono::duration<double, std::nano>(after - before).count());
        }
    }
    if (!is_counted) return;
    for (taken& each : all) {
        const auto count = static_cast<double>(each.nanoseconds.size());
        double sum = 0;
        for (const double one : each.nanoseconds) sum += one;
        each.who->rates.push_back(1e9 * count / sum);
        each.who->costs.push_back(each.processor / count);
        each.who->latencies.push_back(median(std::move(each.nanoseconds)));
    }
}

inline const measurement* measurement_group::best(std::string_view names, quantity what) const {
    const measurement* found = nullptr;
    while (!names.empty()) {
        const auto bar = std::min(names.find('|'), names.size());
        const measurement* const one = find(names.substr(0, bar));
        names.remove_prefix(std::min(bar + 1, names.size()));
        if (one == nullptr || one->rounds(what).empty()) continue;
        const bool is_better =
            found == nullptr || (what == quantity::rate ? one->value(what) > found->value(what)
                                                        : one->value(what) < found->value(what));
        if (is_better) found = one;
    }
    return found;
}

inline std::optional<double> measurement_group::ratio(std::string_view own,
                                                      std::string_view baseline,
                                                      quantity what) const {
    const measurement* const above = best(own, what);
    const measurement* const below = best(baseline, what);
    if (above == nullptr || below == nullptr) return std::nullopt;
    const auto& over = above->rounds(what);
    const auto& under = below->rounds(what);
    std::vector<double> all;
    for (std::size_t i = 0; i < std::min(over.size(), under.size()); ++i) {
        all.push_back(over[i] / under[i]);
    }
    return median(std::move(all));
}

}  // namespace memring::benchmark
