#pragma once
// Keys as text: percent-encoded as in memcached's metadump, and in base64, as the meta commands
// and mgdump have the keys that are no valid text.

#include <cstddef>
#include <string>
#include <string_view>

namespace memring {

namespace detail {

[[nodiscard]] constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

[[nodiscard]] constexpr int base64_digit(char c) noexcept {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

}  // namespace detail

/// The longest key that fits the 250 bytes of the wire once it is in base64.
inline constexpr std::size_t max_base64_key_size = 186;

/// Writes `bytes` in base64 (RFC 4648 section 4, with padding) to `out`, which has room for
/// `(bytes.size() + 2) / 3 * 4`; the end of what was written.
inline char* encode_base64(std::string_view bytes, char* out) noexcept {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t place = 0; place < bytes.size(); place += 3) {
        const std::string_view three = bytes.substr(place, 3);
        const auto byte = [&](std::size_t at) {
            return at < three.size() ? static_cast<unsigned>(static_cast<unsigned char>(three[at]))
                                     : 0u;
        };
        const unsigned bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = three.size() > 1 ? digits[bits >> 6 & 63] : '=';
        *out++ = three.size() > 2 ? digits[bits & 63] : '=';
    }
    return out;
}

/// Replaces `out` by the bytes of `text` with each `%XX` decoded. False on a `%` without two hex
/// digits.
[[nodiscard]] inline bool decode_percent(std::string_view text, std::string& out) {
    out.clear();
    for (std::size_t place = 0; place < text.size(); ++place) {
        if (text[place] != '%') {
            out.push_back(text[place]);
            continue;
        }
        if (text.size() - place < 3) return false;
        const int high = detail::hex_digit(text[place + 1]);
        const int low = detail::hex_digit(text[place + 2]);
        if (high < 0 || low < 0) return false;
        out.push_back(static_cast<char>(high * 16 + low));
        place += 2;
    }
    return true;
}

/// Replaces `out` by the bytes that `text` encodes (RFC 4648 section 4, with padding). False on
/// anything else.
[[nodiscard]] inline bool decode_base64(std::string_view text, std::string& out) {
    out.clear();
    if (text.size() % 4 != 0) return false;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    unsigned bits = 0;
    int have = 0;
    for (const char c : text) {
        const int digit = detail::base64_digit(c);
        if (digit < 0) return false;
        bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffffffu;
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out.push_back(static_cast<char>(bits >> have & 0xffu));
    }
    return (bits & ((1u << have) - 1)) == 0;  // what the padding cuts off is zero
}

}  // namespace memring
