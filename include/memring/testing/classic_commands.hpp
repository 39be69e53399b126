#pragma once
// The classic text commands on items as memcached 1.6.18 answers them: get (and bget, its old
// name), gets, gat, gats, set, add, replace, append, prepend, cas, delete, touch, incr, decr.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <memring/key.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

/// The key under which discovery published the node list before `config` existed.
inline constexpr std::string_view config_key = "AmazonElastiCache:cluster";

namespace detail {

[[nodiscard]] inline bool has_noreply(const command_line& line) {
    return line.words.back() == "noreply";
}

// What noreply keeps back, errors included.
inline void answer(const command_line& line, std::string_view text) {
    if (!has_noreply(line)) line.out += text;
}

inline void append_value(std::string_view key, const stored_item& item, bool with_cas,
                         std::string& out) {
    out.append("VALUE ").append(key);
    out += " " + std::to_string(item.flags) + " " + std::to_string(item.value.size());
    if (with_cas) out += " " + std::to_string(item.cas);
    out += "\r\n" + item.value + "\r\n";
}

inline void classic_get(const command_line& line, std::span<const std::string_view> keys,
                        bool with_cas, std::optional<std::int64_t> expires_at) {
    auto& server = line.server;
    std::string values;
    for (const auto key : keys) {
        if (key.size() > max_key_size) {
            line.out += bad_line;
            return;
        }
        if (key == config_key && server.config) {
            append_value(key, {.value = *server.config}, with_cas, values);
            continue;
        }
        stored_item* const item = server.items.find(key);
        if (expires_at) {
            server.count_touch(key, item);
        } else {
            server.count_get(key, item);
        }
        if (item == nullptr) continue;
        if (expires_at) item->expires_at = *expires_at;
        append_value(key, *item, with_cas, values);
        server.items.touch_read(*item);
    }
    line.out += values + "END\r\n";
}

inline void classic_get_and_touch(const command_line& line, bool with_cas) {
    const auto seconds = parse_int32(line.words[1]);
    if (!seconds) {
        line.out += "CLIENT_ERROR invalid exptime argument\r\n";
        return;
    }
    classic_get(line, line.words.subspan(2), with_cas, line.server.items.expiry_time(*seconds));
}

[[nodiscard]] inline std::optional<store_mode> store_mode_of(std::string_view verb) {
    if (verb == "set") return store_mode::set;
    if (verb == "add") return store_mode::add;
    if (verb == "replace") return store_mode::replace;
    if (verb == "append") return store_mode::append;
    if (verb == "prepend") return store_mode::prepend;
    if (verb == "cas") return store_mode::cas;
    return std::nullopt;
}

inline void classic_store(const command_line& line, store_mode mode) {
    auto& items = line.server.items;
    const auto& words = line.words;
    const auto flags = parse_client_flags(words[2]);
    const auto seconds = parse_int32(words[3]);
    const auto size = parse_int32(words[4]);
    const auto compare =
        mode == store_mode::cas ? parse_counter(words[5]) : std::optional<std::uint64_t>(0);
    constexpr std::int32_t largest = 0x7fffffff - 2;
    if (words[1].size() > max_key_size || !flags || !seconds || !size || !compare || *size < 0 ||
        *size > largest) {
        return answer(line, bad_line);
    }
    const auto value_size = static_cast<std::size_t>(*size);
    if (items.is_too_large(words[1], value_size, *flags)) {
        ++line.server.counters.too_large;
        if (mode == store_mode::set) items.erase(words[1]);
        line.session.to_swallow = value_size + 2;
        return answer(line, "SERVER_ERROR object too large for cache\r\n");
    }
    auto& pending = line.session.pending.emplace();
    pending.request = {.key = std::string(words[1]),
                       .flags = *flags,
                       .expires_at = items.expiry_time(*seconds),
                       .mode = mode,
                       .compare = *compare};
    pending.size = value_size;
    pending.is_quiet = has_noreply(line);
}

inline void append_classic_outcome(const pending_store& done, store_outcome outcome,
                                   std::string& out) {
    constexpr const char* lines[] = {"STORED\r\n", "NOT_STORED\r\n", "EXISTS\r\n", "NOT_FOUND\r\n"};
    if (!done.is_quiet) out += lines[static_cast<std::size_t>(outcome)];
}

inline void classic_delete(const command_line& line) {
    const auto& words = line.words;
    if (words[1].size() > max_key_size) return answer(line, bad_line);
    const bool is_legal =
        words.size() == 2 || words[2] == "0" || (words.size() == 3 && has_noreply(line));
    if (!is_legal || (words.size() == 4 && !has_noreply(line))) {
        return answer(line,
                      "CLIENT_ERROR bad command line format.  "
                      "Usage: delete <key> [noreply]\r\n");
    }
    auto& server = line.server;
    ++server.counters.deletes;
    const stored_item* const item = server.items.find(words[1]);
    ++(item == nullptr ? server.counters.delete_misses
                       : server.class_of(words[1], *item).delete_hits);
    answer(line, server.items.erase(words[1]) ? "DELETED\r\n" : "NOT_FOUND\r\n");
}

inline void classic_touch(const command_line& line) {
    auto& items = line.server.items;
    if (line.words[1].size() > max_key_size) return answer(line, bad_line);
    const auto seconds = parse_int32(line.words[2]);
    if (!seconds) return answer(line, "CLIENT_ERROR invalid exptime argument\r\n");
    stored_item* const item = items.find(line.words[1]);
    line.server.count_touch(line.words[1], item);
    if (item == nullptr) return answer(line, "NOT_FOUND\r\n");
    item->expires_at = items.expiry_time(*seconds);
    items.touch_read(*item);
    answer(line, "TOUCHED\r\n");
}

inline constexpr const char* not_numeric =
    "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";

inline void classic_arithmetic(const command_line& line, bool is_up) {
    if (line.words[1].size() > max_key_size) return answer(line, bad_line);
    const auto delta = parse_counter(line.words[2]);
    if (!delta) return answer(line, "CLIENT_ERROR invalid numeric delta argument\r\n");
    const auto result = apply_delta(line.server, line.words[1], {.is_up = is_up, .delta = *delta});
    switch (result.outcome) {
        case delta_outcome::ok: return answer(line, std::to_string(result.number) + "\r\n");
        case delta_outcome::not_numeric: return answer(line, not_numeric);
        case delta_outcome::not_found:
        case delta_outcome::exists: break;
    }
    auto& counters = line.server.counters;
    ++(is_up ? counters.increment_misses : counters.decrement_misses);
    answer(line, "NOT_FOUND\r\n");
}

}  // namespace detail

