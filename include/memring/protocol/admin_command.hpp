#pragma once
// What is asked of a node and not of a key: version, flush, statistics, verbosity, barrier. As
// values, as bytes of each protocol, and the gathering of their answers.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/error.hpp>
#include <memring/protocol/binary_decoder.hpp>
#include <memring/protocol/binary_encoder.hpp>
#include <memring/protocol/binary_parser.hpp>
#include <memring/protocol/classic.hpp>
#include <memring/protocol/classic_encoder.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_encoder.hpp>
#include <memring/protocol/protocol.hpp>
#include <memring/protocol/reply_parser.hpp>

namespace memring {

/// A command to a node as a whole.
struct admin_command {
    enum class kind : std::uint8_t {
        version,    ///< answered by the version's text
        flush_all,  ///< `number`: seconds to wait, 0 for now; above 2,592,000 a Unix time
        stats,      ///< `text`: the group, empty for the general one
        verbosity,  ///< `number`: what the server logs, 0 to 3
        barrier     ///< answered after everything sent before it
    };

    kind what = kind::version;
    std::uint64_t number = 0;
    std::string text{};
};

/// Why `c` cannot be sent in `spoken` (never `automatic`), or a clear code. `errc::invalid_key`: a
/// group that is none (`is_valid_stats_group`). `errc::invalid_expiry`: a delay over 32 bits.
/// `errc::unsupported`: verbosity over the binary protocol, which memcached does not know and falls
/// out of step over; statistics that are none (`is_for_people`).
[[nodiscard]] inline std::error_code admin_refusal(const admin_command& c,
                                                   protocol spoken) noexcept {
    constexpr std::uint64_t longest_delay = 0xffffffff;
    switch (c.what) {
        case admin_command::kind::version:
        case admin_command::kind::barrier: return {};
        case admin_command::kind::flush_all:
            if (c.number > longest_delay) return errc::invalid_expiry;
            return {};
        case admin_command::kind::stats:
            if (!is_valid_stats_group(c.text)) return errc::invalid_key;
            if (is_for_people(c.text)) return errc::unsupported;
            return {};
        case admin_command::kind::verbosity:
            if (spoken == protocol::binary) return errc::unsupported;
            return {};
    }
    return errc::unsupported;
}

/// Appends the text line of `c`: answered as `admin_reply` expects. The barrier is `mn` for `meta`,
/// and for `classic`, which has none, a `version`: order is all it needs. Precondition: no
/// `admin_refusal`, and a text protocol.
inline void encode_admin(const admin_command& c, protocol spoken, std::string& out) {
    switch (c.what) {
        case admin_command::kind::version: out += encoded_version; return;
        case admin_command::kind::flush_all: encode_flush_all(c.number, out); return;
        case admin_command::kind::stats: encode_stats(c.text, out); return;
        case admin_command::kind::verbosity:
            out += "verbosity";
            detail::append_number(out, c.number);
            out += "\r\n";
            return;
        case admin_command::kind::barrier:
            out += spoken == protocol::meta ? encoded_barrier : encoded_version;
            return;
    }
}

/// Appends the frame of `c`. Precondition: no `admin_refusal`.
inline void encode_binary_admin(const admin_command& c, std::uint32_t opaque, std::string& out) {
    const auto append = [&](binary_opcode opcode, std::size_t extras, std::size_t key) {
        detail::append_binary_header({opcode, opaque, 0}, extras, key, 0, out);
    };
    switch (c.what) {
        case admin_command::kind::version: append(binary_opcode::version, 0, 0); return;
        case admin_command::kind::flush_all:
            append(binary_opcode::flush, c.number != 0 ? 4 : 0, 0);
            if (c.number != 0) detail::append_big_endian(out, static_cast<std::uint32_t>(c.number));
            return;
        case admin_command::kind::stats:
            append(binary_opcode::stat, 0, c.text.size());
            out += c.text;
            return;
        case admin_command::kind::barrier: encode_binary_noop(opaque, out); return;
        case admin_command::kind::verbosity: return;
    }
}

/// Gathers the answer to an admin command, reply by reply, from either kind of protocol. The
/// answer's `value` is the version's text, or the statistics as lines `name value\n`; it owns it.
/// One command after the other; not thread-safe.
class admin_reply {
public:
    /// What statistics may hold before they are taken for malformed, in bytes. The longest of a
    /// real server, `stats conns` with 10,000 connections, have 2 MB.
    static constexpr std::size_t max_stats_size = 16u << 20;

