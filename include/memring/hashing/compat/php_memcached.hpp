#pragma once
// Byte-compatible with php-memcached, the extension "memcached" (3.2.0 on libmemcached 1.1.4), not
// with the extension "memcache". What holds for libmemcached's presets holds here too;
// OPT_PREFIX_KEY is not hashed unless OPT_HASH_WITH_PREFIX_KEY is set. The forms with a server key
// (`getByKey`) hash that key instead: `owner_of(server_key)`.

#include <string_view>

#include <memring/hashing/basic_modulus.hpp>
#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/ring.hpp>

namespace memring::compat {

/// Whose preset it is, for error messages.
struct php_memcached_peer {
    static constexpr std::string_view name = "php-memcached";
};

/// `new Memcached` and `addServer`: one-at-a-time, modulo the number of servers, weights ignored.
/// Also what is left after OPT_LIBKETAMA_COMPATIBLE was turned on and off again. OPT_HASH is
/// `KeyHash`.
template <key_hash KeyHash = hash::one_at_a_time>
using php_modula = basic_modulus<modula_rule<php_memcached_peer>, KeyHash>;

/// `setOption(OPT_LIBKETAMA_COMPATIBLE, true)`, before or after the servers are added:
/// libmemcached's KETAMA_WEIGHTED, the same as `memring::ketama`.
using php_libketama_compatible = ring<weighted_ketama_rule<php_memcached_peer>, hash::md5>;

/// `setOption(OPT_DISTRIBUTION, DISTRIBUTION_CONSISTENT)` and then the servers, by `addServer` or
/// `addServers`; an OPT_HASH set before is `KeyHash`. Without one it is one-at-a-time for keys
/// and points, not MD5. Implicit weights: with a weight above 1 the points are those of
/// `php_libketama_compatible`, the keys' hash stays what it is. Servers added before the option:
/// `php_distribution_consistent_servers_first`.
template <key_hash KeyHash = hash::one_at_a_time>
using php_distribution_consistent =
    ring<implicit_ketama_rule<php_memcached_peer, KeyHash>, KeyHash>;

/// The servers, and then `setOption(OPT_DISTRIBUTION, DISTRIBUTION_CONSISTENT)`: weights have no
/// effect. OPT_HASH set before the distribution is `KeyHash`; set after it, it is
/// `libmemcached_ketama_stale`.
template <key_hash KeyHash = hash::one_at_a_time>
using php_distribution_consistent_servers_first =
    ring<equal_ketama_rule<php_memcached_peer, KeyHash>, KeyHash>;

}  // namespace memring::compat
