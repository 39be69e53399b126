#pragma once
// A hash policy chosen at run time. A file that names a scheme compiles every policy memring has.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/prefix_hashing.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/schemes.hpp>
#include <memring/node.hpp>

namespace memring {

/// A policy chosen by a text, with the owners that the policy of that name has:
///
///     memring::any_policy policy("compat:twemproxy_ketama:fnv1a_64", nodes);
///     const memring::node& owner = nodes[policy.owner_of("user:1")];
///
/// `builtin_schemes()` lists the names and their options. Costs one virtual call a key, or one a
/// batch. Immutable, safe to read from many threads; copies share the policy.
class any_policy {
public:
    /// What a list of nodes alone is routed by: the policy `ketama`.
    static constexpr std::string_view default_scheme = "ketama";

    /// No nodes.
    any_policy() noexcept = default;

    /// The default scheme. Throws what `ketama` throws.
    explicit any_policy(std::span<const node> nodes) : any_policy(erase_policy(ketama(nodes))) {}

    /// A scheme of `registry`. Throws `std::system_error`: `std::errc::invalid_argument` for an
    /// unknown scheme (the text lists the known ones, nearest first) and for options it does not
    /// know, with their place; else what the policy throws.
    any_policy(std::string_view scheme, std::span<const node> nodes,
               const scheme_registry& registry)
        : any_policy(registry.make(scheme, nodes)) {}

    /// A scheme of `builtin_schemes()`. Throws the same.
    template <class Unused = void>
    any_policy(std::string_view scheme, std::span<const node> nodes)
        : any_policy(scheme, nodes, builtin_schemes<Unused>()) {}

    /// What `erase_policy` made of a policy.
    explicit any_policy(erased_policy_ptr policy) noexcept
        : x_policy(std::move(policy)), x_node_count(x_policy ? x_policy->node_count() : 0) {}

    /// The same scheme with the same options for another list; of no scheme, the default one.
    /// Throws what the policy throws.
    [[nodiscard]] any_policy rebuilt(std::span<const node> nodes) const {
        return x_policy ? any_policy(x_policy->rebuilt(nodes)) : any_policy(nodes);
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_node_count; }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_policy->owner_of(key);
    }

    /// The owners of many keys, by the policy's own batch form: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept {
        if (!keys.empty()) x_policy->owners_of(keys, owners);
    }

    /// What the policy gives if `is_ranked()`, else the owner alone. Returns how many were written.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        return x_node_count == 0 ? 0 : x_policy->candidates_of(key, out);
    }

    /// Whether the policy names further candidates than the owner.
    [[nodiscard]] bool is_ranked() const noexcept { return x_policy && x_policy->is_ranked(); }

    /// What the policy says of the prefix of keys (prefix_hashing.hpp).
    [[nodiscard]] std::optional<bool> hashes_prefix() const noexcept {
        return x_policy ? x_policy->hashes_prefix() : std::nullopt;
    }

private:
    erased_policy_ptr x_policy;
    std::uint32_t x_node_count = 0;
};

static_assert(ranked_hash_policy<any_policy> && rebuildable_hash_policy<any_policy> &&
              tells_prefix_hashing<any_policy>);

}  // namespace memring
