#pragma once
// What is said on a new connection before the first command: credentials, and the question which
// protocol the server speaks. A state machine on bytes; whoever has the connection moves them.

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/error.hpp>
#include <memring/protocol/binary_decoder.hpp>
#include <memring/protocol/binary_encoder.hpp>
#include <memring/protocol/binary_parser.hpp>
#include <memring/protocol/classic.hpp>
#include <memring/protocol/meta_decoder.hpp>
#include <memring/protocol/protocol.hpp>
#include <memring/protocol/reply_parser.hpp>

namespace memring {

/// The three numbers a server's version begins with ("1.6.18_foo", "1.4.39-aws"; the third may be
/// missing), or nothing.
[[nodiscard]] inline std::optional<std::array<std::uint32_t, 3>> parse_server_version(
    std::string_view text) noexcept {
    std::array<std::uint32_t, 3> numbers{};
    const char* place = text.data();
    const char* const end = place + text.size();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const bool has_dot = i == 0 || (place != end && *place == '.');
        const auto [stop, error] = has_dot
                                       ? std::from_chars(place + (i != 0 ? 1 : 0), end, numbers[i])
                                       : std::from_chars_result{place, std::errc::invalid_argument};
        if (error != std::errc{}) {
            if (i < 2 || error == std::errc::result_out_of_range) return std::nullopt;
            break;
        }
        place = stop;
    }
    return numbers;
}

/// Whether a server of this version speaks the meta dialect of `encode_meta`: 1.6.10 or newer.
[[nodiscard]] inline bool speaks_meta(std::string_view version) noexcept {
    const auto numbers = parse_server_version(version);
    return numbers && *numbers >= std::array<std::uint32_t, 3>{1, 6, 10};
}

/// What a client brings to each new connection.
struct handshake_options {
    protocol wanted = protocol::meta;
    std::string_view user = {};      ///< empty, as the password, for no authentication
    std::string_view password = {};  ///< text: without a space; binary: without a NUL
    bool asks_version = false;       ///< ask for it even where the protocol does not depend on it
};

/// Where a handshake stands.
enum class handshake_state : std::uint8_t {
    need_more,  ///< feed it the same bytes and at least `missing()` more
    send,       ///< send `to_send()`, then feed it what comes
    ready,      ///< the connection takes commands
    failed      ///< see `error()`, and close
};

/// Authenticates (text protocols: a `set`, as memcached `-Y` wants it; binary: SASL PLAIN) and
/// finds the protocol, one question at a time.
///
///     handshake talk({.wanted = protocol::automatic});
///     auto state = talk.start();
///     while (state == handshake_state::send || state == handshake_state::need_more) ...
///
/// The text protocols send their credentials as a value that is expired already: a server that
/// wants none takes the `set` for a store, and must not keep the password. Copies what it is given;
/// not thread-safe.
class handshake {
public:
    explicit handshake(const handshake_options& options)
        : x_user(options.user),
          x_password(options.password),
          x_spoken(options.wanted),
          x_asks_version(options.asks_version || options.wanted == protocol::automatic) {}

    /// Begins: `send`, `ready` where there is nothing to ask, or `failed` for credentials that
    /// cannot be put into bytes (`errc::authentication_failed`).
    [[nodiscard]] handshake_state start();

    /// Looks at the front of `buffered`, what the server has sent and nobody has consumed.
    /// `consumed` is set to the bytes it understood, 0 with `need_more` and `failed`.
    [[nodiscard]] handshake_state feed(std::string_view buffered, std::size_t& consumed);

    /// After `send`: valid until the next call.
    [[nodiscard]] std::string_view to_send() const noexcept { return x_bytes; }
    /// After `need_more`: how many bytes are missing at least.
    [[nodiscard]] std::size_t missing() const noexcept {
        return is_binary() ? x_frames.missing() : x_lines.missing();
    }
    /// Once `ready`: what the server speaks, never `automatic`.
    [[nodiscard]] protocol spoken() const noexcept { return x_spoken; }
    /// Once `ready`: what the server calls its version; empty where nobody asked or it has none.
    [[nodiscard]] const std::string& server_version() const noexcept { return x_version; }
    /// Once `failed`: `errc::authentication_failed` (a wrong password, or one is missing),
    /// `errc::unsupported` (the server has no SASL), `errc::malformed_reply`, or what the server
    /// refused the question with.
    [[nodiscard]] std::error_code error() const noexcept { return x_error; }

private:
    enum class step : std::uint8_t { authentication, continued_authentication, version, done };

    [[nodiscard]] bool is_binary() const noexcept { return x_spoken == protocol::binary; }
    [[nodiscard]] handshake_state fail(std::error_code error) noexcept {
        x_step = step::done;
        x_bytes.clear();
        x_error = error;
        return handshake_state::failed;
    }
    [[nodiscard]] handshake_state authenticate(binary_opcode opcode);
    [[nodiscard]] handshake_state ask_version();
    [[nodiscard]] handshake_state settle(std::string_view version);
    [[nodiscard]] handshake_state take(const reply& r);
    [[nodiscard]] handshake_state take(const binary_reply& r);

