#pragma once
// Byte-compatible with twemproxy (nutcracker) 0.5.0.
//
// A server is known by the name behind its address in the configuration (`node::name`), else by
// `host`, or `host:port` where the port is not 11211, as written there. The servers count in the
// order of the lengths of their names, then of their bytes; owners are indices into the list as
// passed. Say the hash as `hash:` has it, but `crc32` there is `hash::crc` here (15 bits), and
// `crc32a` is `hash::crc32`.
//
// With `hash_tag: "{}"` the policy is `hash_tagged<twemproxy_ketama<...>>` (key_part.hpp): only
// what the two characters enclose is hashed. What a client puts before its keys is part of them.
// Servers ejected by `auto_eject_hosts:` are left out: build the policy from the others. The
// distribution `random` is no mapping.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// The points of `distribution: ketama`.
struct twemproxy_ketama_rule
    : ring_rule<md5_points, twemproxy_name, texts_by_weight<>, by_name_length> {
    static constexpr std::string_view name = "twemproxy";
    static constexpr bool hashes_prefix = true;
};

/// The buckets of `distribution: modula`.
struct twemproxy_modula_rule
    : bucket_rule<bucket_weights::counted, by_name_length, twemproxy_name> {
    static constexpr std::string_view name = "twemproxy";
    static constexpr bool hashes_prefix = true;
};

/// `distribution: ketama`, the default. `KeyHash` is `hash:`, with twemproxy's default; it is for
/// keys only, points are MD5 whatever it says. Weights scale the points as in libmemcached's
/// KETAMA_WEIGHTED, with its rounding; with `hash: md5` and the same names it is the same mapping.
/// `fnv1a_64` is not the function of that name but the 32 bits of libmemcached's.
template <key_hash KeyHash = hash::fnv1a_64>
using twemproxy_ketama = ring<twemproxy_ketama_rule, KeyHash>;

/// `distribution: modula`: hash modulo the sum of the weights, over the servers in the order of
/// their names.
template <key_hash KeyHash = hash::fnv1a_64>
class twemproxy_modula : public basic_modulus<twemproxy_modula_rule, KeyHash> {
    using base = basic_modulus<twemproxy_modula_rule, KeyHash>;

public:
    /// No nodes.
    twemproxy_modula() noexcept = default;

    /// Throws what `basic_modulus` throws, and `errc::duplicate_node` for two nodes of one name,
    /// which twemproxy refuses too.
    explicit twemproxy_modula(std::span<const node> nodes) : base(nodes) {
        std::vector<std::string> names;
        for (const node& n : nodes) names.push_back(twemproxy_name{}(n));
        const std::size_t again = detail::find_duplicate(
            nodes, [&](std::size_t place) { return std::string_view(names[place]); });
        if (again == nodes.size()) return;
        detail::refuse_node(errc::duplicate_node, twemproxy_modula_rule::name, nodes, again,
                            "has the name of another node, \"" + names[again] + "\"");
    }
};

static_assert(hash_policy<twemproxy_modula<>> && ranked_hash_policy<twemproxy_ketama<>>);

}  // namespace memring::compat
