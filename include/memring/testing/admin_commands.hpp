#pragma once
// The commands that are not about one item: config, flush_all, stats, lru_crawler, version,
// verbosity, quit.

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <memring/testing/classic_commands.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

namespace detail {

inline void append_stat(std::string_view name, std::string_view value, std::string& out) {
    out.append("STAT ").append(name).append(" ").append(value).append("\r\n");
}

inline void general_stats(const server_state& server, std::string& out) {
    const auto& counters = server.counters;
    const auto number = [&](std::string_view name, auto value) {
        append_stat(name, std::to_string(value), out);
    };
    number("pid", 1);
    number("uptime", 1);
    number("time", server.items.now());
    append_stat("version", server.version, out);
    number("pointer_size", 64);
    number("curr_connections", 1);
    number("total_connections", counters.connections);
    number("cmd_get", counters.gets);
    number("cmd_set", counters.sets);
    number("cmd_flush", counters.flushes);
    number("cmd_touch", counters.touches);
    number("get_hits", counters.hits);
    number("get_misses", counters.misses);
    number("limit_maxbytes", 64 * 1024 * 1024);
    number("threads", 1);
    number("curr_items", server.items.size());
    number("evictions", 0);
    out += "END\r\n";
}

inline void settings_stats(const server_state& server, std::string& out) {
    const auto yes_no = [&](std::string_view name, bool value) {
        append_stat(name, value ? "yes" : "no", out);
    };
    append_stat("maxbytes", "67108864", out);
    append_stat("maxconns", "1024", out);
    append_stat("evictions", "on", out);
    append_stat("growth_factor", "1.25", out);
    append_stat("chunk_size", "48", out);
    append_stat("num_threads", "1", out);
    yes_no("cas_enabled", true);
    append_stat("item_size_max", std::to_string(server.items.size_limit()), out);
    yes_no("lru_crawler", server.is_crawler_enabled);
    yes_no("flush_enabled", true);
    yes_no("dump_enabled", server.is_dump_enabled);
    append_stat("hash_algorithm", "murmur3", out);
    out += "END\r\n";
}

inline void item_stats(const server_state& server, std::string& out) {
    struct totals {
        std::size_t count = 0;
        std::size_t bytes = 0;
    };
    std::map<int, totals> classes;
    server.items.for_each([&](std::string_view key, const stored_item& item) {
        const auto size = stored_size(key, item.value.size(), item.flags);
        auto& sum = classes[slab_class_of(size)];
        ++sum.count;
        sum.bytes += size;
    });
    for (const auto& [id, sum] : classes) {
        const std::string prefix = "items:" + std::to_string(id) + ":";
        append_stat(prefix + "number", std::to_string(sum.count), out);
        append_stat(prefix + "mem_requested", std::to_string(sum.bytes), out);
        append_stat(prefix + "evicted", "0", out);
    }
    out += "END\r\n";
}

inline void run_stats(const command_line& line) {
    const auto topic = line.words.size() > 1 ? line.words[1] : std::string_view();
    if (topic.empty()) return general_stats(line.server, line.out);
    if (topic == "settings") return settings_stats(line.server, line.out);
    if (topic == "items") return item_stats(line.server, line.out);
    if (topic == "reset") {
        line.server.counters = {};
        line.out += "RESET\r\n";
        return;
    }
    line.out += "ERROR\r\n";
}

// The slab classes a dump is for; empty for all, nothing for a word that names none.
inline std::optional<std::set<int>> dump_classes(std::string_view word) {
    std::set<int> classes;
    if (word == "all" || word == "hash") return classes;
    while (true) {
        const auto size = std::min(word.find(','), word.size());
        const auto id = parse_int32(word.substr(0, size));
        if (!id || *id < 1 || *id > 63) return std::nullopt;
        classes.insert(*id);
        if (size == word.size()) return classes;
        word.remove_prefix(size + 1);
    }
}

inline void append_dump(const item_store& items, const std::set<int>& classes, std::string& out) {
    items.for_each([&](std::string_view key, const stored_item& item) {
        const auto size = stored_size(key, item.value.size(), item.flags);
        const int id = slab_class_of(size);
        if (!classes.empty() && !classes.contains(id)) return;
        out += "key=" + percent_encoded(key);
        out += " exp=" + std::to_string(item.expires_at == 0 ? -1 : item.expires_at);
        out += " la=" + std::to_string(item.used_at) + " cas=" + std::to_string(item.cas);
        out += item.is_fetched ? " fetch=yes" : " fetch=no";
        out += " cls=" + std::to_string(id) + " size=" + std::to_string(size) + "\n";
    });
    out += "END\r\n";
}

inline void run_metadump(const command_line& line) {
    auto& server = line.server;
    if (!server.is_crawler_enabled) {
        line.out += "CLIENT_ERROR lru crawler disabled\r\n";
    } else if (!server.is_dump_enabled) {
        line.out += "ERROR metadump not allowed\r\n";
    } else if (line.session.has_unsent_replies) {
        line.out += "ERROR cannot pipeline other commands before metadump\r\n";
    } else if (const auto classes = dump_classes(line.words[2]); !classes) {
        line.out += "BADCLASS invalid class id\r\n";
    } else if (server.misbehaviour.busy_dumps > 0) {
        --server.misbehaviour.busy_dumps;
        line.out += "BUSY currently processing crawler request\r\n";
    } else {
        append_dump(server.items, *classes, line.out);
        line.session.discards_input = true;
    }
}

inline void run_crawler(const command_line& line) {
    const auto& words = line.words;
    if (words.size() == 3 && words[1] == "metadump") return run_metadump(line);
    if (words.size() == 2 && (words[1] == "enable" || words[1] == "disable")) {
        line.server.is_crawler_enabled = words[1] == "enable";
        line.out += "OK\r\n";
    } else if (words.size() == 3 && (words[1] == "sleep" || words[1] == "tocrawl")) {
        line.out += parse_counter(words[2]) ? "OK\r\n" : bad_line;
    } else {
        line.out += "ERROR\r\n";
    }
}

// Stock memcached has no such command: ERROR, and the body of a set is taken for commands.
inline void run_config(const command_line& line) {
    auto& server = line.server;
    const auto& words = line.words;
    const bool is_known = server.has_config_command && words.size() >= 3 && words[2] == "cluster";
    if (is_known && words[1] == "get" && server.config_reply) {
        line.out += *server.config_reply;
    } else if (is_known && words[1] == "get" && server.config) {
        const auto size = std::to_string(server.config->size());
        line.out += "CONFIG cluster 0 " + size + "\r\n" + *server.config + "\r\nEND\r\n";
    } else if (is_known && words[1] == "set" && server.config && words.size() == 5) {
        const auto size = parse_int32(words[4]);
        if (!size || *size < 0) {
            line.out += bad_line;
            return;
        }
        auto& pending = line.session.pending.emplace();
        pending.size = static_cast<std::size_t>(*size);
        pending.is_config = true;
    } else {
        line.out += "ERROR\r\n";
    }
}

inline void run_flush(const command_line& line) {
    const auto& words = line.words;
    if (words.size() > 3) {
        line.out += "ERROR\r\n";
        return;
    }
    const bool has_delay = words.size() > 1 && !(words.size() == 2 && has_noreply(line));
    const auto delay = has_delay ? parse_int32(words[1]) : std::optional(0);
    if (!delay) return answer(line, "CLIENT_ERROR invalid exptime argument\r\n");
    ++line.server.counters.flushes;
    line.server.items.flush(*delay);
    answer(line, "OK\r\n");
}

}  // namespace detail

/// Carries out a command about the server. False if the first word is none.
inline bool run_admin_command(const command_line& line) {
    const auto verb = line.words.front();
    if (verb == "config") {
        detail::run_config(line);
    } else if (verb == "flush_all") {
        detail::run_flush(line);
    } else if (verb == "stats") {
        detail::run_stats(line);
    } else if (verb == "lru_crawler") {
        detail::run_crawler(line);
    } else if (verb == "version") {
        line.out += "VERSION " + line.server.version + "\r\n";
    } else if (verb == "verbosity" && line.words.size() > 1) {
        const bool is_fine = parse_counter(line.words[1]).has_value();
        detail::answer(line, is_fine ? "OK\r\n" : bad_line);
    } else if (verb == "quit") {
        line.session.wants_close = true;
    } else {
        return false;
    }
    return true;
}

}  // namespace memring::testing
