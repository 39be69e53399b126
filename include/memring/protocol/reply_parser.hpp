#pragma once
// Cuts the bytes of a text-protocol server into replies: incremental, without allocating or
// copying. What a reply means for the command that was asked is not decided here.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <memring/node.hpp>

namespace memring {

/// What the first word of a reply says.
enum class reply_kind : std::uint8_t {
    hd,            ///< meta: done, no value
    va,            ///< meta: a value follows
    en,            ///< meta: miss; also ends a key dump
    ns,            ///< meta: not stored
    ex,            ///< meta: the compare failed
    nf,            ///< meta: not found
    me,            ///< meta: what is known of an item
    mn,            ///< meta: the barrier that answers `mn`
    ok,            ///< OK
    end,           ///< END
    value,         ///< VALUE key flags size, and a data block
    config,        ///< CONFIG key flags size, and a data block
    stat,          ///< STAT name value
    version,       ///< VERSION text
    reset,         ///< RESET
    stored,        ///< STORED
    not_stored,    ///< NOT_STORED
    exists,        ///< EXISTS: the compare failed
    not_found,     ///< NOT_FOUND
    deleted,       ///< DELETED
    touched,       ///< TOUCHED
    number,        ///< a line of digits: what a counter has become
    error,         ///< ERROR: the server did not understand
    client_error,  ///< CLIENT_ERROR text
    server_error   ///< SERVER_ERROR text
};

/// One reply, as views into the parsed buffer: valid until that buffer changes.
struct reply {
    reply_kind kind = reply_kind::error;
    std::string_view text;        ///< the line after its first word; for `va` and `value` after the
                                  ///< size; of `number` the digits
    std::string_view value;       ///< the data block of `va`, `value` and `config`
    std::size_t size = 0;         ///< bytes of the whole reply: what the caller consumes
    std::string_view key = {};    ///< set for `value` only
    std::string_view flags = {};  ///< set for `value` only
};

enum class parse_state : std::uint8_t {
    need_more,  ///< call again with the same bytes and at least `missing()` more behind them
    complete,   ///< one reply is there; the next call is about the bytes after it
    malformed   ///< no reply of this protocol: the connection is out of step for good
};

/// What a `reply_parser` accepts, in bytes. Anything above is malformed before it is buffered.
struct reply_limits {
    std::size_t line = 2048;         ///< one line with its CRLF
    std::size_t value = 128u << 20;  ///< one data block; memcached's `-I` default is 1 MiB
};

/// Parses one reply after the other from the front of a buffer that the caller owns and fills.
///
///     while (parser.parse(bytes, r) == parse_state::complete) { use(r);
///     bytes.remove_prefix(r.size); }
///
/// Between a `need_more` and the next call the buffer may grow and move, but not lose its front.
/// Every byte is scanned once, however small the pieces it arrives in. Not thread-safe.
class reply_parser {
public:
    reply_parser() noexcept = default;
    explicit reply_parser(reply_limits limits) noexcept : x_limits(limits) {}

    /// Parses the reply at the front of `buffered`. `out` is set when the result is `complete`.
    [[nodiscard]] parse_state parse(std::string_view buffered, reply& out) noexcept;

    /// After `need_more`: how many bytes at least are still missing from the reply. Exact once
    /// the line before a data block is there, so the buffer can grow once.
    [[nodiscard]] std::size_t missing() const noexcept { return x_missing; }

    /// Forgets a half-parsed reply: for a new connection.
    void reset() noexcept { *this = reply_parser(x_limits); }

private:
    [[nodiscard]] parse_state scan_line(std::string_view buffered, std::string_view& line) noexcept;
    [[nodiscard]] parse_state cut_block(std::string_view buffered, std::size_t line_size,
                                        std::string_view length, reply& out) noexcept;
    [[nodiscard]] parse_state take_number(std::string_view line, reply& out) noexcept;
    [[nodiscard]] parse_state wait_for(std::size_t missing) noexcept {
        x_missing = missing;
        return parse_state::need_more;
    }

