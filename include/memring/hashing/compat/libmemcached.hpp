#pragma once
// Byte-compatible with libmemcached: the mappings its behaviours select, from the parts that its
// bindings and forks share.
//
// All of them hold for libmemcached 1.1.4, and for 1.0.x where no two points of a ring have one
// value: 1.0.x leaves to qsort whose the value is. A server of weight 0 counts there as one of
// weight 1; say 1 here, where weight 0 is refused. A single server gets every key.
//
// Debian's build of 1.1.4 aborts when the 101st server is added to a ring (KETAMA and
// KETAMA_WEIGHTED were asked), so a fleet of that build has no more. Lists may be longer here.
//
// The prefix of keys (namespace) is not hashed, and so not by a client with a preset of these,
// unless HASH_WITH_PREFIX_KEY is set: then `client_options::hashes_prefix` is true, or without a
// client the policy `prefixed` (key_part.hpp). The forms with a server key, `memcached_get_by_key`
// and others, hash that key and no other: `owner_of(server_key)`. Ejected servers
// (AUTO_EJECT_HOSTS) are left out of list, weights and ring: build the policy from the others.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <memring/hashing/basic_modulus.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/node_order.hpp>
#include <memring/hashing/point_rule.hpp>
#include <memring/hashing/ring.hpp>
#include <memring/node.hpp>

