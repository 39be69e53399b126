#pragma once
// Bytes of a text as numbers: the same on every platform, whatever its byte order, its demands on
// alignment and the sign of its plain char. Compilers make one
// instruction of each load.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memring::detail {

/// The byte as 0 to 255.
template <std::unsigned_integral Number = std::uint32_t>
[[nodiscard]] constexpr Number byte_value(char byte) noexcept {
    return static_cast<unsigned char>(byte);
}

/// The byte as -128 to 127, modulo the range of `Number`: what C code gets that was written for a
/// signed plain char (x86) and adds one to a number.
template <std::unsigned_integral Number>
[[nodiscard]] constexpr Number signed_byte_value(char byte) noexcept {
    return static_cast<Number>(static_cast<signed char>(byte));
}

/// Two bytes, little-endian.
[[nodiscard]] constexpr std::uint32_t load_16(const char* bytes) noexcept {
    return byte_value(bytes[0]) | byte_value(bytes[1]) << 8;
}

/// Four bytes, little-endian.
[[nodiscard]] constexpr std::uint32_t load_32(const char* bytes) noexcept {
    return byte_value(bytes[0]) | byte_value(bytes[1]) << 8 | byte_value(bytes[2]) << 16 |
           byte_value(bytes[3]) << 24;
}

/// Eight bytes, little-endian.
[[nodiscard]] constexpr std::uint64_t load_64(const char* bytes) noexcept {
    const auto byte_at = [&](std::size_t i) { return byte_value<std::uint64_t>(bytes[i]); };
    return byte_at(0) | byte_at(1) << 8 | byte_at(2) << 16 | byte_at(3) << 24 | byte_at(4) << 32 |
           byte_at(5) << 40 | byte_at(6) << 48 | byte_at(7) << 56;
}

/// As many bytes as a number of the type has, little-endian.
template <class Number>
[[nodiscard]] constexpr Number load(const char* bytes) noexcept {
    if constexpr (std::same_as<Number, std::uint64_t>) {
        return load_64(bytes);
    } else {
        static_assert(std::same_as<Number, std::uint32_t>);
        return load_32(bytes);
    }
}

/// The last `size` bytes of a text, fewer than the number has: the absent ones are zero.
template <class Number>
[[nodiscard]] constexpr Number load_tail(std::string_view text, std::size_t size) noexcept {
    constexpr std::size_t width = sizeof(Number);
    const char* const end = text.data() + text.size();
    if (text.size() >= width) {
        // A whole number that ends where the text does, without its first bytes. Two shifts, as
        // one by all bits is undefined.
        return load<Number>(end - width) >> (8 * (width - 1 - size)) >> 8;
    }
    Number value = 0;
    for (std::size_t i = size; i > 0; --i)
        value = value << 8 | byte_value<Number>(*(end - size + (i - 1)));
    return value;
}

}  // namespace memring::detail
