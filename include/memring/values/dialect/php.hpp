#pragma once
// What php-memcached 3 stores, and how. Flags, read off the wire of php-memcached 3.2.0 with PHP
// 8.2: bits 0 to 3 the type, 4 to 15 the compression, 16 to 31 the application's own.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/values/compression.hpp>
#include <memring/values/detail/number_text.hpp>
#include <memring/values/detail/value_mapping.hpp>
#include <memring/values/value.hpp>

namespace memring::dialect {

namespace php_flag {

// types
inline constexpr std::uint32_t string = 0;
inline constexpr std::uint32_t integer = 1;
inline constexpr std::uint32_t real = 2;
inline constexpr std::uint32_t boolean = 3;
inline constexpr std::uint32_t serialized = 4;
inline constexpr std::uint32_t igbinary = 5;
inline constexpr std::uint32_t json = 6;
inline constexpr std::uint32_t msgpack = 7;
// compression
inline constexpr std::uint32_t compressed = 1 << 4;
inline constexpr std::uint32_t zlib = 1 << 5;
inline constexpr std::uint32_t fastlz = 1 << 6;

inline constexpr std::uint32_t type_mask = 0xf;
inline constexpr std::uint32_t own_mask = 0xffff;

}  // namespace php_flag

/// PHP values in C++: strings are `std::string` (PHP has no other kind of bytes, and `bytes` are
/// written as strings), integers any integer type, floats `double`, `bool`, null `std::monostate`.
/// Arrays and objects are a `foreign_value` in the form of their serialiser, and not looked into.
/// Writing an integer beyond PHP's, which are of 64 bits with a sign, is `errc::unsupported`.
///
/// php-memcached compresses strings of over 2000 bytes with FastLZ by default; to read those:
/// `compressed<dialect::php_memcached, fastlz_values>`. The application's own flags are ignored on
/// reading, and 0 on writing.
struct php_memcached {
    template <class T>
    [[nodiscard]] outcome<encoded_value> encode(const T& t) const {
        return value_detail::encode_by_value(*this, t);
    }
    template <class T>
    [[nodiscard]] outcome<T> decode(std::string_view stored, std::uint32_t flags) const {
        return value_detail::decode_by_value<T>(*this, stored, flags);
    }
    template <class T, std::same_as<std::string> Owned>
    [[nodiscard]] outcome<T> decode(Owned&& stored, std::uint32_t flags) const {
        return value_detail::decode_by_value<T>(*this, value_detail::stored_bytes(stored), flags);
    }

    [[nodiscard]] outcome<encoded_value> write(value v) const;
    [[nodiscard]] outcome<value> read(value_detail::stored_bytes stored, std::uint32_t flags) const;

    [[nodiscard]] static constexpr bool can_seal(compression_format format) noexcept {
        return format == compression_format::zlib || format == compression_format::fastlz;
    }
    static void seal(compression_format format, std::size_t size, encoded_value& sealed);
    [[nodiscard]] static std::optional<sealed_value> unseal(std::string_view stored,
                                                            std::uint32_t flags) noexcept;

private:
    // Before what is compressed stands its size, in the byte order of the machine that stored it:
    // little-endian is assumed.
    static constexpr std::size_t size_prefix = 4;

