#pragma once
// A memcached server as applications, hash policies and discovery name it.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/error.hpp>

namespace memring {

inline constexpr std::uint16_t default_port = 11211;

/// One memcached server. Two nodes are the same server when host and port are equal; weight,
/// address and name may change under way.
struct node {
    std::string host;                   ///< name or IP literal, IPv6 without brackets; or the
                                        ///< path of a UNIX socket, beginning with '/'
    std::uint16_t port = default_port;  ///< 1 to 65535; 0 for a UNIX socket
    std::uint32_t weight = 1;           ///< share of the keys, for policies that know weights
    std::string address = {};           ///< IP to connect to where known (discovery), else empty
    std::string name = {};              ///< what the fleet calls it, for mappings that hash names
                                        ///< (twemproxy), else empty

    friend bool operator==(const node&, const node&) = default;
};

/// Whether `n` is a UNIX socket, by its path.
[[nodiscard]] inline bool is_unix_socket(const node& n) noexcept { return n.host.starts_with('/'); }

/// Whether `a` and `b` name the same server.
[[nodiscard]] inline bool is_same_node(const node& a, const node& b) noexcept {
    return a.port == b.port && a.host == b.host;
}

/// `host:port`, with brackets around an IPv6 literal, or the path of a UNIX socket: for people, and
/// unique for each server.
[[nodiscard]] inline std::string to_string(const node& n) {
    if (is_unix_socket(n)) return n.host;
    const bool is_ipv6 = n.host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + n.host + "]" : n.host) + ":" + std::to_string(n.port);
}

namespace detail {

template <class Number>
[[nodiscard]] bool parse_number(std::string_view text, Number& out) noexcept {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    return error == std::errc{} && stop == end && !text.empty();
}

[[nodiscard]] inline bool is_valid_host(std::string_view host) noexcept {
    return !host.empty() && std::ranges::none_of(host, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7f || c == '[' || c == ']' || c == '|' || c == ',';
    });
}

/// Whether text with several colons looks like an IPv6 literal, and not like fields too many.
[[nodiscard]] inline bool is_bare_ipv6(std::string_view text) noexcept {
    const std::string_view digits = text.substr(0, text.find('%'));
    return (digits.find("::") != std::string_view::npos || std::ranges::count(digits, ':') == 7 ||
            (std::ranges::count(digits, ':') == 6 && digits.find('.') != std::string_view::npos)) &&
           digits.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

}  // namespace detail

/// Whether `n` can be talked to: a host and a port, and a weight of at least 1.
[[nodiscard]] inline bool is_valid_node(const node& n) noexcept {
    return detail::is_valid_host(n.host) && is_unix_socket(n) == (n.port == 0) && n.weight != 0;
}

/// Parses `host`, `host:port`, `host:port:weight`, with brackets around an IPv6 literal
/// (`[::1]:11211`), and the path of a UNIX socket, `/path` or `/path:0:weight`. A bare IPv6 literal
/// has no port. On bad text sets `error` to
/// `errc::invalid_node` and returns an empty node.
[[nodiscard]] inline node parse_node(std::string_view text, std::error_code& error) {
    error = errc::invalid_node;
    node result;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return {};
        result.host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
        if (result.host.find(':') == std::string::npos) return {};
        if (!rest.empty() && rest.front() != ':') return {};
    } else if (detail::is_bare_ipv6(text)) {
        result.host = text;
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        result.host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    if (is_unix_socket(result)) result.port = 0;
    if (!rest.empty()) {
        rest.remove_prefix(1);
        const auto colon = std::min(rest.find(':'), rest.size());
        if (!detail::parse_number(rest.substr(0, colon), result.port)) return {};
        rest.remove_prefix(colon);
        if (!rest.empty() &&
            (!detail::parse_number(rest.substr(1), result.weight) || result.weight == 0)) {
            return {};
        }
    }
    if (!is_valid_node(result)) return {};
    error.clear();
    return result;
}

/// As above; throws `std::system_error` that quotes the text.
[[nodiscard]] inline node parse_node(std::string_view text) {
    std::error_code error;
    node result = parse_node(text, error);
    if (error) {
        throw std::system_error(error, "\"" + std::string(text) +
                                           "\" is no host[:port[:weight]], port 1 to 65535, "
                                           "weight from 1, nor the path of a socket");
    }
    return result;
}

/// The first thing wrong with a list of nodes, or a clear code: `errc::invalid_node`,
/// `errc::duplicate_node`. `place` gets the index of the offending node. An empty list is fine.
[[nodiscard]] inline std::error_code check_nodes(const std::vector<node>& nodes,
                                                 std::size_t& place) {
    for (place = 0; place < nodes.size(); ++place) {
        if (!is_valid_node(nodes[place])) return errc::invalid_node;
        const auto same = [&](const node& other) { return is_same_node(other, nodes[place]); };
        if (std::any_of(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(place), same)) {
            return errc::duplicate_node;
        }
    }
    return {};
}

}  // namespace memring
