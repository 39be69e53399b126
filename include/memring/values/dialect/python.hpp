#pragma once
// What pylibmc, python-memcached and pymemcache's PickleSerde and CompressedSerde store, and how.
// Flags: 1 pickle, 2 int, 4 long, 8 zlib, 16 text (UTF-8), 0 bytes; read off the wire of pylibmc
// 1.6.3, python-memcached 1.59 and pymemcache 3.5.2 and 4.0.0 under Python 3.11.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/values/compression.hpp>
#include <memring/values/detail/number_text.hpp>
#include <memring/values/detail/scalar_pickle.hpp>
#include <memring/values/detail/utf8.hpp>
#include <memring/values/detail/value_mapping.hpp>
#include <memring/values/value.hpp>

namespace memring::dialect {

namespace python_flag {

inline constexpr std::uint32_t pickle = 1;
inline constexpr std::uint32_t integer = 2;
inline constexpr std::uint32_t long_integer = 4;
inline constexpr std::uint32_t zlib = 8;
inline constexpr std::uint32_t text = 16;

}  // namespace python_flag

/// How a client stores what the three store differently.
struct python_rules {
    std::uint32_t integer_flag;
    bool has_bools_as_integers;
};

inline constexpr python_rules pylibmc_rules{python_flag::long_integer, true};
inline constexpr python_rules pickling_rules{python_flag::integer, false};

/// Python values in C++:
///
/// | Python | C++ |
/// |---|---|
/// | `str` | `std::string`; `errc::malformed_value` if it is not UTF-8, on either way |
/// | `bytes` | `bytes`, and what `codec<T>` makes of types of yours; reads as `std::string`, too |
/// | `int` | any integer; over 64 bits a `foreign_value` with its digits |
/// | `float`, `bool`, `None` | `double`, `bool`, `std::monostate` |
/// | anything else | `foreign_value` with the pickle, which is not looked into |
///
/// Of pickles exactly those that consist of one float, bool or None are read, and written as
/// pickle protocol 2. pylibmc's `True` and `False` are the integers 1 and 0, also to pylibmc.
template <python_rules Rules>
struct python_values {
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
        return format == compression_format::zlib;
    }
    static void seal(compression_format, std::size_t, encoded_value& sealed) noexcept {
        sealed.flags |= python_flag::zlib;
    }
    [[nodiscard]] static std::optional<sealed_value> unseal(std::string_view stored,
                                                            std::uint32_t flags) noexcept {
        if ((flags & python_flag::zlib) == 0) return std::nullopt;
        return sealed_value{compression_format::zlib, stored, std::nullopt,
                            flags & ~python_flag::zlib};
    }
};

using pylibmc = python_values<pylibmc_rules>;
using python_memcached = python_values<pickling_rules>;
using pymemcache = python_memcached;  // its serdes keep to python-memcached's flags

template <python_rules Rules>
outcome<encoded_value> python_values<Rules>::write(value v) const {
    const auto written = [](std::string stored, std::uint32_t flags) {
        return outcome<encoded_value>{{}, {std::move(stored), flags}};
    };
    return std::visit(
        value_detail::overloaded{
            [&](std::monostate none) {
                return written(value_detail::scalar_pickle(none), python_flag::pickle);
            },
            [&](bool b) {
                if (Rules.has_bools_as_integers)
                    return written(b ? "1" : "0", python_flag::integer);
                return written(value_detail::scalar_pickle(b), python_flag::pickle);
            },
            [&](std::int64_t n) {
                return written(value_detail::number_text(n), Rules.integer_flag);
            },
            [&](std::uint64_t n) {
                return written(value_detail::number_text(n), Rules.integer_flag);
            },
            [&](double n) { return written(value_detail::scalar_pickle(n), python_flag::pickle); },
            [&](std::string& text) {
                if (!value_detail::is_utf8(text)) {
                    return value_detail::failed<encoded_value>(errc::malformed_value);
                }
                return written(std::move(text), python_flag::text);
            },
            [&](bytes& b) { return written(std::move(b.data), 0); },
            [&](foreign_value& f) { return written(std::move(f.bytes), f.flags); }},
        v);
}

template <python_rules Rules>
outcome<value> python_values<Rules>::read(value_detail::stored_bytes stored,
                                          std::uint32_t flags) const {
    const auto foreign = [&](foreign_format format) {
        return outcome<value>{{}, foreign_value{format, stored.take(), flags}};
    };
    switch (flags) {
        case 0: return {{}, bytes{stored.take()}};
        case python_flag::text:
            if (!value_detail::is_utf8(stored.view))
                return value_detail::failed<value>(errc::malformed_value);
            return {{}, value(stored.take())};
        case python_flag::integer:
        case python_flag::long_integer: {
            std::int64_t number = 0;
            std::uint64_t large = 0;
            if (value_detail::parse_number(stored.view, number)) return {{}, value(number)};
            if (value_detail::parse_number(stored.view, large)) return {{}, value(large)};
            if (value_detail::is_decimal_integer(stored.view))
                return foreign(foreign_format::big_integer);
            return value_detail::failed<value>(errc::malformed_value);
        }
        case python_flag::pickle: {
            auto scalar = value_detail::read_scalar_pickle(stored.view);
            if (scalar) return {{}, std::move(*scalar)};
            return foreign(foreign_format::python_pickle);
        }
        default: break;  // flags are a number, not an enum
    }
    return foreign((flags & python_flag::zlib) != 0 ? foreign_format::compressed
                                                    : foreign_format::unknown);
}

}  // namespace memring::dialect
