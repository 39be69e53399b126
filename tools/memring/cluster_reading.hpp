#pragma once
// What the servers of a cluster say of themselves, and what two of their answers tell together:
// rates, shares and sums. Reads no socket and no clock.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace memring::tool {

/// The statistics of one server at one moment, or why there are none.
struct server_reading {
    std::string name;
    std::string problem;  ///< why there is nothing else; empty if there is
    double at = 0;        ///< seconds, since whenever
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;
    std::uint64_t limit = 0;
    std::uint64_t gets = 0;
    std::uint64_t sets = 0;
    std::uint64_t others = 0;  ///< commands that are neither
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t evictions = 0;
    std::uint64_t connections = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t uptime = 0;  ///< seconds
    std::string version;
};

/// A row of the table. What needs two readings is empty where there is one.
struct server_row {
    server_reading last;
    std::optional<double> gets;  ///< a second, as all that follow
    std::optional<double> sets;
    std::optional<double> requests;
    std::optional<double> evictions;
    std::optional<double> bytes_in;
    std::optional<double> bytes_out;
    std::uint64_t hits = 0;  ///< between the readings
    std::uint64_t misses = 0;

    [[nodiscard]] bool is_dead() const noexcept { return !last.problem.empty(); }
    /// Of the gets between the readings; empty if there were none.
    [[nodiscard]] std::optional<double> hit_share() const {
        const auto all = static_cast<double>(hits + misses);
        if (all == 0) return std::nullopt;
        return static_cast<double>(hits) / all;
    }
    [[nodiscard]] std::optional<double> used_share() const {
        if (last.limit == 0) return std::nullopt;
        return static_cast<double>(last.bytes) / static_cast<double>(last.limit);
    }
};

/// The part of a server's text that is harmless on a terminal.
[[nodiscard]] inline std::string printable(std::string_view text, std::size_t longest) {
    std::string result;
    for (const char c : text.substr(0, longest)) {
        if (c > 0x20 && c < 0x7f) result += c;
    }
    return result;
}

/// Reads the answer to `stats`. One without the names that every memcached tells is a problem.
[[nodiscard]] inline server_reading reading_of(
    std::string name, double at, std::span<const std::pair<std::string, std::string>> statistics) {
    const auto number = [&](std::string_view wanted) {
        std::uint64_t value = 0;
        for (const auto& [key, text] : statistics) {
            if (key == wanted) std::from_chars(text.data(), text.data() + text.size(), value);
        }
        return value;
    };
    const auto is_told = [&](std::string_view wanted) {
        return std::ranges::any_of(statistics,
                                   [&](const auto& one) { return one.first == wanted; });
    };
    server_reading made;
    made.name = std::move(name);
    made.at = at;
    if (!is_told("curr_items") || !is_told("cmd_get") || !is_told("uptime")) {
        made.problem = "its statistics are not those of a memcached";
        return made;
    }
    made.items = number("curr_items");
    made.bytes = number("bytes");
    made.limit = number("limit_maxbytes");
    made.gets = number("cmd_get");
    made.sets = number("cmd_set");
    for (const std::string_view other : {"cmd_touch", "cmd_flush", "delete_hits", "delete_misses",
                                         "incr_hits", "incr_misses", "decr_hits", "decr_misses"}) {
        made.others += number(other);
    }
    made.hits = number("get_hits");
    made.misses = number("get_misses");
    made.evictions = number("evictions");
    made.connections = number("curr_connections");
    made.bytes_in = number("bytes_read");
    made.bytes_out = number("bytes_written");
    made.uptime = number("uptime");
    for (const auto& [key, text] : statistics) {
        if (key == "version") made.version = printable(text, 16);
    }
    return made;
}

/// A server's row from its latest reading and the one before, if there is one. A server that has
/// begun anew in between has no rates.
[[nodiscard]] inline server_row row_of(server_reading last, const server_reading* before) {
    server_row row;
    row.last = std::move(last);
    const server_reading& now = row.last;
    if (row.is_dead() || before == nullptr || !before->problem.empty() || now.at <= before->at ||
        now.uptime < before->uptime || now.gets < before->gets || now.sets < before->sets) {
        return row;
    }
    const auto rate = [&](std::uint64_t then, std::uint64_t since) {
        return static_cast<double>(since - std::min(since, then)) / (now.at - before->at);
    };
    row.gets = rate(before->gets, now.gets);
    row.sets = rate(before->sets, now.sets);
    row.requests = *row.gets + *row.sets + rate(before->others, now.others);
    row.evictions = rate(before->evictions, now.evictions);
    row.bytes_in = rate(before->bytes_in, now.bytes_in);
    row.bytes_out = rate(before->bytes_out, now.bytes_out);
    row.hits = now.hits - std::min(now.hits, before->hits);
    row.misses = now.misses - std::min(now.misses, before->misses);
    return row;
}

/// One row for each of `now`; servers are the same where their names are.
[[nodiscard]] inline std::vector<server_row> rows_of(std::span<const server_reading> now,
                                                     std::span<const server_reading> before) {
    std::vector<server_row> rows;
    for (const server_reading& one : now) {
        const auto same = std::ranges::find(before, one.name, &server_reading::name);
        rows.push_back(row_of(one, same == before.end() ? nullptr : &*same));
    }
    return rows;
}

/// All servers that answered, together. The version is told if it is one.
[[nodiscard]] inline server_row total_of(std::span<const server_row> rows) {
    server_row sum;
    sum.last.name = "total";
    const auto add = [](std::optional<double>& to, const std::optional<double>& more) {
        if (more) to = to.value_or(0) + *more;
    };
    bool is_first = true;
    for (const server_row& row : rows) {
        if (row.is_dead()) continue;
        sum.last.items += row.last.items;
        sum.last.bytes += row.last.bytes;
        sum.last.limit += row.last.limit;
        sum.last.evictions += row.last.evictions;
        sum.last.connections += row.last.connections;
        add(sum.gets, row.gets);
        add(sum.sets, row.sets);
        add(sum.requests, row.requests);
        add(sum.evictions, row.evictions);
        add(sum.bytes_in, row.bytes_in);
        add(sum.bytes_out, row.bytes_out);
        sum.hits += row.hits;
        sum.misses += row.misses;
        if (is_first) sum.last.version = row.last.version;
        if (sum.last.version != row.last.version) sum.last.version = "mixed";
        is_first = false;
    }
    return sum;
}

}  // namespace memring::tool
