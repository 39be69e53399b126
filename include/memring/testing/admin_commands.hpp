#pragma once
// The commands that are not about one item: config, flush_all, stats, lru_crawler, version,
// verbosity, shutdown (refused), quit.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <memring/testing/classic_commands.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/server_stats.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

namespace detail {

inline void run_stats(const command_line& line) {
    const auto topic = line.words.size() > 1 ? line.words[1] : std::string_view();
    if (topic == "reset") {
        reset_stats(line.server);
        line.out += "RESET\r\n";
        return;
    }
    const auto stats = stats_about(line.server, topic);
    if (!stats) {
        line.out += "ERROR\r\n";
        return;
    }
    for (const auto& [name, value] : *stats) line.out += "STAT " + name + " " + value + "\r\n";
    line.out += "END\r\n";
}

inline void run_verbosity(const command_line& line) {
    constexpr std::uint32_t highest = 10;
    const auto level = parse_counter(line.words[1]);
    if (level) line.server.verbosity = std::min(static_cast<std::uint32_t>(*level), highest);
    answer(line, level ? "OK\r\n" : bad_line);
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
    } else if (const auto classes = dump_classes(line.words[2]);
               !classes || (line.words[2] == "hash" && !server.features.has_hash_dump)) {
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
    if (words.size() == 3 && words[1] == "metadump" && line.server.features.has_dump)
        return run_metadump(line);
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
        pending.use = value_use::config;
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
    auto& items = line.server.items;
    items.flush(*delay > 0 ? items.expiry_time(*delay) : items.now());
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
    } else if (verb == "verbosity" && (line.words.size() == 2 || line.words.size() == 3)) {
        detail::run_verbosity(line);
    } else if (verb == "shutdown") {
        line.out += "ERROR: shutdown not enabled\r\n";
    } else if (verb == "quit") {
        line.session.wants_close = true;
    } else {
        return false;
    }
    return true;
}

}  // namespace memring::testing
