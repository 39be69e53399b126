#include "summary.hpp"

#include <cstdint>

#include <fmt/format.h>

#include "text.hpp"

namespace memring::tool {

namespace {

std::string row_of(const event_record& event) {
    const bool is_planned = event.kind != event_kind::kill;
    const auto planned_only = [&](const std::string& text) { return is_planned ? text : "-"; };
    return fmt::format("{:>5} {:<21}{:>7}{:>7}{:>8}{:>8}{:>7}{:>7}{:>8}\n", clock_text(event.at),
                       title_of(event), grouped(event.change.changed_owner),
                       planned_only(grouped(event.change.moved)),
                       planned_only(grouped(event.change.keys_per_second())),
                       grouped(event.seen.planned_misses), grouped(event.seen.unplanned_misses),
                       grouped(event.seen.bad_values()), grouped(event.seen.errors));
}

std::uint64_t moved_in_all(const run_state& state) {
    std::uint64_t sum = 0;
    for (const event_record& event : state.events) sum += event.change.moved;
    return sum;
}

std::uint64_t errors_after_kills(const run_state& state) {
    std::uint64_t sum = 0;
    for (const event_record& event : state.events) {
        if (event.kind == event_kind::kill) sum += event.seen.errors;
    }
    return sum;
}

std::string totals_of(const run_state& state) {
    const load_counters totals = state.totals();
    return fmt::format(
        "\n{} requests by {} applications over {} keys each in {:.0f} s.\n"
        "Of {} gets of stored keys {} hit ({}).\n"
        "Missed: {} planned, {} on a killed node, {} unexplained.\n"
        "{} keys moved; {} stale values, {} wrong values; {} requests failed,\n"
        "{} of them after the kill. (Keys that were deleted at the time, or written to\n"
        "their new owner meanwhile, need no move.)\n",
        grouped(totals.operations), state.applications.size(), grouped(state.keys_each),
        state.length, grouped(totals.gets), grouped(totals.hits), percent(totals.hit_rate()),
        grouped(totals.planned_misses), grouped(totals.unplanned_misses),
        grouped(totals.unexplained_misses), grouped(moved_in_all(state)), totals.stale,
        totals.wrong, grouped(totals.errors), grouped(errors_after_kills(state)));
}

void complain_if(std::vector<std::string>& complaints, std::uint64_t count, const char* what) {
    if (count > 0) complaints.push_back(fmt::format("{} {}", grouped(count), what));
}

}  // namespace

std::string title_of(const event_record& event) {
    const char* verb = "";
    switch (event.kind) {
        case event_kind::add: verb = "fill"; break;
        case event_kind::drain: verb = "drain"; break;
        case event_kind::kill: verb = "kill"; break;
    }
    return fmt::format("{} {}", verb, to_string(event.where));
}

std::string summary_of(const run_state& state) {
    std::string text = fmt::format(
        "{:>34}{:>7}{:>8}{:>8}{:>7}{:>7}{:>8}\n"
        "{:>5} {:<21}{:>7}{:>7}{:>8}{:>8}{:>7}{:>7}{:>8}\n",
        "new", "keys", "moved", "planned", "other", "stale,", "failed", "at", "what", "owner",
        "moved", "per s", "misses", "misses", "wrong", "calls");
    text += std::string(78, '-') + '\n';
    for (const event_record& event : state.events) text += row_of(event);
    text += totals_of(state);
    return text;
}

std::vector<std::string> complaints_about(const run_state& state,
                                          const comparison_result& comparison) {
    const load_counters totals = state.totals();
    std::vector<std::string> complaints;
    complain_if(complaints, totals.stale, "stale values were read");
    complain_if(complaints, totals.wrong, "wrong values were read");
    complain_if(complaints, totals.planned_misses, "keys that were moved were missed");
    complain_if(complaints, totals.unexplained_misses, "keys were missed for no reason");
    for (const removal_curve& curve : comparison.curves) {
        complain_if(complaints, curve.wrong, "wrong values were read in the comparison");
    }
    if (!comparison.curves.empty()) {
        complain_if(complaints, comparison.curves.back().misses,
                    "keys were missed in the comparison's drain");
    }
    return complaints;
}

}  // namespace memring::tool
