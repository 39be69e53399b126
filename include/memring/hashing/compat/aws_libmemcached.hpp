#pragma once
// Byte-compatible with the AWS ElastiCache cluster client for C, a fork of libmemcached 1.0.18, and
// so with what is built on it, such as the cluster client for PHP. What holds for libmemcached's
// presets holds here too.
//
// CLIENT_MODE static and dynamic map alike. A server is named by its host name, on port 11211
// alone, else `host:port`: also in dynamic mode, where `config get cluster` tells an IP besides.
// That is how `cluster_config` fills a node, so its nodes can be passed on as they are, in their
// order. The AWS client for Java takes the IP instead and agrees with none of these.

#include <string_view>

#include <memring/hashing/basic_modulus.hpp>
#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/ring.hpp>

namespace memring::compat {

/// Whose preset it is, for error messages.
struct aws_libmemcached_peer {
    static constexpr std::string_view name = "AWS libmemcached";
};

/// Nothing set: hash modulo number of servers. See `libmemcached_modula`.
template <key_hash KeyHash = hash::one_at_a_time>
using aws_libmemcached_modula = basic_modulus<modula_rule<aws_libmemcached_peer>, KeyHash>;

/// KETAMA, HASH set before it. See `libmemcached_ketama` for its traps. Where two points collide
/// the earlier server has the value, as in 1.1.x; the fork leaves that to the C library's qsort.
template <key_hash KeyHash = hash::one_at_a_time>
using aws_libmemcached_ketama = ring<implicit_ketama_rule<aws_libmemcached_peer, KeyHash>, KeyHash>;

/// KETAMA_WEIGHTED. See `libmemcached_ketama_weighted`; the same as `memring::ketama`.
template <key_hash KeyHash = hash::md5>
using aws_libmemcached_ketama_weighted = ring<weighted_ketama_rule<aws_libmemcached_peer>, KeyHash>;

}  // namespace memring::compat
