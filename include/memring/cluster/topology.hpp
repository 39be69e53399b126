#pragma once
// A cluster at one moment: its nodes and the mapping of keys to them. Immutable; a change of the
// cluster is a new topology. Knows nothing of connections or health.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/error.hpp>
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
        std::size_t place = 0;
        if (const auto error = check_nodes(x_nodes, place)) {
            throw std::system_error(
                error, "node " + std::to_string(place) + " (" + to_string(x_nodes[place]) + ")");
        }
        if (!x_nodes.empty()) x_policy.emplace(std::span<const node>(x_nodes));
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
    std::vector<node> x_nodes;
    std::optional<Policy> x_policy;
};

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
