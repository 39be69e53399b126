#pragma once
// Files written by python-memcached.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/compat/python_memcached.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "peer_rows.hpp"
#include "vector_file.hpp"

namespace memring::compat {

inline constexpr std::size_t python_attempts = 10;

/// The attempts for a row's key, and again from its hash as the number of a tuple.
template <class Policy>
void check_attempts(const vector_file& file, const Policy& policy, const vector_line& row,
                    tally& result) {
    const auto want = file.numbers<std::uint32_t>(row.number, row.fields[3]);
    if (want.size() != python_attempts) file.reject(row.number, "not ten attempts");
    const auto expect = [&](std::span<const std::uint32_t> tried, const std::string& whose) {
        const std::string text = join(tried);
        result.expect(text == row.fields[3], file, row.number,
                      "the attempts for " + whose + " are " + text);
    };
    std::array<std::uint32_t, 2 * python_attempts> got{};
    const std::string& key = row.fields[0];
    expect(std::span(got).first(policy.candidates_of(key, got)), "\"" + key + "\"");
    const auto hash = file.number<std::uint32_t>(row.number, row.fields[2]);
    expect(std::span(got).first(policy.candidates_of_hash(hash, got)), "hash " + row.fields[2]);
    result.expect(policy.owner_of_hash(hash) == policy.owner_of(key), file, row.number,
                  "the owner of hash " + row.fields[2] + " is another");
}

/// `server: index  host  port  weight`, a fact `buckets: COUNT`, and rows `key  server_index  hash
/// attempts_0_to_9`, the attempts with commas between.
template <class Policy>
void check_python_memcached(const vector_file& file, const vector_case& current, tally& result) {
    const std::vector<node> nodes = addressed_nodes(file, current);
    const auto policy = build<Policy>(file, current, nodes);
    std::uint64_t buckets = 0;
    for (const node& n : nodes) buckets += n.weight;
    expect_fact(file, fact_of(file, current, "buckets"), std::to_string(buckets), result);
    check_rows(file, current, policy, 4, result);
    for (const vector_line& row : current.rows) {
        const std::string& key = row.fields[0];
        result.expect_number(typename Policy::key_hash_type{}(key),
                             file.number<std::uint32_t>(row.number, row.fields[2]), file,
                             row.number, "the hash of \"" + key + "\"");
        check_attempts(file, policy, row, result);
    }
}

/// What else has this mapping.
inline void check_python_memcached_1_59(const vector_file& file, const vector_case& current,
                                        tally& result) {
    check_python_memcached<python_memcached_1_59>(file, current, result);
    const std::vector<node> nodes = addressed_nodes(file, current);
    check_same_owners(file, current, build<python_memcached_1_59>(file, current, nodes),
                      build<modulus>(file, current, nodes), "in the general policy", result);
}

inline constexpr known_file python_files[] = {
    {"python-memcached-1.59.tsv", check_python_memcached_1_59},
    {"python-memcached-1.59-weights.tsv", check_python_memcached_1_59},
    {"python-memcached-1.60.tsv", check_python_memcached<python_memcached_1_60>},
    {"python-memcached-1.60-weights.tsv", check_python_memcached<python_memcached_1_60>},
};

}  // namespace memring::compat
