#pragma once
// Byte-compatible with the proxy built into memcached (commit 2d51e3647): its distributions `jump`
// and `ring_hash`, the latter in its four modes.
//
// `host` is the address of the backend as the proxy's configuration has it. Weights are ignored:
// the proxy has none. What a client puts before its keys is part of them, and hashed. `KeyHash` of
// a ring is `hash::xxh3`, the default of a pool, or `hash::md5` for a pool that sets the hash that
// comes with the ring.

#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/point_rule.hpp>
#include <memring/hashing/ring.hpp>
#include <memring/node.hpp>

namespace memring::compat {

/// Whose preset it is, for error messages.
inline constexpr std::string_view memcached_proxy_name = "memcached's proxy";

/// Four points a text, without the rounding of libmemcached: `Points` a backend (`obuckets`), which
/// is a multiple of 4.
template <node_naming Naming, std::uint32_t Points = 160>
struct memcached_proxy_md5_rule : ring_rule<md5_points, Naming, equal_texts<Points / 4>> {
    static_assert(Points != 0 && Points % 4 == 0);
    static constexpr std::string_view name = memcached_proxy_name;
    static constexpr bool hashes_prefix = true;
};

/// One point a text, of XXH3.
template <std::uint32_t Points = 160>
struct memcached_proxy_xxh3_rule
    : ring_rule<hash_points<hash::xxh3>, host_and_port, equal_texts<Points>> {
    static_assert(Points != 0);
    static constexpr std::string_view name = memcached_proxy_name;
    static constexpr bool hashes_prefix = true;
};

/// Ring mode `default`: points of XXH3, of names `host:port`.
template <key_hash KeyHash = hash::xxh3>
using memcached_proxy_ring_default = ring<memcached_proxy_xxh3_rule<>, KeyHash>;

/// Ring mode `ketama`: points of MD5, of names `host:port`, always with the port.
template <key_hash KeyHash = hash::xxh3>
using memcached_proxy_ring_ketama = ring<memcached_proxy_md5_rule<host_and_port>, KeyHash>;

/// Ring mode `twemproxy`: points of MD5, of names without the port where it is 11211. It is not
/// twemproxy's ring where that rounds or has weights or names.
template <key_hash KeyHash = hash::xxh3>
using memcached_proxy_ring_twemproxy =
    ring<memcached_proxy_md5_rule<host_and_unusual_port>, KeyHash>;

/// Ring mode `evcache`: points of MD5, of names `host/host:port`.
template <key_hash KeyHash = hash::xxh3>
using memcached_proxy_ring_evcache = ring<memcached_proxy_md5_rule<evcache_name>, KeyHash>;

/// The distribution `jump` with the default key hash: XXH3, then jump consistent hashing. The
/// order of the backends is the mapping.
class memcached_proxy_jump : public jump {
public:
    static constexpr bool hashes_prefix = true;

    /// No nodes.
    memcached_proxy_jump() noexcept = default;

    /// A pool without a seed. Throws `std::system_error`: `errc::invalid_node`,
    /// `errc::duplicate_node`.
    explicit memcached_proxy_jump(std::span<const node> nodes) : jump(checked(nodes)) {}

    /// A pool with a `seed` string. Throws as above.
    memcached_proxy_jump(std::span<const node> nodes, std::string_view seed)
        : jump(checked(nodes), {.seed = xxh3(seed)}) {}

    /// The same pool with another list: the seed stays. Throws as above.
    [[nodiscard]] memcached_proxy_jump rebuilt(std::span<const node> nodes) const {
        return memcached_proxy_jump(jump::rebuilt(checked(nodes)));
    }

private:
    explicit memcached_proxy_jump(const jump& made) noexcept : jump(made) {}

    [[nodiscard]] static std::span<const node> checked(std::span<const node> nodes) {
        detail::require_nodes(memcached_proxy_name, nodes);
        return nodes;
    }
};

static_assert(rebuildable_hash_policy<memcached_proxy_jump> &&
              ranked_hash_policy<memcached_proxy_ring_default<>>);

}  // namespace memring::compat