/// Carries out a classic command on items. False if the first word is none, or has the wrong
/// number of words behind it.
inline bool run_classic_command(const command_line& line) {
    const auto verb = line.words.front();
    const auto count = line.words.size();
    const auto& features = line.server.features;
    if ((verb == "get" || verb == "gets" || verb == "bget") && count > 1) {
        detail::classic_get(line, line.words.subspan(1), verb == "gets", {});
    } else if ((verb == "gat" || verb == "gats") && count > 1 && features.has_text_get_and_touch) {
        detail::classic_get_and_touch(line, verb == "gats");
    } else if (verb == "cas" && (count == 6 || count == 7)) {
        detail::classic_store(line, store_mode::cas);
    } else if (const auto mode = detail::store_mode_of(verb);
               mode && verb != "cas" && (count == 5 || count == 6)) {
        detail::classic_store(line, *mode);
    } else if (verb == "delete" && count >= 2 && count <= 4) {
        detail::classic_delete(line);
    } else if (verb == "touch" && (count == 3 || count == 4) && features.has_touch) {
        detail::classic_touch(line);
    } else if ((verb == "incr" || verb == "decr") && (count == 3 || count == 4)) {
        detail::classic_arithmetic(line, verb == "incr");
    } else {
        return false;
    }
    return true;
}

}  // namespace memring::testing
