#pragma once
// Stable jump: jump consistent hashing for a list that loses nodes anywhere, not only at its end.

#include <algorithm>
#include <array>
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
#include <memring/hashing/detail/bucket_history.hpp>
#include <memring/hashing/detail/bucket_state.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/jump_hash.hpp>
#include <memring/node.hpp>

namespace memring {

/// Jump whose nodes may leave and come back anywhere in the list: only the keys of a node that left
/// move, and a node that comes takes only what it will own. Each node has a bucket; with all
/// buckets in use this is `jump` of the nodes in bucket order. The algorithm is MementoHash
/// (Coluzzi, Brocco, Antonucci and Leidi, "MementoHash: A Stateful, Minimal Memory, Best Performing
/// Consistent Hash Algorithm", 2023), rather than AnchorHash (2020), which is no jump and fixes the
/// largest number of nodes once and for all. Weights are ignored.
///
///     memring::stable_jump policy{nodes};                  // bucket i is node i
///     policy = policy.rebuilt(nodes_now);                  // follow a list
///     auto same = memring::stable_jump::parse(policy.state()).rebuilt(nodes_now);  // elsewhere
///
/// The trap: where a key lives depends on who left in which order, not on the present list alone.
/// Processes agree only if they saw the same lists in the same order, or start from the state of
/// one that did. `stable_jump{nodes_now}` in a process started late is a different mapping, and
/// nothing reports the keys it misses. Where the history cannot be shared, use `rendezvous` or
/// `maglev`.
///
/// A new state is a new policy; each is immutable, safe to read from many threads, and copies share
/// it: 8 bytes a bucket that lookups read, and two copies of the node list.
class stable_jump {
public:
    /// No nodes.
    stable_jump() noexcept = default;

    /// Bucket i is node i, none is out. Throws `std::system_error`: `errc::invalid_node`,
    /// `errc::duplicate_node`.
    explicit stable_jump(std::span<const node> nodes, jump_options options = {})
        : stable_jump(nodes, {}, options) {}

    /// The whole history as a configuration can state it: bucket i is node i, and of these the
    /// nodes at the places `removed` are out, which left in that order. Lines stay where they are:
    /// a node that comes takes over the line of the last of `removed`, which loses that entry;
    /// only when none is out it is appended. `owner_of` gives indices into `nodes`, never of
    /// one that is out; these count in `node_count`.
    ///
    /// Throws as above, also `errc::unknown_node` for a place outside the list,
    /// `errc::duplicate_node` for one that comes twice, `errc::no_nodes` if every node is out.
    stable_jump(std::span<const node> nodes, std::span<const std::uint32_t> removed,
                jump_options options = {});

    /// The policy that wrote `state`, with its nodes in bucket order. Of a node a state knows but
    /// host and port. Throws `std::system_error` (`errc::malformed_config`) that says what is
    /// wrong.
    [[nodiscard]] static stable_jump parse(std::string_view state);

    /// The history as text, for other processes: `stable_jump:1|SEED|NODE,NODE,...|BUCKET,...`, the
    /// nodes by bucket, then the buckets that are out in the order they were taken out. No blanks,
    /// some 20 bytes a node.
    [[nodiscard]] std::string state() const;

    /// The mapping of `nodes` that follows from this one. Nodes are the same by host and port.
    /// * Those that left are taken out, from the highest bucket to the lowest: so a list that only
    ///   lost its tail is `jump` of the rest.
    /// * Those that came fill as many of the buckets that are out, the last taken out first. Who
    ///   had one of these before gets it back; the others are served in the order of `nodes`.
    /// * Those still left get new buckets at the end, in the order of `nodes`.
    ///
    /// `owner_of` of the result gives indices into `nodes`, whatever their order. Throws as the
    /// first constructor.
    [[nodiscard]] stable_jump rebuilt(std::span<const node> nodes) const;

    /// As `rebuilt` with the nodes in use but `leaving`. Throws `errc::unknown_node`.
    [[nodiscard]] stable_jump without(const node& leaving) const;

    /// As `rebuilt` with the nodes in use and, at the end, `coming`. Throws `errc::invalid_node`,
    /// `errc::duplicate_node`.
    [[nodiscard]] stable_jump with(const node& coming) const;

    /// The list that indices refer to.
    [[nodiscard]] std::span<const node> nodes() const noexcept {
        if (!x_shared) return {};
        return x_shared->nodes;
    }
    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return static_cast<std::uint32_t>(nodes().size());
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_shared->places[x_shared->buckets.bucket_of(xxh3(key, x_shared->seed))];
    }

