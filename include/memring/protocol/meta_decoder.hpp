#pragma once
// A reply of the meta dialect as the answer to the command that was asked: strict, because a
// reply taken for the answer to another command hands a value to the wrong key.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <memring/error.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_encoder.hpp>
#include <memring/protocol/reply_parser.hpp>

namespace memring {

/// What was asked, as far as the answer must fit it.
struct expected_answer {
    verb what = verb::get;
    std::uint32_t opaque = 0;
};

/// Whether the connection is still in step after a reply of this kind to `what`. Not after
/// `ERROR`, and not after `CLIENT_ERROR` to a store: memcached 1.6.18 does not always swallow the
/// refused payload, and what is left of it is run as commands.
[[nodiscard]] constexpr bool keeps_step(verb what, reply_kind kind) noexcept {
    return kind != reply_kind::error && !(kind == reply_kind::client_error && has_payload(what));
}

namespace detail {

inline constexpr std::int64_t max_inspected_ttl = std::int64_t{1} << 40;

/// Sets `out.what`; false when no server answers `what` like that.
[[nodiscard]] inline bool parse_read_status(verb what, reply_kind kind, answer& out) noexcept {
    out.what = kind == reply_kind::en ? status::miss : status::ok;
    return kind == reply_kind::en ||
           kind == (what == verb::touch ? reply_kind::hd : reply_kind::va);
}

[[nodiscard]] inline bool parse_write_status(verb what, reply_kind kind, answer& out) noexcept {
    const bool is_arithmetic = what == verb::increment || what == verb::decrement;
    if (kind == reply_kind::ex) {
        out.what = status::exists;
        return true;
    }
    if (kind == reply_kind::nf) {
        out.what = is_arithmetic ? status::miss : status::not_found;
        return true;
    }
    if (kind == reply_kind::ns) {
        out.what = status::not_stored;
        return what != verb::remove && what != verb::invalidate;
    }
    out.what = status::ok;
    return kind == (is_arithmetic ? reply_kind::va : reply_kind::hd);
}

[[nodiscard]] inline bool parse_status(verb what, reply_kind kind, answer& out) noexcept {
    switch (what) {
        case verb::get:
        case verb::touch:
        case verb::get_and_touch:
        case verb::lease: return parse_read_status(what, kind, out);
        case verb::inspect:
            out.what = kind == reply_kind::en ? status::miss : status::ok;
            return kind == reply_kind::en || kind == reply_kind::me;
        case verb::set:
        case verb::add:
        case verb::replace:
        case verb::append:
        case verb::prepend:
        case verb::remove:
        case verb::invalidate:
        case verb::increment:
        case verb::decrement: return parse_write_status(what, kind, out);
    }
    return false;
}

/// Reads the flags behind the code. False on a flag that is not what it should be, an opaque that
/// is not `opaque`, or none where `needs_opaque`. Flags nobody asked for are skipped.
[[nodiscard]] inline bool parse_flags(std::string_view text, std::uint32_t opaque,
                                      bool needs_opaque, answer& out) noexcept {
    bool is_good = true;
    while (is_good) {
        const std::string_view flag = take_word(text);
        if (flag.empty()) break;
        const std::string_view token = flag.substr(1);
        switch (flag.front()) {
            case 'f': is_good = parse_number(token, out.flags); break;
            case 'c': is_good = parse_number(token, out.cas); break;
            case 't': is_good = parse_number(token, out.ttl) && out.ttl >= -1; break;
            case 'W': is_good = out.won = token.empty(); break;
            case 'Z': is_good = out.leased = token.empty(); break;
            case 'X': is_good = out.stale = token.empty(); break;
            case 'O': {
                std::uint32_t echoed = 0;
                is_good = parse_number(token, echoed) && echoed == opaque;
                needs_opaque = false;
                break;
            }
            default: break;
        }
    }
    return is_good && !needs_opaque;
}

/// The pairs of an `ME` line behind its key. memcached 1.6.18 gives the seconds that are left
/// negative; -1, for ever, is also an item's last second.
[[nodiscard]] inline bool parse_inspection(std::string_view text, answer& out) noexcept {
    unsigned found = 0;
    (void)take_word(text);
    for (auto pair = take_word(text); !pair.empty(); pair = take_word(text)) {
        const auto place = std::min(pair.find('='), pair.size() - 1);
        const std::string_view name = pair.substr(0, place);
        const std::string_view value = pair.substr(place + 1);
        bool is_good = true;
        if (name == "exp") {
            is_good = parse_number(value, out.ttl) && out.ttl > -max_inspected_ttl;
            if (out.ttl < -1) out.ttl = -out.ttl;
        } else if (name == "la") {
            is_good = parse_number(value, out.idle);
        } else if (name == "cas") {
            is_good = parse_number(value, out.cas);
        } else if (name == "fetch") {
            out.hit_before = value == "yes";
        } else if (name == "size") {
            is_good = parse_number(value, out.size);
        } else {
            continue;  // the slab class, and what newer servers add
        }
        if (!is_good) return false;
        ++found;
    }
    return found == 5;
}

[[nodiscard]] inline std::error_code parse_error_line(const reply& r) noexcept {
    if (r.kind == reply_kind::server_error) {
        if (r.text.starts_with("out of memory")) return errc::out_of_memory;
        if (r.text.starts_with("object too large")) return errc::value_too_large;
        return errc::server_error;
    }
    if (r.kind == reply_kind::client_error && r.text.starts_with("unauthenticated"))
        return errc::authentication_failed;
    if (r.text.starts_with("cannot increment or decrement non-numeric")) return errc::not_a_number;
    // Where memcached expects a login it takes a classic store for one.
    if (r.text.starts_with("authentication failure") ||
        r.text.starts_with("bad authentication token format"))
        return errc::authentication_failed;
    return errc::client_error;
}

[[nodiscard]] inline bool is_error_line(reply_kind kind) noexcept {
    return kind == reply_kind::error || kind == reply_kind::client_error ||
           kind == reply_kind::server_error;
}

inline void clear(answer& out) noexcept {
    out.error.clear();
    out.what = status::miss;
    out.won = out.leased = out.stale = false;
    out.flags = 0;
    out.ttl = -1;
    out.cas = out.number = out.size = 0;
    out.idle = 0;
    out.hit_before = false;
    out.key = {};
    out.view = {};
    out.value.clear();
}

}  // namespace detail

/// Turns `r` into the answer to what was asked. True: `out` is that answer, or carries the error
/// the server gave (see `keeps_step`). False: the reply cannot be an answer to it (wrong kind,
/// another opaque, a flag that is no number); `out.error` is `errc::malformed_reply` and the
/// connection must be closed.
///
/// Error lines carry no opaque, and a miss (`EN`) carries none before memcached 1.6.18: those are
/// taken on their place in the order alone, as are inspections. The answer's value is a view into
/// what `r` was parsed from.
[[nodiscard]] inline bool parse_meta_answer(const expected_answer& asked, const reply& r,
                                            answer& out) noexcept {
    detail::clear(out);
    if (detail::is_error_line(r.kind)) {
        out.error = detail::parse_error_line(r);
        return true;
    }
    const bool needs_opaque = r.kind != reply_kind::en;
    bool is_good =
        detail::parse_status(asked.what, r.kind, out) &&
        (r.kind == reply_kind::me ? detail::parse_inspection(r.text, out)
                                  : detail::parse_flags(r.text, asked.opaque, needs_opaque, out));
    if (is_good && r.kind == reply_kind::va) {
        if (asked.what == verb::increment || asked.what == verb::decrement) {
            is_good = detail::parse_number(r.value, out.number);
        } else {
            out.view = r.value;
        }
    }
    if (!is_good) {
        detail::clear(out);
        out.error = errc::malformed_reply;
    }
    return is_good;
}

}  // namespace memring
