#include "pictures.hpp"

#include <string_view>

#include <fmt/format.h>

#include "../../support/units.hpp"
#include "../measured_schemes.hpp"
#include "../sample.hpp"
#include "chart.hpp"

namespace memring::benchmark {

namespace {

series_style style_of(const scheme_facts& facts) {
    return {std::string(facts.title), facts.colour, facts.colour_on_black};
}

const series_style libmemcached_style{"libmemcached", "#6b7280", "#a8b1bd", true};

line_chart::series line_of(const figures& all, std::string_view name, const series_style& style,
                           std::string_view figure) {
    line_chart::series line{style, {}};
    for (const std::uint32_t count : node_counts) {
        const auto value = all.number(fmt::format("routing.{}.{}.{}", name, count, figure));
        if (value && *value > 0) line.places.push_back({static_cast<double>(count), *value});
    }
    return line;
}

line_chart chart_of(const figures& all, std::string_view figure, std::string_view peer_figure,
                    std::string (*label)(double)) {
    line_chart chart{{}, label, {}};
    measured_schemes::for_each([&]<class Scheme>() {
        if (!Scheme::facts.is_drawn) return;
        chart.lines.push_back(line_of(all, Scheme::facts.name, style_of(Scheme::facts), figure));
    });
    if (!peer_figure.empty()) {
        chart.lines.push_back(line_of(all, "libmemcached", libmemcached_style, peer_figure));
    }
    return chart;
}

double at_40(const figures& all, std::string_view name, std::string_view figure) {
    return all.number(fmt::format("routing.{}.40.{}", name, figure)).value_or(1);
}

}  // namespace

picture draw_single_cost(const figures& all) {
    auto chart = chart_of(all, "single_ns", "single_ns", nanoseconds_label);
    chart.text = {"What a lookup costs", "one key at a time, 16 to 64 bytes, its hash included"};
    return {"cost-single.svg", "Nanoseconds a lookup over the number of nodes, for each scheme",
            chart.svg()};
}

picture draw_batch_cost(const figures& all) {
    auto chart = chart_of(all, "batch1024_ns", "single_ns", nanoseconds_label);
    chart.text = {"What a lookup costs in a batch",
                  "each of 1024 keys asked for at once (libmemcached has no batches: one by one)"};
    return {"cost-batch.svg", "Nanoseconds a key over the number of nodes, in batches of 1024 keys",
            chart.svg()};
}

picture draw_build(const figures& all) {
    auto chart = chart_of(all, "build_ms", "build_ms", milliseconds_label);
    chart.text = {"What a new list costs", "building a policy from the list of its nodes"};
    return {"build.svg", "Time to build a policy over the number of nodes, for each scheme",
            chart.svg()};
}

picture draw_memory(const figures& all) {
    auto chart = chart_of(all, "memory_bytes", "", bytes_label);
    chart.text = {"What a policy keeps in memory", "the object and its share of the heap"};
    return {"memory.svg", "Bytes a policy holds over the number of nodes, for each scheme",
            chart.svg()};
}

picture draw_balance(const figures& all) {
    spread_chart chart{
        {"How even the load is", fmt::format("{} keys over 40 equal nodes",
                                             grouped(all.number("run.sample_keys").value_or(0)))},
        all.number("routing.chance.40.balance.deviation").value_or(0),
        {}};
    measured_schemes::for_each([&]<class Scheme>() {
        if (!Scheme::facts.is_drawn) return;
        const auto name = Scheme::facts.name;
        chart.rows.push_back({style_of(Scheme::facts), at_40(all, name, "balance.least"),
                              at_40(all, name, "balance.most"),
                              at_40(all, name, "balance.deviation")});
    });
    return {"balance.svg", "Spread of the loads of 40 nodes around their mean, for each scheme",
            chart.svg()};
}

picture draw_disruption(const figures& all) {
    moves_chart chart{{"Which share of the keys moves", "a change of 40 equal nodes by one"},
                      at_40(all, "unavoidable", "leaves"),
                      {}};
    measured_schemes::for_each([&]<class Scheme>() {
        if (!Scheme::facts.is_drawn) return;
        const auto name = Scheme::facts.name;
        chart.rows.push_back({style_of(Scheme::facts), at_40(all, name, "disruption.middle_leaves"),
                              at_40(all, name, "disruption.last_leaves"),
                              at_40(all, name, "disruption.joins")});
    });
    return {"disruption.svg",
            "Share of the keys that move when one of 40 nodes leaves or one joins, for each scheme",
            chart.svg()};
}

}  // namespace memring::benchmark
