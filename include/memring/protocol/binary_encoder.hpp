#pragma once
// Commands as frames of memcached's binary protocol, loud and quiet. Administration is in
// admin_command.hpp, the exchange that authenticates in handshake.hpp.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/protocol/binary_parser.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_encoder.hpp>

namespace memring {

namespace detail {

/// The expiry of a counter's frame that says: an absent key stays absent.
inline constexpr std::uint32_t binary_no_create = 0xffffffff;

template <class Number>
void append_big_endian(std::string& out, Number value) {
    char bytes[sizeof(Number)];
    for (std::size_t i = sizeof bytes; i-- > 0; value = static_cast<Number>(value >> 4 >> 4))
        bytes[i] = static_cast<char>(value & 0xff);
    out.append(bytes, sizeof bytes);
}

/// What a frame's header tells beside the lengths.
struct binary_header {
    binary_opcode opcode{};
    std::uint32_t opaque = 0;
    std::uint64_t cas = 0;
};

/// Appends the header of a request that has this much behind it.
inline void append_binary_header(const binary_header& header, std::size_t extras, std::size_t key,
                                 std::size_t value, std::string& out) {
    constexpr char request_magic = static_cast<char>(0x80);
    out += request_magic;
    out += static_cast<char>(header.opcode);
    append_big_endian(out, static_cast<std::uint16_t>(key));
    out += static_cast<char>(extras);
    out += '\0';          // data type: raw bytes
    out.append(2, '\0');  // reserved
    append_big_endian(out, static_cast<std::uint32_t>(extras + key + value));
    append_big_endian(out, header.opaque);
    append_big_endian(out, header.cas);
}

/// A set over a compare stands for a replace over one, too: same effect, and its answer tells an
/// item that is gone from one that was never there to be replaced.
[[nodiscard]] constexpr binary_opcode binary_opcode_of(const command& c, bool is_quiet) noexcept {
    using enum binary_opcode;
    switch (c.what) {
        case verb::get: return is_quiet ? get_quiet : get;
        case verb::set: return is_quiet ? set_quiet : set;
        case verb::add: return is_quiet ? add_quiet : add;
        case verb::replace:
            if (c.compare != 0) return is_quiet ? set_quiet : set;
            return is_quiet ? replace_quiet : replace;
        case verb::append: return is_quiet ? append_quiet : append;
        case verb::prepend: return is_quiet ? prepend_quiet : prepend;
        case verb::remove: return is_quiet ? remove_quiet : remove;
        case verb::touch: return touch;
        case verb::get_and_touch: return is_quiet ? get_and_touch_quiet : get_and_touch;
        case verb::increment: return is_quiet ? increment_quiet : increment;
        case verb::decrement: return is_quiet ? decrement_quiet : decrement;
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return noop;
}

[[nodiscard]] constexpr std::size_t binary_extras_size(verb what) noexcept {
    switch (what) {
        case verb::set:
        case verb::add:
        case verb::replace: return 8;
        case verb::touch:
        case verb::get_and_touch: return 4;
        case verb::increment:
        case verb::decrement: return 20;
        case verb::get:
        case verb::append:
        case verb::prepend:
        case verb::remove:
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return 0;
}

/// Whether the frame carries the command's compare. An add has no use for it, as in meta, and
/// memcached would turn it into a set; reads and touches ignore it.
[[nodiscard]] constexpr bool binary_compares(verb what) noexcept {
    switch (what) {
        case verb::set:
        case verb::replace:
        case verb::append:
        case verb::prepend:
        case verb::remove:
        case verb::increment:
        case verb::decrement: return true;
        case verb::get:
        case verb::add:
        case verb::touch:
        case verb::get_and_touch:
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return false;
}

}  // namespace detail

/// Whether a quiet form of `what` exists. There is none of touch: it is always answered.
[[nodiscard]] constexpr bool has_quiet_form(verb what) noexcept { return what != verb::touch; }

/// Why `c` cannot be sent as a frame, or a clear code. `errc::unsupported`: leases, invalidations,
/// inspections, and a read that wants the remaining time (-1 would be taken for "never expires").
/// `errc::invalid_key`: an empty key; every byte is fine in one. `errc::invalid_expiry`: one that
/// does not fit the frame, 0 to 2^32 - 2.
///
/// `keeps_lru` is not refused: a read that touches the LRU gives the same answer.
[[nodiscard]] inline std::error_code binary_refusal(const command& c) noexcept {
    if (c.key.empty()) return errc::invalid_key;
    switch (c.what) {
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: return errc::unsupported;
        case verb::get:
        case verb::get_and_touch:
            if (c.wants_ttl) return errc::unsupported;
            break;
        case verb::set:
        case verb::add:
        case verb::replace:
        case verb::append:
        case verb::prepend:
        case verb::remove:
        case verb::touch:
        case verb::increment:
        case verb::decrement: break;
    }
    const bool fits = c.expiry >= 0 && c.expiry < std::int64_t{detail::binary_no_create};
    return fits ? std::error_code() : make_error_code(errc::invalid_expiry);
}

/// Appends the frame of `c` to `out`; the server echoes `opaque` in its answer. Precondition: no
/// `binary_refusal`.
///
/// With `is_quiet`, where there is such a form, silence is an answer as well (`assume_silence`): it
/// is settled once the answer to a later command that is not quiet has come, such as
/// `encode_binary_noop`. The same members as in `encode_meta` have no meaning for a verb.
inline void encode_binary(const command& c, std::uint32_t opaque, bool is_quiet, std::string& out) {
    const std::string_view value =
        has_payload(c.what) ? std::string_view(c.value) : std::string_view();
    const std::uint64_t compare = detail::binary_compares(c.what) ? c.compare : 0;
    const auto expiry = static_cast<std::uint32_t>(c.expiry);
    const std::size_t extras = detail::binary_extras_size(c.what);
    detail::append_binary_header({detail::binary_opcode_of(c, is_quiet), opaque, compare}, extras,
                                 c.key.view().size(), value.size(), out);
    if (extras == 20) {
        detail::append_big_endian(out, c.delta);
        detail::append_big_endian(out, c.has_initial ? c.initial : 0);
        detail::append_big_endian(out, c.has_initial ? expiry : detail::binary_no_create);
    } else if (extras != 0) {
        if (extras == 8) detail::append_big_endian(out, c.flags);
        detail::append_big_endian(out, expiry);
    }
    out += c.key.view();
    out += value;
}

/// Appends the barrier: its answer comes after those to everything sent before it.
inline void encode_binary_noop(std::uint32_t opaque, std::string& out) {
    detail::append_binary_header({binary_opcode::noop, opaque, 0}, 0, 0, 0, out);
}

/// Appends the farewell: the server answers and closes the connection.
inline void encode_binary_quit(std::uint32_t opaque, std::string& out) {
    detail::append_binary_header({binary_opcode::quit, opaque, 0}, 0, 0, 0, out);
}

}  // namespace memring
