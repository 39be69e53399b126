#pragma once
// IP addresses as Java writes them: no group of IPv6 is left out, and IPv6 stands in brackets.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace memring::detail {

using ip_v4 = std::array<std::uint8_t, 4>;

/// Whether all of `text` is a number of 1 to `max_digits` digits that fits into `out`.
template <class Number>
[[nodiscard]] bool parse_digits(std::string_view text, std::size_t max_digits, int base,
                                Number& out) noexcept {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out, base);
    return error == std::errc{} && stop == end && !text.empty() && text.size() <= max_digits;
}

[[nodiscard]] inline bool parse_ip_v4(std::string_view text, ip_v4& out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t dot = text.find('.');
        if ((dot == text.npos) != (i == out.size() - 1)) return false;
        if (!parse_digits(text.substr(0, dot), 3, 10, out[i])) return false;
        text.remove_prefix(dot == text.npos ? text.size() : dot + 1);
    }
    return true;
}

/// Appends the groups of one side of a `::`; at the end of the address the last may be two groups
/// in the form of IPv4.
[[nodiscard]] inline bool append_groups(std::string_view text, bool is_end,
                                        std::vector<std::uint16_t>& groups) {
    if (text.empty()) return true;
    while (true) {
        const std::size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        ip_v4 tail{};
        if (is_end && colon == text.npos && parse_ip_v4(group, tail)) {
            groups.push_back(static_cast<std::uint16_t>(tail[0] << 8 | tail[1]));
            groups.push_back(static_cast<std::uint16_t>(tail[2] << 8 | tail[3]));
        } else {
            std::uint16_t value = 0;
            if (!parse_digits(group, 4, 16, value)) return false;
            groups.push_back(value);
        }
        if (colon == text.npos) return true;
        text.remove_prefix(colon + 1);
    }
}

/// The eight groups of an IPv6 literal without zone, or none.
[[nodiscard]] inline std::vector<std::uint16_t> parse_ip_v6(std::string_view text) {
    const std::size_t gap = text.find("::");
    std::vector<std::uint16_t> groups;
    if (!append_groups(text.substr(0, gap), gap == text.npos, groups)) return {};
    if (gap != text.npos) {
        const auto before = static_cast<std::ptrdiff_t>(groups.size());
        if (!append_groups(text.substr(gap + 2), true, groups) || groups.size() > 7) return {};
        groups.insert(groups.begin() + before, 8 - groups.size(), std::uint16_t{0});
    }
    return groups.size() == 8 ? groups : std::vector<std::uint16_t>{};
}

[[nodiscard]] inline std::string to_java_text(const ip_v4& address) {
    std::string text;
    for (const std::uint8_t part : address)
        text += (text.empty() ? "" : ".") + std::to_string(part);
    return text;
}

/// An IP literal as JDK 14 and later write it in front of a port: `10.0.0.1`,
/// `[2001:db8:0:0:0:0:0:1%1]`; IPv4 within IPv6 (`::ffff:10.0.0.1`) becomes IPv4. Empty for any
/// other text.
[[nodiscard]] inline std::string java_address(std::string_view literal) {
    ip_v4 address{};
    if (parse_ip_v4(literal, address)) return to_java_text(address);
    const std::size_t zone = std::min(literal.find('%'), literal.size());
    const std::vector<std::uint16_t> groups = parse_ip_v6(literal.substr(0, zone));
    if (groups.empty()) return {};
    const bool is_mapped =
        groups[5] == 0xffff &&
        std::all_of(groups.begin(), groups.begin() + 5, [](auto group) { return group == 0; });
    if (is_mapped) {
        for (std::size_t i = 0; i < address.size(); ++i) {
            address[i] = static_cast<std::uint8_t>(groups[6 + i / 2] >> (i % 2 == 0 ? 8 : 0));
        }
        return to_java_text(address);
    }
    std::string text = "[";
    for (const std::uint16_t group : groups) {
        char digits[4];
        text += text.size() == 1 ? "" : ":";
        text.append(digits, std::to_chars(digits, digits + sizeof digits, group, 16).ptr);
    }
    return text.append(literal.substr(zone)) + "]";
}

}  // namespace memring::detail
