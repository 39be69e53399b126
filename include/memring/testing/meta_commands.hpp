#pragma once
// mg, ms, md, ma, mn as memcached 1.6.18 answers them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <memring/key.hpp>
#include <memring/testing/classic_commands.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/meta_flags.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

namespace detail {

inline void append_meta_key(std::string_view key, bool is_binary, std::string& out) {
    out += is_binary ? " k" + to_base64(key) + " b" : " k" + std::string(key);
}

// The reply of a command that found nothing, or of md: k and O come back in any case.
inline void append_meta_echo(const meta_flags& flags, std::string_view code, std::string& out) {
    out += code;
    for (const auto flag : flags.list) {
        if (flag.front() == 'k') append_meta_key(flags.key, flags.is_binary, out);
        if (flag.front() == 'O') out.append(" ").append(flag);
    }
    out += "\r\n";
}

// What mg and ma write for one flag about `item`, and what mg does with it.
inline void append_item_flag(const item_store& items, const meta_flags& flags,
                             std::string_view flag, stored_item& item, std::string& out) {
    const auto number = [&](auto value) {
        (out += ' ').append(1, flag[0]) += std::to_string(value);
    };
    switch (flag.front()) {
        case 'T': item.expires_at = *flags.expires_at; break;
        case 't': number(item.expires_at == 0 ? -1 : item.expires_at - items.now()); break;
        case 'c': number(item.cas); break;
        case 'k': append_meta_key(flags.key, item.has_binary_key, out); break;
        case 'O': out.append(" ").append(flag); break;
        case 'f': number(item.flags); break;
        case 'h': number(item.is_fetched ? 1 : 0); break;
        case 'l': number(items.now() - item.used_at); break;
        case 's': number(item.value.size()); break;
    }
}

inline bool is_due_for_recache(const item_store& items, const meta_flags& flags,
                               const stored_item& item) {
    return !item.is_token_sent && item.expires_at != 0 &&
           item.expires_at - items.now() < flags.recache_below;
}

// Who may renew a stale, expiring or new item: the first asker gets W, the others Z.
inline void append_win(stored_item& item, bool won, std::string& out) {
    if (item.is_token_sent) out += " Z";
    if (item.is_stale) {
        out += " X";
        won = won || !item.is_token_sent;
    }
    if (!won) return;
    out += " W";
    item.is_token_sent = true;
}

inline void meta_get(const command_line& line, const meta_flags& flags) {
    auto& items = line.server.items;
    auto& out = line.out;
    ++line.server.counters.gets;
    stored_item* item = items.find(flags.key);
    ++(item != nullptr ? line.server.counters.hits : line.server.counters.misses);
    const bool is_new = item == nullptr && flags.vivify_until.has_value();
    if (is_new) item = &items.put(flags.key, {.has_binary_key = flags.is_binary});
    if (item == nullptr) {
        if (!flags.is_quiet) append_meta_echo(flags, "EN", out);
        return;
    }
    out += flags.wants_value ? "VA " + std::to_string(item->value.size()) : "HD";
    bool won = is_new;
    for (const auto flag : flags.list) {
        if (flag.front() == 'N' && is_new) item->expires_at = *flags.vivify_until;
        if (flag.front() == 'R' && !is_new) won = won || is_due_for_recache(items, flags, *item);
        append_item_flag(items, flags, flag, *item, out);
    }
    append_win(*item, won, out);
    out += "\r\n";
    if (flags.wants_value) out += item->value + "\r\n";
    if (!flags.keeps_lru && !is_new) items.touch_read(*item);
}

inline void meta_delete(const command_line& line, const meta_flags& flags) {
    auto& items = line.server.items;
    ++line.server.counters.deletes;
    stored_item* const item = items.find(flags.key);
    if (item == nullptr) return append_meta_echo(flags, "NF", line.out);
    if (flags.compare && *flags.compare != item->cas) {
        return append_meta_echo(flags, "EX", line.out);
    }
    if (flags.invalidates) {
        if (flags.expires_at) item->expires_at = *flags.expires_at;
        item->is_stale = true;
        item->is_token_sent = false;
        items.give_new_cas(*item);
    } else {
        items.erase(flags.key);
    }
    if (!flags.is_quiet) append_meta_echo(flags, "HD", line.out);
}

inline void append_number(const command_line& line, const meta_flags& flags, stored_item& item,
                          bool is_silent) {
    const std::string digits = std::to_string(*parse_counter(item.value));
    std::string reply = flags.wants_value ? "VA " + std::to_string(digits.size()) : "HD";
    for (const auto flag : flags.list) {
        append_item_flag(line.server.items, flags, flag, item, reply);
    }
    reply += flags.wants_value ? "\r\n" + digits + "\r\n" : "\r\n";
    if (!is_silent) line.out += reply;
}

inline void meta_arithmetic(const command_line& line, const meta_flags& flags) {
    auto& items = line.server.items;
    auto& out = line.out;
    const std::string_view modes = "I+D-";
    const auto mode = flags.mode == 0 ? 0 : modes.find(flags.mode);
    if (mode == std::string_view::npos) {
        out += "CLIENT_ERROR invalid mode for ma M token\r\n";
        return;
    }
    stored_item* item = items.find(flags.key);
    const bool is_new = item == nullptr;
    if (item == nullptr && !flags.vivify_until) return append_meta_echo(flags, "NF", out);
    if (item == nullptr) {
        item = &items.put(flags.key, {.value = std::to_string(flags.initial),
                                      .expires_at = *flags.vivify_until,
                                      .has_binary_key = flags.is_binary});
    } else {
        if (flags.compare && *flags.compare != item->cas) {
            return append_meta_echo(flags, "EX", out);
        }
        if (!items.apply_delta(flags.key, *item, mode < 2, flags.delta)) {
            out += "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
            return;
        }
    }
    append_number(line, flags, *item, flags.is_quiet && !is_new);
}

inline std::optional<store_mode> store_mode_of(const meta_flags& flags) {
    const auto plain = flags.compare ? store_mode::cas : store_mode::set;
    switch (flags.mode) {
        case 0:
        case 'S': return plain;
        case 'E': return store_mode::add;
        case 'R': return flags.compare ? store_mode::cas : store_mode::replace;
        case 'A': return store_mode::append;
        case 'P': return store_mode::prepend;
    }
    return std::nullopt;
}

// The error line, or nullptr: then the value is awaited.
inline const char* begin_meta_set(const command_line& line, std::size_t size, meta_flags& flags) {
    auto& items = line.server.items;
    if (const char* error = read_meta_flags(items, line.words.subspan(3), flags)) return error;
    const auto mode = store_mode_of(flags);
    if (!mode) return "CLIENT_ERROR invalid mode for ms M token\r\n";
    if (items.is_too_large(flags.key, size, flags.client_flags)) {
        if (*mode == store_mode::set) items.erase(flags.key);
        return "SERVER_ERROR object too large for cache\r\n";
    }
    auto& pending = line.session.pending.emplace();
    pending.request = {.key = flags.key,
                       .flags = flags.client_flags,
                       .expires_at = flags.expires_at.value_or(0),
                       .mode = *mode,
                       .compare = flags.compare.value_or(0),
                       .may_be_stale = flags.invalidates,
                       .has_binary_key = flags.is_binary};
    pending.size = size;
    pending.is_meta = true;
    pending.is_quiet = flags.is_quiet;
    for (const auto flag : flags.list) {
        std::string text;
        if (flag.front() == 'k') append_meta_key(flags.key, flags.is_binary, text);
        if (flag.front() == 'O') text.append(" ").append(flag);
        if (flag.front() == 'c') text = "c";
        if (!text.empty()) pending.echo.push_back(text);
    }
    return nullptr;
}

inline void meta_set(const command_line& line) {
    meta_flags flags;
    const std::int32_t size = line.words.size() > 2 ? parse_int32(line.words[2]).value_or(-1) : -1;
    flags.key = line.words.size() > 1 ? line.words[1] : "";
    constexpr std::int32_t largest = 0x7fffffff - 2;
    if (flags.key.empty() || flags.key.size() > max_key_size || size < 0 || size > largest) {
        line.out += bad_line;
        return;
    }
    if (const char* error = begin_meta_set(line, static_cast<std::size_t>(size), flags)) {
        line.out += error;
        line.session.to_swallow = static_cast<std::size_t>(size) + 2;
    }
}

}  // namespace detail

