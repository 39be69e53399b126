#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "../ratios.hpp"
#include "bar_chart.hpp"
#include "page.hpp"

namespace memring::benchmark {

namespace {

/// A bar: the best of some members of a group.
struct contestant {
    std::string_view title;
    std::string_view members;  // separated by bars
    std::string_view colour;
    std::string_view colour_on_black;
};

constexpr std::array contestants{
    contestant{"plain sockets", "raw_gets|raw_mg|raw_set|raw_ms|raw_quiet_ms", "#b8c2cc",
               "#5c6773"},
    contestant{"memring", "memring|memring_blocking", "#1f6fb4", "#58a6ff"},
    contestant{"libmemcached", "libmemcached_ascii|libmemcached_binary", "#c77700", "#f5b041"},
    contestant{"pylibmc (Python)", "pylibmc", "#7a8794", "#8b98a5"},
    contestant{"pymemcache (Python)", "pymemcache", "#7a8794", "#8b98a5"},
};

std::optional<double> best_of(const figures& all, std::string_view group, std::string_view members,
                              std::string_view figure, bool is_more_better) {
    std::optional<double> best;
    while (!members.empty()) {
        const auto bar = std::min(members.find('|'), members.size());
        const auto value =
            all.number(fmt::format("client.{}.{}.{}", group, members.substr(0, bar), figure));
        members.remove_prefix(std::min(bar + 1, members.size()));
        if (value && (!best || (is_more_better ? *value > *best : *value < *best))) best = value;
    }
    return best;
}

bar_chart chart_of(const figures& all, const std::vector<std::string_view>& groups,
                   std::string_view figure, bool is_more_better, std::string (*label)(double)) {
    bar_chart chart{{}, label, {}};
    for (const std::string_view group : groups) {
        bar_chart::group drawn{all.text(fmt::format("client.{}.title", group)), {}};
        for (const contestant& each : contestants) {
            const auto value = best_of(all, group, each.members, figure, is_more_better);
            if (!value) continue;
            drawn.bars.push_back(
                {{std::string(each.title), each.colour, each.colour_on_black}, *value});
        }
        if (!drawn.bars.empty()) chart.groups.push_back(std::move(drawn));
    }
    return chart;
}

std::string million(double rate) { return fmt::format("{:.2f} M/s", rate / 1e6); }
std::string whole_nanoseconds(double value) { return fmt::format("{:.0f} ns", value); }

}  // namespace

std::vector<picture> draw_client_pictures(const figures& all) {
    auto rates = chart_of(all, {"get_many100", "get_many1000", "set_many100", "set_many1000"},
                          "per_second", true, million);
    rates.text = {"Many keys at once", "keys a second; more is better; the best form of each"};
    auto costs =
        chart_of(all, {"nodes4", "nodes40", "nodes200"}, "cpu_ns", false, whole_nanoseconds);
    costs.text = {"What a key costs the client's processor",
                  "nanoseconds a key, kernel included; less is better; the best form of each"};
    std::vector<picture> drawn;
    if (!rates.groups.empty()) {
        drawn.push_back({"client-many.svg",
                         "Keys a second of get_many and set_many, for each client", rates.svg()});
    }
    if (!costs.groups.empty()) {
        drawn.push_back({"client-nodes.svg",
                         "Processor time a key over 4, 40 and 200 nodes, for each client",
                         costs.svg()});
    }
    return drawn;
}

}  // namespace memring::benchmark
