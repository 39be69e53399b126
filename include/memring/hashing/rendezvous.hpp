#pragma once
// Rendezvous hashing: every node has a score for a key, the highest wins. No table, weights to the
// last digit, and a change of one node moves no other key; each lookup asks all nodes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/fixed_log.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/ranking.hpp>
#include <memring/hashing/detail/rendezvous_scan.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/node.hpp>

namespace memring {

/// Rendezvous hashing (Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates",
/// 1998) with weights by the logarithmic method (Schindelhauer and Schomaker, "Weighted
/// Distributed Hash Tables", 2005). memring's own mapping, no peer has it.
///
///     memring::rendezvous policy{nodes};
///
/// Key and node name are hashed once, mixed into a score u of 32 bits from (0, 1), and the node
/// with the smallest -ln(u) / weight owns the key: with equal weights the highest u. So a node owns
/// its weight's share of the keys, as finely as 2^-32 of the heaviest's. Taking a node out moves
/// its keys only, to the others by their weights; a weight that grows only draws keys to its node.
/// The order of the list does not matter. Integers decide everywhere, so all machines agree.
///
/// A lookup costs O(n), about a third of a nanosecond a node with AVX2, one without.
/// Immutable, safe to read from many threads; copies share 16 bytes a node.
template <key_hash KeyHash = hash::xxh3, node_naming Naming = host_and_port>
class basic_rendezvous {
public:
    /// No nodes.
    basic_rendezvous() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, or `errc::duplicate_node` also for two
    /// nodes of one name.
    explicit basic_rendezvous(std::span<const node> nodes);

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_shared ? x_shared->seeds.size() : 0;
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_shared->owner_of(even_hash(key));
    }

    /// The owners of many keys: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            owners[i] = x_shared->owner_of(even_hash(keys[i]));
        }
    }

    /// The nodes in the order of their scores: each is where the key would go if those before it
    /// were taken out. Each comes once. Returns how many were written. O(n log n) for all of them.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        return x_shared ? x_shared->rank(even_hash(key), out) : 0;
    }

private:
    struct scored_nodes;

    // A 32-bit hash is spread over both halves of the word that scores are made of.
    static std::uint64_t even_hash(std::string_view key) noexcept {
        const auto hash = KeyHash{}(key);
        if constexpr (sizeof hash == 8) return hash;
        return hash * std::uint64_t{0x9e3779b97f4a7c15};
    }

    std::shared_ptr<const scored_nodes> x_shared;
};

using rendezvous = basic_rendezvous<>;

// Places, which are indices into the nodes sorted by seed, so that the list's order has no say.
template <key_hash KeyHash, node_naming Naming>
struct basic_rendezvous<KeyHash, Naming>::scored_nodes {
    // How far a score is from a perfect one: compares as log / weight does, without a rounding.
    struct distance {
        std::uint64_t log;  // below 2^55
        std::uint32_t weight;

        friend bool operator<(const distance& a, const distance& b) noexcept {
            return cross(a.log, b.weight) < cross(b.log, a.weight);
        }

        static std::pair<std::uint64_t, std::uint64_t> cross(std::uint64_t log,
                                                             std::uint64_t weight) noexcept {
            const std::uint64_t low = (log & 0xffffffff) * weight;
            return {(log >> 32) * weight + (low >> 32), low & 0xffffffff};
        }

        // A product `half_gap * inverse` above this belongs to a larger distance: -ln(u) >= 1 - u,
        // and a thousandth more covers whatever is rounded on the way.
        [[nodiscard]] float limit() const noexcept {
            constexpr double units = 0x1p-49 * 0x1p31 * 1.001;
            return static_cast<float>(static_cast<double>(log) * units / weight);
        }
    };

    detail::rendezvous_seeds seeds;
    std::vector<std::uint32_t> indices;  // of places, into the node list
    std::vector<std::uint32_t> weights;  // of places; empty if they are all equal
    std::vector<float> inverses;         // of weights, filled up to whole groups

    [[nodiscard]] distance distance_of(std::uint32_t place, std::int32_t score) const noexcept {
        return {detail::log_of_gap(seeds.gap_of(score)), weights[place]};
    }

    [[nodiscard]] std::uint32_t owner_of(std::uint64_t key) const noexcept {
        return indices[weights.empty() ? seeds.highest(key) : nearest(key)];
    }

    [[nodiscard]] std::uint32_t nearest(std::uint64_t key) const noexcept {
        std::uint32_t best = 0;
        distance least = distance_of(0, seeds.score(0, key));
        float limit = least.limit();
        seeds.visit_near(key, inverses, limit, [&](std::uint32_t place, std::int32_t score) {
            const distance now = distance_of(place, score);
            if (now < least) {
                best = place;
                least = now;
                limit = least.limit();
            }
            return limit;
        });
        return best;
    }

    // Whether place `a` comes before place `b` in the order of candidates.
    [[nodiscard]] bool is_before(std::uint64_t key, std::uint32_t a,
                                 std::uint32_t b) const noexcept {
        const std::int32_t a_score = seeds.score(a, key);
        const std::int32_t b_score = seeds.score(b, key);
        if (weights.empty()) return a_score != b_score ? a_score > b_score : a < b;
        const distance a_distance = distance_of(a, a_score);
        const distance b_distance = distance_of(b, b_score);
        if (a_distance < b_distance) return true;
        return !(b_distance < a_distance) && a < b;
    }

    std::size_t rank(std::uint64_t key, std::span<std::uint32_t> out) const noexcept {
        const std::size_t count = detail::rank_into(
            out, seeds.size(),
            [&](std::uint32_t a, std::uint32_t b) { return is_before(key, a, b); });
        for (std::uint32_t& place : out.first(count)) place = indices[place];
        return count;
    }
};

template <key_hash KeyHash, node_naming Naming>
basic_rendezvous<KeyHash, Naming>::basic_rendezvous(std::span<const node> nodes) {
    detail::require_nodes("rendezvous", nodes);
    if (nodes.empty()) return;
    std::vector<std::tuple<std::uint64_t, std::string, std::uint32_t>> named;
    for (const node& n : nodes) {
        std::string name = Naming{}(n);
        const std::uint64_t seed = xxh3(name);
        named.emplace_back(seed, std::move(name), static_cast<std::uint32_t>(named.size()));
    }
    const std::size_t again = detail::find_duplicate(
        nodes, [&](std::size_t i) { return std::string_view(std::get<1>(named[i])); });
    if (again != nodes.size()) {
        detail::refuse_node(errc::duplicate_node, "rendezvous", nodes, again,
                            "has the name of another node");
    }
    std::ranges::sort(named);
    auto shared = std::make_shared<scored_nodes>();
    std::vector<std::uint64_t> seeds;
    for (const auto& [seed, name, index] : named) {
        seeds.push_back(seed);
        shared->indices.push_back(index);
        shared->weights.push_back(nodes[index].weight);
        shared->inverses.push_back(1.0F / static_cast<float>(nodes[index].weight));
    }
    shared->seeds = detail::rendezvous_seeds(seeds);
    const auto is_first = [&](std::uint32_t weight) { return weight == shared->weights.front(); };
    if (std::ranges::all_of(shared->weights, is_first)) {
        shared->weights = {};
        shared->inverses = {};
    } else {
        constexpr std::size_t group = detail::rendezvous_seeds::lane_count;
        shared->inverses.resize((nodes.size() + group - 1) / group * group);
    }
    x_shared = std::move(shared);
}

static_assert(ranked_hash_policy<rendezvous>);

}  // namespace memring
