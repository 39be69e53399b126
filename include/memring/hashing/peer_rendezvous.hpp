#pragma once
// Rendezvous hashing as clients of memcached do it: the text of node and key is hashed anew for
// every node, and the highest hash wins.

#include <algorithm>
#include <concepts>
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
#include <memring/hashing/detail/ranking.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// What a peer does with names and keys, all of it static:
///
/// * `peer`, a name for error messages; `naming`, the spelling of nodes;
/// * `ranks(names)`, a number for each name: the highest wins among equal scores;
/// * `scorers`, made from the names in the order of their ranks, the lowest first.
///   `scorers.score(place, text)` is 32 bits, the highest wins; `scorers.highest(text)` is the
///   place with the highest, the last of those;
/// * `with_text(key, use)`, which returns `use(text)` for the text that stands for the key.
template <class Rule>
concept rendezvous_rule = requires(const std::vector<std::string>& names, std::string_view text,
                                   const typename Rule::scorers& scorers, std::uint32_t place) {
    { Rule::peer } -> std::convertible_to<std::string_view>;
    { typename Rule::naming{}(node{}) } -> std::same_as<std::string>;
    requires std::constructible_from<typename Rule::scorers, std::span<const std::string>>;
    { scorers.score(place, text) }
    noexcept->std::same_as<std::uint32_t>;
    { scorers.highest(text) }
    noexcept->std::same_as<std::uint32_t>;
    { Rule::ranks(names) } -> std::same_as<std::vector<std::uint32_t>>;
    {
        Rule::with_text(text, [](std::string_view) { return 0U; })
        } -> std::same_as<std::uint32_t>;
};

/// Rendezvous hashing by a peer's rule; named in `compat/`. Weights are ignored. Taking a node out
/// moves its keys only.
///
/// Immutable, safe to read from many threads; copies share the nodes' scorers. A lookup allocates
/// only for keys longer than memcached takes.
template <rendezvous_rule Rule>
class peer_rendezvous {
public:
    using rule_type = Rule;

    /// No nodes.
    peer_rendezvous() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, or `errc::duplicate_node` also for two
    /// nodes of one name.
    explicit peer_rendezvous(std::span<const node> nodes);

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_shared ? static_cast<std::uint32_t>(x_shared->ranks.size()) : 0;
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        if (node_count() == 1) return 0;
        return Rule::with_text(key, [&](std::string_view text) {
            return x_shared->by_rank[x_shared->scorers.highest(text)];
        });
    }

    /// The nodes in the order of their scores: each is where the key goes if those before it are
    /// taken out. Each comes once. Returns how many were written.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        return Rule::with_text(key, [&](std::string_view text) {
            return detail::rank_into(out, node_count(), [&](std::uint32_t a, std::uint32_t b) {
                return standing(a, text) > standing(b, text);
            });
        });
    }

private:
    struct fleet {
        typename Rule::scorers scorers;      // by rank
        std::vector<std::uint32_t> ranks;    // of the nodes
        std::vector<std::uint32_t> by_rank;  // the nodes
    };

    [[nodiscard]] std::uint64_t standing(std::uint32_t node_index,
                                         std::string_view text) const noexcept {
        const std::uint32_t rank = x_shared->ranks[node_index];
        return std::uint64_t{x_shared->scorers.score(rank, text)} << 32 | rank;
    }

    std::shared_ptr<const fleet> x_shared;
};

template <rendezvous_rule Rule>
peer_rendezvous<Rule>::peer_rendezvous(std::span<const node> nodes) {
    detail::require_nodes(Rule::peer, nodes);
    if (nodes.empty()) return;
    std::vector<std::string> names(nodes.size());
    std::ranges::transform(nodes, names.begin(), typename Rule::naming{});
    const std::size_t again = detail::find_duplicate(
        nodes, [&](std::size_t place) { return std::string_view(names[place]); });
    if (again != nodes.size()) {
        detail::refuse_node(errc::duplicate_node, Rule::peer, nodes, again,
                            "has the name of another node, \"" + names[again] + "\"");
    }
    std::vector<std::uint32_t> ranks = Rule::ranks(names);
    std::vector<std::uint32_t> by_rank(nodes.size());
    std::vector<std::string> ranked(nodes.size());
    for (std::uint32_t i = 0; i < ranks.size(); ++i) {
        by_rank[ranks[i]] = i;
        ranked[ranks[i]] = std::move(names[i]);
    }
    typename Rule::scorers scorers{std::span<const std::string>(ranked)};
    x_shared = std::make_shared<const fleet>(
        fleet{std::move(scorers), std::move(ranks), std::move(by_rank)});
}

namespace detail {

/// For each place below `count` how many come before it, by `before(a, b)`, a strict total order.
template <class Before>
[[nodiscard]] std::vector<std::uint32_t> ranks_by(std::size_t count, Before before) {
    std::vector<std::uint32_t> order(count);
    const std::size_t all = rank_into(order, static_cast<std::uint32_t>(count), before);
    std::vector<std::uint32_t> ranks(count);
    for (std::size_t i = 0; i < all; ++i) ranks[order[i]] = static_cast<std::uint32_t>(i);
    return ranks;
}

}  // namespace detail

}  // namespace memring
