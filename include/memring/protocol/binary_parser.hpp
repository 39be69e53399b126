#pragma once
// The frames of memcached's binary protocol: operation codes, status codes, and a parser that cuts
// a server's bytes into frames, without allocating or copying. What a frame means for the command
// that was asked is not decided here.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/protocol/reply_parser.hpp>

namespace memring {

/// The operation codes memring sends. A quiet one is answered only where there is something to
/// tell: a read by a hit, a write by a failure.
enum class binary_opcode : std::uint8_t {
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
    append = 0x0e,
    prepend = 0x0f,
    stat = 0x10,
    set_quiet = 0x11,
    add_quiet = 0x12,
    replace_quiet = 0x13,
    remove_quiet = 0x14,
    increment_quiet = 0x15,
    decrement_quiet = 0x16,
    flush_quiet = 0x18,
    append_quiet = 0x19,
    prepend_quiet = 0x1a,
    touch = 0x1c,
    get_and_touch = 0x1d,
    get_and_touch_quiet = 0x1e,
    sasl_list = 0x20,
    sasl_auth = 0x21,
    sasl_step = 0x22
};

/// The status codes of a frame that memring knows; others are passed on as they are.
enum class binary_status : std::uint16_t {
    ok = 0x00,
    not_found = 0x01,
    exists = 0x02,
    too_large = 0x03,
    invalid_arguments = 0x04,
    not_stored = 0x05,
    not_a_number = 0x06,
    authentication_error = 0x20,
    authentication_continues = 0x21,
    unknown_command = 0x81,
    out_of_memory = 0x82,
    not_supported = 0x83,
    internal_error = 0x84,
    busy = 0x85,
    temporary_failure = 0x86
};

/// Bytes of a frame before its extras, key and value.
inline constexpr std::size_t binary_header_size = 24;

/// One frame, as views into the parsed buffer: valid until that buffer changes.
struct binary_reply {
    binary_opcode opcode{};
    binary_status status{};
    std::uint32_t opaque = 0;
    std::uint64_t cas = 0;
    std::string_view extras;
    std::string_view key;
    std::string_view value;  ///< of a failure its message
    std::size_t size = 0;    ///< bytes of the whole frame: what the caller consumes
};

namespace detail {

/// The unsigned number at the front of `bytes`, most significant byte first.
template <class Number>
[[nodiscard]] constexpr Number read_big_endian(const char* bytes) noexcept {
    Number value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        value = static_cast<Number>(value << 8 | static_cast<unsigned char>(bytes[i]));
    return value;
}

}  // namespace detail

/// Parses one frame after the other from the front of a buffer that the caller owns and fills, as
/// `reply_parser` does replies. Not thread-safe.
class binary_parser {
public:
    binary_parser() noexcept = default;
    /// Of `limits` the value's counts: a frame may have that, a key and extras.
    explicit binary_parser(reply_limits limits) noexcept : x_limits(limits) {}

    /// Parses the frame at the front of `buffered`. `out` is set when the result is `complete`.
    /// A wrong magic is `malformed` with its first byte, lengths that contradict each other or
    /// exceed the limits with the header.
    [[nodiscard]] parse_state parse(std::string_view buffered, binary_reply& out) noexcept;

    /// After `need_more`: how many bytes are missing, exactly once the header is there.
    [[nodiscard]] std::size_t missing() const noexcept { return x_missing; }

private:
    reply_limits x_limits;
    std::size_t x_missing = 0;
};

inline parse_state binary_parser::parse(std::string_view buffered, binary_reply& out) noexcept {
    constexpr char response_magic = static_cast<char>(0x81);
    if (!buffered.empty() && buffered.front() != response_magic) return parse_state::malformed;
    if (buffered.size() < binary_header_size) {
        x_missing = binary_header_size - buffered.size();
        return parse_state::need_more;
    }
    const char* const header = buffered.data();
    const std::size_t key = detail::read_big_endian<std::uint16_t>(header + 2);
    const std::size_t extras = static_cast<unsigned char>(header[4]);
    const std::size_t body = detail::read_big_endian<std::uint32_t>(header + 8);
    if (extras + key > body || body - key - extras > x_limits.value) return parse_state::malformed;
    if (buffered.size() - binary_header_size < body) {
        x_missing = binary_header_size + body - buffered.size();
        return parse_state::need_more;
    }
    x_missing = 0;
    out.opcode = static_cast<binary_opcode>(header[1]);
    out.status = static_cast<binary_status>(detail::read_big_endian<std::uint16_t>(header + 6));
    out.opaque = detail::read_big_endian<std::uint32_t>(header + 12);
    out.cas = detail::read_big_endian<std::uint64_t>(header + 16);
    out.extras = buffered.substr(binary_header_size, extras);
    out.key = buffered.substr(binary_header_size + extras, key);
    out.value = buffered.substr(binary_header_size + extras + key, body - extras - key);
    out.size = binary_header_size + body;
    return parse_state::complete;
}

}  // namespace memring
