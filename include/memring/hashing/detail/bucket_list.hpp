#pragma once
// The buckets of a modulus: which node a number modulo their count belongs to.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/fast_mod.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// Buckets in a row, those of one node next to each other. Immutable.
class bucket_list {
public:
    /// Nodes in the order `order`, each with as many buckets as `widths` has for it. Throws
    /// `errc::invalid_node` for the first in that order that no hash up to `largest` can reach.
    bucket_list(std::string_view policy, std::span<const node> nodes,
                std::span<const std::uint32_t> order, std::span<const std::uint32_t> widths,
                std::uint64_t largest);

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return static_cast<std::uint32_t>(x_order.size());
    }

    /// The node of bucket `hash` modulo their number.
    [[nodiscard]] std::uint32_t owner_of(std::uint32_t hash) const noexcept {
        return node_of(x_total > hash ? hash : x_remainder(hash));
    }
    [[nodiscard]] std::uint32_t owner_of(std::uint64_t hash) const noexcept {
        return node_of(hash % x_total);
    }

private:
    /// So many buckets, from the first on, have an entry of their own; the others are searched.
    static constexpr std::uint64_t max_table = std::uint64_t{1} << 16;

    [[nodiscard]] std::uint32_t node_of(std::uint64_t bucket) const noexcept {
        if (bucket < x_table.size()) return x_table[static_cast<std::size_t>(bucket)];
        const auto behind = std::ranges::upper_bound(x_ends, bucket);
        return x_order[static_cast<std::size_t>(behind - x_ends.begin())];
    }

    std::uint64_t x_total = 0;
    fast_mod x_remainder{1};
    std::vector<std::uint32_t> x_table;
    std::vector<std::uint64_t> x_ends;  // one past each node's buckets
    std::vector<std::uint32_t> x_order;
};

inline bucket_list::bucket_list(std::string_view policy, std::span<const node> nodes,
                                std::span<const std::uint32_t> order,
                                std::span<const std::uint32_t> widths, std::uint64_t largest)
    : x_order(order.begin(), order.end()) {
    for (const std::uint32_t place : order) {
        if (x_total > largest) {
            refuse_node(
                errc::invalid_node, policy, nodes, place,
                "is out of reach of the hash, whose largest value is " + std::to_string(largest));
        }
        const std::uint64_t room = std::min(max_table, largest) - x_table.size() + 1;
        x_table.insert(x_table.end(),
                       static_cast<std::size_t>(std::min<std::uint64_t>(widths[place], room)),
                       place);
        x_total += widths[place];
        x_ends.push_back(x_total);
    }
    // With more buckets than that no 32-bit hash is divided.
    x_remainder = fast_mod(static_cast<std::uint32_t>(std::min<std::uint64_t>(x_total, ~0U)));
}

}  // namespace memring::detail
