#pragma once
// What a change of topology or policy means for keys: which of them get another owner, from where
// to where, and what share of all.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/cluster/topology.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// What is to be done with a key that was found on a node, before or during a transition.
enum class key_fate : std::uint8_t {
    stays,  ///< this node owns it before and after
    moves,  ///< this node owns it before, another one after
    orphan  ///< another node owns it before: a leftover of an earlier change, nobody reads it
};

/// One node's part in a change, in keys.
struct node_change {
    node who;
    std::uint64_t before = 0;    ///< owned under `old`
    std::uint64_t after = 0;     ///< owned under `next`
    std::uint64_t leaving = 0;   ///< of `before`: get another owner
    std::uint64_t arriving = 0;  ///< of `after`: had another owner
};

/// What a change does to a set of keys.
struct change_report {
    std::uint64_t keys = 0;
    std::uint64_t moved = 0;
    std::vector<node_change> nodes;  ///< in the order of `placement_change::nodes`

    /// The share of the keys that get another owner, 0 to 1.
    [[nodiscard]] double moved_share() const noexcept {
        return keys == 0 ? 0.0 : static_cast<double>(moved) / static_cast<double>(keys);
    }
};

/// The owners of keys under two node lists and their policies, told apart by host and port: a node
/// that keeps its name keeps its keys, whatever its place in the list, its weight or its address.
///
///     const placement_change change{before, after};  // topologies
///     if (change.moves("greeting")) ...
///
/// Precondition: each policy was built from the list beside it, neither list is empty.
/// An immutable value; const members may be called from many threads at once.
template <hash_policy OldPolicy, hash_policy NextPolicy = OldPolicy>
class placement_change {
public:
    placement_change(std::span<const node> old_nodes, OldPolicy old_policy,
                     std::span<const node> next_nodes, NextPolicy next_policy)
        : x_old(std::move(old_policy)),
          x_next(std::move(next_policy)),
          x_nodes(old_nodes.begin(), old_nodes.end()) {
        x_place_of_next.reserve(next_nodes.size());
        for (const node& n : next_nodes) {
            const auto known = index_of(n);
            x_place_of_next.push_back(known.value_or(static_cast<std::uint32_t>(x_nodes.size())));
            if (!known) x_nodes.push_back(n);
        }
    }

    placement_change(const topology<OldPolicy>& before, const topology<NextPolicy>& after)
        : placement_change(before.nodes(), before.policy(), after.nodes(), after.policy()) {}

    /// Every node of the change once: the old ones in their order, then those that join.
    [[nodiscard]] const std::vector<node>& nodes() const noexcept { return x_nodes; }

    /// The place of `who` in `nodes()`.
    [[nodiscard]] std::optional<std::uint32_t> index_of(const node& who) const noexcept {
        for (std::size_t i = 0; i < x_nodes.size(); ++i) {
            if (is_same_node(x_nodes[i], who)) return static_cast<std::uint32_t>(i);
        }
        return std::nullopt;
    }

    /// Indices into `nodes()`.
    [[nodiscard]] std::uint32_t old_owner_of(std::string_view key) const noexcept {
        return x_old.owner_of(key);
    }
    [[nodiscard]] std::uint32_t next_owner_of(std::string_view key) const noexcept {
        return x_place_of_next[x_next.owner_of(key)];
    }

    [[nodiscard]] bool moves(std::string_view key) const noexcept {
        return old_owner_of(key) != next_owner_of(key);
    }

    /// What becomes of `key` where it was found: `at` is an index into `nodes()`.
    [[nodiscard]] key_fate fate_of(std::string_view key, std::uint32_t at) const noexcept {
        const std::uint32_t owner = old_owner_of(key);
        if (owner != at) return key_fate::orphan;
        return owner == next_owner_of(key) ? key_fate::stays : key_fate::moves;
    }

    /// Counts what happens to `keys`, any range of what converts to `std::string_view`.
    template <class Keys>
    [[nodiscard]] change_report count(const Keys& keys) const {
        change_report report = empty_report();
        for (const auto& key : keys) tally(std::string_view(key), report);
        return report;
    }

    /// As above for `count` generated keys, `key:0` on: an estimate of the share, which is good to
    /// about one part in the square root of `count`.
    [[nodiscard]] change_report sample(std::uint64_t count) const {
        change_report report = empty_report();
        for (std::uint64_t i = 0; i < count; ++i) tally("key:" + std::to_string(i), report);
        return report;
    }

private:
    [[nodiscard]] change_report empty_report() const {
        change_report report;
        report.nodes.reserve(x_nodes.size());
        for (const node& n : x_nodes) report.nodes.push_back({.who = n});
        return report;
    }

    void tally(std::string_view key, change_report& report) const {
        node_change& from = report.nodes[old_owner_of(key)];
        node_change& to = report.nodes[next_owner_of(key)];
        ++report.keys;
        ++from.before;
        ++to.after;
        if (&from == &to) return;
        ++report.moved;
        ++from.leaving;
        ++to.arriving;
    }

    OldPolicy x_old;
    NextPolicy x_next;
    std::vector<node> x_nodes;
    std::vector<std::uint32_t> x_place_of_next;
};

}  // namespace memring
