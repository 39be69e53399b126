#pragma once
// Modulus: hash modulo number of servers. Nearly every key changes its owner when the list does;
// here for fleets that use it, and as the yardstick for everything else.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/python_memcached.hpp>
#include <memring/node.hpp>

namespace memring {

/// The mapping of python-memcached 1.59 (and before): each node is `weight` buckets, in order, and
/// a key's 15-bit hash modulo their number is its bucket. The order of the nodes is the mapping.
///
///     memring::modulus policy{nodes};
///
/// Immutable, safe to read from many threads; copies share the buckets (4 bytes each, at most
/// 32768 of them).
class modulus {
public:
    /// The attempts `candidates_of` knows of, the owner included.
    static constexpr std::uint32_t max_attempts = 10;

    /// No nodes.
    modulus() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, also for the first node whose buckets all
    /// lie past the largest hash; `errc::duplicate_node`.
    explicit modulus(std::span<const node> nodes);

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_shared ? x_shared->node_count : 0;
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_shared->owner_of_hash(python_memcached_hash(key));
    }

    /// The servers python-memcached tries in turn while each is found dead, the owner first, at
    /// most `max_attempts`. A node may come more than once. Returns how many were written.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        if (node_count() == 0) return 0;
        const std::size_t count = std::min<std::size_t>(out.size(), max_attempts);
        std::uint32_t hash = python_memcached_hash(key);
        for (std::uint32_t i = 0; i < count; ++i) {
            out[i] = x_shared->owner_of_hash(hash);
            hash = next_python_memcached_hash(hash, i);
        }
        return count;
    }

private:
    static constexpr std::size_t hash_range = 32768;

    struct bucket_list {
        std::uint32_t node_count = 0;
        std::uint64_t total = 0;             // buckets there are
        std::vector<std::uint32_t> reached;  // the node of each one a hash can reach

        [[nodiscard]] std::uint32_t owner_of_hash(std::uint32_t hash) const noexcept {
            return reached[total > hash ? hash : hash % static_cast<std::uint32_t>(total)];
        }
    };

    std::shared_ptr<const bucket_list> x_shared;
};

inline modulus::modulus(std::span<const node> nodes) {
    detail::require_nodes("modulus", nodes);
    if (nodes.empty()) return;
    bucket_list buckets;
    buckets.node_count = static_cast<std::uint32_t>(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (buckets.total >= hash_range) {
            detail::refuse_node(errc::invalid_node, "modulus", nodes, i,
                                "is out of reach of the 15-bit hash");
        }
        const std::size_t room = hash_range - buckets.reached.size();
        buckets.reached.insert(buckets.reached.end(), std::min<std::size_t>(nodes[i].weight, room),
                               static_cast<std::uint32_t>(i));
        buckets.total += nodes[i].weight;
    }
    x_shared = std::make_shared<const bucket_list>(std::move(buckets));
}

static_assert(ranked_hash_policy<modulus>);

}  // namespace memring
