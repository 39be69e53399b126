#pragma once
// Byte-compatible with python_consistent_memcached 0.0.1 under 64-bit CPython 2.7 (asked under
// Tauthon 2.8.5+) without hash randomisation.
//
// Traps. The package's own Client does not work: it passes host objects to md5 and dies with a
// TypeError. So every fleet of it runs a patched caller, and which string that caller hashes for a
// server must be asked: `host:port` is the default here, `memring::host_only` and any other
// spelling can be given. The peer keeps its random streams as long as the process lives: the second
// table that a process builds goes on with the streams of the first and is another. The tables
// here are those of a fresh process.

#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/rehash_modulus.hpp>

namespace memring::compat {

/// `make_consistent_buckets`: 16387 slots.
template <node_naming Naming = host_and_port>
using python_consistent_memcached = basic_rehash_modulus<16387, Naming>;

/// `make_consistent_weighted_buckets`: 32775 slots, of which the keys' 15-bit hashes never meet
/// the last 7.
template <node_naming Naming = host_and_port>
using python_consistent_memcached_weighted = basic_rehash_modulus<32775, Naming>;

static_assert(ranked_hash_policy<python_consistent_memcached<>> &&
              ranked_hash_policy<python_consistent_memcached_weighted<>>);

}  // namespace memring::compat
