#pragma once
// Byte-compatible with the AWS ElastiCache cluster client for Java 1.2.4, a fork of spymemcached.
//
// From 1.2.0 on its KETAMA_HASH is SHA-384, for keys and points: its rings are those of no other
// client, nor of its own 1.1.x, which hashed with MD5 as spymemcached does (its presets apply).
// Everything that compat/spymemcached.hpp says of names holds here too.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <memring/hashing/compat/spymemcached.hpp>
#include <memring/hashing/digest/sha384.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/point_rule.hpp>
#include <memring/hashing/ring.hpp>

namespace memring::compat {

/// Whose preset it is, for error messages.
struct aws_java_peer {
    static constexpr std::string_view name = "AWS ElastiCache client for Java";
};

/// Four points a text: the first words of its SHA-384.
struct sha384_points {
    [[nodiscard]] constexpr std::array<std::uint32_t, 4> operator()(
        std::string_view text) const noexcept {
        const sha384_digest digest = sha384(text);
        return {digest[0], digest[1], digest[2], digest[3]};
    }
};

/// KETAMA_HASH makes four points of a text, any other hash one.
template <key_hash KeyHash, node_naming Naming>
using aws_java_equal_ketama_rule = std::conditional_t<
    std::same_as<KeyHash, hash::sha384>,
    java_ketama_rule<aws_java_peer, sha384_points, equal_texts<40>, Naming>,
    java_ketama_rule<aws_java_peer, hash_points<KeyHash>, equal_texts<160>, Naming>>;

/// The client's default, in static and dynamic mode: ArrayModNodeLocator, hash modulo number of
/// servers. In dynamic mode their order is that of the configuration.
template <key_hash KeyHash = hash::java_native>
using aws_java_arraymod = basic_modulus<java_arraymod_rule<aws_java_peer>, KeyHash>;

/// Static mode with KetamaNodeLocator (KetamaConnectionFactory) and names of the default format
/// SPYMEMCACHED. `hash::sha384` is KETAMA_HASH.
template <key_hash KeyHash = hash::sha384>
using aws_java_ketama = ring<aws_java_equal_ketama_rule<KeyHash, java_socket_address>, KeyHash>;

/// KetamaNodeLocator and names of the format LIBMEMCACHED, in static mode, and in dynamic mode
/// where the IP of the configuration is looked up in reverse DNS: say the name found there in
/// `node::host`. No other mode of libmemcached or of the AWS client in C has SHA-384.
template <key_hash KeyHash = hash::sha384>
using aws_java_ketama_libmemcached_format =
    ring<aws_java_equal_ketama_rule<KeyHash, host_and_unusual_port>, KeyHash>;

/// As above with KETAMA_HASH and weights.
using aws_java_ketama_libmemcached_format_weighted =
    ring<java_ketama_rule<aws_java_peer, sha384_points, texts_by_weight<>, host_and_unusual_port>,
         hash::sha384>;

/// Dynamic mode (`config get cluster`) with KetamaNodeLocator and names of the default format,
/// where the configuration tells IPs: a server is `ip:port`, its host name is not hashed. The AWS
/// client in C hashes the host name alone.
template <key_hash KeyHash = hash::sha384>
using aws_java_dynamic = ring<aws_java_equal_ketama_rule<KeyHash, java_ip_and_port>, KeyHash>;

/// Dynamic mode where the configuration leaves the IPs empty: the client looks them up, and a
/// server is `host/ip:port`. Say what it finds in `node::address`.
template <key_hash KeyHash = hash::sha384>
using aws_java_dynamic_without_ips = aws_java_ketama<KeyHash>;

static_assert(hash_policy<aws_java_arraymod<>> && ranked_hash_policy<aws_java_dynamic<>>);

}  // namespace memring::compat
