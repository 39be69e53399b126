#pragma once
// Replies of a server for tests of the binary protocol, made by hand and not by the library.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace memring::testing {

struct reply_parts {
    int opcode = 0;
    int status = 0;
    std::uint32_t opaque = 0;
    std::uint64_t cas = 0;
    std::string extras = {};
    std::string key = {};
    std::string value = {};
};

inline std::string big_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

inline std::string frame(const reply_parts& parts) {
    std::string text = "\x81";
    text += big_endian(static_cast<std::uint64_t>(parts.opcode), 1);
    text += big_endian(parts.key.size(), 2) + big_endian(parts.extras.size(), 1);
    text += big_endian(0, 1) + big_endian(static_cast<std::uint64_t>(parts.status), 2);
    text += big_endian(parts.extras.size() + parts.key.size() + parts.value.size(), 4);
    text += big_endian(parts.opaque, 4) + big_endian(parts.cas, 8);
    return text + parts.extras + parts.key + parts.value;
}

}  // namespace memring::testing