    [[nodiscard]] static outcome<value> read_integer(std::string_view stored);
    [[nodiscard]] static outcome<value> read_real(std::string_view stored);
    [[nodiscard]] static outcome<value> read_object(foreign_format format, std::string_view null,
                                                    const value_detail::stored_bytes& stored,
                                                    std::uint32_t flags);
};

inline outcome<encoded_value> php_memcached::write(value v) const {
    const auto written = [](std::string stored, std::uint32_t flags) {
        return outcome<encoded_value>{{}, {std::move(stored), flags}};
    };
    return std::visit(
        value_detail::overloaded{
            [&](std::monostate) { return written("N;", php_flag::serialized); },
            [&](bool b) { return written(b ? "1" : "", php_flag::boolean); },
            [&](std::int64_t n) {
                return written(value_detail::number_text(n), php_flag::integer);
            },
            [&](std::uint64_t) { return value_detail::failed<encoded_value>(errc::unsupported); },
            [&](double n) {
                if (std::isnan(n)) return written("NaN", php_flag::real);
                if (std::isinf(n)) return written(n < 0 ? "-Infinity" : "Infinity", php_flag::real);
                return written(value_detail::number_text(n), php_flag::real);
            },
            [&](std::string& text) { return written(std::move(text), php_flag::string); },
            [&](bytes& b) { return written(std::move(b.data), php_flag::string); },
            [&](foreign_value& f) { return written(std::move(f.bytes), f.flags); }},
        v);
}

inline outcome<value> php_memcached::read(value_detail::stored_bytes stored,
                                          std::uint32_t flags) const {
    constexpr std::string_view igbinary_null("\0\0\0\2\0", 5);
    if ((flags & php_flag::own_mask & ~php_flag::type_mask) != 0) {
        const bool is_compressed = (flags & php_flag::compressed) != 0;
        return {{},
                foreign_value{is_compressed ? foreign_format::compressed : foreign_format::unknown,
                              stored.take(), flags}};
    }
    switch (flags & php_flag::type_mask) {
        case php_flag::string: return {{}, value(stored.take())};
        case php_flag::integer: return read_integer(stored.view);
        case php_flag::real: return read_real(stored.view);
        case php_flag::boolean:
            if (!stored.view.empty() && stored.view != "1") break;
            return {{}, value(stored.view == "1")};
        case php_flag::serialized:
            return read_object(foreign_format::php_serialized, "N;", stored, flags);
        case php_flag::igbinary:
            return read_object(foreign_format::igbinary, igbinary_null, stored, flags);
        case php_flag::json: return read_object(foreign_format::json, "null", stored, flags);
        case php_flag::msgpack: return read_object(foreign_format::msgpack, "\xc0", stored, flags);
        default: return {{}, foreign_value{foreign_format::unknown, stored.take(), flags}};
    }
    return value_detail::failed<value>(errc::malformed_value);
}

inline outcome<value> php_memcached::read_integer(std::string_view stored) {
    std::int64_t number = 0;
    std::uint64_t large = 0;  // what an increment by the server may lead to
    if (value_detail::parse_number(stored, number)) return {{}, value(number)};
    if (value_detail::parse_number(stored, large)) return {{}, value(large)};
    return value_detail::failed<value>(errc::malformed_value);
}

inline outcome<value> php_memcached::read_real(std::string_view stored) {
    double number = 0;
    if (stored == "NaN") return {{}, value(std::numeric_limits<double>::quiet_NaN())};
    if (stored == "Infinity") return {{}, value(std::numeric_limits<double>::infinity())};
    if (stored == "-Infinity") return {{}, value(-std::numeric_limits<double>::infinity())};
    // Digits only: std::from_chars would take other spellings of infinity as well.
    const bool is_number = stored.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    if (is_number && value_detail::parse_number(stored, number)) return {{}, value(number)};
    return value_detail::failed<value>(errc::malformed_value);
}

inline outcome<value> php_memcached::read_object(foreign_format format, std::string_view null,
                                                 const value_detail::stored_bytes& stored,
                                                 std::uint32_t flags) {
    if (stored.view == null) return {{}, value(std::monostate{})};
    return {{}, foreign_value{format, stored.take(), flags}};
}

inline void php_memcached::seal(compression_format format, std::size_t size,
                                encoded_value& sealed) {
    std::string prefix;
    for (std::size_t i = 0; i != size_prefix; ++i) {
        prefix.push_back(static_cast<char>(size >> (8 * i) & 0xff));
    }
    sealed.bytes.insert(0, prefix);
    sealed.flags |= php_flag::compressed;
    sealed.flags |= format == compression_format::fastlz ? php_flag::fastlz : php_flag::zlib;
}

inline std::optional<sealed_value> php_memcached::unseal(std::string_view stored,
                                                         std::uint32_t flags) noexcept {
    constexpr std::uint32_t compression_mask = php_flag::own_mask & ~php_flag::type_mask;
    sealed_value sealed;
    switch (flags & compression_mask) {
        case php_flag::compressed | php_flag::zlib: sealed.format = compression_format::zlib; break;
        case php_flag::compressed | php_flag::fastlz:
            sealed.format = compression_format::fastlz;
            break;
        default: return std::nullopt;
    }
    std::size_t size = 0;
    for (std::size_t i = 0; i != size_prefix && i != stored.size(); ++i) {
        size |= std::size_t{static_cast<unsigned char>(stored[i])} << (8 * i);
    }
    sealed.size = size;
    // Too short for its prefix: the empty rest is no compressed stream, which is what it is told.
    stored.remove_prefix(std::min(size_prefix, stored.size()));
    sealed.payload = stored;
    sealed.flags = flags & ~compression_mask;
    return sealed;
}

}  // namespace memring::dialect
