#pragma once
// `stats items` and `stats slabs` of the in-process server: what its items would take up in
// memcached's slabs. An item of several chunks counts as one chunk of the last class.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/testing/item_store.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/slab_classes.hpp>

namespace memring::testing {

/// Names and values in the order in which they are told.
using stat_list = std::vector<std::pair<std::string, std::string>>;

namespace detail {

struct class_totals {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    std::int64_t oldest_use = 0;  // Unix seconds
};

[[nodiscard]] inline std::map<int, class_totals> totals_by_class(const item_store& items) {
    std::map<int, class_totals> classes;
    items.for_each([&](std::string_view key, const stored_item& item) {
        const auto size = stored_size(key, item.value.size(), item.flags);
        auto& totals = classes[slab_class_of(size)];
        totals.oldest_use =
            totals.count == 0 ? item.used_at : std::min(totals.oldest_use, item.used_at);
        ++totals.count;
        totals.bytes += size;
    });
    return classes;
}

// Everything is in the cold LRU, where memcached moves it sooner or later.
[[nodiscard]] inline stat_list item_stats(const server_state& server) {
    constexpr std::string_view zeros[] = {
        "evicted",        "evicted_nonzero",   "evicted_time",          "outofmemory",
        "tailrepairs",    "reclaimed",         "expired_unfetched",     "evicted_unfetched",
        "evicted_active", "crawler_reclaimed", "crawler_items_checked", "lrutail_reflocked",
        "moves_to_cold",  "moves_to_warm",     "moves_within_lru",      "direct_reclaims",
        "hits_to_hot",    "hits_to_warm"};
    stat_list stats;
    for (const auto& [id, totals] : totals_by_class(server.items)) {
        const std::string prefix = "items:" + std::to_string(id) + ":";
        const auto add = [&](std::string_view name, auto value) {
            stats.emplace_back(prefix + std::string(name), std::to_string(value));
        };
        const auto counted = server.counters.classes.find(id);
        add("number", totals.count);
        add("number_hot", 0);
        add("number_warm", 0);
        add("number_cold", totals.count);
        add("age_hot", 0);
        add("age_warm", 0);
        add("age", server.items.now() - totals.oldest_use);
        add("mem_requested", totals.bytes);
        for (const auto name : zeros) add(name, 0);
        add("hits_to_cold",
            counted == server.counters.classes.end() ? 0 : counted->second.get_hits);
        add("hits_to_temp", 0);
    }
    return stats;
}

[[nodiscard]] inline stat_list slab_stats(const server_state& server) {
    stat_list stats;
    std::size_t pages_of_all = 0;
    auto totals = totals_by_class(server.items);
    for (const int id : server.items.slab_classes()) {
        const auto add = [&](std::string_view name, std::uint64_t value) {
            stats.emplace_back(std::to_string(id) + ":" + std::string(name), std::to_string(value));
        };
        const auto chunk_size = slab_chunk_size(id);
        const auto per_page = slab_page_size / chunk_size;
        const auto used = totals[id].count;
        const auto pages = std::max<std::size_t>(1, (used + per_page - 1) / per_page);
        pages_of_all += pages;
        const auto counted = server.counters.classes.find(id);
        const auto counters =
            counted == server.counters.classes.end() ? class_counters() : counted->second;
        add("chunk_size", chunk_size);
        add("chunks_per_page", per_page);
        add("total_pages", pages);
        add("total_chunks", pages * per_page);
        add("used_chunks", used);
        add("free_chunks", pages * per_page - used);
        add("free_chunks_end", 0);
        add("get_hits", counters.get_hits);
        add("cmd_set", counters.sets);
        add("delete_hits", counters.delete_hits);
        add("incr_hits", counters.increment_hits);
        add("decr_hits", counters.decrement_hits);
        add("cas_hits", counters.cas_hits);
        add("cas_badval", counters.cas_mismatches);
        add("touch_hits", counters.touch_hits);
    }
    stats.emplace_back("active_slabs", std::to_string(server.items.slab_classes().size()));
    stats.emplace_back("total_malloced", std::to_string(pages_of_all * slab_page_size));
    return stats;
}

}  // namespace detail

}  // namespace memring::testing
