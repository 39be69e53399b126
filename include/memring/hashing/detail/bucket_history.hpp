#pragma once
// Which node has which bucket of a stable_jump, as one list of nodes follows another.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/hashing/detail/memento.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// Finds nodes of a list by host and port. Keeps views into the list.
class node_places {
public:
    explicit node_places(std::span<const node> nodes) {
        for (std::uint32_t place = 0; place < nodes.size(); ++place) {
            x_places.emplace(identity(nodes[place].host, nodes[place].port), place);
        }
    }

    /// The place of the same node, or null.
    [[nodiscard]] const std::uint32_t* find(const node& n) const {
        const auto found = x_places.find(identity(n.host, n.port));
        return found == x_places.end() ? nullptr : &found->second;
    }

private:
    using identity = std::pair<std::string_view, std::uint16_t>;

    std::map<identity, std::uint32_t> x_places;
};

/// What `stable_jump` documents about lists and buckets happens here; it never changes one that it
/// has shared.
struct bucket_history {
    static constexpr std::uint32_t out_of_use = std::numeric_limits<std::uint32_t>::max();

    std::uint64_t seed = 0;
    memento buckets = {};
    std::vector<std::uint32_t> places = {};  // of a bucket: its node in `nodes`, or out_of_use
    std::vector<node> holders = {};          // of a bucket: who has it, or had it last
    std::vector<node> nodes = {};

    /// Takes the nodes that left out, lets those that came in. Precondition: no node comes twice.
    void follow(std::span<const node> now) {
        nodes.assign(now.begin(), now.end());
        const node_places by_name(nodes);
        let_in(take_out_absent(by_name), by_name);
    }

    void take_out(std::uint32_t bucket) {
        buckets.remove(bucket);
        places[bucket] = out_of_use;
        places.resize(buckets.bucket_count());
        holders.resize(buckets.bucket_count());
    }

    /// In the order of `nodes`.
    [[nodiscard]] std::vector<node> nodes_in_use() const {
        std::vector<std::uint32_t> used = places;
        std::erase(used, out_of_use);
        std::ranges::sort(used);
        std::vector<node> result;
        for (const std::uint32_t place : used) result.push_back(nodes[place]);
        return result;
    }

private:
    std::vector<std::uint32_t> take_out_absent(const node_places& now);
    void let_in(std::vector<std::uint32_t> came, const node_places& now);

    void give(std::uint32_t bucket, std::uint32_t place) {
        // Who had another bucket, still out, leaves that one to whoever had this: no node is the
        // last holder of two.
        for (const std::uint32_t out : buckets.removed()) {
            if (is_same_node(holders[out], nodes[place])) holders[out] = holders[bucket];
        }
        places[bucket] = place;
        holders[bucket] = nodes[place];
    }
};

/// Those that stay get the places they have now; returns the places of those without a bucket.
inline std::vector<std::uint32_t> bucket_history::take_out_absent(const node_places& now) {
    std::vector<bool> stays(nodes.size());
    for (std::uint32_t bucket = buckets.bucket_count(); bucket-- > 0;) {
        if (places[bucket] == out_of_use) continue;
        if (const std::uint32_t* place = now.find(holders[bucket])) {
            places[bucket] = *place;
            stays[*place] = true;
        } else {
            take_out(bucket);
        }
    }
    std::vector<std::uint32_t> came;
    for (std::uint32_t place = 0; place < nodes.size(); ++place) {
        if (!stays[place]) came.push_back(place);
    }
    return came;
}

inline void bucket_history::let_in(std::vector<std::uint32_t> came, const node_places& now) {
    std::vector<std::uint32_t> opened(came.size());
    for (std::uint32_t& bucket : opened) bucket = buckets.add();
    places.resize(buckets.bucket_count(), out_of_use);
    holders.resize(buckets.bucket_count());
    std::vector<bool> is_waiting(nodes.size());
    for (const std::uint32_t place : came) is_waiting[place] = true;
    // Without this, two nodes that were away together could come back with each other's keys.
    for (const std::uint32_t bucket : opened) {
        const std::uint32_t* place = now.find(holders[bucket]);
        if (place == nullptr || !is_waiting[*place]) continue;
        is_waiting[*place] = false;
        give(bucket, *place);
    }
    std::erase_if(came, [&](std::uint32_t place) { return !is_waiting[place]; });
    std::erase_if(opened, [&](std::uint32_t bucket) { return places[bucket] != out_of_use; });
    for (std::size_t i = 0; i < opened.size(); ++i) give(opened[i], came[i]);
}

}  // namespace memring::detail
