#pragma once
// How a type becomes the bytes of an item and back: the point where your own types come in. What
// other clients make of types is the business of dialect/.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/values/detail/number_text.hpp>
#include <memring/values/value.hpp>

namespace memring {

/// Specialise it for a type of yours:
///
///     template <> struct memring::codec<point> {
///         static encoded_value encode(const point& p);
///         static outcome<point> decode(std::string_view stored, std::uint32_t flags);
///     };
///
/// `decode` gets whatever bytes are stored and answers what it cannot read with an error
/// (`errc::malformed_value`, `errc::wrong_value_type`), never with a guess. Flags are yours up to
/// bit 15; a codec with flags other than 0 serves the native dialect only. Both are called from
/// the threads that use the client, and may throw only `std::bad_alloc`.
template <class T>
struct codec;

/// Opts a trivially copyable type into being stored as its object representation:
/// `template <> inline constexpr bool memring::stored_as_object<point> = true;`. Only for types
/// without pointers and without padding that would leak memory, between machines of one byte order
/// and one compiler's layout.
template <class T>
inline constexpr bool stored_as_object = false;

/// What `codec<T>` can both write and read.
template <class T>
concept codable = std::default_initializable<T> &&
    requires(const T& t, std::string_view stored, std::uint32_t flags) {
    { codec<T>::encode(t) } -> std::same_as<encoded_value>;
    { codec<T>::decode(stored, flags) } -> std::same_as<outcome<T>>;
};

namespace value_detail {

template <class T>
[[nodiscard]] outcome<T> failed(errc error) {
    return {make_error_code(error), T{}};
}

}  // namespace value_detail

/// Text and bytes are stored as they are.
template <>
struct codec<std::string> {
    static encoded_value encode(std::string_view text) { return {std::string(text), 0}; }
    static outcome<std::string> decode(std::string_view stored, std::uint32_t) {
        return {{}, std::string(stored)};
    }
};

template <>
struct codec<bytes> {
    static encoded_value encode(const bytes& b) { return {b.data, 0}; }
    static outcome<bytes> decode(std::string_view stored, std::uint32_t) {
        return {{}, bytes{std::string(stored)}};
    }
};

template <>
struct codec<std::vector<std::byte>> {
    static encoded_value encode(const std::vector<std::byte>& b) {
        return {std::string(reinterpret_cast<const char*>(b.data()), b.size()), 0};
    }
    static outcome<std::vector<std::byte>> decode(std::string_view stored, std::uint32_t) {
        const auto* const first = reinterpret_cast<const std::byte*>(stored.data());
        return {{}, {first, first + stored.size()}};
    }
};

/// "1" and "0".
template <>
struct codec<bool> {
    static encoded_value encode(bool b) { return {b ? "1" : "0", 0}; }
    static outcome<bool> decode(std::string_view stored, std::uint32_t) {
        if (stored != "0" && stored != "1")
            return value_detail::failed<bool>(errc::malformed_value);
        return {{}, stored == "1"};
    }
};

/// Decimal text, which the server can increment and decrement.
template <value_detail::integer_number T>
struct codec<T> {
    static encoded_value encode(T number) { return {value_detail::number_text(number), 0}; }
    static outcome<T> decode(std::string_view stored, std::uint32_t) {
        T number{};
        if (value_detail::parse_number(stored, number)) return {{}, number};
        return value_detail::failed<T>(value_detail::is_decimal_integer(stored)
                                           ? errc::wrong_value_type
                                           : errc::malformed_value);
    }
};

/// The shortest decimal text that reads back as the same number.
template <value_detail::real_number T>
struct codec<T> {
    static encoded_value encode(T number) { return {value_detail::number_text(number), 0}; }
    static outcome<T> decode(std::string_view stored, std::uint32_t) {
        T number{};
        if (!value_detail::parse_number(stored, number))
            return value_detail::failed<T>(errc::malformed_value);
        return {{}, number};
    }
};

/// The object representation, for types that opt in.
template <class T>
requires(stored_as_object<T>) struct codec<T> {
    static_assert(std::is_trivially_copyable_v<T>, "only the bytes of such a type are its value");

    static encoded_value encode(const T& object) {
        return {std::string(reinterpret_cast<const char*>(&object), sizeof(T)), 0};
    }
    static outcome<T> decode(std::string_view stored, std::uint32_t) {
        if (stored.size() != sizeof(T)) return value_detail::failed<T>(errc::malformed_value);
        outcome<T> result;
        std::memcpy(&result.value, stored.data(), sizeof(T));
        return result;
    }
};

static_assert(codable<int> && codable<double> && codable<bool> && codable<std::string>);

}  // namespace memring