    /// The owners of many keys, in under half the time: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept;

    /// The owner, the one that owned the key if that were taken out, and so on: all nodes in use,
    /// each once, if there is room. Returns how many were written; takes time in the square of it.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept;

private:
    using history = detail::bucket_history;

    explicit stable_jump(history next)
        : x_shared(std::make_shared<const history>(std::move(next))) {}

    [[nodiscard]] std::vector<node> nodes_in_use() const {
        return x_shared ? x_shared->nodes_in_use() : std::vector<node>();
    }

    std::shared_ptr<const history> x_shared;
};

inline stable_jump::stable_jump(std::span<const node> nodes, std::span<const std::uint32_t> removed,
                                jump_options options) {
    detail::require_nodes("stable_jump", nodes);
    if (nodes.empty() && removed.empty() && options.seed == 0) return;
    const auto count = static_cast<std::uint32_t>(nodes.size());
    history next{options.seed};
    next.follow(nodes);
    std::vector<bool> is_out(count);
    for (std::size_t i = 0; i < removed.size(); ++i) {
        const std::uint32_t place = removed[i];
        if (place >= count) {
            throw std::system_error(errc::unknown_node,
                                    "stable_jump: removal " + std::to_string(i) + " names node " +
                                        std::to_string(place) + " of a list of " +
                                        std::to_string(count));
        }
        if (is_out[place]) {
            detail::refuse_node(errc::duplicate_node, "stable_jump", nodes, place,
                                "is removed twice");
        }
        is_out[place] = true;
        next.take_out(place);
    }
    if (count != 0 && next.buckets.working_count() == 0) {
        throw std::system_error(errc::no_nodes, "stable_jump: every node is removed");
    }
    x_shared = std::make_shared<const history>(std::move(next));
}

inline stable_jump stable_jump::parse(std::string_view state) {
    const detail::bucket_state read = detail::parse_bucket_state(state);
    history next{read.seed};
    next.follow(read.holders);
    for (const std::uint32_t bucket : read.removed) next.take_out(bucket);
    next.follow(next.nodes_in_use());
    return stable_jump(std::move(next));
}

inline std::string stable_jump::state() const {
    if (!x_shared) return detail::bucket_state_text(0, {}, {});
    return detail::bucket_state_text(x_shared->seed, x_shared->holders,
                                     x_shared->buckets.removed());
}

inline stable_jump stable_jump::rebuilt(std::span<const node> nodes) const {
    if (!x_shared) return stable_jump(nodes);
    detail::require_nodes("stable_jump", nodes);
    history next = *x_shared;
    next.follow(nodes);
    return stable_jump(std::move(next));
}

inline stable_jump stable_jump::without(const node& leaving) const {
    std::vector<node> stay = nodes_in_use();
    const auto is_leaving = [&](const node& n) { return is_same_node(n, leaving); };
    if (std::erase_if(stay, is_leaving) == 0) {
        throw std::system_error(errc::unknown_node,
                                "stable_jump: no node in use is \"" + to_string(leaving) + "\"");
    }
    return rebuilt(stay);
}

inline stable_jump stable_jump::with(const node& coming) const {
    std::vector<node> all = nodes_in_use();
    all.push_back(coming);
    return rebuilt(all);
}

inline void stable_jump::owners_of(std::span<const std::string_view> keys,
                                   std::span<std::uint32_t> owners) const noexcept {
    if (!x_shared) return;
    const history& now = *x_shared;
    constexpr std::size_t most = 64;
    std::array<std::uint64_t, most> hashes;
    for (std::size_t done = 0; done < keys.size(); done += most) {
        const std::size_t count = std::min(most, keys.size() - done);
        for (std::size_t i = 0; i < count; ++i) hashes[i] = xxh3(keys[done + i], now.seed);
        const auto out = owners.subspan(done, count);
        jump_consistent_hashes(std::span(hashes).first(count), now.buckets.bucket_count(), out);
        for (std::size_t i = 0; i < count; ++i) {
            out[i] = now.places[now.buckets.settle(hashes[i], out[i])];
        }
    }
}

inline std::size_t stable_jump::candidates_of(std::string_view key,
                                              std::span<std::uint32_t> out) const noexcept {
    if (!x_shared) return 0;
    const std::size_t count = x_shared->buckets.candidates_of(xxh3(key, x_shared->seed), out);
    for (std::uint32_t& candidate : out.first(count)) candidate = x_shared->places[candidate];
    return count;
}

static_assert(ranked_hash_policy<stable_jump>);

}  // namespace memring
