#pragma once
// Small pieces of memcached's text: words of a line, numbers as its parser takes them, base64 and
// percent encoding of keys.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memring::testing {

/// What memcached says to a line it cannot make sense of.
inline constexpr const char* bad_line = "CLIENT_ERROR bad command line format\r\n";

/// The words of a line, which blanks part.
[[nodiscard]] inline std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const auto begin = line.find_first_not_of(' ');
        if (begin == std::string_view::npos) return words;
        line.remove_prefix(begin);
        const auto size = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, size));
        line.remove_prefix(size);
    }
}

/// A signed number of 32 bits; like memcached's, a larger one is cut off, not refused.
[[nodiscard]] inline std::optional<std::int32_t> parse_int32(std::string_view text) {
    const std::string copy(text);
    char* end = nullptr;
    errno = 0;
    const long long number = std::strtoll(copy.c_str(), &end, 10);
    if (errno == ERANGE || end == copy.c_str() || *end != '\0') return std::nullopt;
    return static_cast<std::int32_t>(number);
}

/// Client flags: 32 bits, cut off above, never negative.
[[nodiscard]] inline std::optional<std::uint32_t> parse_client_flags(std::string_view text) {
    const std::string copy(text);
    char* end = nullptr;
    errno = 0;
    const unsigned long long number = std::strtoull(copy.c_str(), &end, 10);
    if (errno == ERANGE || end == copy.c_str() || *end != '\0') return std::nullopt;
    if (copy.find('-') != std::string::npos) return std::nullopt;
    return static_cast<std::uint32_t>(number);
}

inline constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

[[nodiscard]] inline std::string to_base64(std::string_view bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group <<= 8;
            if (at + i < bytes.size()) group |= static_cast<unsigned char>(bytes[at + i]);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool is_padding = at + i > bytes.size();
            text += is_padding ? '=' : base64_digits[(group >> (18 - 6 * i)) & 63];
        }
    }
    return text;
}

[[nodiscard]] inline std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    std::string bytes;
    std::uint32_t group = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto digit = base64_digits.find(text[at]);
        const bool is_padding = at >= text.size() - padding;
        if (digit == std::string_view::npos && !is_padding) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(is_padding ? 0 : digit);
        if (at % 4 != 3) continue;
        for (unsigned shift : {16U, 8U, 0U}) bytes += static_cast<char>(group >> shift & 0xff);
        group = 0;
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

/// A key as `lru_crawler metadump` lists it.
[[nodiscard]] inline std::string percent_encoded(std::string_view key) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string text;
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        if (plain.find(c) != std::string_view::npos) {
            text += c;
        } else {
            text += {'%', hex[byte >> 4], hex[byte & 15]};
        }
    }
    return text;
}

}  // namespace memring::testing
