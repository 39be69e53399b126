#pragma once
// Rehash modulus: a table of slots that the nodes fill in turn, each at random places of its own,
// so that most keys keep their node when the list changes. In the flavour of
// python_consistent_memcached.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/digest/md5.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/python_memcached.hpp>
#include <memring/hashing/python_random.hpp>
#include <memring/node.hpp>

namespace memring {

/// The mapping of python_consistent_memcached 0.0.1 under 64-bit CPython 2.7: a key's 15-bit hash
/// modulo `Slots` is a slot, and the slot names the node. `rehash_modulus` has the slots of its
/// `make_consistent_buckets`, `weighted_rehash_modulus` those of
/// `make_consistent_weighted_buckets`; with weights of 1 the two differ in nothing else.
///
///     memring::rehash_modulus policy{nodes};
///     memring::basic_rehash_modulus<16387, memring::host_only> by_host{nodes};
///
/// The peer hashes whatever string its caller uses for a server, so ask the fleet which one and
/// choose `Naming` by it. The order of the nodes matters where two draw the same slot. With the
/// 15-bit hash every slot past 32767 stays unused, as in the peer.
/// Immutable, safe to read from many threads; copies share the table (2 bytes a slot).
template <std::uint32_t Slots, node_naming Naming = host_and_port>
class basic_rehash_modulus {
    static_assert(Slots >= 1 && Slots <= 65536, "a slot holds a 16-bit node index");

public:
    /// How many further candidates follow the owner in `candidates_of`.
    static constexpr std::uint32_t further_candidates = 10;

    /// No nodes.
    basic_rehash_modulus() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, also for the first node that finds the
    /// table full (more nodes than slots, or weights that use them all up);
    /// `errc::duplicate_node`.
    explicit basic_rehash_modulus(std::span<const node> nodes, const Naming& naming = {});

    /// The same mapping of another list: the naming stays. Throws what the constructor throws.
    [[nodiscard]] basic_rehash_modulus rebuilt(std::span<const node> nodes) const {
        return basic_rehash_modulus(nodes, x_naming);
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_shared ? x_shared->node_count : 0;
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return owner_of_hash(python_memcached_hash(key));
    }

    /// The owner and up to `further_candidates` nodes to try when it is dead, found as
    /// python-memcached does: by hashing the previous hash and the attempt. A node may come more
    /// than once, the owner too. Returns how many were written.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        if (node_count() == 0) return 0;
        const std::size_t count = std::min<std::size_t>(out.size(), further_candidates + 1);
        std::uint32_t hash = python_memcached_hash(key);
        for (std::uint32_t i = 0; i < count; ++i) {
            out[i] = owner_of_hash(hash);
            hash = next_python_memcached_hash(hash, i);
        }
        return count;
    }

    /// The whole table, slot by slot a node index; empty without nodes. For comparing fleets.
    [[nodiscard]] std::span<const std::uint16_t> slots() const noexcept {
        if (!x_shared) return {};
        return x_shared->slots;
    }

private:
    struct slot_table {
        std::uint32_t node_count = 0;
        std::array<std::uint16_t, Slots> slots{};
    };
    struct entry {
        std::uint16_t node;
        python2_random* stream;
    };

    [[nodiscard]] std::uint32_t owner_of_hash(std::uint32_t hash) const noexcept {
        return x_shared->slots[hash % Slots];
    }

    static void require_room(std::span<const node> nodes);
    static void fill(std::array<std::uint16_t, Slots>& slots, std::span<const entry> entries);

    [[no_unique_address]] Naming x_naming;
    std::shared_ptr<const slot_table> x_shared;
};

template <std::uint32_t Slots, node_naming Naming>
basic_rehash_modulus<Slots, Naming>::basic_rehash_modulus(std::span<const node> nodes,
                                                          const Naming& naming)
    : x_naming(naming) {
    detail::require_nodes("rehash_modulus", nodes);
    if (nodes.empty()) return;
    require_room(nodes);
    // Nodes of one name draw in turn from one stream: the peer keeps its streams by name.
    std::unordered_map<std::string, python2_random> streams;
    std::vector<entry> entries;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto hex = md5_hex(naming(nodes[i]));
        const std::string_view seed(hex.data(), hex.size());
        python2_random& stream = streams.try_emplace(std::string(seed), seed).first->second;
        const std::size_t room = Slots - entries.size();
        entries.insert(entries.end(), std::min<std::size_t>(nodes[i].weight, room),
                       {static_cast<std::uint16_t>(i), &stream});
    }
    auto table = std::make_shared<slot_table>();
    table->node_count = static_cast<std::uint32_t>(nodes.size());
    fill(table->slots, entries);
    x_shared = std::move(table);
}

template <std::uint32_t Slots, node_naming Naming>
void basic_rehash_modulus<Slots, Naming>::require_room(std::span<const node> nodes) {
    std::uint64_t taken = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (taken >= Slots) {
            detail::refuse_node(errc::invalid_node, "rehash_modulus", nodes, i,
                                "finds all " + std::to_string(Slots) + " slots taken");
        }
        taken += nodes[i].weight;
    }
}

/// Each entry in turn draws from its stream until it meets an empty slot, until none is left.
template <std::uint32_t Slots, node_naming Naming>
void basic_rehash_modulus<Slots, Naming>::fill(std::array<std::uint16_t, Slots>& slots,
                                               std::span<const entry> entries) {
    std::vector<bool> is_taken(Slots);
    for (std::uint32_t filled = 0; filled < Slots; ++filled) {
        const entry& next = entries[filled % entries.size()];
        std::uint32_t slot = next.stream->next_below(Slots);
        while (is_taken[slot]) slot = next.stream->next_below(Slots);
        is_taken[slot] = true;
        slots[slot] = next.node;
    }
}

/// 16387 slots: python_consistent_memcached's `make_consistent_buckets`.
using rehash_modulus = basic_rehash_modulus<16387>;

/// 32775 slots: python_consistent_memcached's `make_consistent_weighted_buckets`.
using weighted_rehash_modulus = basic_rehash_modulus<32775>;

static_assert(ranked_hash_policy<rehash_modulus> && rebuildable_hash_policy<rehash_modulus>);
static_assert(ranked_hash_policy<weighted_rehash_modulus>);

}  // namespace memring
