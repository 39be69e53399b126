#pragma once
// mg, ms, md, ma, me, mn as memcached 1.6.18 answers them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <memring/key.hpp>
#include <memring/testing/classic_commands.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/meta_flags.hpp>
#include <memring/testing/meta_store.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

namespace detail {

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

inline bool is_due_for_recache(const meta_flags& flags, const stored_item& item) {
    return !item.is_token_sent && item.expires_at != 0 && item.expires_at < flags.recache_before;
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
    stored_item* item = items.find(flags.key);
    const bool is_new = item == nullptr && flags.vivify_until.has_value();
    if (is_new) item = &items.put(flags.key, {});
    if (flags.expires_at && item != nullptr) {
        line.server.count_touch(flags.key, item);
    } else {
        line.server.count_get(flags.key, item);
    }
    if (item == nullptr) {
        if (!flags.is_quiet) append_meta_echo(flags, "EN", out);
        return;
    }
    out += flags.wants_value ? "VA " + std::to_string(item->value.size()) : "HD";
    bool won = is_new;
    for (const auto flag : flags.list) {
        if (flag.front() == 'N' && is_new) item->expires_at = *flags.vivify_until;
        if (flag.front() == 'R' && !is_new) won = won || is_due_for_recache(flags, *item);
        append_item_flag(items, flags, flag, *item, out);
    }
    append_win(*item, won, out);
    out += "\r\n";
    if (flags.wants_value) out += item->value + "\r\n";
    if (!flags.keeps_lru) items.touch_read(*item);
}

inline void meta_delete(const command_line& line, const meta_flags& flags) {
    auto& items = line.server.items;
    auto& counters = line.server.counters;
    ++counters.deletes;
    stored_item* const item = items.find(flags.key);
    const bool is_other = item != nullptr && flags.compare && *flags.compare != item->cas;
    if (item == nullptr || is_other) {
        ++counters.delete_misses;
        return append_meta_echo(flags, is_other ? "EX" : "NF", line.out);
    }
    if (flags.invalidates) {
        if (flags.expires_at) item->expires_at = *flags.expires_at;
        item->is_stale = true;
        item->is_token_sent = false;
        items.give_new_cas(*item);
    } else {
        ++line.server.class_of(flags.key, *item).delete_hits;
        items.erase(flags.key);
    }
    if (!flags.is_quiet) append_meta_echo(flags, "HD", line.out);
}

inline void append_number(const command_line& line, const meta_flags& flags, stored_item& item,
                          bool is_silent) {
    constexpr std::string_view answered = "TtcO";
    const std::string digits = std::to_string(*parse_counter(item.value));
    std::string reply = flags.wants_value ? "VA " + std::to_string(digits.size()) : "HD";
    for (const auto flag : flags.list) {
        if (flag.front() == 'k') {
            append_meta_key(flags.key, flags.is_binary, reply);
        } else if (answered.find(flag.front()) != std::string_view::npos) {
            append_item_flag(line.server.items, flags, flag, item, reply);
        }
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
    const bool is_up = mode < 2;
    auto result =
        apply_delta(line.server, flags.key,
                    {.is_up = is_up, .delta = flags.delta, .compare = flags.compare.value_or(0)});
    const bool is_new = result.outcome == delta_outcome::not_found && flags.vivify_until;
    if (is_new) {
        result = {.item = &items.put(flags.key, {.value = std::to_string(flags.initial),
                                                 .expires_at = *flags.vivify_until})};
    }
    auto& counters = line.server.counters;
    switch (result.outcome) {
        case delta_outcome::ok:
            return append_number(line, flags, *result.item, flags.is_quiet && !is_new);
        case delta_outcome::not_found:
            ++(is_up ? counters.increment_misses : counters.decrement_misses);
            return append_meta_echo(flags, "NF", out);
        case delta_outcome::exists: return append_meta_echo(flags, "EX", out);
        case delta_outcome::not_numeric: out += not_numeric; return;
    }
}

// What is known of an item, for people: the expiry counts up from it, so it is negative until then.
inline void meta_inspect(const command_line& line) {
    auto& out = line.out;
    const auto& words = line.words;
    auto& items = line.server.items;
    std::string key(words.size() > 1 ? words[1] : "");
    const bool is_base64 = words.size() > 2 && words[2] == "b";
    if (key.empty() || key.size() > max_key_size || (is_base64 && !from_base64(key))) {
        out += bad_line;
        return;
    }
    if (is_base64) key = *from_base64(key);
    ++line.server.counters.inspections;
    const stored_item* const item = items.find(key);
    if (item == nullptr) {
        out += "EN\r\n";
        return;
    }
    const auto size = stored_size(key, item->value.size(), item->flags);
    out += "ME " + (item->has_binary_key ? to_base64(key) : key);
    out += " exp=" + std::to_string(item->expires_at == 0 ? -1 : items.now() - item->expires_at);
    out += " la=" + std::to_string(items.now() - item->used_at);
    out += " cas=" + std::to_string(item->cas);
    out += item->is_fetched ? " fetch=yes" : " fetch=no";
    out += " cls=" + std::to_string(slab_class_of(size)) + " size=" + std::to_string(size);
    out += "\r\n";
}

// mg, md and ma: a key and flags.
inline void meta_item_command(const command_line& line) {
    const auto verb = line.words[0];
    meta_flags flags;
    flags.key = line.words[1];
    if (flags.key.size() > max_key_size) {
        line.out += bad_line;
        return;
    }
    if (line.words.size() >= most_meta_words) {
        line.out += verb == "mg" ? "CLIENT_ERROR options flags are too long\r\n"
                                 : "CLIENT_ERROR options flags too long\r\n";
        return;
    }
    const char* const error = read_meta_flags(line.server.items, line.words.subspan(2), flags);
    if (error != nullptr) {
        // md and ma tell less.
        const bool is_told = verb == "mg" || error == opaque_too_long;
        line.out += is_told ? error : "CLIENT_ERROR invalid or duplicate flag\r\n";
        return;
    }
    if (verb == "mg") meta_get(line, flags);
    if (verb == "md") meta_delete(line, flags);
    if (verb == "ma") meta_arithmetic(line, flags);
}

}  // namespace detail

/// Carries out a meta command. False if the first word is none, or needs a key and has none.
inline bool run_meta_command(const command_line& line) {
    const auto verb = line.words.front();
    const bool has_key = line.words.size() > 1;
    if (!line.server.features.has_meta) return false;
    if (verb == "mn") {
        line.out += "MN\r\n";
        line.session.flushes = true;
    } else if (verb == "me") {
        detail::meta_inspect(line);
    } else if (verb == "ms" && has_key) {
        detail::meta_set(line);
    } else if ((verb == "mg" || verb == "md" || verb == "ma") && has_key) {
        detail::meta_item_command(line);
    } else {
        return false;
    }
    return true;
}

}  // namespace memring::testing
