#pragma once
// The node list a configuration endpoint hands out (ElastiCache, Memorystore): the body of the
// reply to `config get cluster`, both ways. Asking for it is the watcher's part.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/node.hpp>

namespace memring {

/// One state of a cluster as its endpoint tells it.
struct cluster_config {
    std::uint64_t version = 0;  ///< goes up with each change; may start again with a new cluster
    std::vector<node> nodes;    ///< in the endpoint's order; never empty when parsed

    friend bool operator==(const cluster_config&, const cluster_config&) = default;
};

namespace detail {

[[nodiscard]] inline std::string_view trim_end(std::string_view text) noexcept {
    while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

/// Takes what is before the next `separator` off the front of `text`, and the separator.
[[nodiscard]] inline std::string_view take_until(std::string_view& text, char separator) noexcept {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

/// What is wrong with `host|ip|port`, or null. Fields behind the port are for later servers.
[[nodiscard]] inline const char* parse_config_node(std::string_view text, node& out) {
    if (std::ranges::count(text, '|') < 2) return "not host|ip|port";
    const std::string_view host = take_until(text, '|');
    const std::string_view address = take_until(text, '|');
    const std::string_view port = take_until(text, '|');
    if (host.empty() && address.empty()) return "neither host nor ip";
    const auto is_bad = [](std::string_view name) {
        return !name.empty() && (!is_valid_host(name) || name.front() == '/');
    };
    if (is_bad(host)) return "bad host";
    if (is_bad(address)) return "bad ip";
    if (!parse_number(port, out.port)) return "bad port";
    if (out.port == 0) return "port 0";
    out.host = host.empty() ? address : host;
    out.address = address;
    return nullptr;
}

/// Finds the first node that an earlier one names already: its place and the earlier one's.
[[nodiscard]] inline bool find_duplicate(const std::vector<node>& nodes, std::size_t& place,
                                         std::size_t& earlier) {
    std::vector<std::size_t> order(nodes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&nodes](std::size_t a, std::size_t b) {
        return std::tie(nodes[a].host, nodes[a].port, a) <
               std::tie(nodes[b].host, nodes[b].port, b);
    });
    place = nodes.size();
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (is_same_node(nodes[order[i - 1]], nodes[order[i]]) && order[i] < place) {
            place = order[i];
            earlier = order[i - 1];
        }
    }
    return place != nodes.size();
}

[[nodiscard]] inline std::string node_problem(std::size_t place, std::string_view what) {
    return "node " + std::to_string(place + 1) + ": " + std::string(what);
}

/// What is wrong with the body, empty where nothing is.
[[nodiscard]] inline std::string parse_config_body(std::string_view body, cluster_config& out) {
    if (body.empty()) return "the body is empty";
    const std::string_view version = trim_end(take_until(body, '\n'));
    if (!parse_number(version, out.version)) return "the version is no number up to 2^64 - 1";
    std::string_view list = trim_end(take_until(body, '\n'));
    if (body.find_first_not_of(" \r\n") != std::string_view::npos)
        return "there is text behind the node list";
    while (!list.empty()) {
        const std::string_view text = take_until(list, ' ');
        if (text.empty()) continue;
        node& added = out.nodes.emplace_back();
        if (const char* const problem = parse_config_node(text, added)) {
            return node_problem(out.nodes.size() - 1, problem);
        }
    }
    if (out.nodes.empty()) return "the node list is empty";
    std::size_t place = 0;
    std::size_t earlier = 0;
    if (find_duplicate(out.nodes, place, earlier)) {
        return node_problem(place, "the same as node " + std::to_string(earlier + 1));
    }
    return {};
}

}  // namespace detail

/// Parses the data block of the reply: the version in one line, `host|ip|port` of every node in
/// the next, with a space between them. The ip may be empty, and so may the host: then the ip
/// stands for it. Taken as well: a missing LF at the end, CRLF for LF, spaces at the ends of lines
/// and more than one between nodes, fields behind the port.
///
/// Anything else, an empty node list and two nodes of one name set `error` to
/// `errc::malformed_config`, `reason` (where given) to what is wrong and where ("node 3: port 0"),
/// and return an empty configuration: keep the last good one. An endpoint that knows no nodes is
/// broken, not a reason to forget them.
[[nodiscard]] inline cluster_config parse_cluster_config(std::string_view body,
                                                         std::error_code& error,
                                                         std::string* reason = nullptr) {
    cluster_config result;
    std::string problem = detail::parse_config_body(body, result);
    error.clear();
    if (!problem.empty()) {
        error = errc::malformed_config;
        result = {};
    }
    if (reason != nullptr) *reason = std::move(problem);
    return result;
}

/// The body that `parse_cluster_config` reads, as ElastiCache writes it. Weights are not part of
/// it.
[[nodiscard]] inline std::string format_cluster_config(const cluster_config& config) {
    std::string body = std::to_string(config.version) + '\n';
    for (const node& n : config.nodes) {
        if (body.back() != '\n') body += ' ';
        body += n.host + '|' + n.address + '|' + std::to_string(n.port);
    }
    return body + '\n';
}

/// The whole reply to `config get cluster` with this body.
[[nodiscard]] inline std::string frame_cluster_config(std::string_view body) {
    std::string framed = "CONFIG cluster 0 " + std::to_string(body.size()) + "\r\n";
    return framed.append(body).append("\r\nEND\r\n");
}

/// The whole reply to `get AmazonElastiCache:cluster` with this body.
[[nodiscard]] inline std::string frame_cluster_config_key(std::string_view body) {
    std::string framed =
        "VALUE AmazonElastiCache:cluster 0 " + std::to_string(body.size()) + "\r\n";
    return framed.append(body).append("\r\nEND\r\n");
}

}  // namespace memring
