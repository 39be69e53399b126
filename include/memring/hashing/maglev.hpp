#pragma once
// Maglev: consistent hashing by a table of slots that the nodes fill in turn, each in an order of
// its own. As even as a modulus, one table read a lookup.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/slot_table.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// What the table of a `maglev` is like. Every process of a fleet has to choose the same.
struct maglev_options {
    /// Slots, a prime from 3 to 16777213. Default 65537, good for up to 650 nodes of one weight:
    /// the paper asks for 100 slots a node, so that no node owns 1 % more than another.
    std::uint32_t table_size = 65537;
};

/// Maglev hashing: Eisenbud and others, "Maglev: A Fast and Reliable Software Network Load
/// Balancer" (NSDI 2016), section 3.4, over XXH3 and with weights. No memcached client has it, so
/// this is memring's own mapping; what others need to follow it:
///
/// * A node is called `to_string(node)`: `host:port`, `[ipv6]:port`, or the path of its socket.
/// * With M slots, offset = xxh3(name, seed 1) mod M and skip = xxh3(name, seed 2) mod (M - 1) + 1;
///   the node prefers slots offset, offset + skip, offset + 2 skip, ... (mod M).
/// * In each round the nodes take turns, in byte order of their names; a turn takes the first slot
///   of the node's preference that is still free. That goes on until no slot is free.
/// * A node of weight w, where W is the largest, takes its turn t in round ceil(t * W / w), both
///   counted from 0: the heaviest in each round, the others in proportion, all in round 0.
/// * A key's slot is floor((xxh3(key) >> 32) * M / 2^32).
///
///     memring::maglev policy{nodes};
///     memring::maglev finer{nodes, {.table_size = 655373}};
///
/// The order of the list is nothing to the mapping. With equal weights the slots of two nodes
/// differ by one at most. When a node leaves, its slots move, and some of the others too: with
/// 65537 slots under 1 % of all, which is 0.16 times its own at 40 nodes, 1.5 times at 200 and 6
/// times at 1000; with 655373 slots 0.05, 0.4 and 3.3 times. A table takes 4 ms to fill, or 40.
/// Immutable, safe to read from many threads; copies share the table (2 bytes a slot: 128 KiB).
class maglev {
public:
    /// No nodes.
    maglev() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, also for the first node that finds the
    /// table full (more nodes than slots, or than the 65535 that a slot can tell apart);
    /// `errc::duplicate_node`; `std::errc::invalid_argument` for a table size that will not do.
    explicit maglev(std::span<const node> nodes, maglev_options options = {});

    /// The same mapping of another list: the table size stays. Throws what the constructor throws.
    [[nodiscard]] maglev rebuilt(std::span<const node> nodes) const {
        return maglev(nodes, x_options);
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
        if (x_shared) x_shared->table.owners_of(keys, owners);
    }

    /// The owner and the nodes of the slots behind the key's, each once. The keys of a dead node
    /// so spread over all others; where they would live in a table built without it, only that
    /// table knows. Returns how many were written: all nodes, if there is room.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        return x_shared ? x_shared->table.walk(key, out) : 0;
    }

    /// The whole table, slot by slot a node index; empty without nodes. For comparing fleets.
    [[nodiscard]] std::span<const std::uint16_t> slots() const noexcept {
        if (!x_shared) return {};
        return x_shared->table.slots();
    }

private:
    struct shared_table {
        std::uint32_t node_count;
        detail::slot_table table;
    };

    maglev_options x_options;
    std::shared_ptr<const shared_table> x_shared;
};

namespace detail {

[[nodiscard]] constexpr bool is_prime(std::uint32_t number) noexcept {
    if (number < 4) return number >= 2;
    if (number % 2 == 0) return false;
    for (std::uint64_t divisor = 3; divisor * divisor <= number; divisor += 2) {
        if (number % divisor == 0) return false;
    }
    return true;
}

inline void require_maglev_table(std::uint32_t size) {
    constexpr std::uint32_t least = 3;
    constexpr std::uint32_t most = 16777213;
    if (size >= least && size <= most && is_prime(size)) return;
    std::uint32_t near = std::clamp(size, least, most);
    while (!is_prime(near)) ++near;
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            "maglev: " + std::to_string(size) + " is no prime from " +
                                std::to_string(least) + " to " + std::to_string(most) +
                                " and so no table size, " + std::to_string(near) + " is");
}

