#pragma once
// Jump consistent hashing: no table, no weights, the nodes are numbered buckets. Good for a list
// that grows and shrinks at its end.

#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// The bucket, 0 to `buckets` - 1, of a key that is already hashed: Lamping and Veach, "A Fast,
/// Minimal Memory, Consistent Hash Algorithm" (2014). With one bucket more a key stays or moves
/// to the new one. Precondition: `buckets > 0`.
[[nodiscard]] constexpr std::uint32_t jump_consistent_hash(std::uint64_t key,
                                                           std::uint32_t buckets) noexcept {
    std::int64_t bucket = -1;
    std::int64_t next = 0;
    while (next < std::int64_t{buckets}) {
        bucket = next;
        key = key * 2862933555777941757U + 1;
        const double stretch = 2147483648.0 / static_cast<double>((key >> 33) + 1);
        next = static_cast<std::int64_t>(static_cast<double>(bucket + 1) * stretch);
    }
    return static_cast<std::uint32_t>(bucket);
}

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

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_node_count; }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return jump_consistent_hash(xxh3(key, x_seed), x_node_count);
    }

private:
    std::uint32_t x_node_count = 0;
    std::uint64_t x_seed = 0;
};

static_assert(hash_policy<jump>);

}  // namespace memring