    reply_limits x_limits;
    std::size_t x_scanned = 0;    // bytes known to hold no line end
    std::size_t x_line_size = 0;  // of a complete line with CRLF, 0 while there is none
    std::size_t x_missing = 0;
};

namespace detail {

/// Whether `text` holds a byte that no line of the protocol has: 0x00-0x1f, 0x7f.
[[nodiscard]] inline bool has_control_byte(std::string_view text) noexcept {
    unsigned found = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        found |= static_cast<unsigned>(byte < 0x20) | static_cast<unsigned>(byte == 0x7f);
    }
    return found != 0;
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether a line of the protocol may begin like this: with a capital letter, or a number alone.
[[nodiscard]] inline bool may_begin_line(std::string_view text) noexcept {
    constexpr std::size_t most_digits = 20;  // of 2^64 - 1
    if (text.empty() || (text.front() >= 'A' && text.front() <= 'Z')) return true;
    return text.size() <= most_digits && std::ranges::all_of(text, is_digit);
}

[[nodiscard]] constexpr unsigned two_letters(char first, char second) noexcept {
    return static_cast<unsigned>(static_cast<unsigned char>(first)) << 8 |
           static_cast<unsigned char>(second);
}

[[nodiscard]] inline bool parse_short_word(std::string_view word, reply_kind& out) noexcept {
    switch (two_letters(word[0], word[1])) {
        case two_letters('V', 'A'): out = reply_kind::va; return true;
        case two_letters('H', 'D'): out = reply_kind::hd; return true;
        case two_letters('E', 'N'): out = reply_kind::en; return true;
        case two_letters('N', 'S'): out = reply_kind::ns; return true;
        case two_letters('E', 'X'): out = reply_kind::ex; return true;
        case two_letters('N', 'F'): out = reply_kind::nf; return true;
        case two_letters('M', 'E'): out = reply_kind::me; return true;
        case two_letters('M', 'N'): out = reply_kind::mn; return true;
        case two_letters('O', 'K'): out = reply_kind::ok; return true;
        default: return false;
    }
}

[[nodiscard]] inline bool parse_long_word(std::string_view word, reply_kind& out) noexcept {
    struct entry {
        std::string_view word;
        reply_kind kind;
    };
    static constexpr entry entries[] = {{"VALUE", reply_kind::value},
                                        {"STAT", reply_kind::stat},
                                        {"END", reply_kind::end},
                                        {"CONFIG", reply_kind::config},
                                        {"VERSION", reply_kind::version},
                                        {"RESET", reply_kind::reset},
                                        {"STORED", reply_kind::stored},
                                        {"NOT_STORED", reply_kind::not_stored},
                                        {"EXISTS", reply_kind::exists},
                                        {"NOT_FOUND", reply_kind::not_found},
                                        {"DELETED", reply_kind::deleted},
                                        {"TOUCHED", reply_kind::touched},
                                        {"ERROR", reply_kind::error},
                                        {"CLIENT_ERROR", reply_kind::client_error},
                                        {"SERVER_ERROR", reply_kind::server_error}};
    const auto* const found = std::ranges::find(entries, word, &entry::word);
    if (found == std::end(entries)) return false;
    out = found->kind;
    return true;
}

/// Takes the next word off the front of `text`, and the spaces around it; empty at the end.
[[nodiscard]] inline std::string_view take_word(std::string_view& text) noexcept {
    const char* first = text.data();
    const char* const end = first + text.size();
    while (first != end && *first == ' ') ++first;
    const char* last = first;
    while (last != end && *last != ' ') ++last;
    text = {last, static_cast<std::size_t>(end - last)};
    return {first, static_cast<std::size_t>(last - first)};
}

}  // namespace detail

inline parse_state reply_parser::scan_line(std::string_view buffered,
                                           std::string_view& line) noexcept {
    const std::string_view fresh = buffered.substr(x_scanned, x_limits.line - x_scanned);
    const auto* const newline =
        fresh.empty() ? nullptr
                      : static_cast<const char*>(std::memchr(fresh.data(), '\n', fresh.size()));
    if (newline == nullptr) {
        if (x_scanned + fresh.size() >= x_limits.line) return parse_state::malformed;
        // A CR in last place may yet get its LF: it is looked at again.
        const bool is_cut_in_line_end = fresh.ends_with('\r');
        const std::size_t settled = fresh.size() - (is_cut_in_line_end ? 1 : 0);
        if (detail::has_control_byte(fresh.substr(0, settled))) return parse_state::malformed;
        // Another protocol talks here: its line end may never come.
        if (!detail::may_begin_line(buffered.substr(0, x_scanned + settled)))
            return parse_state::malformed;
        x_scanned += settled;
        return wait_for(is_cut_in_line_end ? 1 : 2);
    }
    const auto size = static_cast<std::size_t>(newline - buffered.data());
    if (size == 0 || buffered[size - 1] != '\r') return parse_state::malformed;
    line = buffered.substr(0, size - 1);
    if (detail::has_control_byte(line.substr(x_scanned))) return parse_state::malformed;
    x_scanned = size - 1;
    x_line_size = size + 1;
    return parse_state::complete;
}

inline parse_state reply_parser::cut_block(std::string_view buffered, std::size_t line_size,
                                           std::string_view length, reply& out) noexcept {
    std::size_t block = 0;
    if (!detail::parse_number(length, block) || block > x_limits.value)
        return parse_state::malformed;
    out.size = line_size + block + 2;
    if (buffered.size() < out.size) {
        // Garbage behind a lying length shows as soon as the byte in the CR's place is there.
        if (buffered.size() == out.size - 1 && buffered.back() != '\r')
            return parse_state::malformed;
        return wait_for(out.size - buffered.size());
    }
    if (buffered[out.size - 2] != '\r' || buffered[out.size - 1] != '\n')
        return parse_state::malformed;
    out.value = buffered.substr(line_size, block);
    return parse_state::complete;
}

inline parse_state reply_parser::take_number(std::string_view line, reply& out) noexcept {
    if (!detail::may_begin_line(line)) return parse_state::malformed;
    out = {reply_kind::number, line, {}, x_line_size};
    x_scanned = x_line_size = x_missing = 0;
    return parse_state::complete;
}

inline parse_state reply_parser::parse(std::string_view buffered, reply& out) noexcept {
    std::string_view line;
    if (x_line_size != 0) {
        line = buffered.substr(0, x_line_size - 2);
    } else if (const auto state = scan_line(buffered, line); state != parse_state::complete) {
        return state;
    }
    if (!line.empty() && detail::is_digit(line.front())) return take_number(line, out);
    const bool is_short = line.size() == 2 || (line.size() > 2 && line[2] == ' ');
    const std::string_view word = line.substr(0, is_short ? 2 : line.find(' '));
    if (!(is_short ? detail::parse_short_word(word, out.kind)
                   : detail::parse_long_word(word, out.kind))) {
        return parse_state::malformed;
    }
    out.text = line.substr(std::min(word.size() + 1, line.size()));
    out.value = {};
    out.size = x_line_size;
    auto state = parse_state::complete;
    if (out.kind == reply_kind::va) {
        const std::string_view length = detail::take_word(out.text);
        state = cut_block(buffered, x_line_size, length, out);
    } else if (out.kind == reply_kind::value || out.kind == reply_kind::config) {
        std::string_view rest = out.text;
        const std::string_view key = detail::take_word(rest);
        const std::string_view flags = detail::take_word(rest);
        if (key.empty() || flags.empty()) return parse_state::malformed;
        state = cut_block(buffered, x_line_size, detail::take_word(rest), out);
        if (out.kind == reply_kind::value) {
            out.text = rest;
            out.key = key;
            out.flags = flags;
        }
    }
    if (state == parse_state::complete) x_scanned = x_line_size = x_missing = 0;
    return state;
}

}  // namespace memring
