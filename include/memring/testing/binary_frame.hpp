#pragma once
// The frames of memcached's binary protocol as the in-process server reads and writes them. Written
// apart from the client's own frames, so that the two can prove each other wrong.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace memring::testing {

enum class opcode : std::uint8_t {
    get = 0x00,
    set = 0x01,
    add = 0x02,
    replace = 0x03,
    remove = 0x04,
    increment = 0x05,
    decrement = 0x06,
    quit = 0x07,
    flush = 0x08,
    get_quiet = 0x09,
    noop = 0x0a,
    version = 0x0b,
    get_key = 0x0c,
    get_key_quiet = 0x0d,
    append = 0x0e,
    prepend = 0x0f,
    stat = 0x10,
    set_quiet = 0x11,
    add_quiet = 0x12,
    replace_quiet = 0x13,
    remove_quiet = 0x14,
    increment_quiet = 0x15,
    decrement_quiet = 0x16,
    quit_quiet = 0x17,
    flush_quiet = 0x18,
    append_quiet = 0x19,
    prepend_quiet = 0x1a,
    verbosity = 0x1b,  ///< not known to memcached
    touch = 0x1c,
    get_and_touch = 0x1d,
    get_and_touch_quiet = 0x1e,
    sasl_mechanisms = 0x20,
    sasl_auth = 0x21,
    sasl_step = 0x22,
    get_key_and_touch = 0x23,
    get_key_and_touch_quiet = 0x24
};

enum class frame_status : std::uint16_t {
    ok = 0x00,
    not_found = 0x01,
    exists = 0x02,
    too_large = 0x03,
    invalid = 0x04,
    not_stored = 0x05,
    not_numeric = 0x06,
    auth_error = 0x20,
    auth_continue = 0x21,
    unknown_command = 0x81,
    no_memory = 0x82
};

inline constexpr std::size_t frame_header_size = 24;
inline constexpr char request_magic = '\x80';
inline constexpr char reply_magic = '\x81';

[[nodiscard]] inline std::uint64_t read_big_endian(std::string_view bytes) noexcept {
    std::uint64_t number = 0;
    for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
    return number;
}

inline void append_big_endian(std::uint64_t number, std::size_t size, std::string& out) {
    while (size-- > 0) out += static_cast<char>(number >> (8 * size) & 0xff);
}

/// The header of a request.
struct request_header {
    char magic = request_magic;
    opcode what = opcode::noop;
    std::uint16_t key_size = 0;
    std::uint8_t extras_size = 0;
    std::uint32_t body_size = 0;
    std::uint32_t opaque = 0;
    std::uint64_t cas = 0;
};

/// Precondition: `bytes` has at least 24 of them.
[[nodiscard]] inline request_header read_header(std::string_view bytes) noexcept {
    const auto number = [&](std::size_t at, std::size_t size) {
        return read_big_endian(bytes.substr(at, size));
    };
    return {.magic = bytes[0],
            .what = static_cast<opcode>(number(1, 1)),
            .key_size = static_cast<std::uint16_t>(number(2, 2)),
            .extras_size = static_cast<std::uint8_t>(number(4, 1)),
            .body_size = static_cast<std::uint32_t>(number(8, 4)),
            .opaque = static_cast<std::uint32_t>(number(12, 4)),
            .cas = number(16, 8)};
}

/// What a reply says.
struct frame_content {
    frame_status status = frame_status::ok;
    std::string_view extras = {};
    std::string_view key = {};
    std::string_view value = {};
    std::uint64_t cas = 0;
};

/// Appends the reply to a request with this `header`.
inline void append_frame(const request_header& header, const frame_content& content,
                         std::string& out) {
    out += reply_magic;
    out += static_cast<char>(header.what);
    append_big_endian(content.key.size(), 2, out);
    append_big_endian(content.extras.size(), 1, out);
    append_big_endian(0, 1, out);  // the data type
    append_big_endian(static_cast<std::uint16_t>(content.status), 2, out);
    append_big_endian(content.extras.size() + content.key.size() + content.value.size(), 4, out);
    append_big_endian(header.opaque, 4, out);
    append_big_endian(content.cas, 8, out);
    out.append(content.extras).append(content.key).append(content.value);
}

/// What memcached says along with a status.
[[nodiscard]] constexpr std::string_view status_text(frame_status status) noexcept {
    switch (status) {
        case frame_status::not_found: return "Not found";
        case frame_status::exists: return "Data exists for key.";
        case frame_status::too_large: return "Too large.";
        case frame_status::invalid: return "Invalid arguments";
        case frame_status::not_stored: return "Not stored.";
        case frame_status::not_numeric: return "Non-numeric server-side value for incr or decr";
        case frame_status::auth_error: return "Auth failure.";
        case frame_status::unknown_command: return "Unknown command";
        case frame_status::no_memory: return "Out of memory";
        case frame_status::ok:
        case frame_status::auth_continue: break;
    }
    return {};
}

/// A request's opcode without its being quiet.
struct loud_opcode {
    opcode what = opcode::noop;
    bool is_quiet = false;
};

[[nodiscard]] constexpr loud_opcode loud_form(opcode what) noexcept {
    switch (what) {
        case opcode::get_quiet: return {opcode::get, true};
        case opcode::get_key_quiet: return {opcode::get_key, true};
        case opcode::set_quiet: return {opcode::set, true};
        case opcode::add_quiet: return {opcode::add, true};
        case opcode::replace_quiet: return {opcode::replace, true};
        case opcode::remove_quiet: return {opcode::remove, true};
        case opcode::increment_quiet: return {opcode::increment, true};
        case opcode::decrement_quiet: return {opcode::decrement, true};
        case opcode::quit_quiet: return {opcode::quit, true};
        case opcode::flush_quiet: return {opcode::flush, true};
        case opcode::append_quiet: return {opcode::append, true};
        case opcode::prepend_quiet: return {opcode::prepend, true};
        case opcode::get_and_touch_quiet: return {opcode::get_and_touch, true};
        case opcode::get_key_and_touch_quiet: return {opcode::get_key_and_touch, true};
        case opcode::get:
        case opcode::set:
        case opcode::add:
        case opcode::replace:
        case opcode::remove:
        case opcode::increment:
        case opcode::decrement:
        case opcode::quit:
        case opcode::flush:
        case opcode::noop:
        case opcode::version:
        case opcode::get_key:
        case opcode::append:
        case opcode::prepend:
        case opcode::stat:
        case opcode::verbosity:
        case opcode::touch:
        case opcode::get_and_touch:
        case opcode::sasl_mechanisms:
        case opcode::sasl_auth:
        case opcode::sasl_step:
        case opcode::get_key_and_touch: break;
    }
    return {what, false};
}

}  // namespace memring::testing
