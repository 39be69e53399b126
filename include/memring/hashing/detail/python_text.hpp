#pragma once
// Texts as programs in Python 3 see them and print them.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>
#include <memring/hashing/digest/utf16.hpp>

namespace memring::detail {

/// Python text as pymemcache's murmur3_32 reads it: of every code point the low 8 bits. Writes at
/// most as many bytes as the UTF-8 has, and returns how many.
[[nodiscard]] constexpr std::size_t write_low_bytes(std::string_view utf8, char* out) noexcept {
    std::size_t written = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        if (byte_value(utf8[i]) < 0x80) {
            out[written++] = utf8[i++];
            continue;
        }
        const utf8_point point = read_utf8(utf8.substr(i));
        out[written++] = static_cast<char>(point.value & 0xff);
        i += point.size;
    }
    return written;
}

[[nodiscard]] constexpr bool is_ascii(std::string_view text) noexcept {
    unsigned all = 0;
    for (const char c : text) all |= byte_value(c);
    return all < 0x80;
}

/// What Python's `repr` makes of a `bytes` object. Writes at most 4 bytes for each byte and 3 more,
/// and returns how many.
[[nodiscard]] constexpr std::size_t write_bytes_repr(std::string_view bytes, char* out) noexcept {
    constexpr std::string_view hex = "0123456789abcdef";
    const bool has_single = bytes.find('\'') != bytes.npos;
    const bool has_double = bytes.find('"') != bytes.npos;
    const char quote = has_single && !has_double ? '"' : '\'';
    std::size_t written = 0;
    const auto put = [&](char c) { out[written++] = c; };
    put('b');
    put(quote);
    for (const char c : bytes) {
        const std::uint32_t byte = byte_value(c);
        const bool is_plain = byte >= 0x20 && byte < 0x7f;
        const char letter = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
        if (!is_plain && letter == c) {
            put('\\');
            put('x');
            put(hex[byte >> 4]);
            put(hex[byte & 15]);
            continue;
        }
        if (!is_plain || c == quote || c == '\\') put('\\');
        put(letter);
    }
    put(quote);
    return written;
}

}  // namespace memring::detail