    /// One more reply in text. With `done` comes `out`; `is_in_step` then says whether what is
    /// behind it can be trusted.
    [[nodiscard]] lines_state add(admin_command::kind what, const reply& r, answer& out);

    /// One more frame, which must be to `what` and have `opaque`.
    [[nodiscard]] lines_state add(admin_command::kind what, std::uint32_t opaque,
                                  const binary_reply& r, answer& out);

    [[nodiscard]] bool is_in_step() const noexcept { return x_is_in_step; }

private:
    [[nodiscard]] lines_state finish(std::string value, answer& out) noexcept {
        x_lines.clear();
        out.what = status::ok;
        out.value = std::move(value);
        return lines_state::done;
    }
    [[nodiscard]] lines_state fail(std::error_code error, answer& out) noexcept {
        x_lines.clear();
        out.error = error;
        return error == errc::malformed_reply ? lines_state::malformed : lines_state::done;
    }
    [[nodiscard]] bool take_pair(std::string_view name, std::string_view value);

    std::string x_lines;
    bool x_is_in_step = true;
};

namespace detail {

[[nodiscard]] constexpr binary_opcode admin_opcode(admin_command::kind what) noexcept {
    switch (what) {
        case admin_command::kind::version: return binary_opcode::version;
        case admin_command::kind::flush_all: return binary_opcode::flush;
        case admin_command::kind::stats: return binary_opcode::stat;
        case admin_command::kind::barrier:
        case admin_command::kind::verbosity: break;
    }
    return binary_opcode::noop;
}

/// Whether `what` is answered by a single line of this kind.
[[nodiscard]] constexpr bool fits_admin(admin_command::kind what, reply_kind kind) noexcept {
    switch (what) {
        case admin_command::kind::version: return kind == reply_kind::version;
        case admin_command::kind::barrier:
            return kind == reply_kind::mn || kind == reply_kind::version;
        case admin_command::kind::flush_all:
        case admin_command::kind::verbosity: return kind == reply_kind::ok;
        case admin_command::kind::stats: break;
    }
    // An end of the pairs: `stats reset` has RESET, `stats detail on` has OK.
    return kind == reply_kind::end || kind == reply_kind::reset || kind == reply_kind::ok;
}

}  // namespace detail

inline bool admin_reply::take_pair(std::string_view name, std::string_view value) {
    const bool is_named = !name.empty() && name.find(' ') == std::string_view::npos &&
                          !detail::has_control_byte(name) && !detail::has_control_byte(value);
    if (!is_named || x_lines.size() + name.size() + value.size() + 2 > max_stats_size) return false;
    (((x_lines += name) += ' ') += value) += '\n';
    return true;
}

inline lines_state admin_reply::add(admin_command::kind what, const reply& r, answer& out) {
    detail::clear(out);
    x_is_in_step = r.kind != reply_kind::error;
    if (detail::is_error_line(r.kind)) return fail(detail::parse_error_line(r), out);
    if (what == admin_command::kind::stats && r.kind == reply_kind::stat) {
        std::string_view value = r.text;
        const std::string_view name = value.substr(0, value.find(' '));
        value.remove_prefix(name.size() < value.size() ? name.size() + 1 : name.size());
        return take_pair(name, value) ? lines_state::open : fail(errc::malformed_reply, out);
    }
    if (!detail::fits_admin(what, r.kind)) return fail(errc::malformed_reply, out);
    if (what == admin_command::kind::version) return finish(std::string(r.text), out);
    return finish(std::exchange(x_lines, {}), out);
}

inline lines_state admin_reply::add(admin_command::kind what, std::uint32_t opaque,
                                    const binary_reply& r, answer& out) {
    detail::clear(out);
    x_is_in_step = true;
    if (r.opaque != opaque || r.opcode != detail::admin_opcode(what))
        return fail(errc::malformed_reply, out);
    if (r.status != binary_status::ok) {
        const std::error_code error = detail::binary_error(r.status);
        return fail(error ? error : make_error_code(errc::client_error), out);
    }
    if (what == admin_command::kind::stats) {
        if (r.key.empty() && r.value.empty()) return finish(std::exchange(x_lines, {}), out);
        return take_pair(r.key, r.value) ? lines_state::open : fail(errc::malformed_reply, out);
    }
    const bool has_text = what == admin_command::kind::version;
    if (!r.key.empty() || r.value.empty() == has_text || detail::has_control_byte(r.value))
        return fail(errc::malformed_reply, out);
    return finish(std::string(r.value), out);
}

}  // namespace memring