/// The slots that a node would like, one after the other: all of them once, for a prime table.
class maglev_preference {
public:
    maglev_preference(std::string_view name, std::uint32_t table_size) noexcept
        : x_next(static_cast<std::uint32_t>(xxh3(name, 1) % table_size)),
          x_skip(static_cast<std::uint32_t>(xxh3(name, 2) % (table_size - 1) + 1)),
          x_table_size(table_size) {}

    std::uint32_t next() noexcept {
        const std::uint32_t slot = x_next;
        x_next += x_skip;  // the largest table leaves room for the sum
        if (x_next >= x_table_size) x_next -= x_table_size;
        return slot;
    }

private:
    std::uint32_t x_next;
    std::uint32_t x_skip;
    std::uint32_t x_table_size;
};

/// Whose turn it is, again and again: by round, within a round by rank. Ranks number the weights.
class weighted_turns {
public:
    explicit weighted_turns(std::span<const std::uint32_t> weights)
        : x_weights(weights.begin(), weights.end()),
          x_largest(std::ranges::max(weights)),
          x_taken(weights.size()) {
        for (std::uint32_t rank = 0; rank < weights.size(); ++rank) x_waiting.push({0, rank});
    }

    [[nodiscard]] std::uint32_t next() {
        const std::uint32_t rank = x_waiting.top().second;
        x_waiting.pop();
        const std::uint64_t turn = ++x_taken[rank];
        x_waiting.push({(turn * x_largest + x_weights[rank] - 1) / x_weights[rank], rank});
        return rank;
    }

private:
    using round_and_rank = std::pair<std::uint64_t, std::uint32_t>;

    std::vector<std::uint32_t> x_weights;
    std::uint64_t x_largest;
    std::vector<std::uint64_t> x_taken;
    std::priority_queue<round_and_rank, std::vector<round_and_rank>, std::greater<>> x_waiting;
};

[[nodiscard]] inline std::vector<std::uint16_t> fill_maglev_table(std::span<const node> nodes,
                                                                  std::uint32_t table_size) {
    std::vector<std::pair<std::string, std::uint16_t>> order;
    for (const node& n : nodes) {
        order.emplace_back(to_string(n), static_cast<std::uint16_t>(order.size()));
    }
    std::ranges::sort(order);
    std::vector<std::uint32_t> weights;
    std::vector<maglev_preference> preferences;
    for (const auto& [name, index] : order) {
        weights.push_back(nodes[index].weight);
        preferences.emplace_back(name, table_size);
    }
    weighted_turns turns(weights);
    std::vector<std::uint16_t> slots(table_size, slot_table::no_node);
    for (std::uint32_t filled = 0; filled < table_size; ++filled) {
        const std::uint32_t rank = turns.next();
        std::uint32_t slot = preferences[rank].next();
        while (slots[slot] != slot_table::no_node) slot = preferences[rank].next();
        slots[slot] = order[rank].second;
    }
    return slots;
}

}  // namespace detail

inline maglev::maglev(std::span<const node> nodes, maglev_options options) : x_options(options) {
    detail::require_maglev_table(options.table_size);
    detail::require_nodes("maglev", nodes);
    if (nodes.empty()) return;
    const std::size_t room =
        std::min<std::size_t>(options.table_size, detail::slot_table::max_nodes);
    if (nodes.size() > room) {
        detail::refuse_node(errc::invalid_node, "maglev", nodes, room,
                            "is one more than a table of " + std::to_string(options.table_size) +
                                " slots can hold");
    }
    x_shared = std::make_shared<const shared_table>(
        shared_table{static_cast<std::uint32_t>(nodes.size()),
                     detail::slot_table(detail::fill_maglev_table(nodes, options.table_size))});
}

static_assert(ranked_hash_policy<maglev> && rebuildable_hash_policy<maglev>);

}  // namespace memring
