#pragma once
// The names of the policies that are memring's own or nobody's in particular.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <memring/hashing/bounded_load.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/maglev.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/hashing/rendezvous.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/stable_jump.hpp>
#include <memring/node.hpp>

namespace memring::detail {

[[nodiscard]] inline scheme_option jump_seed_option() {
    return {
        .name = "seed", .choices = {}, .meaning = "text whose XXH3 is the seed of the keys' hash"};
}

[[nodiscard]] inline jump_options jump_options_of(const scheme_arguments& arguments) {
    jump_options options;
    if (arguments.has("seed")) options.seed = xxh3(arguments["seed"]);
    return options;
}

template <class = void>
[[nodiscard]] scheme jump_scheme() {
    return {.name = "jump",
            .description = "XXH3 and jump: no table, even; for lists that change at their end",
            .options = {jump_seed_option()},
            .make = [](std::span<const node> nodes, const scheme_arguments& arguments) {
                return erase_policy(jump(nodes, jump_options_of(arguments)));
            }};
}

/// `removed=4,1`: indices into the list, in the order in which they left.
[[nodiscard]] inline std::vector<std::uint32_t> removed_of(const scheme_arguments& arguments) {
    std::vector<std::uint32_t> removed;
    const std::string_view text = arguments["removed"];
    if (!arguments.has("removed")) return removed;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        std::uint32_t place = 0;
        if (!parse_number(text.substr(begin, end - begin), place)) {
            arguments.refuse("removed", "is no list of numbers like 4,1");
        }
        removed.push_back(place);
        begin = end + 1;
    }
    return removed;
}

template <class = void>
[[nodiscard]] scheme stable_jump_scheme() {
    return {.name = "stable_jump",
            .description = "jump that loses nodes anywhere; needs to know who left in which order",
            .options = {{.name = "removed",
                         .choices = {},
                         .meaning = "indices of the servers that are out, as they left: 4,1"},
                        jump_seed_option()},
            .make = [](std::span<const node> nodes, const scheme_arguments& arguments) {
                return erase_policy(
                    stable_jump(nodes, removed_of(arguments), jump_options_of(arguments)));
            }};
}

template <class = void>
[[nodiscard]] scheme maglev_scheme() {
    return {.name = "maglev",
            .description = "a table filled in turns: one read a key, very even, by weight",
            .options = {{.name = "table",
                         .choices = {},
                         .meaning = "number of slots, a prime, 65537 unless given"}},
            .make = [](std::span<const node> nodes, const scheme_arguments& arguments) {
                maglev_options options;
                options.table_size =
                    arguments.number<std::uint32_t>("table", 3, 16777213, options.table_size);
                return erase_policy(maglev(nodes, options));
            }};
}

template <class = void>
[[nodiscard]] scheme bounded_load_scheme() {
    return {
        .name = "bounded_load",
        .description = "another policy, with a limit on each server's share",
        .options = {{.name = "of", .choices = {"ketama", "rendezvous"}, .meaning = "the policy"},
                    {.name = "percent",
                     .choices = {},
                     .meaning = "of its share that a server may have, 110 unless given"}},
        .make = [](std::span<const node> nodes, const scheme_arguments& arguments) {
            bounded_load_options options;
            options.percent =
                arguments.number<std::uint32_t>("percent", 100, 1000, options.percent);
            return arguments["of"] == "rendezvous"
                       ? erase_policy(bounded_load<rendezvous>(nodes, options))
                       : erase_policy(bounded_load<ketama>(nodes, options));
        }};
}

/// Policies that are memring's own, or nobody's in particular.
template <class = void>
void add_general_schemes(scheme_registry& all) {
    all.add<ketama>("ketama", "the default: a ring of 160 MD5 points a server, scaled by weight");
    all.add(jump_scheme<>());
    all.add(stable_jump_scheme<>());
    all.add(maglev_scheme<>());
    all.add<rendezvous>("rendezvous",
                        "the highest score wins: exact weights, cost grows with servers");
    all.add(bounded_load_scheme<>());
    all.add<rehash_modulus>("rehash_modulus", "a table of 16387 slots that servers fill at random");
    all.add<weighted_rehash_modulus>("weighted_rehash_modulus", "rehash_modulus with 32775 slots");
    all.add<modulus>("modulus", "15-bit CRC modulo buckets by weight: a change moves most keys");
}

}  // namespace memring::detail
