#pragma once
// Bounded load: any ranked policy, evened out so that no node owns much more than its share.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/slot_table.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// How even a `bounded_load` is. Every process of a fleet has to choose the same.
struct bounded_load_options {
    /// The most a node owns, in percent of its share: 100 to 1000. Default 110. The closer to 100,
    /// the more slots move that need not when a node comes or leaves.
    std::uint32_t percent = 110;

    /// Slots the keys are hashed to, at least one a node, at most 1048576. Default 65536. A node's
    /// limit is a whole number of slots, so have many a node.
    std::uint32_t slots = 65536;
};

namespace detail {

inline void require_capacity(std::string_view policy, std::uint32_t percent) {
    if (percent >= 100 && percent <= 1000) return;
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            std::string(policy) + ": a capacity of " + std::to_string(percent) +
                                " % is not from 100 to 1000");
}

/// Throws unless `nodes` are what a policy of `count` nodes can have been built from.
inline void require_same_list(std::string_view policy, std::span<const node> nodes,
                              std::uint32_t count) {
    require_nodes(policy, nodes);
    if (nodes.size() == count) return;
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            std::string(policy) + ": a policy of " + std::to_string(count) +
                                " nodes for a list of " + std::to_string(nodes.size()));
}

inline void require_slots(std::span<const node> nodes, std::uint32_t slots) {
    constexpr std::uint32_t most = 1048576;
    if (slots == 0 || slots > most) {
        throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                                "bounded_load: " + std::to_string(slots) +
                                    " slots are not from 1 to " + std::to_string(most));
    }
    const std::size_t room = std::min<std::size_t>(slots, slot_table::max_nodes);
    if (nodes.size() > room) {
        refuse_node(errc::invalid_node, "bounded_load", nodes, room,
                    "is one more than " + std::to_string(slots) + " slots can hold");
    }
}

/// What a policy is asked about slot `number`: "slot-0", "slot-1", ...
class slot_name {
public:
    explicit slot_name(std::uint32_t number) noexcept
        : x_size(static_cast<std::size_t>(
              std::to_chars(x_text + stem, x_text + sizeof x_text, number).ptr - x_text)) {}

    [[nodiscard]] std::string_view view() const noexcept { return {x_text, x_size}; }

private:
    static constexpr std::size_t stem = 5;

    char x_text[16] = {'s', 'l', 'o', 't', '-'};
    std::size_t x_size;
};

/// How many slots each node may have: its share by weight times the percentage, rounded up.
[[nodiscard]] inline std::vector<std::uint32_t> slot_limits(std::span<const node> nodes,
                                                            bounded_load_options options) {
    std::uint64_t total_weight = 0;
    for (const node& n : nodes) total_weight += n.weight;
    std::vector<std::uint32_t> limits;
    for (const node& n : nodes) {
        const std::uint64_t hundredths = std::uint64_t{options.percent} * options.slots * n.weight;
        const std::uint64_t whole = (hundredths + 100 * total_weight - 1) / (100 * total_weight);
        limits.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(whole, options.slots)));
    }
    return limits;
}

/// Gives slots to nodes, each as far as its limit reaches.
template <ranked_hash_policy Policy>
class slot_assignment {
public:
    slot_assignment(const Policy& policy, std::vector<std::uint32_t> limits)
        : x_policy(policy), x_room(std::move(limits)), x_candidates(x_room.size()) {}

    /// The first candidate of the slot with room left; behind the last, the first node with room
    /// from number `slot` modulo nodes on.
    [[nodiscard]] std::uint32_t next_owner(std::uint32_t slot) {
        const slot_name name(slot);
        std::size_t seen = 0;
        // Few candidates nearly always do, and some policies pay for each.
        for (std::size_t asked = 8; seen < x_room.size(); asked *= 8) {
            const auto out = std::span(x_candidates).first(std::min(asked, x_room.size()));
            const std::size_t written = x_policy.candidates_of(name.view(), out);
            for (; seen < written; ++seen) {
                if (take(out[seen])) return out[seen];
            }
            if (written < out.size() || out.size() == x_room.size()) break;
        }
        const auto nodes = static_cast<std::uint32_t>(x_room.size());
        std::uint32_t owner = slot % nodes;
        while (!take(owner)) owner = (owner + 1) % nodes;
        return owner;
    }

private:
    [[nodiscard]] bool take(std::uint32_t owner) noexcept {
        if (x_room[owner] == 0) return false;
        --x_room[owner];
        return true;
    }

    const Policy& x_policy;
    std::vector<std::uint32_t> x_room;
    std::vector<std::uint32_t> x_candidates;
};

}  // namespace detail

