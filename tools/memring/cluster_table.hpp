#pragma once
// The table of a cluster as lines of text that fit a window. Only formats: what the numbers mean is
// cluster_reading.hpp's business, where the lines go that of the caller.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cluster_reading.hpp"

namespace memring::tool {

enum class table_column : std::uint8_t {
    node,
    items,
    bytes,
    limit,
    used,
    hit,
    gets,
    sets,
    requests,
    evictions,
    eviction_rate,
    connections,
    in,
    out,
    uptime,
    version
};

struct column_definition {
    table_column which;
    std::string_view name;   ///< as --sort knows it
    std::string_view title;  ///< in the table
    int rank;                ///< a narrow window loses the highest first
};

/// In the order in which they are shown.
inline constexpr std::array table_columns{
    column_definition{table_column::node, "node", "NODE", 0},
    column_definition{table_column::items, "items", "ITEMS", 2},
    column_definition{table_column::bytes, "bytes", "BYTES", 3},
    column_definition{table_column::limit, "limit", "LIMIT", 11},
    column_definition{table_column::used, "used", "USED", 9},
    column_definition{table_column::hit, "hit", "HIT %", 1},
    column_definition{table_column::gets, "gets", "GET/s", 5},
    column_definition{table_column::sets, "sets", "SET/s", 6},
    column_definition{table_column::requests, "requests", "REQ/s", 4},
    column_definition{table_column::evictions, "evictions", "EVICTED", 7},
    column_definition{table_column::eviction_rate, "evictions/s", "EVICT/s", 13},
    column_definition{table_column::connections, "connections", "CONN", 8},
    column_definition{table_column::in, "in", "IN B/s", 14},
    column_definition{table_column::out, "out", "OUT B/s", 15},
    column_definition{table_column::uptime, "uptime", "UPTIME", 10},
    column_definition{table_column::version, "version", "VERSION", 12}};

[[nodiscard]] inline std::optional<table_column> column_named(std::string_view name) {
    const auto found = std::ranges::find(table_columns, name, &column_definition::name);
    if (found == table_columns.end()) return std::nullopt;
    return found->which;
}

/// Three digits and a unit: 0, 1234, 12.3k, 4.56M. Below 10 with a digit more if it is no whole
/// number: 2.5. `step` is 1000, or 1024 for bytes.
[[nodiscard]] inline std::string compact(double number, double step = 1000) {
    static constexpr std::array<const char*, 7> units{"", "k", "M", "G", "T", "P", "E"};
    std::size_t unit = 0;
    // What would be rounded up to four digits has the next unit.
    while (unit + 1 < units.size() && (unit == 0 ? number >= 9999.5 : number >= 999.5)) {
        number /= step;
        ++unit;
    }
    const bool is_small = unit == 0 && number < 9.95 && number != std::floor(number);
    const int digits = unit == 0 ? (is_small ? 1 : 0) : number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.*f%s", digits, number, units[unit]);
    return text.data();
}

/// A share of all as a percentage with one digit, 100.0 only for all.
[[nodiscard]] inline std::string share_text(double share) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", std::floor(share * 1000) / 10);
    return text.data();
}

/// The two greatest units: 45s, 12m05s, 4h12m, 3d04h, 412d.
[[nodiscard]] inline std::string uptime_text(std::uint64_t seconds) {
    const auto two = [](std::uint64_t high, char unit, std::uint64_t low, char low_unit) {
        return std::to_string(high) + unit + (low < 10 ? "0" : "") + std::to_string(low) + low_unit;
    };
    const std::uint64_t minutes = seconds / 60;
    const std::uint64_t hours = minutes / 60;
    const std::uint64_t days = hours / 24;
    if (minutes == 0) return std::to_string(seconds) + "s";
    if (hours == 0) return two(minutes, 'm', seconds % 60, 's');
    if (days == 0) return two(hours, 'h', minutes % 60, 'm');
    return days < 100 ? two(days, 'd', hours % 24, 'h') : std::to_string(days) + "d";
}

