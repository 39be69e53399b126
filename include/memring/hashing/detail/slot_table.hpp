#pragma once
// A table of slots that each name a node, and how a 64-bit hash finds its slot.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/hashing/digest/xxh3.hpp>

namespace memring::detail {

/// The number below `range` that stands at the place of `hash` in 0 .. 2^64 - 1, to 32 bits:
/// floor(floor(hash / 2^32) * range / 2^32). Needs no division and no 128-bit product, so every
/// language can follow; each number gets its share of the hashes to within range / 2^32.
[[nodiscard]] constexpr std::uint32_t scale_hash(std::uint64_t hash, std::uint32_t range) noexcept {
    return static_cast<std::uint32_t>(((hash >> 32) * range) >> 32);
}

/// An immutable table whose slots hold node indices. 2 bytes a slot: with 4 the table would take
/// twice the cache from the application.
/// A key belongs to the slot `scale_hash(xxh3(key), slots)`.
class slot_table {
public:
    static constexpr std::uint16_t no_node = std::numeric_limits<std::uint16_t>::max();

    /// The most nodes that a slot can tell apart.
    static constexpr std::size_t max_nodes = no_node;

    /// Precondition: fewer than 2^32 slots; keys are looked up in a table that has some.
    explicit slot_table(std::vector<std::uint16_t> slots)
        : x_slots(std::move(slots)), x_size(static_cast<std::uint32_t>(x_slots.size())) {}

    [[nodiscard]] std::span<const std::uint16_t> slots() const noexcept { return x_slots; }

    [[nodiscard]] std::uint32_t slot_of(std::string_view key) const noexcept {
        return scale_hash(xxh3(key), x_size);
    }

    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_slots[slot_of(key)];
    }

    /// One by one: the lookups of a loop overlap by themselves, which two passes do not beat.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept {
        for (std::size_t i = 0; i < keys.size(); ++i) owners[i] = owner_of(keys[i]);
    }

    /// Writes the distinct nodes met from the key's slot on, round the table; returns how many.
    std::size_t walk(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        std::size_t written = 0;
        std::uint32_t slot = slot_of(key);
        for (std::uint32_t step = 0; step < x_size && written < out.size(); ++step) {
            const std::uint32_t candidate = x_slots[slot];
            const auto known = out.first(written);
            if (std::ranges::find(known, candidate) == known.end()) out[written++] = candidate;
            slot = slot + 1 == x_size ? 0 : slot + 1;
        }
        return written;
    }

private:
    std::vector<std::uint16_t> x_slots;
    std::uint32_t x_size;
};

}  // namespace memring::detail
