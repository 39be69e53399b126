#pragma once
// Jump consistent hashing: no table, no weights, the nodes are numbered buckets. Good for a list
// that grows and shrinks at its end.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump_hash.hpp>
#include <memring/node.hpp>

namespace memring {

/// How keys are hashed before they jump.
struct jump_options {
    /// Default 0: unseeded. For a pool of memcached's proxy with a seed string: its `xxh3`.
    std::uint64_t seed = 0;
};

/// The mapping of the proxy built into memcached (commit 2d51e3647) with its `jump` distribution
/// and default key hash: XXH3, then jump. Weights are ignored, the order of the nodes is the
/// mapping: taking one out of the middle renumbers those behind it.
///
///     memring::jump policy{nodes};
///     memring::jump seeded{nodes, {.seed = memring::xxh3("another-pool")}};
///
/// Immutable, safe to read from many threads; a copy is two numbers.
class jump {
public:
    /// No nodes.
    jump() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, `errc::duplicate_node`.
    explicit jump(std::span<const node> nodes, jump_options options = {})
        : x_node_count(static_cast<std::uint32_t>(nodes.size())), x_seed(options.seed) {
        detail::require_nodes("jump", nodes);
    }

    /// The same mapping of another list: the seed stays. Throws what the constructor throws.
    [[nodiscard]] jump rebuilt(std::span<const node> nodes) const {
        return jump(nodes, {.seed = x_seed});
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_node_count; }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return jump_consistent_hash(xxh3(key, x_seed), x_node_count);
    }

    /// The owners of many keys, in about a third of the time: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept {
        constexpr std::size_t most = 64;
        std::array<std::uint64_t, most> hashes;
        for (std::size_t done = 0; done < keys.size(); done += most) {
            const std::size_t count = std::min(most, keys.size() - done);
            for (std::size_t i = 0; i < count; ++i) hashes[i] = xxh3(keys[done + i], x_seed);
            jump_consistent_hashes(std::span(hashes).first(count), x_node_count,
                                   owners.subspan(done, count));
        }
    }

private:
    std::uint32_t x_node_count = 0;
    std::uint64_t x_seed = 0;
};

static_assert(rebuildable_hash_policy<jump>);

}  // namespace memring
