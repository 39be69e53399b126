#pragma once
// A frame of the binary protocol as the answer to the command that was asked: strict, because a
// frame taken for the answer to another command hands a value to the wrong key.

#include <cstdint>
#include <string_view>
#include <system_error>

#include <memring/error.hpp>
#include <memring/protocol/binary_encoder.hpp>
#include <memring/protocol/binary_parser.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_decoder.hpp>

namespace memring {

namespace detail {

/// Whether `opcode` is one that `encode_binary` sends for `what`.
[[nodiscard]] constexpr bool fits_verb(binary_opcode opcode, verb what) noexcept {
    using enum binary_opcode;
    switch (what) {
        case verb::get: return opcode == get || opcode == get_quiet;
        case verb::set: return opcode == set || opcode == set_quiet;
        case verb::add: return opcode == add || opcode == add_quiet;
        case verb::replace:
            return opcode == replace || opcode == replace_quiet || opcode == set ||
                   opcode == set_quiet;
        case verb::append: return opcode == append || opcode == append_quiet;
        case verb::prepend: return opcode == prepend || opcode == prepend_quiet;
        case verb::remove: return opcode == remove || opcode == remove_quiet;
        case verb::touch: return opcode == touch;
        case verb::get_and_touch: return opcode == get_and_touch || opcode == get_and_touch_quiet;
        case verb::increment: return opcode == increment || opcode == increment_quiet;
        case verb::decrement: return opcode == decrement || opcode == decrement_quiet;
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return false;
}

/// The error a status stands for, whatever was asked; clear where it depends on the command.
[[nodiscard]] inline std::error_code binary_error(binary_status status) noexcept {
    switch (status) {
        case binary_status::ok:
        case binary_status::not_found:
        case binary_status::exists:
        case binary_status::not_stored:
        case binary_status::authentication_continues: return {};
        case binary_status::too_large: return errc::value_too_large;
        case binary_status::invalid_arguments: return errc::client_error;
        case binary_status::not_a_number: return errc::not_a_number;
        case binary_status::authentication_error: return errc::authentication_failed;
        case binary_status::unknown_command:
        case binary_status::not_supported: return errc::unsupported;
        case binary_status::out_of_memory: return errc::out_of_memory;
        case binary_status::internal_error:
        case binary_status::busy:
        case binary_status::temporary_failure: return errc::server_error;
    }
    return errc::server_error;  // a status of servers that are more than memcached
}

/// Takes what a success carries; false where it is not what `what` is answered with.
[[nodiscard]] inline bool take_binary_success(verb what, const binary_reply& r,
                                              answer& out) noexcept {
    if (!r.key.empty()) return false;
    out.what = status::ok;
    switch (what) {
        case verb::get:
        case verb::get_and_touch:
            if (r.extras.size() != 4) return false;
            out.flags = read_big_endian<std::uint32_t>(r.extras.data());
            out.cas = r.cas;
            out.view = r.value;
            return true;
        case verb::increment:
        case verb::decrement:
            if (r.value.size() != 8 || !r.extras.empty()) return false;
            out.number = read_big_endian<std::uint64_t>(r.value.data());
            out.cas = r.cas;
            return true;
        case verb::set:
        case verb::add:
        case verb::replace:
        case verb::append:
        case verb::prepend: out.cas = r.cas; return r.value.empty() && r.extras.empty();
        case verb::remove: return r.value.empty() && r.extras.empty();
        case verb::touch:  // memcached adds the flags, the specification does not
            return r.value.empty() && (r.extras.empty() || r.extras.size() == 4);
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return false;
}

/// Sets `out.what` from a status that says why nothing was done; false where no server answers
/// `what` like that. The same outcomes as meta has for the same situation.
[[nodiscard]] inline bool parse_binary_status(verb what, const binary_reply& r,
                                              answer& out) noexcept {
    const bool is_cas = r.opcode == binary_opcode::set || r.opcode == binary_opcode::set_quiet;
    const bool is_exists = r.status == binary_status::exists;
    const bool is_absent = r.status == binary_status::not_found;
    switch (what) {
        case verb::get:
        case verb::get_and_touch:
        case verb::touch: out.what = status::miss; return is_absent;
        case verb::increment:
        case verb::decrement:
            out.what = is_exists ? status::exists : status::miss;
            return is_exists || is_absent;
        case verb::remove:
            out.what = is_exists ? status::exists : status::not_found;
            return is_exists || is_absent;
        case verb::add:
            out.what = status::not_stored;
            return is_exists || r.status == binary_status::not_stored;
        case verb::set:
        case verb::replace:
            out.what = is_exists             ? status::exists
                       : is_absent && is_cas ? status::not_found
                                             : status::not_stored;
            return is_exists || is_absent ||
                   (r.status == binary_status::not_stored && what == verb::replace);
        case verb::append:
        case verb::prepend:
            out.what = is_exists ? status::exists : status::not_stored;
            return is_exists || is_absent || r.status == binary_status::not_stored;
        case verb::lease:
        case verb::invalidate:
        case verb::inspect: break;
    }
    return false;
}

}  // namespace detail

/// Turns `r` into the answer to a `what` that was sent with `opaque`. True: `out` is that answer,
/// or carries the server's error; the connection stays in step, for frames have their lengths.
/// False: the frame cannot be an answer to it (another opcode or opaque, a body of the wrong
/// shape); `out.error` is `errc::malformed_reply` and the connection must be closed.
///
/// The answer's value is a view into what `r` was parsed from.
[[nodiscard]] inline bool parse_binary_answer(verb what, std::uint32_t opaque,
                                              const binary_reply& r, answer& out) noexcept {
    detail::clear(out);
    bool is_good = r.opaque == opaque && detail::fits_verb(r.opcode, what);
    if (is_good && r.status == binary_status::ok) {
        is_good = detail::take_binary_success(what, r, out);
    } else if (is_good) {
        out.error = detail::binary_error(r.status);
        is_good = out.error || detail::parse_binary_status(what, r, out);
    }
    if (!is_good) {
        detail::clear(out);
        out.error = errc::malformed_reply;
    }
    return is_good;
}

/// The answer to a quiet `what` that stayed silent until a later command was answered: a miss of a
/// read, else success. Cas and number are not known then.
inline void assume_silence(verb what, answer& out) noexcept {
    detail::clear(out);
    out.what = what == verb::get || what == verb::get_and_touch ? status::miss : status::ok;
}

}  // namespace memring
