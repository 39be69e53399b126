#pragma once
// The figures of a run for a terminal, in 80 columns.

#include <cstdio>
#include <span>
#include <string>

#include "../support/figures.hpp"
#include "measurement.hpp"
#include "ratios.hpp"

namespace memring::benchmark {

inline void print_group(const measurement_group& group) {
    const bool has_latency = !group.members.front().latencies.empty();
    std::printf("\n%-42s %9s %7s %9s%s\n", group.title.c_str(), "1000/s", "ratio", "CPU ns",
                has_latency ? "    p50 us" : "");
    for (const measurement& each : group.members) {
        if (each.rates.empty()) continue;
        const auto ratio =
            group.ratio(each.flat_name, group.members.front().flat_name, quantity::rate);
        std::printf("  %-40s %9.1f %7.2f %9.0f", each.name.c_str(),
                    each.value(quantity::rate) / 1e3, ratio.value_or(0),
                    each.value(quantity::cost));
        if (!each.latencies.empty()) std::printf(" %9.2f", each.value(quantity::latency) / 1e3);
        std::printf("\n");
    }
}

inline void print_tables(const figures& all, std::span<const measurement_group> groups) {
    for (const std::string name : {"machine", "compiler", "flags", "placement"}) {
        std::printf("%s\n", all.text("run.client." + name).c_str());
    }
    std::printf(
        "%.0f interleaved rounds of %.2f s; medians, ratios to the first row of a part;\n"
        "CPU: of the client for a key, kernel included\n",
        all.number("run.client.rounds").value_or(0),
        all.number("run.client.slice_seconds").value_or(0));
    for (const measurement_group& group : groups) print_group(group);
}

inline void print_allocations(const figures& all) {
    for (const std::string form : {"coroutine", "callback", "get_many"}) {
        std::printf("Allocations a get, %s: %.2f\n", form.c_str(),
                    all.number("client.allocations." + form).value_or(0));
    }
}

/// What was asked and what came of it.
inline void print_held(const figures& all) {
    std::printf("\n%-48s %9s %9s\n", "", "measured", "asked");
    for (const auto& [name, held] : all_held()) {
        const auto value = all.number(name);
        if (!value) continue;
        std::printf("%-48s %9.*f", name.c_str(), *value > 100 ? 0 : 2, *value);
        if (held.asked.kind != bound::none) {
            std::printf(" %2s %6g%s",
                        held.asked.kind == bound::at_least ? ">=" : "<=", held.asked.limit,
                        held.asked.is_met_by(*value) ? "" : "  SHORT");
        }
        std::printf("\n");
    }
}

}  // namespace memring::benchmark