/// What decides the order of rows, greatest first; empty comes last.
[[nodiscard]] inline std::optional<double> value_in(const server_row& row, table_column column) {
    const auto number = [](std::uint64_t value) {
        return std::optional(static_cast<double>(value));
    };
    switch (column) {
        case table_column::items: return number(row.last.items);
        case table_column::bytes: return number(row.last.bytes);
        case table_column::limit: return number(row.last.limit);
        case table_column::used: return row.used_share();
        case table_column::hit: return row.hit_share();
        case table_column::gets: return row.gets;
        case table_column::sets: return row.sets;
        case table_column::requests: return row.requests;
        case table_column::evictions: return number(row.last.evictions);
        case table_column::eviction_rate: return row.evictions;
        case table_column::connections: return number(row.last.connections);
        case table_column::in: return row.bytes_in;
        case table_column::out: return row.bytes_out;
        case table_column::uptime: return number(row.last.uptime);
        case table_column::node:
        case table_column::version: break;
    }
    return std::nullopt;
}

/// Sorts by a column: names upwards, numbers downwards, servers that did not answer at the end.
/// Equal rows come by name.
inline void sort_rows(std::vector<server_row>& rows, table_column column) {
    // Not stable_sort: Clang 22 finds a deprecated function inside that of GCC 12.
    std::ranges::sort(rows, [column](const server_row& a, const server_row& b) {
        if (a.is_dead() != b.is_dead()) return b.is_dead();
        if (column == table_column::version && a.last.version != b.last.version) {
            return a.last.version < b.last.version;
        }
        if (column != table_column::node && column != table_column::version) {
            const double left = value_in(a, column).value_or(-1);
            const double right = value_in(b, column).value_or(-1);
            if (left != right) return left > right;
        }
        return a.last.name < b.last.name;
    });
}

[[nodiscard]] inline std::string cell_text(const server_row& row, table_column column) {
    const std::optional<double> value = value_in(row, column);
    switch (column) {
        case table_column::node: return row.last.name;
        case table_column::version: return row.last.version;
        case table_column::uptime:
            return row.last.uptime == 0 ? std::string() : uptime_text(row.last.uptime);
        case table_column::used: return value ? share_text(*value) + "%" : "-";
        case table_column::hit: return value ? share_text(*value) : "-";
        case table_column::bytes:
        case table_column::limit:
        case table_column::in:
        case table_column::out: return value ? compact(*value, 1024) : "-";
        case table_column::items:
        case table_column::gets:
        case table_column::sets:
        case table_column::requests:
        case table_column::evictions:
        case table_column::eviction_rate:
        case table_column::connections: return value ? compact(*value) : "-";
    }
    return {};
}

/// What the table is fitted into.
struct table_layout {
    std::size_t columns = 0;  ///< of the window; 0 for as many as it takes
    std::size_t lines = 0;    ///< of the window; 0 for as many as it takes
    bool has_colour = false;
    std::optional<table_column> sorted_by{};
};

/// How many columns of a terminal UTF-8 text takes, for text whose characters take one each.
[[nodiscard]] inline std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// The first `columns` columns of `text`, and what follows them.
[[nodiscard]] inline std::pair<std::string_view, std::string_view> split_after(
    std::string_view text, std::size_t columns) {
    std::size_t size = 0;
    for (std::size_t taken = 0; size < text.size(); ++size) {
        const bool is_start = (static_cast<unsigned char>(text[size]) & 0xc0) != 0x80;
        if (is_start && taken++ == columns) break;
    }
    return {text.substr(0, size), text.substr(size)};
}

/// At most `columns` columns of `text`; one that is cut ends in '~'.
[[nodiscard]] inline std::string cut(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    return std::string(split_after(text, columns - 1).first) + '~';
}

/// The same for a name, cut where servers of one cluster are alike: in the middle.
[[nodiscard]] inline std::string cut_name(std::string_view name, std::size_t columns) {
    const std::size_t all = columns_of(name);
    if (all <= columns || columns < 3) return cut(name, columns);
    const std::size_t tail = (columns - 1) / 3;
    return std::string(split_after(name, columns - 1 - tail).first) + '~' +
           std::string(split_after(name, all - tail).second);
}