    std::string x_user;
    std::string x_password;
    std::string x_bytes;
    std::string x_version;
    std::error_code x_error;
    reply_parser x_lines;
    binary_parser x_frames;
    protocol x_spoken;
    step x_step = step::done;
    bool x_asks_version;
};

inline handshake_state handshake::start() {
    if (x_user.empty() && x_password.empty()) return ask_version();
    // PLAIN separates by NUL. memcached 1.6.18 cuts what its `set` brings at spaces, the password
    // too, and its file at colons.
    const std::string_view separators = is_binary() ? std::string_view("\0", 1) : " :";
    if (x_user.empty() || x_user.find_first_of(separators) != std::string::npos ||
        x_password.find(separators.front()) != std::string::npos) {
        return fail(errc::authentication_failed);
    }
    x_step = step::authentication;
    return authenticate(binary_opcode::sasl_auth);
}

inline handshake_state handshake::authenticate(binary_opcode opcode) {
    constexpr std::string_view mechanism = "PLAIN";
    x_bytes.clear();
    if (is_binary()) {
        const std::size_t size = x_user.size() + x_password.size() + 2;
        detail::append_binary_header({opcode, 0, 0}, 0, mechanism.size(), size, x_bytes);
        ((x_bytes += mechanism) += '\0') += x_user;
        (x_bytes += '\0') += x_password;
    } else {
        const std::size_t size = x_user.size() + x_password.size() + 1;
        x_bytes = "set memring_login 0 -1 " + std::to_string(size) + "\r\n";
        ((x_bytes += x_user) += ' ') += x_password;
        x_bytes += "\r\n";
    }
    return handshake_state::send;
}

inline handshake_state handshake::ask_version() {
    x_bytes.clear();
    if (!x_asks_version) {
        x_step = step::done;
        return handshake_state::ready;
    }
    x_step = step::version;
    if (is_binary()) {
        detail::append_binary_header({binary_opcode::version, 0, 0}, 0, 0, 0, x_bytes);
    } else {
        x_bytes = encoded_version;
    }
    return handshake_state::send;
}

inline handshake_state handshake::settle(std::string_view version) {
    x_version = version;
    if (x_spoken == protocol::automatic)
        x_spoken = speaks_meta(version) ? protocol::meta : protocol::classic;
    x_step = step::done;
    x_bytes.clear();
    return handshake_state::ready;
}

inline handshake_state handshake::take(const reply& r) {
    const bool is_refusal = r.kind == reply_kind::error || r.kind == reply_kind::client_error;
    if (x_step == step::authentication) {
        if (r.kind == reply_kind::stored) return ask_version();
        if (r.kind == reply_kind::server_error) return fail(detail::parse_error_line(r));
        return fail(is_refusal ? errc::authentication_failed : errc::malformed_reply);
    }
    if (r.kind == reply_kind::version) return settle(r.text);
    if (is_refusal && r.text.starts_with("unauthenticated"))
        return fail(errc::authentication_failed);
    if (is_refusal) return settle({});  // a proxy that does not know the question
    if (r.kind == reply_kind::server_error) return fail(detail::parse_error_line(r));
    return fail(errc::malformed_reply);
}

inline handshake_state handshake::take(const binary_reply& r) {
    const bool asked_version = x_step == step::version;
    const auto expected = asked_version                    ? binary_opcode::version
                          : x_step == step::authentication ? binary_opcode::sasl_auth
                                                           : binary_opcode::sasl_step;
    if (r.opaque != 0 || r.opcode != expected) return fail(errc::malformed_reply);
    if (r.status == binary_status::ok) {
        if (!asked_version) return ask_version();
        if (detail::has_control_byte(r.value)) return fail(errc::malformed_reply);
        return settle(r.value);
    }
    if (r.status == binary_status::authentication_continues && x_step == step::authentication) {
        x_step = step::continued_authentication;
        return authenticate(binary_opcode::sasl_step);
    }
    if (asked_version && r.status == binary_status::unknown_command) return settle({});
    const std::error_code error = detail::binary_error(r.status);
    return fail(error ? error : make_error_code(errc::malformed_reply));
}

inline handshake_state handshake::feed(std::string_view buffered, std::size_t& consumed) {
    consumed = 0;
    if (x_step == step::done) return x_error ? handshake_state::failed : handshake_state::ready;
    reply line;
    binary_reply frame;
    switch (is_binary() ? x_frames.parse(buffered, frame) : x_lines.parse(buffered, line)) {
        case parse_state::need_more: return handshake_state::need_more;
        case parse_state::malformed: return fail(errc::malformed_reply);
        case parse_state::complete: break;
    }
    const auto state = is_binary() ? take(frame) : take(line);
    if (state != handshake_state::failed) consumed = is_binary() ? frame.size : line.size;
    return state;
}

}  // namespace memring
