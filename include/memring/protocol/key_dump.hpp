#pragma once
// Parses what `lru_crawler metadump` and `lru_crawler mgdump` print, in chunks as they come.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/node.hpp>
#include <memring/protocol/key_encoding.hpp>
#include <memring/protocol/reply_parser.hpp>

namespace memring {

/// One item of a key dump. What the server did not print keeps its initialiser: a dump of bare
/// keys (mgdump) has nothing but the key.
struct key_dump_entry {
    std::string_view key;          ///< decoded and valid; the view ends with the callback
    std::int64_t expiry = -1;      ///< Unix time in seconds; -1 for never
    std::int64_t last_access = 0;  ///< Unix time in seconds
    std::uint64_t cas = 0;
    std::uint64_t size = 0;              ///< bytes of the whole item, not of its value
    std::uint32_t slab_class = 0;        ///< 0 before memcached 1.5.4
    bool fetched = false;                ///< whether it was read since it was stored
    std::optional<std::uint64_t> flags;  ///< client flags, from memcached 1.6.24 on
};

/// Where a key dump stands.
enum class dump_state : std::uint8_t {
    running,      ///< feed more
    finished,     ///< the server has listed all it had
    busy,         ///< another crawl runs or the hash table grows: try again a little later
    no_class,     ///< the server does not know what to walk: before 1.6.9 ask for `all`
    unavailable,  ///< the server does not list its keys
    malformed     ///< no key dump
};

/// Feed it the bytes that follow one of the dump commands, from the first to the last.
///
///     key_dump_parser dump;
///     while (dump.feed(read_some(), [&](const key_dump_entry& e) { use(e.key); }) ==
///            dump_state::running) {}
///
/// A dump can turn `busy` after it has listed some keys: entries are good, but not all of them.
/// Not thread-safe.
class key_dump_parser {
public:
    /// The longest line, in bytes. A key of 250 bytes takes at most 750 encoded.
    static constexpr std::size_t max_line = 4096;

    /// Takes the next bytes and hands each entry to `sink(const key_dump_entry&)` in turn. Bytes
    /// behind the end of the dump are ignored, and so is all that follows. After a `sink` that
    /// threw the dump cannot be continued.
    template <class Sink>
    dump_state feed(std::string_view chunk, Sink&& sink);

    [[nodiscard]] dump_state state() const noexcept { return x_state; }

    /// `errc::crawler_busy`, `errc::crawler_unavailable`, `errc::malformed_reply`, or clear.
    [[nodiscard]] std::error_code error() const noexcept;

    /// The line in which the server refused the dump, for people; empty if it did not.
    [[nodiscard]] const std::string& refusal() const noexcept { return x_refusal; }

    /// How many keys were handed out so far.
    [[nodiscard]] std::uint64_t entries() const noexcept { return x_entries; }

    /// How many keys were passed over: no client can name them without base64.
    [[nodiscard]] std::uint64_t skipped() const noexcept { return x_skipped; }

private:
    template <class Sink>
    void parse_line(std::string_view line, Sink& sink);
    [[nodiscard]] bool parse_metadump(std::string_view line, key_dump_entry& entry);
    [[nodiscard]] static bool parse_field(std::string_view field, key_dump_entry& entry);
    [[nodiscard]] bool parse_mgdump(std::string_view line);
    void end_with(std::string_view line);

