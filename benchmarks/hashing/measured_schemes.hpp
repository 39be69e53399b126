#pragma once
// The schemes that are measured: one table for speed, memory, balance and disruption alike. A new
// policy is one more struct here, and one more name in the list at the end.

#include <span>
#include <string_view>

#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/node.hpp>

namespace memring::benchmark {

/// What the page says about a scheme that no measurement tells.
struct scheme_facts {
    std::string_view name;    ///< in the figures: letters, digits, underscores
    std::string_view title;   ///< in tables and pictures
    std::string_view colour;  ///< in pictures, on white
    std::string_view colour_on_black;
    std::string_view choose_when;
    std::string_view
        when_one_leaves;  ///< which keys move when a node leaves the middle of the list
    std::string_view weights;
    std::string_view compatible_with;
};

/// How most policies are made. A scheme may have, besides `policy` and `make`, its own
/// `after_leave(policy, nodes, gone)`: see quality.hpp.
template <hash_policy Policy>
struct plain_scheme {
    using policy = Policy;
    [[nodiscard]] static Policy make(std::span<const node> nodes) { return Policy(nodes); }
};

struct ketama_scheme : plain_scheme<ketama> {
    static constexpr scheme_facts facts{
        .name = "ketama",
        .title = "ketama",
        .colour = "#1f6fb4",
        .colour_on_black = "#58a6ff",
        .choose_when =
            "The fleet has clients in other languages: nearly all of them can be told "
            "to use it. Nodes come and go anywhere in the list, or differ in size.",
        .when_one_leaves = "its own, and a few",
        .weights = "yes",
        .compatible_with =
            "libmemcached, pylibmc, php-memcached, twemproxy; as presets the rings "
            "of spymemcached, AWS Java, the memcached proxy and more",
    };
};

struct jump_scheme : plain_scheme<jump> {
    static constexpr scheme_facts facts{
        .name = "jump",
        .title = "jump",
        .colour = "#12805c",
        .colour_on_black = "#3fd0a0",
        .choose_when =
            "The list only grows and shrinks at its end, and all nodes are of one size. "
            "The evenest spread and no table at all.",
        .when_one_leaves = "most of those behind it",
        .weights = "no",
        .compatible_with = "the proxy in memcached; anything that jumps over XXH3",
    };
};

struct modulus_scheme : plain_scheme<modulus> {
    static constexpr scheme_facts facts{
        .name = "modulus",
        .title = "modulus",
        .colour = "#c8384b",
        .colour_on_black = "#ff7b8a",
        .choose_when =
            "The fleet already uses it, or the list never changes: every change of it "
            "starts the cache cold.",
        .when_one_leaves = "nearly all",
        .weights = "yes",
        .compatible_with = "python-memcached; as presets libmemcached, spymemcached, twemproxy",
    };
};

struct rehash_modulus_scheme : plain_scheme<rehash_modulus> {
    static constexpr scheme_facts facts{
        .name = "rehash_modulus",
        .title = "rehash modulus",
        .colour = "#d97706",
        .colour_on_black = "#f5b041",
        .choose_when = "The fleet uses python_consistent_memcached.",
        .when_one_leaves = "its own, and more with each node",
        .weights = "yes",
        .compatible_with = "python_consistent_memcached",
    };
};

template <class... Schemes>
struct scheme_list {
    /// Calls `visit.template operator()<Scheme>()` for each, in order.
    template <class Visitor>
    static void for_each(Visitor&& visit) {
        (visit.template operator()<Schemes>(), ...);
    }
};

/// All of them, in the order of the tables.
using measured_schemes =
    scheme_list<ketama_scheme, jump_scheme, modulus_scheme, rehash_modulus_scheme>;

}  // namespace memring::benchmark
