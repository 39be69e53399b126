#pragma once
// Modulus of any kind: a rule that makes buckets of nodes, and a hash of the keys.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/detail/bucket_list.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hash.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/node_order.hpp>
#include <memring/node.hpp>

namespace memring {

/// What weights mean to a modulus.
enum class bucket_weights {
    ignored,  ///< one bucket a node
    counted   ///< as many buckets as a node's weight, next to each other
};

/// A rule put together from its parts; the defaults are libmemcached's MODULA. Derive from it to
/// give it a name of its own. The naming counts only where the order goes by names.
template <bucket_weights Weights = bucket_weights::ignored, node_order Order = as_listed,
          node_naming Naming = host_and_unusual_port>
struct bucket_rule {
    using naming = Naming;
    using order = Order;
    static constexpr std::string_view name = "modulus";  ///< for error messages
    static constexpr bucket_weights weights = Weights;
};

/// What a modulus asks of its rule.
template <class Rule>
concept modulus_rule =
    node_naming<typename Rule::naming> && node_order<typename Rule::order> && requires {
    { Rule::name } -> std::convertible_to<std::string_view>;
    { Rule::weights } -> std::convertible_to<bucket_weights>;
};

/// Maps a key to bucket `hash(key)` modulo the number of buckets. The order of the nodes is the
/// mapping.
///
///     memring::basic_modulus<memring::bucket_rule<>, memring::hash::crc> policy{nodes};
///
/// Immutable, safe to read from many threads; copies share the buckets (4 bytes each, of which at
/// most 65537 are stored, and 12 bytes a node).
template <modulus_rule Rule, key_hash KeyHash>
class basic_modulus {
public:
    using rule_type = Rule;
    using key_hash_type = KeyHash;

    /// No nodes.
    basic_modulus() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, also for a node whose buckets all lie
    /// past the largest hash; `errc::duplicate_node`.
    explicit basic_modulus(std::span<const node> nodes);

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_buckets ? x_buckets->node_count() : 0;
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return owner_of_hash(KeyHash{}(key));
    }

    /// The index of the node that owns the keys of this hash. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of_hash(hash_value<KeyHash> hash) const noexcept {
        return x_buckets->owner_of(widened(hash));
    }

    /// The owners of many keys: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept;

private:
    static constexpr bool is_wide = sizeof(hash_value<KeyHash>) > sizeof(std::uint32_t);

    [[nodiscard]] static constexpr auto widened(hash_value<KeyHash> hash) noexcept {
        return std::conditional_t<is_wide, std::uint64_t, std::uint32_t>{hash};
    }

    std::shared_ptr<const detail::bucket_list> x_buckets;
};

template <modulus_rule Rule, key_hash KeyHash>
basic_modulus<Rule, KeyHash>::basic_modulus(std::span<const node> nodes) {
    detail::require_nodes(Rule::name, nodes);
    if (nodes.empty()) return;
    std::vector<std::string> names(nodes.size());
    std::vector<std::uint32_t> widths(nodes.size(), 1);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        names[i] = typename Rule::naming{}(nodes[i]);
        if (Rule::weights == bucket_weights::counted) widths[i] = nodes[i].weight;
    }
    const auto order = detail::places_in_order<typename Rule::order>(nodes, names);
    x_buckets = std::make_shared<const detail::bucket_list>(Rule::name, nodes, order, widths,
                                                            largest_hash<KeyHash>);
}

template <modulus_rule Rule, key_hash KeyHash>
void basic_modulus<Rule, KeyHash>::owners_of(std::span<const std::string_view> keys,
                                             std::span<std::uint32_t> owners) const noexcept {
    if (keys.empty()) return;
    if constexpr (is_wide) {  // a batch keeps the low half only
        for (std::size_t i = 0; i < keys.size(); ++i) owners[i] = owner_of(keys[i]);
    } else {
        owners = owners.first(keys.size());
        detail::hash_many(KeyHash{}, keys, owners);
        const detail::bucket_list& buckets = *x_buckets;
        for (std::uint32_t& owner : owners) owner = buckets.owner_of(owner);
    }
}

}  // namespace memring