    dump_state x_state = dump_state::running;
    bool x_is_key_good = false;
    bool x_has_lines = false;
    std::string x_partial;  // the front of a line whose end has not come yet
    std::string x_key;
    std::string x_refusal;
    std::uint64_t x_entries = 0;
    std::uint64_t x_skipped = 0;
};

template <class Sink>
dump_state key_dump_parser::feed(std::string_view chunk, Sink&& sink) {
    while (x_state == dump_state::running && !chunk.empty()) {
        const std::size_t newline = chunk.find('\n');
        const std::string_view piece = chunk.substr(0, newline);
        if (x_partial.size() + piece.size() > max_line) {
            x_state = dump_state::malformed;
        } else if (newline == std::string_view::npos) {
            x_partial.append(piece);
            break;
        } else if (x_partial.empty()) {
            parse_line(piece, sink);
        } else {
            x_partial.append(piece);
            parse_line(x_partial, sink);
            x_partial.clear();
        }
        chunk.remove_prefix(std::min(piece.size() + 1, chunk.size()));
    }
    return x_state;
}

template <class Sink>
void key_dump_parser::parse_line(std::string_view line, Sink& sink) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    key_dump_entry entry;
    if (line.starts_with("key=")) {
        if (!parse_metadump(line, entry)) {
            x_state = dump_state::malformed;
            return;
        }
    } else if (line.starts_with("mg ")) {
        if (!parse_mgdump(line.substr(3))) {
            x_state = dump_state::malformed;
            return;
        }
    } else {
        const bool is_greeting = line == "OK" && !x_has_lines;  // from memcached 1.6.43 on
        x_has_lines = true;
        if (!is_greeting) end_with(line);
        return;
    }
    x_has_lines = true;
    if (!x_is_key_good || !is_valid_key(x_key)) {
        ++x_skipped;
        return;
    }
    ++x_entries;
    entry.key = x_key;
    sink(static_cast<const key_dump_entry&>(entry));
}

inline bool key_dump_parser::parse_metadump(std::string_view line, key_dump_entry& entry) {
    bool has_key = false;
    for (auto field = detail::take_word(line); !field.empty(); field = detail::take_word(line)) {
        if (field.starts_with("key=")) {
            if (has_key) return false;
            has_key = true;
            x_is_key_good = decode_percent(field.substr(4), x_key);
        } else if (!parse_field(field, entry)) {
            return false;
        }
    }
    return has_key;
}

/// False on a field that is known but has no number in it. Unknown ones are for later servers.
inline bool key_dump_parser::parse_field(std::string_view field, key_dump_entry& entry) {
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return true;
    const std::string_view name = field.substr(0, equals);
    const std::string_view value = field.substr(equals + 1);
    if (name == "exp") return detail::parse_number(value, entry.expiry) && entry.expiry >= -1;
    if (name == "la") return detail::parse_number(value, entry.last_access);
    if (name == "cas") return detail::parse_number(value, entry.cas);
    if (name == "size") return detail::parse_number(value, entry.size);
    if (name == "cls") return detail::parse_number(value, entry.slab_class);
    if (name == "flags") return detail::parse_number(value, entry.flags.emplace());
    if (name == "fetch") {
        entry.fetched = value == "yes";
        return entry.fetched || value == "no";
    }
    return true;
}

inline bool key_dump_parser::parse_mgdump(std::string_view line) {
    const std::string_view key = detail::take_word(line);
    x_is_key_good = true;
    x_key = key;
    for (auto flag = detail::take_word(line); !flag.empty(); flag = detail::take_word(line)) {
        if (flag == "b") x_is_key_good = decode_base64(key, x_key);
    }
    return !key.empty();
}

inline void key_dump_parser::end_with(std::string_view line) {
    const auto is = [line](std::string_view word) { return line.starts_with(word); };
    if (line == "END" || line == "EN") {
        x_state = dump_state::finished;
        return;
    }
    x_refusal = line;
    if (is("NOTSTARTED")) {
        x_state = dump_state::finished;  // there are no items to list
    } else if (is("BUSY") || is("ERROR locked")) {
        x_state = dump_state::busy;
    } else if (is("BADCLASS")) {
        x_state = dump_state::no_class;
    } else if (is("CLIENT_ERROR ") || is("SERVER_ERROR ") || is("ERROR ") || line == "ERROR") {
        x_state = dump_state::unavailable;
    } else {
        x_refusal.clear();
        x_state = dump_state::malformed;
    }
}

inline std::error_code key_dump_parser::error() const noexcept {
    switch (x_state) {
        case dump_state::running:
        case dump_state::finished: break;
        case dump_state::busy: return errc::crawler_busy;
        case dump_state::no_class:
        case dump_state::unavailable: return errc::crawler_unavailable;
        case dump_state::malformed: return errc::malformed_reply;
    }
    return {};
}

}  // namespace memring
