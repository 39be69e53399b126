#include "page.hpp"

#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "../../support/markdown_table.hpp"
#include "../../support/units.hpp"
#include "../measured_schemes.hpp"
#include "../ratios.hpp"
#include "../sample.hpp"
#include "pictures.hpp"

namespace memring::benchmark {

namespace {

using format_function = std::string (*)(double);

std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }
std::string times(double ratio) { return fmt::format("{:.2f}", ratio); }
std::string excess(double most) { return fmt::format("{:+.1f} %", (most - 1) * 100); }

std::string cell(const figures& all, const std::string& name, format_function format) {
    const auto value = all.number(name);
    return value ? format(*value) : "–";
}

struct row_name {
    std::string name;
    std::string title;
};

std::vector<row_name> scheme_rows() {
    std::vector<row_name> rows;
    measured_schemes::for_each([&]<class Scheme>() {
        rows.push_back({std::string(Scheme::facts.name), std::string(Scheme::facts.title)});
    });
    return rows;
}

/// One figure of every row at every number of nodes.
std::string table_over_nodes(const figures& all, const std::vector<row_name>& rows,
                             std::string_view figure, format_function format,
                             const std::string& corner) {
    std::vector<std::string> head{corner};
    for (const std::uint32_t count : node_counts) head.push_back(fmt::format("{} nodes", count));
    std::string table = head_of(head, 1);
    for (const row_name& row : rows) {
        std::vector<std::string> cells{row.title};
        for (const std::uint32_t count : node_counts) {
            const auto name = fmt::format("routing.{}.{}.{}", row.name, count, figure);
            cells.push_back(cell(all, name, format));
        }
        table += row_of(cells);
    }
    return table;
}

std::string shown(const picture& drawn, const std::string& folder) {
    return fmt::format("![{}]({}/{})\n", drawn.caption, folder, drawn.file);
}

// ---- parts of the page --------------------------------------------------------------------------

std::string choice() {
    std::string text =
        "## Which one to choose\n\n"
        "* Do programs in other languages read or write the same keys? Then their scheme is yours, "
        "to the byte: look it up in the last column (`memring schemes` lists every preset).\n"
        "* Else, do nodes come and go, or may one die for long? Then take one that moves only the "
        "keys of the node that left.\n"
        "* Else whatever is cheapest.\n\n"
        "A ring is only as even as the hash of its keys. The 15-bit `crc` of libmemcached "
        "(twemproxy's `crc32`) on a ring of MD5 points puts nearly all keys on one node, and "
        "`fnv1_64` "
        "puts keys that differ in their last characters side by side: take MD5 or `murmur` where "
        "you are free to.\n\n";
    text += head_of(
        {"scheme", "choose it when", "a node leaves: keys that move", "weights", "the mapping of"},
        5);
    measured_schemes::for_each([&]<class Scheme>() {
        const scheme_facts& facts = Scheme::facts;
        text += row_of({fmt::format("**{}**", facts.title), std::string(facts.choose_when),
                        std::string(facts.when_one_leaves), std::string(facts.weights),
                        std::string(facts.compatible_with)});
    });
    return text +
           "\nWeighted ch3 and weighted furc are in the tables only: with equal weights they place "
           "keys as ch3 does.\n\n";
}

std::string at_a_glance(const figures& all) {
    std::string text = "The same in figures, at 40 nodes:\n\n";
    text += head_of({"scheme", "a lookup", "in a batch", "fullest node", "memory", "build",
                     "one leaves: moved"},
                    1);
    for (const row_name& row : scheme_rows()) {
        const std::string stem = fmt::format("routing.{}.40.", row.name);
        text += row_of({row.title, cell(all, stem + "single_ns", nanoseconds_label),
                        cell(all, stem + "batch1024_ns", nanoseconds_label),
                        cell(all, stem + "balance.most", excess),
                        cell(all, stem + "memory_bytes", bytes_label),
                        cell(all, stem + "build_ms", milliseconds_label),
                        cell(all, stem + "disruption.middle_leaves", percent)});
    }
    return text +
           fmt::format(
               "\n*Fullest node*: how much more than the mean it owns. *Moved*: share of all "
               "keys when a node leaves the middle of the list; {} is unavoidable.\n\n",
               cell(all, "routing.unavoidable.40.leaves", percent));
}

std::string cost(const figures& all, const std::string& pictures) {
    auto rows = scheme_rows();
    rows.push_back({"stable_jump_quarter_out", "*stable jump, a quarter of the nodes has left*"});
    rows.push_back({"canonical_jump", "*XXH3 and the jump loop as printed*"});
    rows.push_back({"libmemcached", "*libmemcached, KETAMA_WEIGHTED*"});
    std::string text = "## The cost of a lookup\n\n" + shown(draw_single_cost(all), pictures) +
                       "\n" + shown(draw_batch_cost(all), pictures) + "\nOne key at a time:\n\n";
    text += table_over_nodes(all, rows, "single_ns", nanoseconds_label, "a lookup");
    rows = scheme_rows();
    text += "\nIn batches of 64 keys, each key:\n\n" +
            table_over_nodes(all, rows, "batch64_ns", nanoseconds_label, "a key of 64");
    text += "\nIn batches of 1024 keys, each key:\n\n" +
            table_over_nodes(all, rows, "batch1024_ns", nanoseconds_label, "a key of 1024");
    text += "\nFor comparison, hashing the key and nothing else: ";
    return text + fmt::format(
                      "XXH3 {}, CRC-32 {}, MD5 {} (in batches {}). XXH3 and one read from a "
                      "table of 128 KiB: {}.\n\n",
                      cell(all, "routing.key_hash.xxh3.single_ns", nanoseconds_label),
                      cell(all, "routing.key_hash.crc.single_ns", nanoseconds_label),
                      cell(all, "routing.key_hash.md5.single_ns", nanoseconds_label),
                      cell(all, "routing.key_hash.md5.batch1024_ns", nanoseconds_label),
                      cell(all, "routing.table_read.single_ns", nanoseconds_label));
}

std::string_view better(const ratio_definition& ratio) {
    return ratio.kind == ratio_kind::times_as_fast ? "more" : "less";
}

std::string meaning_of(const figures& all, const ratio_definition& ratio) {
    const std::string name(ratio.name);
    const std::string absent = all.text(name + ".absent");
    return absent.empty() ? all.text(name + ".means") : "not compared: " + absent;
}

std::string ratios_over_nodes(const figures& all) {
    const ratio_sheet sheet(all);
    std::vector<std::string> head{"ratio"};
    for (const std::uint32_t count : node_counts) head.push_back(fmt::format("{} nodes", count));
    std::string table = head_of(head, 1);
    for (const ratio_definition& ratio : ratio_definitions) {
        std::vector<std::string> cells{
            fmt::format("`{}`", ratio.name.substr(std::string_view("routing.").size()))};
        for (const std::uint32_t count : node_counts) {
            const auto value = sheet.at(ratio, count);
            cells.push_back(value ? times(*value) : "–");
        }
        table += row_of(cells);
    }
    return table;
}

std::string ratios(const figures& all) {
    std::string text =
        "## Against others\n\nBoth sides of a ratio are measured in the same run, in turns.\n\n";
    text += "| figure | value | better is | what it says |\n|---|---:|---|---|\n";
    for (const ratio_definition& ratio : ratio_definitions) {
        const std::string name(ratio.name);
        text += row_of({fmt::format("`{}`", name), cell(all, name, times),
                        std::string(better(ratio)), meaning_of(all, ratio)});
    }
    return text + "\nThe same at every number of nodes:\n\n" + ratios_over_nodes(all) + "\n";
}

std::string balance(const figures& all, const std::string& pictures) {
    auto rows = scheme_rows();
    std::string text = "## How even the load is\n\n" + shown(draw_balance(all), pictures);
    text +=
        "\nThe fullest node, above the mean (with 1000 nodes chance alone lifts the fullest by "
        "about three of its standard deviations):\n\n";
    text += table_over_nodes(all, rows, "balance.most", excess, "fullest");
    rows.push_back({"chance", "*chance alone*"});
    text += "\nStandard deviation over the nodes, of the mean:\n\n";
    text += table_over_nodes(all, rows, "balance.deviation", percent, "deviation");
    return text + "\n";
}

std::string disruption_part(const figures& all, const std::string& pictures) {
    struct event {
        std::string_view figure, unavoidable, title;
    };
    constexpr std::array events{
        event{"disruption.middle_leaves", "leaves", "A node in the middle of the list leaves"},
        event{"disruption.last_leaves", "leaves", "The last node of the list leaves"},
        event{"disruption.joins", "joins", "A node joins at the end of the list"}};
    std::string text =
        "## What moves when the list changes\n\n" + shown(draw_disruption(all), pictures);
    for (const event& each : events) {
        std::vector<std::string> must{"*must move*"};
        for (const std::uint32_t count : node_counts) {
            must.push_back(cell(
                all, fmt::format("routing.unavoidable.{}.{}", count, each.unavoidable), percent));
        }
        text += fmt::format(
            "\n{}:\n\n{}{}", each.title,
            table_over_nodes(all, scheme_rows(), each.figure, percent, "keys moved"), row_of(must));
    }
    return text +
           "\nA little less than *must move* is no better: that node had less than its share. "
           "Ketama "
           "moves more where the number of points a node has changes, as it does at some numbers "
           "of nodes (libmemcached rounds it in single precision).\n\n";
}

std::string building(const figures& all, const std::string& pictures) {
    std::vector<row_name> rebuilt;
    for (const row_name& row : scheme_rows()) {
        if (all.number(fmt::format("routing.{}.40.update_ms", row.name))) rebuilt.push_back(row);
    }
    auto builders = scheme_rows();
    builders.push_back({"libmemcached", "*libmemcached, KETAMA_WEIGHTED*"});
    std::string text = "## Building and keeping a policy\n\n" + shown(draw_build(all), pictures) +
                       "\n" +
                       table_over_nodes(all, builders, "build_ms", milliseconds_label, "build");
    if (!rebuilt.empty()) {
        text +=
            "\nReplacing one node of the list, where a policy can be `rebuilt` from an older "
            "one:\n\n" +
            table_over_nodes(all, rebuilt, "update_ms", milliseconds_label, "update");
    }
    text += "\n" + shown(draw_memory(all), pictures) + "\n";
    return text + table_over_nodes(all, scheme_rows(), "memory_bytes", bytes_label, "memory") +
           "\n";
}

std::string method(const figures& all) {
    return fmt::format(
        "## How this was measured\n\n"
        "`./tools/report` measures all this and writes this page; `--json FILE` writes every "
        "figure "
        "too. {}; {}, {}.\n\n"
        "* Speed: Google Benchmark, one core, {:.0f} repetitions of {:.0f} ms of every benchmark "
        "in "
        "random order, so that what disturbs the machine disturbs all alike. A figure is the CPU "
        "time of the least disturbed repetition. The 8192 keys of 16 to 64 bytes look like those "
        "of applications; hashing them is part of every figure.\n"
        "* Quality: {} such keys; the same in every run on every machine. A key counts as moved "
        "when "
        "its node, not only the node's index, has changed.\n"
        "* Memory: what a policy holds through `operator new` as the allocator rounds it, and the "
        "object itself.\n"
        "{}",
        all.text("run.machine"), all.text("run.compiler"), all.text("run.flags"),
        all.number("run.repetitions").value_or(0), all.number("run.seconds").value_or(0) * 1e3,
        grouped(all.number("run.sample_keys").value_or(0)),
        all.text("run.libmemcached").empty()
            ? "* libmemcached aborts with more than 160 servers: its line ends at 40.\n"
            : fmt::format("* Not compared: {}.\n", all.text("run.libmemcached")));
}

}  // namespace

std::string write_page(const figures& all, const std::string& pictures) {
    return "# Hash schemes, compared\n\n"
           "Which node has the key? Every scheme of memring answers that question; they differ in "
           "what an answer costs, how evenly the nodes are loaded, and how many keys change their "
           "node when the list of nodes does. This page is written by `./tools/report`, which "
           "measures all of it.\n\n" +
           choice() + at_a_glance(all) + cost(all, pictures) + ratios(all) +
           balance(all, pictures) + disruption_part(all, pictures) + building(all, pictures) +
           method(all);
}

std::string ratio_lines(const figures& all) {
    std::string text;
    for (const ratio_definition& ratio : ratio_definitions) {
        const std::string name(ratio.name);
        text +=
            fmt::format("{:<42} {:>6}  {}\n", name, cell(all, name, times), meaning_of(all, ratio));
    }
    return text + fmt::format("{:<42} {:>6}  milliseconds to build a ring of 1000 nodes\n",
                              "routing.ketama.build_1000_ms",
                              cell(all, "routing.ketama.build_1000_ms", times));
}

}  // namespace memring::benchmark
