#pragma once
// The rows of a cluster as JSON: one object on one line, for programs.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cluster_reading.hpp"

namespace memring::tool {

namespace detail {

[[nodiscard]] inline std::string json_string(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            result += ' ';
        } else {
            result += c;
        }
    }
    return result + '"';
}

class json_object {
public:
    json_object& add_raw(std::string_view name, std::string_view value) {
        x_text += x_text.size() > 1 ? "," : "";
        x_text.append("\"").append(name).append("\":").append(value);
        return *this;
    }
    json_object& add(std::string_view name, std::uint64_t value) {
        return add_raw(name, std::to_string(value));
    }
    json_object& add(std::string_view name, const std::optional<double>& value) {
        if (!value || !std::isfinite(*value)) return add_raw(name, "null");
        char text[64];
        std::snprintf(text, sizeof text, "%.6g", *value);
        return add_raw(name, text);
    }
    json_object& add(std::string_view name, const std::string& value) {
        return add_raw(name, json_string(value));
    }
    [[nodiscard]] std::string text() const { return x_text + "}"; }

private:
    std::string x_text = "{";
};

[[nodiscard]] inline std::string json_of(const server_row& row) {
    json_object object;
    object.add("node", row.last.name);
    if (row.is_dead()) return object.add("error", row.last.problem).text();
    object.add("items", row.last.items)
        .add("bytes", row.last.bytes)
        .add("limit_bytes", row.last.limit)
        .add("hit_share", row.hit_share())
        .add("gets_per_second", row.gets)
        .add("sets_per_second", row.sets)
        .add("requests_per_second", row.requests)
        .add("evictions", row.last.evictions)
        .add("evictions_per_second", row.evictions)
        .add("connections", row.last.connections)
        .add("bytes_in_per_second", row.bytes_in)
        .add("bytes_out_per_second", row.bytes_out);
    if (row.last.uptime != 0) object.add("uptime_seconds", row.last.uptime);
    return object.add("version", row.last.version).text();
}

}  // namespace detail

/// One line without its end: the Unix time in seconds, the nodes, their total. What is not known,
/// such as the hit share of a server that had no gets, is null.
[[nodiscard]] inline std::string json_line_of(std::span<const server_row> rows,
                                              std::uint64_t unix_time) {
    std::string nodes;
    for (const server_row& row : rows) {
        nodes += nodes.empty() ? "[" : ",";
        nodes += detail::json_of(row);
    }
    return detail::json_object()
        .add("time", unix_time)
        .add_raw("nodes", nodes.empty() ? "[]" : nodes + "]")
        .add_raw("total", detail::json_of(total_of(rows)))
        .text();
}

}  // namespace memring::tool
