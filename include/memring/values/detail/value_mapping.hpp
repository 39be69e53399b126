#pragma once
// C++ types to the alternatives of `value` and back: what the dialects of other clients share.

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/values/codec.hpp>
#include <memring/values/detail/number_text.hpp>
#include <memring/values/value.hpp>

namespace memring::value_detail {

/// The stored bytes, and the string they are in if that may be taken: text then costs no copy.
struct stored_bytes {
    stored_bytes(std::string_view bytes) noexcept  // NOLINT(google-explicit-constructor)
        : view(bytes) {}
    explicit stored_bytes(std::string& owner) noexcept : view(owner), owned(&owner) {}

    [[nodiscard]] std::string take() const {
        return owned != nullptr ? std::move(*owned) : std::string(view);
    }

    std::string_view view;
    std::string* owned = nullptr;
};

/// What to do with a `value` alternative of each kind, in one overload set.
template <class... Functions>
struct overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

template <class T>
[[nodiscard]] outcome<value> value_of(const T& t) {
    if constexpr (std::same_as<T, value>) {
        return {{}, t};
    } else if constexpr (std::same_as<T, bool> || std::same_as<T, std::monostate> ||
                         std::same_as<T, bytes> || std::same_as<T, foreign_value>) {
        return {{}, value(t)};
    } else if constexpr (integer_number<T>) {
        if (std::in_range<std::int64_t>(t)) return {{}, value(static_cast<std::int64_t>(t))};
        return {{}, value(static_cast<std::uint64_t>(t))};
    } else if constexpr (real_number<T>) {
        return {{}, value(static_cast<double>(t))};
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
        return {{}, value(std::string(std::string_view(t)))};
    } else {
        auto encoded = codec<T>::encode(t);
        // The flags are the dialect's here, so a codec with flags of its own could not read back.
        if (encoded.flags != 0) return failed<value>(errc::unsupported);
        return {{}, value(bytes{std::move(encoded.bytes)})};
    }
}

template <integer_number T>
[[nodiscard]] outcome<T> integer_from(const value& v) {
    if (const auto* const number = std::get_if<std::int64_t>(&v)) {
        if (std::in_range<T>(*number)) return {{}, static_cast<T>(*number)};
    } else if (const auto* const large = std::get_if<std::uint64_t>(&v)) {
        if (std::in_range<T>(*large)) return {{}, static_cast<T>(*large)};
    }
    return failed<T>(errc::wrong_value_type);
}

/// Also from integers that a double holds exactly: what counts is the number.
template <real_number T>
[[nodiscard]] outcome<T> real_from(const value& v) {
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    if (const auto* const number = std::get_if<double>(&v)) return {{}, static_cast<T>(*number)};
    const auto* const whole = std::get_if<std::int64_t>(&v);
    if (whole != nullptr && *whole >= -exact && *whole <= exact) {
        return {{}, static_cast<T>(*whole)};
    }
    return failed<T>(errc::wrong_value_type);
}

/// pylibmc stores True and False as the integers 1 and 0.
[[nodiscard]] inline outcome<bool> bool_from(const value& v) {
    if (const auto* const b = std::get_if<bool>(&v)) return {{}, *b};
    const auto* const number = std::get_if<std::int64_t>(&v);
    if (number != nullptr && (*number == 0 || *number == 1)) return {{}, *number == 1};
    return failed<bool>(errc::wrong_value_type);
}

/// The bytes of text or of bytes, or null.
[[nodiscard]] inline std::string* data_of(value& v) noexcept {
    if (auto* const text = std::get_if<std::string>(&v)) return text;
    if (auto* const data = std::get_if<bytes>(&v)) return &data->data;
    return nullptr;
}

/// The value as a `T`: `foreign_value` if it is one, `wrong_value_type` if it is no `T`.
template <class T>
[[nodiscard]] outcome<T> value_as(value&& v) {
    if constexpr (std::same_as<T, value>) {
        return {{}, std::move(v)};
    } else if constexpr (std::same_as<T, foreign_value> || std::same_as<T, std::monostate>) {
        if (auto* const found = std::get_if<T>(&v)) return {{}, std::move(*found)};
        return failed<T>(errc::wrong_value_type);
    } else if (std::holds_alternative<foreign_value>(v)) {
        return failed<T>(errc::foreign_value);
    } else if constexpr (std::same_as<T, bool>) {
        return bool_from(v);
    } else if constexpr (integer_number<T>) {
        return integer_from<T>(v);
    } else if constexpr (real_number<T>) {
        return real_from<T>(v);
    } else {
        auto* const data = data_of(v);
        if (data == nullptr) return failed<T>(errc::wrong_value_type);
        if constexpr (std::same_as<T, std::string>)
            return {{}, std::move(*data)};
        else if constexpr (std::same_as<T, bytes>)
            return {{}, bytes{std::move(*data)}};
        else
            return codec<T>::decode(*data, 0);
    }
}

/// `encode` and `decode` of a dialect that has `write(value)` and `read(stored_bytes, flags)`.
template <class Dialect, class T>
[[nodiscard]] outcome<encoded_value> encode_by_value(const Dialect& dialect, const T& t) {
    auto v = value_of(t);
    if (v.error) return {v.error, {}};
    return dialect.write(std::move(v.value));
}

template <class T, class Dialect>
[[nodiscard]] outcome<T> decode_by_value(const Dialect& dialect, stored_bytes stored,
                                         std::uint32_t flags) {
    auto v = dialect.read(stored, flags);
    if (v.error) return {v.error, T{}};
    return value_as<T>(std::move(v.value));
}

}  // namespace memring::value_detail
