#pragma once
// What memring asks of a mapping from keys to nodes.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <memring/node.hpp>

namespace memring {

/// A mapping from keys to nodes: an immutable value built from the node list, which knows neither
/// health nor connections. `owner_of` returns an index into the list the policy was built from.
///
/// What the compiler cannot check: equal node lists give equal owners in every process and on
/// every platform; `owner_of` is a precondition violation on a policy of no nodes, otherwise it
/// is total; const members may be called from many threads at once. A constructor throws
/// `std::system_error` with the node named when a node cannot be part of the mapping.
template <class Policy>
concept hash_policy = std::copyable<Policy> &&
    std::constructible_from<Policy, std::span<const node>> &&
    requires(const Policy& policy, std::string_view key) {
    { policy.owner_of(key) }
    noexcept->std::same_as<std::uint32_t>;
    { policy.node_count() }
    noexcept->std::same_as<std::uint32_t>;
};

/// A hash policy that carries more than its node list into the next one: options, a seed, history,
/// or work that need not be done again. `policy.rebuilt(nodes)` is the same mapping of another
/// list, also of an empty one and from an empty one; throws what the constructor throws.
template <class Policy>
concept rebuildable_hash_policy = hash_policy<Policy> &&
    requires(const Policy& policy, std::span<const node> nodes) {
    { policy.rebuilt(nodes) } -> std::same_as<Policy>;
};

/// The mapping of another list, like `policy` where it can be rebuilt, else a new one.
template <hash_policy Policy>
[[nodiscard]] Policy rebuilt(const Policy& policy, std::span<const node> nodes) {
    if constexpr (rebuildable_hash_policy<Policy>) {
        return policy.rebuilt(nodes);
    } else {
        return Policy(nodes);
    }
}

/// A hash policy that also names whom to ask when the owner is dead, and then whom next.
/// `candidates_of` writes up to `out.size()` indices, the owner first, and returns how many it
/// wrote; whether one may come twice is the policy's to say.
template <class Policy>
concept ranked_hash_policy = hash_policy<Policy> &&
    requires(const Policy& policy, std::string_view key, std::span<std::uint32_t> out) {
    { policy.candidates_of(key, out) }
    noexcept->std::same_as<std::size_t>;
};

/// The owners of many keys: the policy's own batch form where it has one, else one by one.
/// Precondition: `owners.size() >= keys.size()`.
template <hash_policy Policy>
void owners_of(const Policy& policy, std::span<const std::string_view> keys,
               std::span<std::uint32_t> owners) noexcept {
    if constexpr (requires { policy.owners_of(keys, owners); }) {
        policy.owners_of(keys, owners);
    } else {
        for (std::size_t i = 0; i < keys.size(); ++i) owners[i] = policy.owner_of(keys[i]);
    }
}

}  // namespace memring
