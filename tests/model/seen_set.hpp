#pragma once
// The states a walk has been in, as hashes of 128 bits in one flat table: at ten million states two
// of them would meet with a chance of less than one in 10^24.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace memring::model {

class seen_set {
public:
    seen_set() : x_slots(1 << 12) {}

    [[nodiscard]] std::size_t size() const noexcept { return x_size; }

    /// Whether `bytes` are new.
    [[nodiscard]] bool insert(std::string_view bytes) {
        if (!put(x_slots, {mix(bytes, 0x9e3779b97f4a7c15U), mix(bytes, 0xc2b2ae3d27d4eb4fU) | 1}))
            return false;
        if (++x_size * 2 > x_slots.size()) grow();
        return true;
    }

private:
    struct slot {
        std::uint64_t first = 0;
        std::uint64_t second = 0;  // 0: free
    };

    [[nodiscard]] static std::uint64_t mix(std::string_view bytes, std::uint64_t seed) noexcept {
        std::uint64_t hash = seed ^ bytes.size();
        while (!bytes.empty()) {
            std::uint64_t word = 0;
            const std::size_t size = bytes.size() < 8 ? bytes.size() : 8;
            std::memcpy(&word, bytes.data(), size);
            bytes.remove_prefix(size);
            hash = (hash ^ word) * 0xff51afd7ed558ccdU;
            hash ^= hash >> 32;
            hash = hash * seed + (hash >> 29);
        }
        return hash ^ (hash >> 31);
    }

    [[nodiscard]] static bool put(std::vector<slot>& slots, slot wanted) noexcept {
        std::size_t place = wanted.first & (slots.size() - 1);
        while (slots[place].second != 0) {
            const slot& there = slots[place];
            if (there.first == wanted.first && there.second == wanted.second) return false;
            place = (place + 1) & (slots.size() - 1);
        }
        slots[place] = wanted;
        return true;
    }

    void grow() {
        std::vector<slot> wider(x_slots.size() * 4);
        for (const slot& s : x_slots) {
            if (s.second != 0) static_cast<void>(put(wider, s));
        }
        x_slots = std::move(wider);
    }

    std::vector<slot> x_slots;
    std::size_t x_size = 0;
};

}  // namespace memring::model
