#pragma once
// What the client is held to: each ratio's name, what it divides by what, what is asked of it, and
// what to say where it falls short.

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../support/figures.hpp"
#include "measurement.hpp"

namespace memring::benchmark {

enum class bound : unsigned char { none, at_least, at_most };

/// What is asked of a figure; `none` is there to be read only.
struct demand {
    bound kind = bound::none;
    double limit = 0;

    [[nodiscard]] constexpr bool is_met_by(double value) const noexcept {
        switch (kind) {
            case bound::none: return true;
            case bound::at_least: return value >= limit;
            case bound::at_most: return value <= limit;
        }
        return true;
    }

    /// By which share of the limit `value` falls short of it; 0 where it does not.
    [[nodiscard]] constexpr double shortfall(double value) const noexcept {
        if (is_met_by(value)) return 0;
        if (limit == 0) return 1;
        return kind == bound::at_least ? 1 - value / limit : value / limit - 1;
    }
};

[[nodiscard]] constexpr demand at_least(double limit) noexcept { return {bound::at_least, limit}; }
[[nodiscard]] constexpr demand at_most(double limit) noexcept { return {bound::at_most, limit}; }
inline constexpr demand nothing{};

/// A ratio of two members of a group. `own` and `baseline` may name several, `a|b`: the best of
/// them counts, and which one it was is told.
struct ratio_of_members {
    std::string_view name;  ///< after `client.GROUP.`
    std::string_view group;
    std::string_view own;
    std::string_view baseline;
    quantity what;
    demand asked;
    std::string_view meaning;
};

inline constexpr std::string_view libmemcached_names = "libmemcached_ascii|libmemcached_binary";
inline constexpr std::string_view raw_get_names = "raw_gets|raw_mg";
inline constexpr std::string_view raw_set_names = "raw_set|raw_ms|raw_quiet_ms";
/// The client's forms of a many-key operation that hand out results of their own.
inline constexpr std::string_view many_names = "memring|memring_blocking";
/// Against a peer that does not wait for its replies either.
inline constexpr std::string_view many_in_flight_names =
    "memring|memring_blocking|memring_in_flight";

inline constexpr std::array member_ratios{
    ratio_of_members{"rate_vs_libmemcached", "get_many100", many_names, libmemcached_names,
                     quantity::rate, at_least(1.25), "keys a second, to memcached_mget"},
    ratio_of_members{"cpu_vs_libmemcached", "get_many100", many_names, libmemcached_names,
                     quantity::cost, at_most(0.75), "processor time a key, to memcached_mget"},
    ratio_of_members{"visit_rate_vs_libmemcached", "get_many100", "memring_visit",
                     libmemcached_names, quantity::rate, nothing,
                     "keys a second of visit_many, which hands out views, to memcached_mget"},
    ratio_of_members{"visit_cpu_vs_libmemcached", "get_many100", "memring_visit",
                     libmemcached_names, quantity::cost, nothing,
                     "processor time a key, to the same"},
    ratio_of_members{"rate_vs_raw", "get_many100", many_names, raw_get_names, quantity::rate,
                     nothing, "keys a second, to the plain sockets"},
    ratio_of_members{"rate_vs_pylibmc", "get_many100", many_names, "pylibmc", quantity::rate,
                     nothing, "keys a second, to get_multi"},
    ratio_of_members{"rate_vs_pymemcache", "get_many100", many_names, "pymemcache", quantity::rate,
                     nothing, "keys a second, to get_many"},
    ratio_of_members{"rate_vs_libmemcached", "get_many1000", many_names, libmemcached_names,
                     quantity::rate, at_least(1.25), "keys a second, to memcached_mget"},
    ratio_of_members{"cpu_vs_libmemcached", "get_many1000", many_names, libmemcached_names,
                     quantity::cost, at_most(0.75), "processor time a key, to memcached_mget"},
    ratio_of_members{"visit_rate_vs_libmemcached", "get_many1000", "memring_visit",
                     libmemcached_names, quantity::rate, nothing,
                     "keys a second of visit_many, which hands out views, to memcached_mget"},
    ratio_of_members{"visit_cpu_vs_libmemcached", "get_many1000", "memring_visit",
                     libmemcached_names, quantity::cost, nothing,
                     "processor time a key, to the same"},
    ratio_of_members{"rate_vs_raw", "get_many1000", many_names, raw_get_names, quantity::rate,
                     nothing, "keys a second, to the plain sockets"},
    ratio_of_members{"rate_vs_libmemcached", "set_many100", many_in_flight_names,
                     libmemcached_names, quantity::rate, at_least(1.25),
                     "keys a second, to buffered memcached_set, which does not wait for replies"},
    ratio_of_members{"cpu_vs_libmemcached", "set_many100", many_in_flight_names, libmemcached_names,
                     quantity::cost, at_most(0.75), "processor time a key, to the same"},
    ratio_of_members{"waiting_rate_vs_libmemcached", "set_many100", many_names, libmemcached_names,
                     quantity::rate, nothing,
                     "the same of one set_many after the other, each with all replies"},
    ratio_of_members{"waiting_cpu_vs_libmemcached", "set_many100", many_names, libmemcached_names,
                     quantity::cost, nothing, "processor time a key, to the same"},
    ratio_of_members{"rate_vs_raw", "set_many100", many_names, raw_set_names, quantity::rate,
                     nothing, "keys a second, to the plain sockets"},
    ratio_of_members{"rate_vs_libmemcached", "set_many1000", many_in_flight_names,
                     libmemcached_names, quantity::rate, at_least(1.25),
                     "keys a second, to buffered memcached_set, which does not wait for replies"},
    ratio_of_members{"cpu_vs_libmemcached", "set_many1000", many_in_flight_names,
                     libmemcached_names, quantity::cost, at_most(0.75),
                     "processor time a key, to the same"},
    ratio_of_members{"rate_vs_raw", "set_many1000", many_names, raw_set_names, quantity::rate,
                     nothing, "keys a second, to the plain sockets"},
    ratio_of_members{"rate_vs_libmemcached", "blocking_get", "memring", libmemcached_names,
                     quantity::rate, at_least(1), "gets a second, to memcached_get"},
    ratio_of_members{"p50_vs_raw", "blocking_get", "memring", "raw_get|raw_mg", quantity::latency,
                     at_most(1.05), "median latency, to the plain socket"},
    ratio_of_members{"cpu_vs_libmemcached", "blocking_get", "memring", libmemcached_names,
                     quantity::cost, nothing, "processor time a get, to memcached_get"},
    ratio_of_members{"rate_vs_libmemcached", "blocking_set", "memring", libmemcached_names,
                     quantity::rate, at_least(1), "sets a second, to memcached_set"},
    ratio_of_members{"p50_vs_raw", "blocking_set", "memring", "raw_set|raw_ms", quantity::latency,
                     at_most(1.05), "median latency, to the plain socket"},
    ratio_of_members{"vs_raw_batch100", "async100", "memring", raw_get_names, quantity::rate,
                     at_least(1.5),
                     "independent gets a second of 100 coroutines, to the fastest form of the "
                     "plain socket, batches of 100"},
    ratio_of_members{"vs_raw_mg_batch100", "async100", "memring", "raw_mg", quantity::rate, nothing,
                     "the same, to the plain socket's 100 independent commands"},
    ratio_of_members{"vs_async100", "async1000", "memring", "memring_100", quantity::rate,
                     at_least(1), "gets a second of 1000 coroutines, to 100"},
    ratio_of_members{"get_many.rate_vs_libmemcached", "values_100b", many_names, libmemcached_names,
                     quantity::rate, at_least(1), "values of 100 B"},
    ratio_of_members{"get_many.rate_vs_raw", "values_100b", many_names, raw_get_names,
                     quantity::rate, nothing, "values of 100 B"},
    ratio_of_members{"get_many.rate_vs_libmemcached", "values_1kb", many_names, libmemcached_names,
                     quantity::rate, at_least(1), "values of 1 KB"},
    ratio_of_members{"get_many.rate_vs_raw", "values_1kb", many_names, raw_get_names,
                     quantity::rate, nothing, "values of 1 KB"},
    ratio_of_members{"get_many.rate_vs_libmemcached", "values_64kb", many_names, libmemcached_names,
                     quantity::rate, at_least(1), "values of 64 KB"},
    ratio_of_members{"visit_many.rate_vs_libmemcached", "values_64kb", "memring_visit",
                     libmemcached_names, quantity::rate, nothing,
                     "values of 64 KB, handed out as views: libmemcached reuses one result, too"},
    ratio_of_members{"get_many.rate_vs_raw", "values_64kb", many_names, raw_get_names,
                     quantity::rate, nothing, "values of 64 KB"},
    ratio_of_members{"get_many.rate_vs_libmemcached", "values_1mb", many_names, libmemcached_names,
                     quantity::rate, at_least(1), "values of 1 MB"},
    ratio_of_members{"visit_many.rate_vs_libmemcached", "values_1mb", "memring_visit",
                     libmemcached_names, quantity::rate, nothing,
                     "values of 1 MB, handed out as views: libmemcached reuses one result, too"},
    ratio_of_members{"get_many.rate_vs_raw", "values_1mb", many_names, raw_get_names,
                     quantity::rate, nothing, "values of 1 MB"},
    ratio_of_members{"cpu_vs_raw", "nodes4", many_names, "raw_gets", quantity::cost, nothing,
                     "processor time a key of get_many of 1000, to the plain sockets; 4 nodes"},
    ratio_of_members{"cpu_vs_raw", "nodes40", many_names, "raw_gets", quantity::cost, nothing,
                     "the same over 40 nodes"},
    ratio_of_members{"cpu_vs_raw", "nodes200", many_names, "raw_gets", quantity::cost, nothing,
                     "the same over 200 nodes"},
    ratio_of_members{"cpu_vs_libmemcached", "nodes200", many_names, libmemcached_names,
                     quantity::cost, nothing, "to memcached_mget, over 200 nodes"},
};

/// A figure that something is asked of, whatever it is made of.
struct held_figure {
    std::string_view name;
    demand asked;
    std::string_view meaning;
};

inline constexpr std::array other_figures{
    held_figure{"client.nodes200.cpu_vs_raw_vs_nodes4", at_most(1),
                "what the client adds to the plain sockets' fan-out, 200 nodes to 4"},
    held_figure{"client.memory.idle_connection_bytes", at_most(16 * 1024),
                "heap for an idle connection that was used, 10,000 open at once"},
    held_figure{"client.memory.idle_connection_resident_bytes", nothing,
                "the same, in pages of the process"},
    held_figure{"client.memory.million_gets_growth_bytes", at_most(8192),
                "growth of the heap by a million gets: one read buffer at most"},
    held_figure{"client.allocations.coroutine", at_most(2.05), "allocations a get, by a coroutine"},
    held_figure{"client.allocations.get_many", at_most(2.05), "allocations a key of get_many"},
    held_figure{"compile.vs_asio", at_most(2.7),
                "time to compile one get, one set and a ketama client over TCP, to "
                "`#include <asio.hpp>`"},
    held_figure{"compile.separate_vs_asio", at_most(2.7),
                "the same in a file of a program that compiles its clients in another one "
                "(separate.hpp)"},
};

/// Why a figure falls short, where that is known: for the page, and only when it does.
struct shortfall_note {
    std::string_view name;
    std::string_view why;
};
inline constexpr std::array shortfall_notes{
    shortfall_note{"client.get_many100.rate_vs_libmemcached",
                   "25 keys a node: four sends and the servers' own time are most of a round, and "
                   "libmemcached makes the same."},
    shortfall_note{"client.get_many100.cpu_vs_libmemcached",
                   "Four sends on loopback, 7 to 10 us each, are 280 to 400 ns a key of both."},
    shortfall_note{"client.set_many100.rate_vs_libmemcached",
                   "Buffered sets do not wait for replies: libmemcached reads them later, or "
                   "never."},
    shortfall_note{"client.set_many100.cpu_vs_libmemcached",
                   "As the rate: reading the replies is what libmemcached puts off."},
    shortfall_note{"client.async100.vs_raw_batch100",
                   "The plain socket asks for all keys in one command. Against 100 commands, as "
                   "independent gets are, see vs_raw_mg_batch100."},
    shortfall_note{"client.blocking_get.rate_vs_libmemcached",
                   "A look whether the idle connection is still open, half a microsecond, comes "
                   "before each write."},
    shortfall_note{"client.blocking_set.rate_vs_libmemcached",
                   "A look whether the idle connection is still open, half a microsecond, comes "
                   "before each write."},
    shortfall_note{"client.values_64kb.get_many.rate_vs_libmemcached",
                   "get_many hands out all values at once, in memory of their own; "
                   "libmemcached's result is one that is read into again, as visit_many's view."},
    shortfall_note{"client.values_1mb.get_many.rate_vs_libmemcached",
                   "get_many hands out all values at once, in memory of their own; "
                   "libmemcached's result is one that is read into again, as visit_many's view."},
    shortfall_note{"compile.vs_asio",
                   "To parse the headers alone takes 1.9 times. The rest is Asio's operations, "
                   "the MD5 kernels for three instruction sets, and all protocols, which are "
                   "chosen at run time: separate.hpp leaves them to one file of a program."},
};

[[nodiscard]] inline std::string_view note_of(std::string_view name) noexcept {
    for (const shortfall_note& each : shortfall_notes) {
        if (each.name == name) return each.why;
    }
    return {};
}

/// What `all` lacks of everything something is asked of. Comparisons with peers that are not
/// installed may be lacking where the run says so.
[[nodiscard]] inline std::vector<std::string> missing_held(const figures& all);

[[nodiscard]] inline std::string full_name(const ratio_of_members& ratio) {
    return "client." + std::string(ratio.group) + "." + std::string(ratio.name);
}

/// Everything that is told about a run, in order: the name and what is asked.
[[nodiscard]] inline std::vector<std::pair<std::string, held_figure>> all_held() {
    std::vector<std::pair<std::string, held_figure>> all;
    for (const ratio_of_members& each : member_ratios) {
        all.push_back({full_name(each), {each.name, each.asked, each.meaning}});
    }
    for (const held_figure& each : other_figures) all.push_back({std::string(each.name), each});
    return all;
}

/// Why a ratio cannot be made: who is not there.
[[nodiscard]] inline std::string absence_of(const measurement_group& group,
                                            const ratio_of_members& ratio) {
    if (group.best(ratio.own, ratio.what) == nullptr) return "not measured";
    return std::string(ratio.baseline) + " is not there";
}

/// Adds what the groups measured, and the ratios between their members.
inline void add_groups(std::span<const measurement_group> groups, figures& out) {
    std::string names;
    for (const measurement_group& group : groups) {
        names += (names.empty() ? "" : " ") + group.flat_name;
        out.set_text("client." + group.flat_name + ".title", group.title);
        out.set("client." + group.flat_name + ".value_bytes",
                static_cast<double>(group.value_size));
        std::string members;
        for (const measurement& each : group.members) {
            if (each.rates.empty()) continue;
            members += (members.empty() ? "" : " ") + each.flat_name;
            const std::string stem = "client." + group.flat_name + "." + each.flat_name + ".";
            out.set(stem + "per_second", each.value(quantity::rate));
            out.set(stem + "cpu_ns", each.value(quantity::cost));
            if (!each.latencies.empty()) {
                out.set(stem + "p50_us", each.value(quantity::latency) / 1e3);
            }
            out.set_text(stem + "name", each.name);
        }
        out.set_text("client." + group.flat_name + ".members", members);
        for (const ratio_of_members& ratio : member_ratios) {
            if (ratio.group != group.flat_name) continue;
            const std::string name = full_name(ratio);
            if (const auto value = group.ratio(ratio.own, ratio.baseline, ratio.what)) {
                out.set(name, *value);
                out.set_text(name + ".of", group.best(ratio.own, ratio.what)->name);
                out.set_text(name + ".to", group.best(ratio.baseline, ratio.what)->name);
            } else {
                out.set_text(name + ".absent", absence_of(group, ratio));
            }
        }
    }
    out.set_text("client.groups", names);
}

/// The names in a list of them, separated by blanks.
[[nodiscard]] inline std::vector<std::string> words_of(const std::string& list) {
    std::istringstream words(list);
    return {std::istream_iterator<std::string>(words), {}};
}

/// Adds what is worked out from other figures, and `NAME.means` for all.
inline void add_derived(figures& out) {
    const auto few = out.number("client.nodes4.cpu_vs_raw");
    const auto many = out.number("client.nodes200.cpu_vs_raw");
    if (few && many) out.set("client.nodes200.cpu_vs_raw_vs_nodes4", *many / *few);
    for (const auto& [name, held] : all_held()) out.set_text(name + ".means", held.meaning);
}

inline std::vector<std::string> missing_held(const figures& all) {
    const bool has_libmemcached = all.text("run.client.libmemcached") != "not installed";
    std::vector<std::string> missing;
    for (const auto& [name, held] : all_held()) {
        const bool is_excused = !has_libmemcached && name.find("libmemcached") != name.npos;
        if (held.asked.kind == bound::none || is_excused) continue;
        if (!all.number(name)) missing.push_back(name);
    }
    return missing;
}

}  // namespace memring::benchmark
