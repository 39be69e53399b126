#pragma once
// Byte-compatible with pylibmc (1.6.3 on libmemcached 1.1.4). Keys of type `str` are hashed as
// UTF-8. What holds for libmemcached's presets holds here too; the prefix of keys is the behaviour
// `namespace` (as `bytes`), and HASH_WITH_PREFIX_KEY is `_hash_with_prefix_key`.
//
// The order of the calls is part of the mapping. The constructor applies `behaviors` before it
// adds the servers; a dictionary assigned to `client.behaviors` afterwards is applied to servers
// that are there. Within one dictionary the order is fixed (hash, ketama, ketama_weighted,
// distribution), item by item it is the program's.

#include <string_view>

#include <memring/hashing/basic_modulus.hpp>
#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/ring.hpp>

namespace memring::compat {

/// Whose preset it is, for error messages.
struct pylibmc_peer {
    static constexpr std::string_view name = "pylibmc";
};

/// `pylibmc.Client(servers)`: one-at-a-time, modulo the number of servers, weights ignored.
/// `behaviors={"hash": ...}` is `KeyHash`.
template <key_hash KeyHash = hash::one_at_a_time>
using pylibmc_modula = basic_modulus<modula_rule<pylibmc_peer>, KeyHash>;

/// `pylibmc.Client(servers, behaviors={"ketama": True})`: not MD5 but one-at-a-time, for keys and
/// points. Implicit weights: if a server is given as `host:port:weight` with a weight above 1, the
/// points are those of `pylibmc_ketama_weighted`, the keys' hash stays one-at-a-time.
using pylibmc_ketama =
    ring<implicit_ketama_rule<pylibmc_peer, hash::one_at_a_time>, hash::one_at_a_time>;

/// `pylibmc.Client(servers, behaviors={"ketama": True, "hash": "md5"})`, in any order of the two.
/// With a weight above 1 the same as `pylibmc_ketama_weighted`.
using pylibmc_ketama_md5 = ring<implicit_ketama_rule<pylibmc_peer, hash::md5>, hash::md5>;

/// `client = pylibmc.Client(servers)`, then `client.behaviors = {"ketama": True}`: as
/// `pylibmc_ketama`, but weights have no effect.
using pylibmc_ketama_assigned_later =
    ring<equal_ketama_rule<pylibmc_peer, hash::one_at_a_time>, hash::one_at_a_time>;

/// `client = pylibmc.Client(servers)`, then `client.behaviors["hash"] = "md5"`, then
/// `client.behaviors["ketama"] = True`: MD5 for both, weights have no effect.
using pylibmc_hash_then_ketama = ring<equal_ketama_rule<pylibmc_peer, hash::md5>, hash::md5>;

/// `client = pylibmc.Client(servers)`, then `client.behaviors["ketama"] = True`, then
/// `client.behaviors["hash"] = "md5"`: the points stay one-at-a-time, keys are hashed with MD5.
using pylibmc_ketama_then_hash =
    ring<equal_ketama_rule<pylibmc_peer, hash::one_at_a_time>, hash::md5>;

/// `pylibmc.Client(servers, behaviors={"ketama_weighted": True})`: libmemcached's KETAMA_WEIGHTED,
/// the same as `memring::ketama`.
using pylibmc_ketama_weighted = ring<weighted_ketama_rule<pylibmc_peer>, hash::md5>;

}  // namespace memring::compat
