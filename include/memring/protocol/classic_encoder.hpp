#pragma once
// Commands as the classic text lines that every memcached knows. What they cannot say is refused
// before anything is sent, never approximated.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_encoder.hpp>

namespace memring {

namespace detail {

[[nodiscard]] constexpr std::string_view classic_word(const command& c) noexcept {
    switch (c.what) {
        case verb::set: return c.compare != 0 ? "cas " : "set ";
        case verb::replace: return c.compare != 0 ? "cas " : "replace ";
        case verb::add: return "add ";
        case verb::append: return "append ";
        case verb::prepend: return "prepend ";
        case verb::get: return "gets ";
        case verb::get_and_touch: return "gats ";
        case verb::touch: return "touch ";
        case verb::remove: return "delete ";
        case verb::increment: return "incr ";
        case verb::decrement: return "decr ";
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return "";
}

template <class Number>
void append_number(std::string& out, Number value) {
    char digits[20];
    out += ' ';
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

inline void encode_classic_store(const command& c, std::string& out) {
    // The server reads, checks and ignores flags and expiry of an extension.
    const bool extends = c.what == verb::append || c.what == verb::prepend;
    out += c.key.view();
    append_number(out, extends ? 0 : c.flags);
    append_number(out, extends ? 0 : c.expiry);
    append_number(out, c.value.size());
    if (!extends && c.what != verb::add && c.compare != 0) append_number(out, c.compare);
    out += "\r\n";
    out += c.value;
}

}  // namespace detail

/// Why `c` cannot be sent as a classic line, or a clear code. `errc::unsupported`: leases,
/// invalidations, inspections; a compare of anything but a set, an add (which has no use for it, as
/// in meta) and a replace; a counter's initial value; a read that wants the remaining time (-1
/// would be taken for "never expires"). `errc::invalid_key`: a key that is no text.
///
/// `keeps_lru` is not refused: a read that touches the LRU gives the same answer.
[[nodiscard]] inline std::error_code classic_refusal(const command& c) noexcept {
    if (!is_valid_key(c.key.view())) return errc::invalid_key;
    bool can_compare = false;
    switch (c.what) {
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: return errc::unsupported;
        case verb::get:
        case verb::get_and_touch:
            if (c.wants_ttl) return errc::unsupported;
            can_compare = true;  // ignored in every protocol
            break;
        case verb::touch:
        case verb::set:
        case verb::add:
        case verb::replace: can_compare = true; break;
        case verb::increment:
        case verb::decrement:
            if (c.has_initial) return errc::unsupported;
            break;
        case verb::append:
        case verb::prepend:
        case verb::remove: break;
    }
    return c.compare != 0 && !can_compare ? make_error_code(errc::unsupported) : std::error_code();
}

/// Appends the wire bytes of `c` to `out`. Precondition: no `classic_refusal`.
///
/// Reads ask for the cas (`gets`, `gats`); stores, touches and counters are not told the new one.
/// A set or replace over a `compare` is `cas`: both store only over the item they name. `gats`
/// needs memcached 1.5.3, `touch` 1.4.8.
inline void encode_classic(const command& c, std::string& out) {
    out += detail::classic_word(c);
    if (has_payload(c.what)) {
        detail::encode_classic_store(c, out);
    } else if (c.what == verb::get_and_touch) {
        out.pop_back();
        detail::append_number(out, c.expiry);
        (out += ' ') += c.key.view();
    } else {
        out += c.key.view();
        if (c.what == verb::touch) detail::append_number(out, c.expiry);
        if (c.what == verb::increment || c.what == verb::decrement)
            detail::append_number(out, c.delta);
    }
    out += "\r\n";
}

/// Appends one `gets` line for all of `keys`, a range of what converts to `std::string_view`:
/// answered by a VALUE for each key that is there, in their order, and END. Precondition: at least
/// one key, all of them `is_valid_key`.
///
/// memcached 1.6.18 takes lines of any length that begin with `get`; callers cut theirs at about
/// 8 KB, so that one line's answers do not hold up another's.
template <class Keys>
void encode_classic_gets(const Keys& keys, std::string& out) {
    out += "gets";
    for (const auto& key : keys) (out += ' ') += std::string_view(key);
    out += "\r\n";
}

}  // namespace memring