/// Carries out a meta command. False if the first word is none.
inline bool run_meta_command(const command_line& line) {
    const auto verb = line.words.front();
    if (verb == "mn") {
        line.out += "MN\r\n";
        line.session.flushes = true;
        return true;
    }
    if (verb == "ms" && line.words.size() > 1) {
        detail::meta_set(line);
        return true;
    }
    if ((verb != "mg" && verb != "md" && verb != "ma") || line.words.size() < 2) return false;
    meta_flags flags;
    flags.key = line.words[1];
    constexpr std::size_t most_words = 24;
    if (flags.key.size() > max_key_size) {
        line.out += bad_line;
        return true;
    }
    if (line.words.size() >= most_words) {
        line.out += "CLIENT_ERROR options flags are too long\r\n";
        return true;
    }
    const char* const error =
        detail::read_meta_flags(line.server.items, line.words.subspan(2), flags);
    if (error != nullptr) {
        // md and ma tell less.
        const bool is_told = verb == "mg" || error == detail::opaque_too_long;
        line.out += is_told ? error : "CLIENT_ERROR invalid or duplicate flag\r\n";
        return true;
    }
    if (verb == "mg") detail::meta_get(line, flags);
    if (verb == "md") detail::meta_delete(line, flags);
    if (verb == "ma") detail::meta_arithmetic(line, flags);
    return true;
}

}  // namespace memring::testing