namespace memring::compat {

/// Whose preset it is, for error messages.
struct libmemcached_peer {
    static constexpr std::string_view name = "libmemcached";
};

/// Servers as they stand, weights ignored.
template <class Peer, node_order Order = as_listed>
struct modula_rule : bucket_rule<bucket_weights::ignored, Order> {
    static constexpr std::string_view name = Peer::name;
    static constexpr bool hashes_prefix = false;
};

/// 100 points a server, whatever its weight, one a text.
template <class Peer, key_hash PointHash, node_order Order = as_listed,
          node_naming Naming = host_and_unusual_port>
struct equal_ketama_rule : ring_rule<hash_points<PointHash>, Naming, equal_texts<100>, Order> {
    static constexpr std::string_view name = Peer::name;
    static constexpr bool hashes_prefix = false;
};

/// 160 points a server of average weight, four of each MD5.
template <class Peer, node_order Order = as_listed, node_naming Naming = host_and_unusual_port>
struct weighted_ketama_rule : ring_rule<md5_points, Naming, texts_by_weight<>, Order> {
    static constexpr std::string_view name = Peer::name;
    static constexpr bool hashes_prefix = false;
};

/// The points of `equal_ketama_rule`, but those of `weighted_ketama_rule` as soon as one server
/// has a weight above 1.
template <class Peer, key_hash PointHash, node_order Order = as_listed,
          node_naming Naming = host_and_unusual_port>
struct implicit_ketama_rule : equal_ketama_rule<Peer, PointHash, Order, Naming> {
    [[nodiscard]] static point_plan plan(std::span<const node> nodes) {
        const bool is_weighted =
            std::ranges::any_of(nodes, [](const node& n) { return n.weight > 1; });
        return is_weighted ? weighted_ketama_rule<Peer, Order, Naming>::plan(nodes)
                           : equal_ketama_rule<Peer, PointHash, Order, Naming>::plan(nodes);
    }
};

/// `/host:port`, always with the port.
struct slash_host_and_port {
    [[nodiscard]] std::string operator()(const node& n) const { return "/" + host_and_port{}(n); }
};

/// libmemcached with DISTRIBUTION_MODULA, the default: hash modulo number of servers, weights
/// ignored. `KeyHash` is what HASH was set to; nothing set: `hash::one_at_a_time`.
template <key_hash KeyHash = hash::one_at_a_time>
using libmemcached_modula = basic_modulus<modula_rule<libmemcached_peer>, KeyHash>;

/// As `libmemcached_modula`, with SORT_HOSTS set before servers were added: the servers count in
/// the order of their hosts and ports. Owners are indices into the list as passed.
template <key_hash KeyHash = hash::one_at_a_time>
using libmemcached_modula_sorted_hosts =
    basic_modulus<modula_rule<libmemcached_peer, by_host_and_port>, KeyHash>;

/// libmemcached with KETAMA (the same: DISTRIBUTION_CONSISTENT, DISTRIBUTION_CONSISTENT_KETAMA),
/// set before servers are added. `KeyHash` is what HASH was set to before that.
///
/// Traps. KETAMA does not select MD5: with no HASH set, points and keys are hashed with
/// one-at-a-time, hence the default here; KETAMA_HASH changes nothing. Implicit weights: with a
/// server of weight above 1 the points become those of KETAMA_WEIGHTED, while the keys' hash stays
/// what it is. Servers added before KETAMA: `libmemcached_ketama_weights_ignored`. HASH set after
/// KETAMA, with servers in place: `libmemcached_ketama_stale`. Debian builds libmemcached without
/// `hash::hsieh` (setting it is an error there), so no fleet of such builds has it.
template <key_hash KeyHash = hash::one_at_a_time>
using libmemcached_ketama = ring<implicit_ketama_rule<libmemcached_peer, KeyHash>, KeyHash>;

/// As `libmemcached_ketama`, but the servers are added first and then HASH and KETAMA are set, in
/// this order: weights have no effect.
template <key_hash KeyHash = hash::one_at_a_time>
using libmemcached_ketama_weights_ignored =
    ring<equal_ketama_rule<libmemcached_peer, KeyHash>, KeyHash>;

/// libmemcached where servers are added, then KETAMA is set, then HASH: the points are not made
/// again, and keys hashed with `KeyHash` meet points of `PointHash`, the hash that held before.
template <key_hash KeyHash, key_hash PointHash = hash::one_at_a_time>
using libmemcached_ketama_stale = ring<equal_ketama_rule<libmemcached_peer, PointHash>, KeyHash>;

/// As `libmemcached_ketama` with SORT_HOSTS. The order counts only where points collide.
template <key_hash KeyHash = hash::one_at_a_time>
using libmemcached_ketama_sorted_hosts =
    ring<implicit_ketama_rule<libmemcached_peer, KeyHash, by_host_and_port>, KeyHash>;

/// libmemcached with KETAMA_WEIGHTED, the "libketama compatible" mode; `memring::ketama` is the
/// same. It sets HASH to MD5; if HASH was set again after it, `KeyHash` is that. Weights scale the
/// points in any order of the calls. With some numbers of servers (25, 47, 50, ...) each has 156
/// points instead of 160, a rounding the peers share. A server of less than about 1/40 of the
/// average weight gets no key.
template <key_hash KeyHash = hash::md5>
using libmemcached_ketama_weighted = ring<weighted_ketama_rule<libmemcached_peer>, KeyHash>;

/// libmemcached with DISTRIBUTION_CONSISTENT_KETAMA_SPY, weights ignored; `KeyHash` is what HASH
/// was set to before. Meant to match spymemcached, which names its servers otherwise today: for
/// that see `compat/spymemcached.hpp`.
template <key_hash KeyHash = hash::one_at_a_time>
using libmemcached_ketama_spy =
    ring<equal_ketama_rule<libmemcached_peer, KeyHash, as_listed, slash_host_and_port>, KeyHash>;

/// libmemcached with KETAMA_WEIGHTED and then DISTRIBUTION_CONSISTENT_KETAMA_SPY. See above.
template <key_hash KeyHash = hash::md5>
using libmemcached_ketama_spy_weighted =
    ring<weighted_ketama_rule<libmemcached_peer, as_listed, slash_host_and_port>, KeyHash>;

static_assert(hash_policy<libmemcached_modula<>> && ranked_hash_policy<libmemcached_ketama<>>);

}  // namespace memring::compat
