#pragma once
// ms as memcached 1.6.18 answers it, and what the replies of all meta commands have in common.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <memring/key.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/meta_flags.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

namespace detail {

inline constexpr std::size_t most_meta_words = 20;  // with the command and the key: one fewer

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
        ++line.server.counters.too_large;
        items.erase(flags.key);  // in every mode, as 1.6.18 does
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
    pending.use = value_use::meta;
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
    if (line.words.size() >= most_meta_words && flags.key.size() <= max_key_size) {
        line.out += "CLIENT_ERROR options flags too long\r\n";
        return;
    }
    if (flags.key.empty() || flags.key.size() > max_key_size || size < 0 || size > largest) {
        line.out += bad_line;
        return;
    }
    if (const char* error = begin_meta_set(line, static_cast<std::size_t>(size), flags)) {
        line.out += error;
        line.session.to_swallow = static_cast<std::size_t>(size) + 2;
    }
}

inline void append_meta_outcome(const pending_store& done, store_outcome outcome, std::uint64_t cas,
                                std::string& out) {
    constexpr const char* codes[] = {"HD", "NS", "EX", "NF"};
    if (done.is_quiet && outcome == store_outcome::stored) return;
    out += codes[static_cast<std::size_t>(outcome)];
    for (const auto& text : done.echo) out += text == "c" ? " c" + std::to_string(cas) : text;
    out += "\r\n";
}

}  // namespace detail

}  // namespace memring::testing