/// `Policy` with a limit on what a node owns, after Mirrokni, Thorup and Zadimoghaddam,
/// "Consistent Hashing with Bounded Loads" (2018), as a fixed mapping: keys are hashed to slots,
/// and slot after slot goes to the first of its candidates, as `Policy` ranks them, that is below
/// `percent` of its share of the slots. So a ring of few points, or the 15 bits of `modulus`,
/// become as even as asked for, and weights count whatever `Policy` makes of them.
///
///     memring::bounded_load<memring::ketama> policy{nodes, {.percent = 110}};
///
/// It is a mapping of its own: `Policy` is asked about the texts "slot-0", "slot-1", ... in that
/// order, and sees no key, so its hash tags and key prefixes do nothing. A key's slot is
/// floor((xxh3(key) >> 32) * slots / 2^32). A node's limit is its weight's share of the slots times
/// percent / 100, rounded up: that part of the hashes holds for sure, keys scatter about it as
/// chance has it. `load_aware` instead follows what the nodes really have to do.
///
/// When a node leaves, its slots move, and some that then find a better node free: under `ketama`
/// of 40 nodes 0.24 times its own at 105 percent, 0.08 times at 110, none at 125.
/// Immutable, safe to read from many threads; copies share the table (2 bytes a slot: 128 KiB) and
/// the policy. Building asks `Policy` once a slot, for more candidates than one the nearer
/// `percent` is to 100.
template <ranked_hash_policy Policy>
class bounded_load {
public:
    /// No nodes.
    bounded_load() noexcept = default;

    /// Throws `std::system_error`: what `Policy` throws; `errc::invalid_node` for the first node
    /// beyond the slots; `std::errc::invalid_argument` for options out of range.
    explicit bounded_load(std::span<const node> nodes, bounded_load_options options = {})
        : bounded_load(nodes, Policy(nodes), options) {}

    /// As above, with a policy that was built from `nodes` with options of its own; another number
    /// of nodes is a `std::errc::invalid_argument`. Each of `nodes` gets its share, so none may be
    /// one that a `stable_jump` has out.
    bounded_load(std::span<const node> nodes, Policy policy, bounded_load_options options = {});

    /// The same mapping of another list, over a policy like this one's; the options stay. Throws
    /// what the constructor throws.
    [[nodiscard]] bounded_load rebuilt(std::span<const node> nodes) const {
        if (!x_shared) return bounded_load(nodes, x_options);
        return bounded_load(nodes, memring::rebuilt(x_shared->policy, nodes), x_options);
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_shared ? x_shared->node_count : 0;
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_shared->table.owner_of(key);
    }

    /// The owners of many keys: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept {
        if (node_count() != 0) x_shared->table.owners_of(keys, owners);
    }

    /// The owner, then the candidates of the key's slot as `Policy` ranks them, whatever they own;
    /// the owner comes again only where `Policy` names a node twice. Returns how many were written.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept;

    /// The whole table, slot by slot a node index; empty without nodes. For comparing fleets.
    [[nodiscard]] std::span<const std::uint16_t> slots() const noexcept {
        if (!x_shared) return {};
        return x_shared->table.slots();
    }

private:
    struct shared_table {
        std::uint32_t node_count;
        Policy policy;
        detail::slot_table table;
    };

    bounded_load_options x_options;
    std::shared_ptr<const shared_table> x_shared;
};

template <ranked_hash_policy Policy>
bounded_load<Policy>::bounded_load(std::span<const node> nodes, Policy policy,
                                   bounded_load_options options)
    : x_options(options) {
    detail::require_capacity("bounded_load", options.percent);
    detail::require_same_list("bounded_load", nodes, policy.node_count());
    detail::require_slots(nodes, options.slots);
    std::vector<std::uint16_t> slots(nodes.empty() ? 0 : options.slots);
    if (!nodes.empty()) {
        detail::slot_assignment<Policy> assignment(policy, detail::slot_limits(nodes, options));
        for (std::uint32_t slot = 0; slot < options.slots; ++slot) {
            slots[slot] = static_cast<std::uint16_t>(assignment.next_owner(slot));
        }
    }
    x_shared = std::make_shared<const shared_table>(
        shared_table{static_cast<std::uint32_t>(nodes.size()), std::move(policy),
                     detail::slot_table(std::move(slots))});
}

template <ranked_hash_policy Policy>
std::size_t bounded_load<Policy>::candidates_of(std::string_view key,
                                                std::span<std::uint32_t> out) const noexcept {
    if (node_count() == 0 || out.empty()) return 0;
    const std::uint32_t slot = x_shared->table.slot_of(key);
    const std::uint32_t owner = x_shared->table.slots()[slot];
    std::size_t count = x_shared->policy.candidates_of(detail::slot_name(slot).view(), out);
    const auto ranked = out.first(count);
    auto place = std::ranges::find(ranked, owner);
    if (place == ranked.end()) {
        // Not among those there was room for: it takes the place of the last, or is one more.
        if (count < out.size()) ++count;
        place = out.begin() + static_cast<std::ptrdiff_t>(count - 1);
        *place = owner;
    }
    std::rotate(out.begin(), place, place + 1);
    return count;
}

}  // namespace memring
