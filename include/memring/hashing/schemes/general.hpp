#pragma once
// The names of the policies that are memring's own or nobody's in particular.

#include <span>
#include <string>

#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/node.hpp>

namespace memring::detail {

[[nodiscard]] inline scheme jump_scheme() {
    return {.name = "jump",
            .description = "XXH3 and jump: no table, even, for lists that change at their end",
            .options = {{.name = "seed", .meaning = "text that is hashed to the seed of the keys"}},
            .make = [](std::span<const node> nodes, const scheme_arguments& arguments) {
                jump_options options;
                if (arguments.has("seed")) options.seed = xxh3(arguments["seed"]);
                return erase_policy(jump(nodes, options));
            }};
}

inline void add_general_schemes(scheme_registry& all) {
    all.add<ketama>("ketama", "the default: a ring of 160 MD5 points a node, scaled by weight");
    all.add(jump_scheme());
    all.add<modulus>("modulus", "15-bit CRC modulo buckets: nearly all keys move on a change");
    all.add<rehash_modulus>("rehash_modulus", "a table of 16387 slots that nodes fill at random");
    all.add<weighted_rehash_modulus>("weighted_rehash_modulus",
                                     "the same with 32775 slots, as the weighted peer has");
}

}  // namespace memring::detail
