#pragma once
// The schemes that are measured: one table for speed, memory, balance and disruption alike. A new
// policy is one more struct here, and one more name in the list at the end.

#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/hashing/bounded_load.hpp>
#include <memring/hashing/ch3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/maglev.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/hashing/rendezvous.hpp>
#include <memring/hashing/stable_jump.hpp>
#include <memring/hashing/weighted_ch3.hpp>
#include <memring/hashing/weighted_furc.hpp>
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
    bool is_drawn = true;  ///< or in the tables only
};

/// How policies are made.
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
            "An even load and no table at all.",
        .when_one_leaves = "most of those behind it",
        .weights = "no",
        .compatible_with = "the proxy in memcached; anything that jumps over XXH3",
    };
};

struct stable_jump_scheme : plain_scheme<stable_jump> {
    static constexpr scheme_facts facts{
        .name = "stable_jump",
        .title = "stable jump",
        .colour = "#0891b2",
        .colour_on_black = "#38d2ec",
        .choose_when =
            "As jump, but nodes may leave anywhere in the list, and every process sees "
            "the same changes in the same order (or is handed their history).",
        .when_one_leaves = "only its own",
        .weights = "no",
        .compatible_with = "memring; while nobody has left, jump",
    };
};

struct maglev_scheme : plain_scheme<maglev> {
    static constexpr scheme_facts facts{
        .name = "maglev",
        .title = "maglev",
        .colour = "#7c3aed",
        .colour_on_black = "#b794f6",
        .choose_when =
            "Only programs with memring use the cache, up to some hundred nodes: the "
            "cheapest lookup that survives a change, and an even load.",
        .when_one_leaves = "its own, and a few more with each node",
        .weights = "yes",
        .compatible_with = "memring",
    };
};

struct rendezvous_scheme : plain_scheme<rendezvous> {
    static constexpr scheme_facts facts{
        .name = "rendezvous",
        .title = "rendezvous",
        .colour = "#be185d",
        .colour_on_black = "#f472b6",
        .choose_when =
            "Only programs with memring use the cache, up to some tens of nodes: no "
            "table, exact weights, the least possible moves, and any order of the list.",
        .when_one_leaves = "only its own",
        .weights = "yes, exactly",
        .compatible_with = "memring; as presets the rendezvous of pymemcache and emcache",
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

struct ch3_scheme : plain_scheme<ch3> {
    static constexpr scheme_facts facts{
        .name = "ch3",
        .title = "ch3",
        .colour = "#92602c",
        .colour_on_black = "#d9a066",
        .choose_when = "The fleet uses mcrouter.",
        .when_one_leaves = "most of those behind it",
        .weights = "no",
        .compatible_with = "mcrouter",
    };
};

struct weighted_ch3_scheme : plain_scheme<weighted_ch3> {
    static constexpr scheme_facts facts{
        .name = "weighted_ch3",
        .title = "weighted ch3",
        .colour = "#92602c",
        .colour_on_black = "#d9a066",
        .choose_when = "The fleet uses mcrouter with weights.",
        .when_one_leaves = "most of those behind it; only its own if its weight becomes 0",
        .weights = "0 to 1",
        .compatible_with = "mcrouter",
        .is_drawn = false,
    };
};

struct weighted_furc_scheme : plain_scheme<weighted_furc> {
    static constexpr scheme_facts facts{
        .name = "weighted_furc",
        .title = "weighted furc",
        .colour = "#92602c",
        .colour_on_black = "#d9a066",
        .choose_when = "The fleet uses mcrouter with WeightedFurc.",
        .when_one_leaves = "most of those behind it; only its own if its weight becomes 0",
        .weights = "0 to 1",
        .compatible_with = "mcrouter",
        .is_drawn = false,
    };
};

/// Stands for any ranked policy in a `bounded_load`, with the limit that is its default.
struct bounded_ketama_scheme : plain_scheme<bounded_load<ketama>> {
    static constexpr scheme_facts facts{
        .name = "bounded_ketama",
        .title = "bounded ketama",
        .colour = "#6d6a00",
        .colour_on_black = "#d4cf3a",
        .choose_when =
            "Only programs with memring use the cache, and no node may own more than a "
            "given share, whatever the policy inside.",
        .when_one_leaves = "its own, and some",
        .weights = "yes",
        .compatible_with = "memring",
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
    scheme_list<ketama_scheme, maglev_scheme, rendezvous_scheme, bounded_ketama_scheme, jump_scheme,
                stable_jump_scheme, ch3_scheme, weighted_ch3_scheme, weighted_furc_scheme,
                modulus_scheme, rehash_modulus_scheme>;

/// stable_jump once a quarter of its nodes have left, one after the other, anywhere in the list.
struct stable_jump_quarter_out {
    using policy = stable_jump;
    static constexpr std::string_view name = "stable_jump_quarter_out";

    [[nodiscard]] static policy make(std::span<const node> nodes) {
        const auto count = static_cast<std::uint32_t>(nodes.size());
        std::vector<std::uint32_t> places(count);
        std::iota(places.begin(), places.end(), 0U);
        std::uint32_t random = 1;  // the same list in each run
        for (std::uint32_t left = count; left > 1; --left) {
            random = random * 1664525 + 1013904223;
            std::swap(places[left - 1], places[(random >> 8) % left]);
        }
        return policy(nodes, std::span(places).first(count / 4));
    }
};

/// Schemes in a state that time brings about; only their lookups are measured.
using worn_schemes = scheme_list<stable_jump_quarter_out>;

}  // namespace memring::benchmark
