#pragma once
// Numbers as decimal text, and back: exactly the forms that clients and the server write.

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <system_error>

namespace memring::value_detail {

/// The integers that are numbers, std::int8_t and std::uint8_t among them.
template <class T>
concept integer_number = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                         !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                         !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
concept real_number = std::same_as<T, float> || std::same_as<T, double>;

/// A decrement that makes a number shorter leaves blanks at its end: memcached keeps the length.
[[nodiscard]] constexpr std::string_view without_padding(std::string_view text) noexcept {
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// Whether all of `text` is such a number; `out` is set only then.
template <class Number>
[[nodiscard]] bool parse_number(std::string_view text, Number& out) noexcept {
    text = without_padding(text);
    Number number{};
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end) return false;
    out = number;
    return true;
}

[[nodiscard]] constexpr bool is_decimal_integer(std::string_view text) noexcept {
    text = without_padding(text);
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The shortest text that reads back as the same number.
template <class Number>
[[nodiscard]] std::string number_text(Number number) {
    char text[40];  // a double takes 24, a 64-bit integer 20
    const auto [end, error] = std::to_chars(text, text + sizeof text, number);
    return {text, error == std::errc() ? end : text};
}

}  // namespace memring::value_detail
