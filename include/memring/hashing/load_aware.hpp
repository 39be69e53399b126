#pragma once
// Load-aware routing: the first of a key's candidates that is not too busy just now.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/hashing/bounded_load.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// What each node has to do, as its user counts: requests under way (`add` before one, `subtract`
/// after), or recent ones (`add` each, `halve` at regular times). One way for one tracker.
/// Safe to use from many threads at once; 64 bytes a node, so that threads that count different
/// nodes stay out of each other's way.
class load_tracker {
public:
    /// No load yet on any of `nodes` nodes.
    explicit load_tracker(std::uint32_t nodes) : x_loads(nodes) {}

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return static_cast<std::uint32_t>(x_loads.size());
    }

    /// Precondition of all that take a node: `node < node_count()`.
    void add(std::uint32_t node, std::uint32_t amount = 1) noexcept {
        x_loads[node].value.fetch_add(amount, std::memory_order_relaxed);
        x_total.value.fetch_add(amount, std::memory_order_relaxed);
    }

    /// Precondition: that much was added to `node` before and not yet subtracted.
    void subtract(std::uint32_t node, std::uint32_t amount = 1) noexcept {
        x_loads[node].value.fetch_sub(amount, std::memory_order_relaxed);
        x_total.value.fetch_sub(amount, std::memory_order_relaxed);
    }

    /// Forgets half of every load, rounded up; what others add meanwhile is kept.
    void halve() noexcept {
        for (counter& load : x_loads) {
            const std::uint64_t now = load.value.load(std::memory_order_relaxed);
            load.value.fetch_sub(now - now / 2, std::memory_order_relaxed);
            x_total.value.fetch_sub(now - now / 2, std::memory_order_relaxed);
        }
    }

    [[nodiscard]] std::uint64_t load_of(std::uint32_t node) const noexcept {
        return x_loads[node].value.load(std::memory_order_relaxed);
    }

    /// The sum of all loads, but for what changes while one looks.
    [[nodiscard]] std::uint64_t total() const noexcept {
        return x_total.value.load(std::memory_order_relaxed);
    }

private:
    struct alignas(64) counter {
        std::atomic<std::uint64_t> value = 0;
    };

    std::vector<counter> x_loads;
    counter x_total;
};

/// How far a node may be above its share before `load_aware` passes it by.
struct load_aware_options {
    /// The load a node takes, in percent of its share of all load: 100 to 1000. Default 125.
    std::uint32_t percent = 125;
};

/// Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2018) over the load
/// of the moment: a key goes to the first of its candidates, as `Policy` ranks them, whose load is
/// below ceil(percent / 100 * share of (all load + 1)). A node's share is its weight's.
///
///     memring::load_aware<memring::rendezvous> router{nodes};
///     memring::load_tracker loads{router.node_count()};
///     const auto place = router.owner_of(key, loads);
///     loads.add(place);  // and loads.subtract(place) once the request is answered
///
/// No `hash_policy`, for good reason: a key that lives elsewhere while its owner is busy misses
/// there at first, and a set or delete that reaches one copy leaves the others as they are. So this
/// is for read-through caches of values that never change under their key, or for replicas whose
/// staleness is taken care of. Where a key must have one home, use `bounded_load`.
///
/// Immutable, safe to read from many threads; copies share the policy and 8 bytes a node.
template <ranked_hash_policy Policy>
class load_aware {
public:
    /// How many candidates are looked at; with all of them busy, the least busy is taken.
    static constexpr std::size_t max_candidates = 64;

    /// No nodes.
    load_aware() noexcept = default;

    /// Throws `std::system_error`: what `Policy` throws, `std::errc::invalid_argument` for a
    /// percentage out of range.
    explicit load_aware(std::span<const node> nodes, load_aware_options options = {})
        : load_aware(nodes, Policy(nodes), options) {}

    /// As above, with a policy that was built from `nodes` with options of its own; another number
    /// of nodes is a `std::errc::invalid_argument`.
    load_aware(std::span<const node> nodes, Policy policy, load_aware_options options = {});

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_shared ? static_cast<std::uint32_t>(x_shared->shares.size()) : 0;
    }

    /// The index of the node to ask for `key` now. Precondition: `node_count() > 0`, and `loads` is
    /// of as many nodes.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key,
                                         const load_tracker& loads) const noexcept {
        const std::uint32_t owner = x_shared->policy.owner_of(key);
        return has_room(owner, loads) ? owner : substitute(owner, key, loads);
    }

    /// The policy that ranks the nodes. Precondition: `node_count() > 0`.
    [[nodiscard]] const Policy& policy() const noexcept { return x_shared->policy; }

private:
    struct shared_state {
        Policy policy;
        double unit;                 // 100 times all weights
        std::vector<double> shares;  // of a node: percent times its weight, in that unit
    };

    [[nodiscard]] bool has_room(std::uint32_t place, const load_tracker& loads) const noexcept {
        // For a whole load, to be below the limit and below its ceiling are the same. The terms are
        // whole numbers too, exact up to 2^53: as fractions, a load at its limit could slip
        // through.
        return static_cast<double>(loads.load_of(place)) * x_shared->unit <
               x_shared->shares[place] * static_cast<double>(loads.total() + 1);
    }

    [[nodiscard]] std::uint32_t substitute(std::uint32_t owner, std::string_view key,
                                           const load_tracker& loads) const noexcept;

    std::shared_ptr<const shared_state> x_shared;
};

template <ranked_hash_policy Policy>
load_aware<Policy>::load_aware(std::span<const node> nodes, Policy policy,
                               load_aware_options options) {
    detail::require_capacity("load_aware", options.percent);
    detail::require_same_list("load_aware", nodes, policy.node_count());
    if (nodes.empty()) return;
    double total_weight = 0;
    for (const node& n : nodes) total_weight += n.weight;
    std::vector<double> shares;
    for (const node& n : nodes) shares.push_back(static_cast<double>(options.percent) * n.weight);
    x_shared = std::make_shared<const shared_state>(
        shared_state{std::move(policy), 100 * total_weight, std::move(shares)});
}

template <ranked_hash_policy Policy>
std::uint32_t load_aware<Policy>::substitute(std::uint32_t owner, std::string_view key,
                                             const load_tracker& loads) const noexcept {
    const auto burden = [&](std::uint32_t place) {
        return static_cast<double>(loads.load_of(place)) / x_shared->shares[place];
    };
    std::array<std::uint32_t, max_candidates> candidates;
    std::uint32_t least = owner;
    std::size_t seen = 0;
    // Few candidates nearly always do, and some policies pay for each.
    for (const std::size_t asked : {std::size_t{4}, max_candidates}) {
        const auto out = std::span(candidates).first(asked);
        const std::size_t written = x_shared->policy.candidates_of(key, out);
        for (; seen < written; ++seen) {
            if (has_room(out[seen], loads)) return out[seen];
            if (burden(out[seen]) < burden(least)) least = out[seen];
        }
        if (written < asked) break;
    }
    return least;
}

}  // namespace memring
