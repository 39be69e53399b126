#pragma once
// Byte-compatible with mcrouter (commit 9d7f4342): the hash functions a pool's route can name, on
// the part of the key that mcrouter hashes (as `routing_part` in key_part.hpp).
//
//     memring::compat::mcrouter_ch3 policy{nodes, memring::ch3_options{.salt = "2"}};
//
// Traps: `Ch3` is the default, but for a pool with `weights` it is `WeightedCh3`; naming one in the
// route overrules both. Missing weights are 0.5 there (and logged as a broken configuration); here
// they are refused, so write them out. What a client puts before its keys is part of them.
// The order of the servers is the mapping. A route's `salt` is appended to the routing part.

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <memring/hashing/ch3.hpp>
#include <memring/hashing/detail/fast_mod.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/text_on_stack.hpp>
#include <memring/hashing/digest/crc32.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_part.hpp>
#include <memring/hashing/weighted_ch3.hpp>
#include <memring/hashing/weighted_furc.hpp>
#include <memring/node.hpp>

namespace memring::compat {

/// What mcrouter hashes of a key, whatever stands before it but its own routing prefix.
struct mcrouter_selection : routing_part_selection {
    static constexpr bool hashes_prefix = true;
};

/// mcrouter's hash function `Crc32` on whole keys.
class mcrouter_crc32_of_keys {
public:
    /// No nodes.
    mcrouter_crc32_of_keys() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, `errc::duplicate_node`.
    explicit mcrouter_crc32_of_keys(std::span<const node> nodes, ch3_options options = {})
        : x_node_count(static_cast<std::uint32_t>(nodes.size())),
          x_bucket_of(nodes.empty() ? 1 : x_node_count),
          x_salt(std::move(options.salt)) {
        detail::require_nodes("mcrouter crc32", nodes);
    }

    /// The same mapping of another list: the salt stays. Throws what the constructor throws.
    [[nodiscard]] mcrouter_crc32_of_keys rebuilt(std::span<const node> nodes) const {
        return mcrouter_crc32_of_keys(nodes, {.salt = std::string(x_salt.text())});
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_node_count; }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_salt.append_to(
            key, [&](std::string_view salted) { return x_bucket_of(crc32(salted) & 0x7fffffff); });
    }

private:
    std::uint32_t x_node_count = 0;
    detail::fast_mod x_bucket_of{1};
    detail::key_salt x_salt;
};

/// `"hash_func": "Crc32"`: CRC-32 without its top bit, modulo the number of servers. Weights are
/// ignored.
using mcrouter_crc32 = routed_by<mcrouter_crc32_of_keys, mcrouter_selection>;

/// `"hash_func": "Ch3"`, and the default of a pool without weights: see `memring::ch3`.
using mcrouter_ch3 = routed_by<ch3, mcrouter_selection>;

/// `"hash_func": "WeightedCh3"`, and the default of a pool with `weights`: see
/// `memring::weighted_ch3`.
using mcrouter_weighted_ch3 = routed_by<weighted_ch3, mcrouter_selection>;

/// mcrouter's function `weightedFurcHash`, with its default of 32 retries: see
/// `memring::weighted_furc`.
using mcrouter_weighted_furc = routed_by<weighted_furc, mcrouter_selection>;

/// `"hash_func": "WeightedCh4"`, which is that function.
using mcrouter_weighted_ch4 = mcrouter_weighted_furc;

static_assert(hash_policy<mcrouter_crc32> && hash_policy<mcrouter_ch3> &&
              hash_policy<mcrouter_weighted_ch3> && hash_policy<mcrouter_weighted_furc>);

}  // namespace memring::compat
