#pragma once
// What every hash policy asks of its node list, and how it refuses a node.

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include <memring/error.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// Throws `std::system_error` that names the policy, the node and its place in the list.
[[noreturn]] inline void refuse_node(errc error, std::string_view policy,
                                     std::span<const node> nodes, std::size_t place,
                                     std::string_view reason) {
    throw std::system_error(error, std::string(policy) + ": node " + std::to_string(place) + " \"" +
                                       to_string(nodes[place]) + "\" " + std::string(reason));
}

/// The first place whose node is equal to an earlier one by `key_of`, or `nodes.size()`.
template <class KeyOf>
[[nodiscard]] std::size_t find_duplicate(std::span<const node> nodes, KeyOf key_of) {
    std::vector<std::size_t> order(nodes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        return std::tuple(key_of(a), a) < std::tuple(key_of(b), b);
    });
    std::size_t found = nodes.size();
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (key_of(order[i - 1]) == key_of(order[i])) found = std::min(found, order[i]);
    }
    return found;
}

/// Throws `std::system_error` for the first node that is invalid (`errc::invalid_node`), else for
/// the first that comes a second time (`errc::duplicate_node`).
inline void require_nodes(std::string_view policy, std::span<const node> nodes) {
    for (std::size_t place = 0; place < nodes.size(); ++place) {
        const node& n = nodes[place];
        if (is_valid_node(n)) continue;
        refuse_node(errc::invalid_node, policy, nodes, place,
                    !is_valid_host(n.host)             ? "has no valid host"
                    : is_unix_socket(n) && n.port != 0 ? "has a path and a port"
                    : n.port == 0                      ? "has port 0"
                                                       : "has weight 0");
    }
    const auto identity = [&](std::size_t place) {
        return std::tuple<std::string_view, std::uint16_t>(nodes[place].host, nodes[place].port);
    };
    const std::size_t again = find_duplicate(nodes, identity);
    if (again != nodes.size()) {
        refuse_node(errc::duplicate_node, policy, nodes, again, "comes twice");
    }
}

}  // namespace memring::detail
