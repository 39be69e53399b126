#pragma once
// Byte-compatible with spymemcached 2.12.3, and the rules that it shares with AWS's fork of it.
//
// Its ring hashes names that depend on how the application wrote its servers and on DNS. With the
// default format SPYMEMCACHED a server given by its IP is `ip:port`, and one given by its name is
// `host/ip:port`: then say the IP in `node::address`, for without it the name is unknown, and the
// node is refused. IPv6 is spelled as JDK 14 and later do. With the format LIBMEMCACHED a server is
// `host`, or `host:port` where the port is not 11211; the peer looks up the name of a server given
// by its IP (reverse DNS), so say the name it finds in `node::host`. Where it finds none the host
// is the IP, IPv6 in full (`2001:db8:0:0:0:0:0:1`).
//
// Keys are UTF-8 here and strings in Java. NATIVE_HASH and the FNV hashes read UTF-16 there, and
// so do theirs here. There is no prefix: what an application puts before its keys is part of them,
// and hashed.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <memring/error.hpp>
#include <memring/hashing/basic_modulus.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/node_order.hpp>
#include <memring/hashing/point_rule.hpp>
#include <memring/hashing/ring.hpp>
#include <memring/node.hpp>

namespace memring::compat {

/// Whose preset it is, for error messages.
struct spymemcached_peer {
    static constexpr std::string_view name = "spymemcached";
};

/// ArrayModNodeLocator: servers as they stand, weights ignored.
template <class Peer>
struct java_arraymod_rule : bucket_rule<bucket_weights::ignored> {
    static constexpr std::string_view name = Peer::name;
    static constexpr bool hashes_prefix = true;
};

/// KetamaNodeLocator. Where two servers have one point, the one listed later has it.
template <class Peer, point_digest Digest, text_count Texts, node_naming Naming>
struct java_ketama_rule : ring_rule<Digest, Naming, Texts, as_listed, shared_value::to_last> {
    static constexpr std::string_view name = Peer::name;
    static constexpr bool hashes_prefix = true;

    /// Refuses what has no name there: `errc::invalid_node`.
    [[nodiscard]] static point_plan plan(std::span<const node> nodes) {
        for (std::size_t place = 0; place < nodes.size(); ++place) {
            if (is_unix_socket(nodes[place])) {
                detail::refuse_node(errc::invalid_node, name, nodes, place,
                                    "is a UNIX socket, which the peer does not know");
            }
            constexpr bool has_address = !std::same_as<Naming, host_and_unusual_port>;
            if (has_address && !java_socket_address::is_resolved(nodes[place])) {
                detail::refuse_node(errc::invalid_node, name, nodes, place,
                                    "has no IP address, which the peer hashes");
            }
        }
        return detail::plan_points<Digest, Texts>(nodes);
    }
};

/// KETAMA_HASH makes four points of a text, any other hash one.
template <class Peer, key_hash KeyHash, node_naming Naming>
using java_equal_ketama_rule =
    std::conditional_t<std::same_as<KeyHash, hash::md5>,
                       java_ketama_rule<Peer, md5_points, equal_texts<40>, Naming>,
                       java_ketama_rule<Peer, hash_points<KeyHash>, equal_texts<160>, Naming>>;

/// spymemcached's default, ArrayModNodeLocator (`Locator.ARRAY_MOD`): hash modulo number of
/// servers, weights ignored. `KeyHash` is one of the `hash::java_...`, or `hash::md5` for
/// KETAMA_HASH; the default is NATIVE_HASH.
template <key_hash KeyHash = hash::java_native>
using spymemcached_arraymod = basic_modulus<java_arraymod_rule<spymemcached_peer>, KeyHash>;

/// spymemcached with KetamaNodeLocator (`Locator.CONSISTENT`, KetamaConnectionFactory) and names of
/// the default format SPYMEMCACHED. `KeyHash` makes the points too: `hash::md5` is KETAMA_HASH, the
/// default of KetamaConnectionFactory. Weights are ignored. Every server has 160 points, without
/// the rounding of libmemcached; where two have the same, the later one has it.
template <key_hash KeyHash = hash::md5>
using spymemcached_ketama =
    ring<java_equal_ketama_rule<spymemcached_peer, KeyHash, java_socket_address>, KeyHash>;

/// As `spymemcached_ketama` with KETAMA_HASH and weights: points as libmemcached counts them, with
/// its rounding, even where all weights are 1.
using spymemcached_ketama_weighted =
    ring<java_ketama_rule<spymemcached_peer, md5_points, texts_by_weight<>, java_socket_address>,
         hash::md5>;

/// spymemcached with KetamaNodeLocator and names of the format LIBMEMCACHED, without weights. It
/// is not libmemcached's ring where that rounds (25, 47, 50, ... servers).
template <key_hash KeyHash = hash::md5>
using spymemcached_ketama_libmemcached_format =
    ring<java_equal_ketama_rule<spymemcached_peer, KeyHash, host_and_unusual_port>, KeyHash>;

/// As above with KETAMA_HASH and weights: the mapping of libmemcached's KETAMA_WEIGHTED, but for
/// points that two servers share.
using spymemcached_ketama_libmemcached_format_weighted =
    ring<java_ketama_rule<spymemcached_peer, md5_points, texts_by_weight<>, host_and_unusual_port>,
         hash::md5>;

static_assert(hash_policy<spymemcached_arraymod<>> && ranked_hash_policy<spymemcached_ketama<>>);

}  // namespace memring::compat
