#pragma once
// How evenly a scheme spreads keys over nodes, and how many keys move when the nodes change.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

#include "sample.hpp"

namespace memring::benchmark {

/// The loads of the nodes, as multiples of the mean load. All 1 (deviation 0) is ideal.
struct load_balance {
    double most = 0;
    double least = 0;
    double deviation = 0;  ///< standard deviation over the nodes
};

/// Precondition: there is a node, and a key.
[[nodiscard]] inline load_balance balance_of(std::span<const std::uint64_t> loads) {
    const auto count = static_cast<double>(loads.size());
    const double mean = static_cast<double>(std::reduce(loads.begin(), loads.end())) / count;
    double squares = 0;
    for (const std::uint64_t load : loads) {
        const double distance = static_cast<double>(load) / mean - 1;
        squares += distance * distance;
    }
    return {static_cast<double>(*std::ranges::max_element(loads)) / mean,
            static_cast<double>(*std::ranges::min_element(loads)) / mean,
            std::sqrt(squares / count)};
}

/// The standard deviation, relative to the mean, if each of `keys` keys went to one of `nodes`
/// nodes by chance.
[[nodiscard]] inline double deviation_of_chance(std::size_t keys, std::size_t nodes) noexcept {
    return std::sqrt(static_cast<double>(nodes - 1) / static_cast<double>(keys));
}

[[nodiscard]] inline std::vector<std::uint64_t> loads_of(std::span<const std::uint32_t> owners,
                                                         std::size_t nodes) {
    std::vector<std::uint64_t> loads(nodes);
    for (const std::uint32_t owner : owners) ++loads[owner];
    return loads;
}

/// Who owns each key; always the same whether asked one by one or in batches.
template <hash_policy Policy>
[[nodiscard]] std::vector<std::uint32_t> owners_of_all(const Policy& policy,
                                                       std::span<const std::string_view> keys) {
    constexpr std::size_t batch = 1024;
    std::vector<std::uint32_t> owners(keys.size());
    for (std::size_t done = 0; done < keys.size(); done += batch) {
        const std::size_t count = std::min(batch, keys.size() - done);
        memring::owners_of(policy, keys.subspan(done, count),
                           std::span(owners).subspan(done, count));
    }
    return owners;
}

/// The share of keys whose node, not only its index, has changed. `places[i]` is where the node of
/// index i after the change stood before; a node that is new has a place that no other has.
[[nodiscard]] inline double moved_share(std::span<const std::uint32_t> before,
                                        std::span<const std::uint32_t> after,
                                        std::span<const std::uint32_t> places) {
    std::size_t moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) moved += places[after[i]] != before[i] ? 1 : 0;
    return static_cast<double>(moved) / static_cast<double>(before.size());
}

/// Places for `moved_share`: of `nodes` nodes that stand where they did.
[[nodiscard]] inline std::vector<std::uint32_t> same_places(std::uint32_t nodes) {
    std::vector<std::uint32_t> places(nodes);
    std::iota(places.begin(), places.end(), 0U);
    return places;
}

/// Places for `moved_share`: of `nodes` nodes without the one at `gone`.
[[nodiscard]] inline std::vector<std::uint32_t> places_without(std::uint32_t nodes,
                                                               std::uint32_t gone) {
    auto places = same_places(nodes);
    places.erase(places.begin() + gone);
    return places;
}

/// The policy of `nodes` that follows `before`: `rebuilt` where the policy can be, for some
/// remember the lists they had; else made anew.
template <class Scheme>
[[nodiscard]] auto policy_after(const typename Scheme::policy& before,
                                std::span<const node> nodes) {
    if constexpr (requires { before.rebuilt(nodes); }) {
        return before.rebuilt(nodes);
    } else {
        return Scheme::make(nodes);
    }
}

/// What a change of the node list moves, as shares of all keys.
struct disruption {
    double middle_leaves = 0;
    double last_leaves = 0;
    double joins = 0;  ///< one more at the end of the list
};

struct quality {
    load_balance balance;
    disruption moved;
};

/// Of a cluster of `count` equal nodes. Precondition: `count >= 2`.
template <class Scheme>
[[nodiscard]] quality quality_of(std::uint32_t count, std::span<const std::string_view> keys) {
    const auto more = sample_nodes(count + 1);
    const auto nodes = std::span(more).first(count);
    const auto policy = Scheme::make(nodes);
    const auto before = owners_of_all(policy, keys);
    const auto moved_without = [&](std::uint32_t gone) {
        const auto after =
            policy_after<Scheme>(policy, without({nodes.begin(), nodes.end()}, gone));
        return moved_share(before, owners_of_all(after, keys), places_without(count, gone));
    };
    const auto grown = owners_of_all(policy_after<Scheme>(policy, more), keys);
    return {balance_of(loads_of(before, count)),
            {moved_without(count / 2), moved_without(count - 1),
             moved_share(before, grown, same_places(count + 1))}};
}

}  // namespace memring::benchmark
