#pragma once
// What every hash policy asks of its node list, and how it refuses a node.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
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

/// Host and port, which tell servers apart.
struct node_identity {
    std::string_view host;
    std::uint16_t port = 0;

    friend bool operator==(const node_identity&, const node_identity&) = default;
};

[[nodiscard]] inline std::size_t hash_of(std::string_view text) noexcept {
    return std::hash<std::string_view>{}(text);
}
[[nodiscard]] inline std::size_t hash_of(const node_identity& identity) noexcept {
    return hash_of(identity.host) ^ identity.port * std::size_t{0x9e3779b1};
}

/// The first place whose node is equal to an earlier one by `key_of`, or `nodes.size()`. The keys
/// are texts or identities.
template <class KeyOf>
[[nodiscard]] std::size_t find_duplicate(std::span<const node> nodes, KeyOf key_of) {
    // An open table of places, at most half full: of a list of thousands this is a part of what it
    // costs to build a policy.
    constexpr std::size_t none = ~std::size_t{0};
    const std::size_t mask = std::bit_ceil(2 * nodes.size() + 1) - 1;
    std::vector<std::size_t> table(mask + 1, none);
    for (std::size_t place = 0; place < nodes.size(); ++place) {
        const auto key = key_of(place);
        std::size_t slot = hash_of(key) & mask;
        for (; table[slot] != none; slot = (slot + 1) & mask) {
            if (key_of(table[slot]) == key) return place;
        }
        table[slot] = place;
    }
    return nodes.size();
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
        return node_identity{nodes[place].host, nodes[place].port};
    };
    const std::size_t again = find_duplicate(nodes, identity);
    if (again != nodes.size()) {
        refuse_node(errc::duplicate_node, policy, nodes, again, "comes twice");
    }
}

}  // namespace memring::detail
