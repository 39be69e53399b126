#pragma once
// Byte-compatible with mcrouter (commit 9d7f4342): the hash functions a pool's route can name, on
// the part of the key that mcrouter hashes.
//
// Traps: `Ch3` is the default, but a pool with `weights` makes it `WeightedCh3`. Missing weights
// are 0.5 there (and logged as a broken configuration); here they are refused, so write them out.
// The order of the servers is the mapping. A route's `salt` is appended to the routing part.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <memring/hashing/ch3.hpp>
#include <memring/hashing/detail/fast_mod.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/text_on_stack.hpp>
#include <memring/hashing/digest/crc32.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/weighted_ch3.hpp>
#include <memring/hashing/weighted_furc.hpp>
#include <memring/node.hpp>

namespace memring::compat {

/// The part of a key that mcrouter hashes: without a routing prefix `/region/cluster/`, up to the
/// first `|#|` behind it. May be empty.
[[nodiscard]] constexpr std::string_view mcrouter_routing_part(std::string_view key) noexcept {
    if (key.starts_with('/')) {
        const std::size_t second = key.find('/', 1);
        const std::size_t third = second == key.npos ? key.npos : key.find('/', second + 1);
        if (third != key.npos) key.remove_prefix(third + 1);
    }
    return key.substr(0, key.find("|#|"));
}

/// What goes into the hash besides the key.
struct mcrouter_options {
    /// Default empty. mcrouter's `salt`: appended to every routing part.
    std::string salt = {};
};

/// mcrouter's hash function `Crc32` on whole keys.
class mcrouter_crc32_of_keys {
public:
    /// No nodes.
    mcrouter_crc32_of_keys() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, `errc::duplicate_node`.
    explicit mcrouter_crc32_of_keys(std::span<const node> nodes, mcrouter_options options = {})
        : x_node_count(static_cast<std::uint32_t>(nodes.size())),
          x_bucket_of(nodes.empty() ? 1 : x_node_count),
          x_salt(std::move(options.salt)) {
        detail::require_nodes("mcrouter crc32", nodes);
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

/// A policy asked for the routing parts of keys.
///
///     memring::compat::mcrouter_ch3 policy{nodes, {.salt = "2"}};
///
/// Immutable, safe to read from many threads, copies are as cheap as the policy's.
template <hash_policy Policy, class Options>
class mcrouter_route {
public:
    /// No nodes.
    mcrouter_route() noexcept = default;

    /// Throws as the policy does.
    explicit mcrouter_route(std::span<const node> nodes, Options options = {})
        : x_policy(nodes, std::move(options)) {}

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_policy.node_count(); }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_policy.owner_of(mcrouter_routing_part(key));
    }

private:
    Policy x_policy;
};

/// `"hash_func": "Crc32"`: CRC-32 without its top bit, modulo the number of servers. Weights are
/// ignored.
using mcrouter_crc32 = mcrouter_route<mcrouter_crc32_of_keys, mcrouter_options>;

/// `"hash_func": "Ch3"`, and the default of a pool without weights: see `memring::ch3`.
using mcrouter_ch3 = mcrouter_route<ch3, ch3_options>;

/// `"hash_func": "WeightedCh3"`, and the default of a pool with `weights`: see
/// `memring::weighted_ch3`.
using mcrouter_weighted_ch3 = mcrouter_route<weighted_ch3, weighted_ch3_options>;

/// mcrouter's weighted furc, on the same weights: see `memring::weighted_furc`.
using mcrouter_weighted_furc = mcrouter_route<weighted_furc, weighted_ch3_options>;

static_assert(hash_policy<mcrouter_crc32> && hash_policy<mcrouter_ch3> &&
              hash_policy<mcrouter_weighted_ch3> && hash_policy<mcrouter_weighted_furc>);

}  // namespace memring::compat
