#pragma once
// Replies of the classic text lines as the answer to the command that was asked: strict, because
// nothing but the order says which command a classic reply belongs to.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_decoder.hpp>
#include <memring/protocol/reply_parser.hpp>

namespace memring {

/// Reads a `VALUE key flags size [cas]` reply: sets `key`, and of `out` what a read has. False,
/// and nothing set, where it is another reply or a field is no number. Views into what `r` was
/// parsed from.
[[nodiscard]] inline bool parse_value_line(const reply& r, std::string_view& key,
                                           answer& out) noexcept {
    if (r.kind != reply_kind::value) return false;
    std::string_view rest = r.text;
    const std::string_view cas = detail::take_word(rest);
    std::uint32_t flags_read = 0;
    std::uint64_t cas_read = 0;
    if (!is_valid_key(r.key) || !detail::parse_number(r.flags, flags_read) ||
        (!cas.empty() && !detail::parse_number(cas, cas_read)) ||
        !detail::take_word(rest).empty()) {
        return false;
    }
    key = r.key;
    detail::clear(out);
    out.what = status::ok;
    out.flags = flags_read;
    out.cas = cas_read;
    out.view = r.value;
    return true;
}

namespace detail {

/// Sets `out.what`; false when no server answers `what` like that.
[[nodiscard]] inline bool parse_classic_status(verb what, const reply& r, answer& out) noexcept {
    out.what = status::ok;
    switch (what) {
        case verb::get:
        case verb::get_and_touch: {
            std::string_view key;
            out.what = status::miss;
            return r.kind == reply_kind::end || parse_value_line(r, key, out);
        }
        case verb::set:
        case verb::replace:
        case verb::add:
        case verb::append:
        case verb::prepend:
            if (r.kind == reply_kind::stored) return true;
            out.what = r.kind == reply_kind::exists      ? status::exists
                       : r.kind == reply_kind::not_found ? status::not_found
                                                         : status::not_stored;
            if (r.kind == reply_kind::not_stored) return what != verb::set;
            return (r.kind == reply_kind::exists || r.kind == reply_kind::not_found) &&
                   (what == verb::set || what == verb::replace);  // `cas`
        case verb::remove:
            if (r.kind == reply_kind::not_found) out.what = status::not_found;
            return r.kind == reply_kind::deleted || r.kind == reply_kind::not_found;
        case verb::touch:
            if (r.kind == reply_kind::not_found) out.what = status::miss;
            return r.kind == reply_kind::touched || r.kind == reply_kind::not_found;
        case verb::increment:
        case verb::decrement:
            if (r.kind == reply_kind::not_found) out.what = status::miss;
            return r.kind == reply_kind::not_found ||
                   (r.kind == reply_kind::number && parse_number(r.text, out.number));
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return false;
}

}  // namespace detail

/// Turns `r` into the answer to a `what`, by the rules of `parse_meta_answer`: true for an answer
/// or the server's error (then see `keeps_step`), false and `errc::malformed_reply` for what is no
/// answer to it. A read's VALUE is owed an END behind it, which `classic_reader` sees to.
[[nodiscard]] inline bool parse_classic_answer(verb what, const reply& r, answer& out) noexcept {
    detail::clear(out);
    if (detail::is_error_line(r.kind)) {
        out.error = detail::parse_error_line(r);
        return true;
    }
    if (detail::parse_classic_status(what, r, out)) return true;
    detail::clear(out);
    out.error = errc::malformed_reply;
    return false;
}

/// Reads the answers to single commands from the front of a buffer that the caller owns.
///
///     while (reader.read(bytes, what, key, out, consumed) == parse_state::complete) { use(out);
///     bytes.remove_prefix(consumed); }
///
/// No classic reply names its command. What keeps one answer from being taken for another is their
/// order, that a read takes one VALUE at most and ends with END, that each verb has words of its
/// own, and, where the caller still knows it, the key that a VALUE repeats. Between a `need_more`
/// and the next call, which must be for the same command, the buffer may grow and move, but not
/// lose its front. Not thread-safe.
class classic_reader {
public:
    classic_reader() noexcept = default;
    explicit classic_reader(reply_limits limits) noexcept : x_parser(limits) {}

    /// `key` is the one asked for; empty where the caller does not know it any more. With
    /// `complete` come `out`, whose value and key (that of a VALUE) are views into `buffered`, and
    /// `consumed`, the bytes of the whole answer; with `malformed` comes `out.error`.
    [[nodiscard]] parse_state read(std::string_view buffered, verb what, std::string_view key,
                                   answer& out, std::size_t& consumed) noexcept;

    /// After `need_more`: how many bytes are missing at least.
    [[nodiscard]] std::size_t missing() const noexcept { return x_parser.missing(); }

    /// Whether what is behind the answer can be trusted (see `keeps_step`).
    [[nodiscard]] bool is_in_step() const noexcept { return x_is_in_step; }

private:
    [[nodiscard]] parse_state refuse(answer& out) noexcept {
        detail::clear(out);
        out.error = errc::malformed_reply;
        x_is_in_step = false;
        return parse_state::malformed;
    }
    [[nodiscard]] parse_state read_end(std::string_view buffered, answer& out,
                                       std::size_t& consumed) noexcept;

    reply_parser x_parser;
    std::size_t x_key_size = 0;    // of that reply's key
    std::size_t x_line_size = 0;   // of the VALUE line whose END is awaited
    std::size_t x_value_size = 0;  // of the whole VALUE reply; 0 while there is none
    std::uint64_t x_cas = 0;
    std::uint32_t x_flags = 0;
    bool x_is_in_step = true;
};

inline parse_state classic_reader::read(std::string_view buffered, verb what, std::string_view key,
                                        answer& out, std::size_t& consumed) noexcept {
    if (x_value_size != 0) return read_end(buffered, out, consumed);
    reply got;
    switch (x_parser.parse(buffered, got)) {
        case parse_state::need_more: return parse_state::need_more;
        case parse_state::malformed: return refuse(out);
        case parse_state::complete: break;
    }
    if (!parse_classic_answer(what, got, out)) return refuse(out);
    if (got.kind != reply_kind::value) {
        x_is_in_step = keeps_step(what, got.kind);
        consumed = got.size;
        return parse_state::complete;
    }
    if (!key.empty() && got.key != key) return refuse(out);
    x_key_size = got.key.size();
    x_value_size = got.size;
    x_line_size = got.size - got.value.size() - 2;
    x_cas = out.cas;
    x_flags = out.flags;
    return read_end(buffered, out, consumed);
}

inline parse_state classic_reader::read_end(std::string_view buffered, answer& out,
                                            std::size_t& consumed) noexcept {
    reply got;
    switch (x_parser.parse(buffered.substr(x_value_size), got)) {
        case parse_state::need_more: return parse_state::need_more;
        case parse_state::malformed: return refuse(out);
        case parse_state::complete: break;
    }
    if (got.kind != reply_kind::end) return refuse(out);
    detail::clear(out);
    out.what = status::ok;
    out.flags = x_flags;
    out.cas = x_cas;
    out.view = buffered.substr(x_line_size, x_value_size - x_line_size - 2);
    out.key = buffered.substr(std::string_view("VALUE ").size(), x_key_size);
    consumed = x_value_size + got.size;
    x_value_size = 0;
    x_is_in_step = true;
    return parse_state::complete;
}

}  // namespace memring
