#pragma once
// Requests of the binary protocol, byte by byte and apart from the client's encoder.

#include <cstddef>
#include <cstdint>
#include <string>

#include <memring/testing/binary_frame.hpp>
#include <protocol/reply_frames.hpp>

namespace memring::testing {

/// A request of the binary protocol.
struct frame_parts {
    std::string extras = {};
    std::string key = {};
    std::string value = {};
    std::uint64_t cas = 0;
    std::uint32_t opaque = 7;
};

inline std::string frame(opcode what, const frame_parts& parts = {}) {
    std::string out{request_magic, static_cast<char>(what)};
    append_big_endian(parts.key.size(), 2, out);
    append_big_endian(parts.extras.size(), 1, out);
    append_big_endian(0, 3, out);
    append_big_endian(parts.extras.size() + parts.key.size() + parts.value.size(), 4, out);
    append_big_endian(parts.opaque, 4, out);
    append_big_endian(parts.cas, 8, out);
    return out + parts.extras + parts.key + parts.value;
}

inline std::string binary_set(const std::string& key, const std::string& value,
                              std::uint32_t flags = 0, std::uint32_t expiry = 0) {
    return frame(
        opcode::set,
        {.extras = big_endian(flags, 4) + big_endian(expiry, 4), .key = key, .value = value});
}

inline std::string binary_store(opcode what, const std::string& key, const std::string& value,
                                std::uint64_t cas = 0, std::uint32_t opaque = 11) {
    return frame(
        what,
        {.extras = big_endian(0, 8), .key = key, .value = value, .cas = cas, .opaque = opaque});
}

inline std::string binary_extend(opcode what, const std::string& key, const std::string& value,
                                 std::uint64_t cas = 0) {
    return frame(what, {.key = key, .value = value, .cas = cas, .opaque = 0x01020304});
}

inline std::string binary_get(const std::string& key, std::uint32_t opaque = 7) {
    return frame(opcode::get, {.key = key, .opaque = opaque});
}

inline std::string of_key(opcode what, const std::string& key, std::uint64_t cas = 0) {
    return frame(what, {.key = key, .cas = cas, .opaque = 0xdeadbeef});
}

inline std::string binary_touch(opcode what, const std::string& key, std::uint32_t expiry) {
    return frame(what, {.extras = big_endian(expiry, 4), .key = key, .opaque = 21});
}

struct counting {
    std::uint64_t delta = 1;
    std::uint64_t initial = 0;
    std::uint32_t expiry = 0xffffffff;
    std::uint64_t cas = 0;
};

inline std::string binary_count(opcode what, const std::string& key, const counting& c = {}) {
    const auto extras = big_endian(c.delta, 8) + big_endian(c.initial, 8) + big_endian(c.expiry, 4);
    return frame(what, {.extras = extras, .key = key, .cas = c.cas, .opaque = 31});
}

}  // namespace memring::testing
