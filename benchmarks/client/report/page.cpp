#include "page.hpp"

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "../../support/markdown_table.hpp"
#include "../../support/units.hpp"
#include "../ratios.hpp"

namespace memring::benchmark {

namespace {

using strings = std::vector<std::string>;

std::string plain(double value) {
    return std::abs(value) >= 100 ? grouped(value) : fmt::format("{:.2f}", value);
}

std::string limit_of(const demand& asked) {
    if (asked.kind == bound::none) return "";
    const std::string limit =
        asked.limit >= 100 ? grouped(asked.limit) : fmt::format("{:g}", asked.limit);
    return (asked.kind == bound::at_least ? "≥ " : "≤ ") + limit;
}

std::string verdict(const demand& asked, double value) {
    if (asked.kind == bound::none) return "";
    if (asked.is_met_by(value)) return "met";
    if (asked.limit == 0) return "**short**";
    return fmt::format("**short by {:.0f} %**", std::ceil(asked.shortfall(value) * 100));
}

std::string compared_forms(const figures& all, const std::string& name) {
    const std::string own = all.text(name + ".of");
    const std::string other = all.text(name + ".to");
    return own.empty() ? "" : fmt::format(" ({} against {})", own, other);
}

// ---- parts of the page --------------------------------------------------------------------------

std::string asked_and_measured(const figures& all) {
    std::string text =
        "## What was asked, and what came of it\n\nBoth sides of a ratio are measured in the same "
        "run, in turns. Where a client has several forms, the best one counts and is named.\n\n";
    text += "| figure | measured | asked | | what it says |\n|---|---:|---:|---|---|\n";
    for (const auto& [name, held] : all_held()) {
        const auto value = all.number(name);
        if (!value) continue;
        text += row_of({fmt::format("`{}`", name), plain(*value), limit_of(held.asked),
                        verdict(held.asked, *value),
                        std::string(held.meaning) + compared_forms(all, name)});
    }
    return text + "\n";
}

std::string absences(const figures& all) {
    std::string text;
    for (const auto& [name, held] : all_held()) {
        if (all.number(name)) continue;
        const std::string why = all.text(name + ".absent");
        text += fmt::format("* `{}`: {}\n", name, why.empty() ? "not measured" : why);
    }
    return text.empty() ? text : "Not compared in this run:\n\n" + text + "\n";
}

std::string shortfalls(const figures& all) {
    std::string text;
    for (const auto& [name, held] : all_held()) {
        const auto value = all.number(name);
        if (!value || held.asked.is_met_by(*value)) continue;
        text +=
            fmt::format("* `{}` is {}, asked is {}.", name, plain(*value), limit_of(held.asked));
        if (const auto why = note_of(name); !why.empty()) text += fmt::format(" {}", why);
        text += "\n";
    }
    if (text.empty()) return "Every figure is as asked.\n\n";
    return "What falls short:\n\n" + text + "\n";
}

/// One group: its members with rate, share of the first member's rate, processor time, latency.
std::string group_table(const figures& all, const std::string& group) {
    const std::string stem = "client." + group + ".";
    const strings members = words_of(all.text(stem + "members"));
    if (members.empty()) return "";
    const auto of = [&](const std::string& member, std::string_view figure) {
        return all.number(fmt::format("{}{}.{}", stem, member, figure));
    };
    bool has_latency = false;
    for (const auto& member : members) has_latency |= of(member, "p50_us").has_value();
    strings head{all.text(stem + "title"), "1000/s", "ratio", "CPU ns"};
    if (has_latency) head.emplace_back("median µs");
    std::string table = head_of(head, 1);
    const double first = of(members.front(), "per_second").value_or(1);
    for (const auto& member : members) {
        const double rate = of(member, "per_second").value_or(0);
        strings cells{all.text(stem + member + ".name"), fmt::format("{:.1f}", rate / 1e3),
                      fmt::format("{:.2f}", rate / first),
                      fmt::format("{:.0f}", of(member, "cpu_ns").value_or(0))};
        if (member.starts_with("memring")) cells[0] = "**" + cells[0] + "**";
        if (has_latency) {
            const auto latency = of(member, "p50_us");
            cells.push_back(latency ? fmt::format("{:.2f}", *latency) : "–");
        }
        table += row_of(cells);
    }
    return table + "\n";
}

/// Several groups with the same members side by side.
std::string side_by_side(const figures& all, const strings& groups, const strings& heads,
                         const std::string& corner,
                         std::string (*cell)(const figures&, const std::string& stem,
                                             const std::string& member)) {
    strings members;
    for (const auto& group : groups) {
        members = words_of(all.text("client." + group + ".members"));
        if (!members.empty()) break;
    }
    if (members.empty()) return "";
    strings head{corner};
    head.insert(head.end(), heads.begin(), heads.end());
    std::string table = head_of(head, 1);
    for (const auto& member : members) {
        strings cells;
        std::string name = member;
        for (const auto& group : groups) {
            const std::string stem = "client." + group + ".";
            if (const auto known = all.text(stem + member + ".name"); !known.empty()) name = known;
            cells.push_back(cell(all, stem, member));
        }
        if (member.starts_with("memring")) name = "**" + name + "**";
        cells.insert(cells.begin(), name);
        table += row_of(cells);
    }
    return table + "\n";
}

std::string megabytes_cell(const figures& all, const std::string& stem, const std::string& member) {
    const auto rate = all.number(stem + member + ".per_second");
    const auto size = all.number(stem + "value_bytes");
    return rate && size ? grouped(*rate * *size / 1e6) : "–";
}

std::string cost_cell(const figures& all, const std::string& stem, const std::string& member) {
    const auto cost = all.number(stem + member + ".cpu_ns");
    return cost ? fmt::format("{:.0f}", *cost) : "–";
}

std::string rate_cell(const figures& all, const std::string& stem, const std::string& member) {
    const auto rate = all.number(stem + member + ".per_second");
    return rate ? fmt::format("{:.0f}", *rate / 1e3) : "–";
}

std::string memory(const figures& all) {
    const auto number = [&](const std::string& name) { return all.number(name).value_or(0); };
    if (!all.number("client.memory.idle_connection_bytes")) return "";
    return fmt::format(
        "## Memory\n\n"
        "| | |\n|---|---:|\n"
        "| connections open at once, each used and idle again | {} |\n"
        "| heap for each | {} B |\n"
        "| pages of the process for each | {} B |\n"
        "| growth of the heap by {} gets | {} B |\n"
        "| allocations a get: coroutine, callback, key of get_many | {:.2f}, {:.2f}, {:.2f} |\n"
        "| commands a write and replies a read, 100 coroutines | {:.1f}, {:.1f} |\n\n",
        grouped(number("client.memory.connections")),
        grouped(number("client.memory.idle_connection_bytes")),
        grouped(number("client.memory.idle_connection_resident_bytes")),
        grouped(number("client.memory.gets")),
        fmt::format("{:.0f}", number("client.memory.million_gets_growth_bytes")),
        number("client.allocations.coroutine"), number("client.allocations.callback"),
        number("client.allocations.get_many"), number("client.batching.commands_per_write"),
        number("client.batching.replies_per_read"));
}

std::string compile_time(const figures& all) {
    const auto ratio = all.number("compile.vs_asio");
    if (!ratio) return "";
    return fmt::format(
        "## Compile time\n\n"
        "With `-O2`, processor time: `#include <asio.hpp>` alone {:.2f} s; a program with one get, "
        "one set and a ketama client over TCP {:.2f} s, {:.2f} times that (wall clock: "
        "{:.2f}). In a program of many files that compiles its clients in one of them "
        "(`memring/separate.hpp`) each of the others takes {:.2f} times.\n\n",
        all.number("compile.asio_seconds").value_or(0),
        all.number("compile.memring_seconds").value_or(0), *ratio,
        all.number("compile.vs_asio_wall").value_or(0),
        all.number("compile.separate_vs_asio").value_or(0));
}

std::string method(const figures& all) {
    const auto text = [&](const std::string& name) { return all.text("run.client." + name); };
    std::string peers;
    for (const std::string peer : {"libmemcached", "pylibmc", "pymemcache"}) {
        peers += fmt::format(", {} {}", peer, text(peer));
    }
    return fmt::format(
        "## How it was measured\n\n"
        "* Machine: {}; {}.\n* Compiler: {}, `{}`; Asio {}; {}{}.\n"
        "* {}; the Python clients run on the clients' core, too.\n"
        "* {:.0f} interleaved rounds of {:.2f} s for each row, after one that warms up. Figures "
        "are "
        "medians over the rounds, ratios the medians of each round's ratio. Blocking operations of "
        "different clients take turns one by one; the Python ones have slices of their own.\n"
        "* CPU is the processor time of the client's process for a key, kernel included, in "
        "nanoseconds.\n"
        "* The plain sockets write bytes that were built before and count the bytes of the "
        "replies: no key is hashed, no reply looked at. Keys have 20 bytes, values 100 B where "
        "nothing else is said; all clients spread keys as ketama does.\n"
        "* memcached takes 20 commands of a connection at a time (`-R`) and sends the replies it "
        "has "
        "before it goes on. A `gets` of many keys is one command: that is why it beats `mg` for "
        "each key.\n"
        "* libmemcached's buffered sets do not wait for their replies; memring's set_many does.\n",
        text("machine"), text("kernel"), text("compiler"), text("flags"), text("asio"),
        text("memcached"), peers, text("placement"), all.number("run.client.rounds").value_or(0),
        all.number("run.client.slice_seconds").value_or(0));
}

std::string shown(const std::vector<picture>& drawn, std::string_view file,
                  const std::string& folder) {
    for (const picture& each : drawn) {
        if (each.file == file) {
            return fmt::format("![{}]({}/{})\n\n", each.caption, folder, each.file);
        }
    }
    return "";
}

}  // namespace

std::string write_client_page(const figures& all, const std::string& pictures) {
    const auto drawn = draw_client_pictures(all);
    std::string page =
        "# What the client costs\n\n"
        "The client side by side with plain blocking sockets, with libmemcached and with Python's "
        "clients. This page is written by `./tools/report`, which measures all of it in one "
        "run.\n\n";
    page += asked_and_measured(all) + shortfalls(all) + absences(all);
    page += "## Many keys at once\n\n" + shown(drawn, "client-many.svg", pictures);
    for (const std::string group : {"get_many100", "get_many1000", "set_many100", "set_many1000"}) {
        page += group_table(all, group);
    }
    page += "## One at a time\n\n" + group_table(all, "blocking_get") +
            group_table(all, "blocking_set");
    page += "## Independent operations in flight\n\n" + group_table(all, "async100") +
            group_table(all, "async1000") + group_table(all, "async_sets100");
    page += "## Sizes of values\n\nMegabytes of values a second, get_many over 4 nodes:\n\n" +
            side_by_side(all, {"values_100b", "values_1kb", "values_64kb", "values_1mb"},
                         {"100 B", "1 KB", "64 KB", "1 MB"}, "MB/s", megabytes_cell);
    page += "## Numbers of nodes\n\n" + shown(drawn, "client-nodes.svg", pictures);
    const strings nodes{"nodes4", "nodes40", "nodes200"};
    const strings heads{"4 nodes", "40 nodes", "200 nodes"};
    page += "Processor time a key of get_many of 1000 keys, in nanoseconds:\n\n" +
            side_by_side(all, nodes, heads, "CPU ns", cost_cell);
    page +=
        "Thousands of keys a second:\n\n" + side_by_side(all, nodes, heads, "1000/s", rate_cell);
    return page + memory(all) + compile_time(all) + method(all);
}

}  // namespace memring::benchmark
