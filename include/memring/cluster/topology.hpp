#pragma once
// A cluster at one moment: its nodes and the mapping of keys to them. Immutable; a change of the
// cluster is a new topology. Knows nothing of connections or health.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// Nodes, in the order the policy was built from, and the policy. A value; const members may be
/// called from many threads. An empty topology owns no key.
template <hash_policy Policy>
class topology {
public:
    topology() = default;

    /// Throws `std::system_error` (`errc::invalid_node`, `errc::duplicate_node`) that names the
    /// offending node and its place in the list.
    explicit topology(std::vector<node> nodes) : x_nodes(std::move(nodes)) {
        require_nodes();
        if (!x_nodes.empty()) x_policy.emplace(std::span<const node>(x_nodes));
    }

    /// As above with a policy like `like`, whatever nodes that was built from: its options hold
    /// for this list and those that follow.
    topology(std::vector<node> nodes, const Policy& like) requires rebuildable_hash_policy<Policy>
        : x_nodes(std::move(nodes)) {
        require_nodes();
        x_policy.emplace(like.rebuilt(std::span<const node>(x_nodes)));
    }

    /// The topology of another list, made from this one's policy where the policy knows how to
    /// (`rebuilt`): it keeps its options, and a list that differs in a few nodes is far less work.
    /// Throws what the constructor throws.
    [[nodiscard]] topology changed_to(std::vector<node> nodes) const {
        if constexpr (rebuildable_hash_policy<Policy>) {
            if (x_policy) return topology(std::move(nodes), *x_policy);
        }
        return topology(std::move(nodes));
    }

    [[nodiscard]] const std::vector<node>& nodes() const noexcept { return x_nodes; }
    [[nodiscard]] bool empty() const noexcept { return x_nodes.empty(); }

    /// The mapping itself. Precondition: not empty.
    [[nodiscard]] const Policy& policy() const noexcept { return *x_policy; }

    /// Index into `nodes()` of the key's owner. Precondition: not empty.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_policy->owner_of(key);
    }

private:
    void require_nodes() const;

    std::vector<node> x_nodes;
    std::optional<Policy> x_policy;
};

template <hash_policy Policy>
void topology<Policy>::require_nodes() const {
    const auto invalid = static_cast<std::size_t>(std::ranges::find_if_not(x_nodes, is_valid_node) -
                                                  x_nodes.begin());
    const std::span<const node> valid = std::span(x_nodes).first(invalid);
    const std::size_t again = detail::find_duplicate(valid, [&](std::size_t place) {
        return detail::node_identity{valid[place].host, valid[place].port};
    });
    if (again == x_nodes.size()) return;
    throw std::system_error(
        again < invalid ? errc::duplicate_node : errc::invalid_node,
        "node " + std::to_string(again) + " (" + to_string(x_nodes[again]) + ")");
}

/// The index of the node with `wanted`'s host and port, or `nodes.size()`.
[[nodiscard]] inline std::size_t find_node(std::span<const node> nodes,
                                           const node& wanted) noexcept {
    const auto found =
        std::ranges::find_if(nodes, [&](const node& n) { return is_same_node(n, wanted); });
    return static_cast<std::size_t>(found - nodes.begin());
}

/// How one node list differs from another. A node that only changed its weight or address is
/// kept, not removed and added.
struct topology_diff {
    std::vector<node> added;
    std::vector<node> removed;
    std::vector<node> kept;  ///< as the newer list has them

    topology_diff(std::span<const node> before, std::span<const node> after) {
        for (const node& n : after) {
            (find_node(before, n) < before.size() ? kept : added).push_back(n);
        }
        for (const node& n : before) {
            if (find_node(after, n) == after.size()) removed.push_back(n);
        }
    }
};

}  // namespace memring
