#pragma once
// The UTF-16 units of a UTF-8 text: what a Java program sees of a key.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring::detail {

/// A code point read from UTF-8, and how many bytes it took.
struct utf8_point {
    std::uint32_t value;
    std::size_t size;
};

/// What may follow a lead byte (The Unicode Standard, table 3-7, but with the surrogates): how many
/// bytes the whole sequence has, 0 if it is no lead byte, and between which the second one is.
struct utf8_form {
    std::size_t size;
    std::uint32_t second_min;
    std::uint32_t second_max;
};

[[nodiscard]] constexpr utf8_form utf8_form_of(std::uint32_t lead) noexcept {
    if (lead < 0xc2 || lead > 0xf4) return {0, 0, 0};
    if (lead < 0xe0) return {2, 0x80, 0xbf};
    if (lead == 0xe0) return {3, 0xa0, 0xbf};
    if (lead < 0xf0) return {3, 0x80, 0xbf};
    if (lead == 0xf0) return {4, 0x90, 0xbf};
    if (lead == 0xf4) return {4, 0x80, 0x8f};
    return {4, 0x80, 0xbf};
}

/// The first code point of a text that begins with a byte of 0x80 or more. Of invalid UTF-8, U+FFFD
/// for as many bytes as begin a valid sequence, at least one, or for a whole surrogate.
[[nodiscard]] constexpr utf8_point read_utf8(std::string_view text) noexcept {
    constexpr std::uint32_t replacement = 0xfffd;
    const std::uint32_t lead = byte_value(text[0]);
    const utf8_form form = utf8_form_of(lead);
    if (form.size == 0) return {replacement, 1};
    std::uint32_t value = lead & (0x7fU >> form.size);
    for (std::size_t i = 1; i < form.size; ++i) {
        if (i == text.size()) return {replacement, i};
        const std::uint32_t byte = byte_value(text[i]);
        const std::uint32_t min = i == 1 ? form.second_min : 0x80;
        const std::uint32_t max = i == 1 ? form.second_max : 0xbf;
        if (byte < min || byte > max) return {replacement, i};
        value = value << 6 | (byte & 0x3f);
    }
    const bool is_surrogate = value >= 0xd800 && value < 0xe000;
    return {is_surrogate ? replacement : value, form.size};
}

/// `hash = step(hash, unit)` for each UTF-16 unit of the UTF-8 text, in order. Total: invalid
/// parts give the U+FFFD that Java's decoder (OpenJDK 17) puts for them, one for each maximal
/// subpart (The Unicode Standard, section 3.9) and one for an encoded surrogate.
template <std::unsigned_integral Hash, class Step>
[[nodiscard]] constexpr Hash fold_utf16(std::string_view text, Hash hash, Step step) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        if (const Hash byte = byte_value<Hash>(text[i]); byte < 0x80) {
            hash = step(hash, byte);
            ++i;
            continue;
        }
        const utf8_point point = read_utf8(text.substr(i));
        i += point.size;
        if (point.value < 0x10000) {
            hash = step(hash, Hash{point.value});
        } else {
            hash = step(hash, Hash{0xd800 + ((point.value - 0x10000) >> 10)});
            hash = step(hash, Hash{0xdc00 + ((point.value - 0x10000) & 0x3ff)});
        }
    }
    return hash;
}

}  // namespace memring::detail
