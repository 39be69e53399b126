#include "compare_report.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <memring/node.hpp>

#include "terminal.hpp"
#include "text.hpp"

namespace memring::tool {

namespace {

constexpr std::size_t widest_name = 30;

// What a cell of the chart stands for, in the order of a bar.
struct bar_marks {
    std::string_view kept;
    std::string_view gained;
    std::string_view lost;
};
constexpr bar_marks blocks{"█", "▓", "░"};
constexpr bar_marks letters{"#", "+", "."};

// Cut in the middle: servers of one fleet often differ at either end.
std::string shortened(const std::string& name, std::size_t width) {
    if (name.size() <= width) return name;
    const std::size_t head = (width - 2) / 2;
    return name.substr(0, head) + ".." + name.substr(name.size() - (width - 2 - head));
}

// The fewest keys that must move to give B's loads.
std::uint64_t least_moves(const change_report& report) {
    std::uint64_t surplus = 0;
    for (const node_change& one : report.nodes) {
        surplus += one.after > one.before ? one.after - one.before : 0;
    }
    return surplus;
}

double share_of(std::uint64_t part, std::uint64_t all) {
    return static_cast<double>(part) / static_cast<double>(all);
}

std::string headline(const change_report& report, const compared& what) {
    const auto side = [](char letter, const std::string& scheme, std::size_t servers) {
        return fmt::format("{}: {}, {} server{}\n", letter, scheme, grouped(servers),
                           servers == 1 ? "" : "s");
    };
    std::string text = side('A', what.scheme_a, what.servers_a);
    text += side('B', what.scheme_b, what.servers_b);
    text += fmt::format("{} key{} {}\n\n", grouped(report.keys), report.keys == 1 ? "" : "s",
                        what.keys);
    if (report.moved == 0) return text + "Every key has the same server in A and in B.\n\n";
    const std::uint64_t least = least_moves(report);
    text += fmt::format("{} of the keys ({}) have another server in B than in A.\n",
                        percent(report.moved_share()), grouped(report.moved));
    text += fmt::format("Fewest moves that give B its loads: {} ({}).\n\n",
                        percent(share_of(least, report.keys)), grouped(least));
    return text;
}

std::string table(const change_report& report, std::size_t name_width, std::size_t width) {
    std::string text =
        fmt::format("{:<{}}  {:>{}}  {:>{}}  {:>{}}  {:>{}}\n", "server", name_width, "keys in A",
                    width, "keys in B", width, "gained", width, "lost", width);
    const auto row = [&](const std::string& name, std::uint64_t before, std::uint64_t after,
                         std::uint64_t gained, std::uint64_t lost) {
        text += fmt::format("{:<{}}  {:>{}}  {:>{}}  {:>{}}  {:>{}}\n", name, name_width,
                            grouped(before), width, grouped(after), width, grouped(gained), width,
                            grouped(lost), width);
    };
    for (const node_change& one : report.nodes) {
        row(shortened(to_string(one.who), name_width), one.before, one.after, one.arriving,
            one.leaving);
    }
    row("all", report.keys, report.keys, report.moved, report.moved);
    return text;
}

// Cells for each of three parts, which together are as long as their sum rounded.
std::string bar_of(const node_change& one, std::uint64_t longest, std::size_t width,
                   const bar_marks& marks) {
    const std::array<std::uint64_t, 3> parts{one.before - one.leaving, one.arriving, one.leaving};
    const std::array<std::string_view, 3> signs{marks.kept, marks.gained, marks.lost};
    std::string text;
    std::uint64_t sum = 0;
    std::size_t drawn = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        sum += parts[i];
        const double cells = share_of(sum, longest) * static_cast<double>(width);
        for (; static_cast<double>(drawn) + 0.5 <= cells; ++drawn) text += signs[i];
    }
    return text;
}

std::string chart(const change_report& report, std::size_t name_width, const bar_marks& marks) {
    std::uint64_t longest = 1;
    for (const node_change& one : report.nodes) {
        longest = std::max(longest, one.before + one.arriving);
    }
    const std::size_t width = terminal_columns - name_width - 2;
    std::string text =
        fmt::format("{} stays   {} gained   {} lost\n", marks.kept, marks.gained, marks.lost);
    for (const node_change& one : report.nodes) {
        text += fmt::format("{:<{}}  {}\n", shortened(to_string(one.who), name_width), name_width,
                            bar_of(one, longest, width, marks));
    }
    return text;
}

}  // namespace

std::string text_of(const change_report& report, const compared& what) {
    const std::size_t number_width = std::max<std::size_t>(9, grouped(report.keys).size());
    const std::size_t room = terminal_columns - 4 * (number_width + 2);
    std::size_t name_width = 6;
    for (const node_change& one : report.nodes) {
        name_width = std::max(name_width, to_string(one.who).size());
    }
    name_width = std::min({name_width, widest_name, room});
    return headline(report, what) + table(report, name_width, number_width) + "\n" +
           chart(report, name_width, what.is_utf8 ? blocks : letters);
}

}  // namespace memring::tool
