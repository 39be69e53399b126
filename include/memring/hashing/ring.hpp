#pragma once
// A consistent-hashing ring of any kind: a rule that makes its points, and a hash of the keys.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/point_ring.hpp>
#include <memring/hashing/detail/ring_points.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hash.hpp>
#include <memring/hashing/node_order.hpp>
#include <memring/hashing/point_rule.hpp>
#include <memring/node.hpp>

namespace memring {

/// Maps a key to the node of the first point at or after the low 32 bits of its hash, and past
/// the last point to the node of the first. `Rule` says how nodes become points (`ring_rule`).
///
///     using evcache_ring = memring::ring<my_rule, memring::hash::md5>;
///     evcache_ring policy{nodes};
///     const memring::node& owner = nodes[policy.owner_of("user:1")];
///
/// Immutable, safe to read from many threads; copies share the ring (about 12 bytes a point).
template <point_rule Rule, key_hash KeyHash = hash::md5>
class ring {
public:
    using rule_type = Rule;
    using key_hash_type = KeyHash;

    /// No nodes.
    ring() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, or `errc::duplicate_node` also for two
    /// nodes of one name.
    explicit ring(std::span<const node> nodes);

    /// What `ring(nodes)` is, made from the points this one has: several times as fast for a list
    /// that differs from this ring's in a few nodes. Throws as the constructor does.
    [[nodiscard]] ring rebuilt(std::span<const node> nodes) const;

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_shared ? x_shared->node_count : 0;
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_shared->node_count == 1 ? 0 : x_shared->points.owner_of(hash_of(key));
    }

    /// The owners of many keys, faster than one by one: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept;

    /// The owner and the nodes that follow it clockwise on the ring, each once: where a key would
    /// go if those before were taken out (exactly so while the others keep their points). Returns
    /// how many were written.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        return x_shared ? x_shared->points.walk(hash_of(key), out) : 0;
    }

private:
    struct shared_ring {
        std::uint32_t node_count;
        detail::point_ring points;
        detail::ring_members members;
    };

    [[nodiscard]] static std::uint32_t hash_of(std::string_view key) noexcept {
        return static_cast<std::uint32_t>(KeyHash{}(key));
    }

    static detail::ring_members members_of(std::span<const node> nodes);

    void share(detail::ring_members members, detail::point_ring points) {
        const auto count = static_cast<std::uint32_t>(members.names.size());
        x_shared = std::make_shared<const shared_ring>(
            shared_ring{count, std::move(points), std::move(members)});
    }

    std::shared_ptr<const shared_ring> x_shared;
};

template <point_rule Rule, key_hash KeyHash>
ring<Rule, KeyHash>::ring(std::span<const node> nodes) {
    detail::require_nodes(Rule::name, nodes);
    if (nodes.empty()) return;
    detail::ring_members members = members_of(nodes);
    detail::point_ring points = detail::make_ring(members);
    share(std::move(members), std::move(points));
}

template <point_rule Rule, key_hash KeyHash>
ring<Rule, KeyHash> ring<Rule, KeyHash>::rebuilt(std::span<const node> nodes) const {
    if (!x_shared || nodes.empty()) return ring(nodes);
    detail::require_nodes(Rule::name, nodes);
    detail::ring_members members = members_of(nodes);
    detail::point_ring points = detail::remake_ring(x_shared->points, x_shared->members, members);
    ring result;
    result.share(std::move(members), std::move(points));
    return result;
}

template <point_rule Rule, key_hash KeyHash>
void ring<Rule, KeyHash>::owners_of(std::span<const std::string_view> keys,
                                    std::span<std::uint32_t> owners) const noexcept {
    owners = owners.first(keys.size());
    if (node_count() == 1) {
        std::ranges::fill(owners, 0U);
    } else if (!keys.empty()) {
        detail::hash_many(KeyHash{}, keys, owners);
        x_shared->points.to_owners(owners);
    }
}

template <point_rule Rule, key_hash KeyHash>
detail::ring_members ring<Rule, KeyHash>::members_of(std::span<const node> nodes) {
    detail::ring_members members;
    members.names.resize(nodes.size());
    std::ranges::transform(nodes, members.names.begin(), typename Rule::naming{});
    const std::span<const std::string> names = members.names;
    const std::size_t again = detail::find_duplicate(
        nodes, [&](std::size_t place) { return std::string_view(names[place]); });
    if (again != nodes.size()) {
        detail::refuse_node(errc::duplicate_node, Rule::name, nodes, again,
                            "has the name of another node, \"" + names[again] + "\"");
    }
    members.plan = Rule::plan(nodes);
    if (std::ranges::all_of(members.plan.texts, [](std::uint32_t count) { return count == 0; })) {
        detail::refuse_node(errc::invalid_node, Rule::name, nodes, 0,
                            "gets no point on the ring, and no other does");
    }
    members.order = detail::places_in_order<typename Rule::order>(nodes, names);
    if constexpr (Rule::shared == shared_value::to_last) std::ranges::reverse(members.order);
    return members;
}

}  // namespace memring
