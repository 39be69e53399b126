#pragma once
// Ketama: consistent hashing over a ring of MD5 points, in the flavour that libmemcached calls
// KETAMA_WEIGHTED. Other flavours are other rules of the same ring.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hash.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/point_rule.hpp>
#include <memring/hashing/ring.hpp>
#include <memring/node.hpp>

namespace memring {

/// The points of libmemcached's KETAMA_WEIGHTED.
struct ketama_rule : ring_rule<> {
    static constexpr std::string_view name = "ketama";
};

/// The mapping of libmemcached's KETAMA_WEIGHTED (1.1.4; the same in php-memcached with
/// OPT_LIBKETAMA_COMPATIBLE and in pylibmc with ketama_weighted): 160 points a node, scaled by
/// weight, key and points hashed with MD5.
///
///     memring::ketama policy{nodes};
///     const memring::node& owner = nodes[policy.owner_of("user:1")];
///
/// A node is named `host` on port 11211, else `host:port`, as the application wrote it: never
/// resolved, no brackets around IPv6. Order matters only where two points collide. A node of far
/// less weight than the others (under about 1/40 of the average) gets no point and so no key; it
/// is accepted because its weight still shapes the ring, and libmemcached's fleet counts it too.
/// Immutable, safe to read from many threads; copies share the ring.
class ketama : public ring<ketama_rule, hash::md5> {
public:
    using ring::ring;

    /// What `ketama(nodes)` is, made from the points this one has: several times as fast for a
    /// list that differs from this ring's in a few nodes. Throws as the constructor does.
    [[nodiscard]] ketama rebuilt(std::span<const node> nodes) const {
        return ketama(ring::rebuilt(nodes));
    }

private:
    explicit ketama(ring&& made) noexcept : ring(std::move(made)) {}
};

/// Ketama with other parts: the hash of keys, what makes points of texts, the names of nodes, and
/// how many texts a node has. Other orders of nodes and ties: `ring` with a rule.
template <key_hash KeyHash = hash::md5, point_digest Digest = md5_points,
          node_naming Naming = host_and_unusual_port, text_count Texts = texts_by_weight<>>
using basic_ketama = ring<ring_rule<Digest, Naming, Texts>, KeyHash>;

static_assert(ranked_hash_policy<ketama>);

}  // namespace memring
