#pragma once
// The groups of `stats` of the in-process server. What a server of this kind does not have
// (evictions, LRU moves, threads, memory of connections) is told as by an idle memcached.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/testing/item_store.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/slab_stats.hpp>
#include <memring/testing/stock_stats.hpp>

namespace memring::testing {

namespace detail {

using stat_values = std::vector<std::pair<std::string_view, std::string>>;

[[nodiscard]] inline stat_values counted_values(const server_state& server) {
    const auto& counters = server.counters;
    class_counters sum;
    for (const auto& [id, c] : counters.classes) {
        sum.delete_hits += c.delete_hits;
        sum.increment_hits += c.increment_hits;
        sum.decrement_hits += c.decrement_hits;
        sum.cas_hits += c.cas_hits;
        sum.cas_mismatches += c.cas_mismatches;
        sum.touch_hits += c.touch_hits;
    }
    std::uint64_t bytes = 0;
    for (const auto& [id, totals] : totals_by_class(server.items)) bytes += totals.bytes;
    const std::pair<std::string_view, std::uint64_t> numbers[] = {
        {"uptime", static_cast<std::uint64_t>(server.items.now() - server.started_at)},
        {"time", static_cast<std::uint64_t>(server.items.now())},
        {"curr_connections", server.open_connections},
        {"total_connections", counters.connections},
        {"cmd_get", counters.gets},
        {"cmd_set", counters.sets},
        {"cmd_flush", counters.flushes},
        {"cmd_touch", counters.touches},
        {"cmd_meta", counters.inspections},
        {"get_hits", counters.hits},
        {"get_misses", counters.misses},
        {"get_expired", server.items.counters().expired},
        {"get_flushed", server.items.counters().flushed},
        {"delete_misses", counters.delete_misses},
        {"delete_hits", sum.delete_hits},
        {"incr_misses", counters.increment_misses},
        {"incr_hits", sum.increment_hits},
        {"decr_misses", counters.decrement_misses},
        {"decr_hits", sum.decrement_hits},
        {"cas_misses", counters.cas_misses},
        {"cas_hits", sum.cas_hits},
        {"cas_badval", sum.cas_mismatches},
        {"touch_hits", sum.touch_hits},
        {"touch_misses", counters.touch_misses},
        {"store_too_large", counters.too_large},
        {"auth_cmds", counters.logins},
        {"auth_errors", counters.failed_logins},
        {"bytes_read", counters.bytes_read},
        {"bytes_written", counters.bytes_written},
        {"bytes", bytes},
        {"curr_items", server.items.size()},
        {"total_items", server.items.counters().stored}};
    stat_values values{{"version", server.version}};
    for (const auto& [name, number] : numbers) values.emplace_back(name, std::to_string(number));
    return values;
}

[[nodiscard]] inline stat_values changed_settings(const server_state& server) {
    const auto yes_no = [](bool value) { return std::string(value ? "yes" : "no"); };
    const bool has_sasl = server.login && server.login->how == login_protocol::sasl;
    const bool has_text = server.login && server.login->how == login_protocol::text;
    const char* const protocol = has_sasl ? "binary" : has_text ? "ascii" : "auto-negotiate";
    return {{"verbosity", std::to_string(server.verbosity)},
            {"binding_protocol", protocol},
            {"auth_enabled_sasl", yes_no(has_sasl)},
            {"auth_enabled_ascii", has_text ? "users" : "no"},
            {"item_size_max", std::to_string(server.items.size_limit())},
            {"lru_crawler", yes_no(server.is_crawler_enabled)},
            {"dump_enabled", yes_no(server.is_dump_enabled)}};
}

template <class Stock>
[[nodiscard]] stat_list merged_stats(const Stock& stock, const stat_values& values) {
    stat_list stats;
    for (const stock_stat& stat : stock) {
        std::string value(stat.value);
        for (const auto& [name, changed] : values) {
            if (name == stat.name) value = changed;
        }
        stats.emplace_back(stat.name, std::move(value));
    }
    return stats;
}

}  // namespace detail

/// The answer to `stats topic`, without its end; nothing for a topic that is not known here:
/// `conns`, `detail`, `cachedump`, `sizes_enable` and `sizes_disable` of memcached's are not.
[[nodiscard]] inline std::optional<stat_list> stats_about(const server_state& server,
                                                          std::string_view topic) {
    if (topic.empty()) {
        return detail::merged_stats(detail::stock_general_stats, detail::counted_values(server));
    }
    if (topic == "settings") {
        return detail::merged_stats(detail::stock_settings, detail::changed_settings(server));
    }
    if (topic == "items") return detail::item_stats(server);
    if (topic == "slabs") return detail::slab_stats(server);
    if (topic == "sizes") return stat_list{{"sizes_status", "disabled"}};
    return std::nullopt;
}

/// What `stats reset` does.
inline void reset_stats(server_state& server) {
    server.counters = {};
    server.items.reset_counters();
}

}  // namespace memring::testing
