#pragma once
// Files written by python-memcached.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <memring/hashing/modulus.hpp>
#include <memring/hashing/python_memcached.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// `columns: key  server_index  hash  attempts_0_to_9`, the attempts with commas between.
inline void check_python_memcached(const vector_file& file, const vector_case& current,
                                   tally& result) {
    const std::vector<node> nodes = addressed_nodes(file, current);
    const auto policy = build<modulus>(file, current, nodes);
    for (const vector_fact& fact : current.facts) {
        if (fact.name != "buckets") continue;
        std::uint64_t buckets = 0;
        for (const node& n : nodes) buckets += n.weight;
        result.expect_number(buckets, file.number<std::uint64_t>(fact.number, fact.value), file,
                             fact.number, "the number of buckets");
        ++result.facts;
    }
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 4);
        check_owner(file, policy, row, result);
        const std::string& key = row.fields[0];
        result.expect_number(python_memcached_hash(key),
                             file.number<std::uint32_t>(row.number, row.fields[2]), file,
                             row.number, "the hash of \"" + key + "\"");
        const auto want = file.numbers<std::uint32_t>(row.number, row.fields[3]);
        if (want.size() != modulus::max_attempts) file.reject(row.number, "not ten attempts");
        std::array<std::uint32_t, modulus::max_attempts> got{};
        const std::size_t count = policy.candidates_of(key, got);
        const std::string tried = join(std::span(got).first(count));
        result.expect(tried == row.fields[3], file, row.number,
                      "the attempts for \"" + key + "\" are " + tried);
    }
}

inline constexpr known_file python_files[] = {
    {"python-memcached-1.59.tsv", check_python_memcached},
};

}  // namespace memring::compat
