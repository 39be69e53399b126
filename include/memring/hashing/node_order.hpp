#pragma once
// The order in which a mapping takes its nodes. Peers that sort their servers sort them by what
// they know of them; the indices callers see stay those of the list they passed.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <memring/node.hpp>

namespace memring {

/// A node with the text a mapping hashes for it.
struct named_node {
    const node& listed;
    std::string_view name;
};

/// The order of the list.
struct as_listed {};

/// By the bytes of the host, then by port: libmemcached's SORT_HOSTS.
struct by_host_and_port {
    [[nodiscard]] bool operator()(const named_node& a, const named_node& b) const noexcept {
        return std::tie(a.listed.host, a.listed.port) < std::tie(b.listed.host, b.listed.port);
    }
};

/// By the length of the name, then by its bytes: twemproxy.
struct by_name_length {
    [[nodiscard]] bool operator()(const named_node& a, const named_node& b) const noexcept {
        return std::tuple(a.name.size(), a.name) < std::tuple(b.name.size(), b.name);
    }
};

/// An order of nodes: `as_listed`, or a comparison by which the list is sorted stably.
template <class Order>
concept node_order = std::same_as<Order, as_listed> ||
    std::strict_weak_order<const Order&, const named_node&, const named_node&>;

namespace detail {

/// The indices of the nodes in the order of `Order`.
template <node_order Order>
[[nodiscard]] std::vector<std::uint32_t> places_in_order(std::span<const node> nodes,
                                                         std::span<const std::string> names) {
    std::vector<std::uint32_t> places(nodes.size());
    std::iota(places.begin(), places.end(), 0U);
    if constexpr (!std::same_as<Order, as_listed>) {
        const auto is_before = [&](std::uint32_t a, std::uint32_t b) {
            return Order{}(named_node{nodes[a], names[a]}, named_node{nodes[b], names[b]});
        };
        // Not stable_sort: Clang 22 finds a deprecated function inside that of GCC 12.
        std::ranges::sort(places, [&](std::uint32_t a, std::uint32_t b) {
            return is_before(a, b) || (!is_before(b, a) && a < b);
        });
    }
    return places;
}

}  // namespace detail
}  // namespace memring