namespace detail {

class table_writer {
public:
    table_writer(std::span<const server_row> rows, const server_row& total,
                 const table_layout& layout)
        : x_rows(rows), x_total(total), x_layout(layout) {
        for (const column_definition& column : table_columns) {
            std::size_t width = column.title.size();
            for (const server_row& row : rows) {
                if (row.is_dead() && column.which != table_column::node) continue;
                width = std::max(width, columns_of(cell_text(row, column.which)));
            }
            width = std::max(width, columns_of(cell_text(total, column.which)));
            x_shown.push_back({column, width});
        }
        if (layout.columns != 0) fit();
    }

    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> lines{header()};
        const std::size_t room = room_for_rows();
        for (std::size_t i = 0; i < std::min(room, x_rows.size()); ++i) {
            lines.push_back(x_rows[i].is_dead() ? dead(x_rows[i]) : line_of(x_rows[i]));
        }
        if (room < x_rows.size()) {
            const std::string more = std::to_string(x_rows.size() - room) + " more";
            lines.push_back(coloured(dim, cut(more, width())));
        }
        lines.push_back(coloured(bold, line_of(x_total)));
        return lines;
    }

private:
    struct shown_column {
        column_definition column;
        std::size_t width;
    };
    static constexpr std::string_view gap = "  ";
    static constexpr std::size_t narrowest_name = 12;
    static constexpr const char* bold = "\x1b[1m";
    static constexpr const char* dim = "\x1b[2m";
    static constexpr const char* red = "\x1b[31m";

    [[nodiscard]] std::size_t width() const {
        std::size_t sum = 0;
        for (const shown_column& shown : x_shown) sum += shown.width + gap.size();
        return sum - gap.size();
    }

    // Names give way first, down to what still tells servers apart; then columns go.
    void fit() {
        const std::size_t widest_name = x_shown.front().width;
        const std::size_t least_name = std::min(widest_name, std::size_t{22});
        const auto rank = [](const shown_column& shown) { return shown.column.rank; };
        while (width() - widest_name + least_name > x_layout.columns && x_shown.size() > 2) {
            x_shown.erase(std::ranges::max_element(x_shown, {}, rank));
        }
        const std::size_t others = width() - widest_name;
        const std::size_t room = x_layout.columns - std::min(x_layout.columns, others);
        x_shown.front().width =
            std::min(widest_name, std::max(room, std::min(narrowest_name, widest_name)));
    }

    // All but the header, the total, and the line that tells of the rest.
    [[nodiscard]] std::size_t room_for_rows() const {
        if (x_layout.lines == 0 || x_rows.size() + 2 <= x_layout.lines) return x_rows.size();
        return x_layout.lines - std::min<std::size_t>(x_layout.lines, 3);
    }

    [[nodiscard]] std::string padded(std::string_view text, const shown_column& shown) const {
        const bool is_name = shown.column.which == table_column::node;
        const std::string fitting = is_name ? cut_name(text, shown.width) : cut(text, shown.width);
        const std::string blanks(shown.width - columns_of(fitting), ' ');
        return is_name ? fitting + blanks : blanks + fitting;
    }

    [[nodiscard]] std::string coloured(const char* code, const std::string& text) const {
        return x_layout.has_colour ? code + text + "\x1b[0m" : text;
    }

    [[nodiscard]] std::string header() const {
        std::string line;
        for (const shown_column& shown : x_shown) {
            if (!line.empty()) line += gap;
            const std::string title = padded(shown.column.title, shown);
            const bool is_sorted = x_layout.sorted_by == shown.column.which;
            line += coloured(is_sorted ? "\x1b[7m" : bold, title);
        }
        return line;
    }

    [[nodiscard]] std::string line_of(const server_row& row) const {
        std::string line;
        for (const shown_column& shown : x_shown) {
            if (!line.empty()) line += gap;
            line += padded(cell_text(row, shown.column.which), shown);
        }
        line.resize(line.find_last_not_of(' ') + 1);
        return line;
    }

    [[nodiscard]] std::string dead(const server_row& row) const {
        const std::string line =
            padded(row.last.name, x_shown.front()).append(gap).append(row.last.problem);
        return coloured(red, x_layout.columns == 0 ? line : cut(line, x_layout.columns));
    }

    std::span<const server_row> x_rows;
    const server_row& x_total;
    const table_layout& x_layout;
    std::vector<shown_column> x_shown;
};

}  // namespace detail

/// A header, a line for each row and one for the total, none of them wider than the window, and no
/// more of them than it has lines.
[[nodiscard]] inline std::vector<std::string> table_of(std::span<const server_row> rows,
                                                       const table_layout& layout) {
    const server_row total = total_of(rows);
    return detail::table_writer(rows, total, layout).lines();
}

}  // namespace memring::tool
