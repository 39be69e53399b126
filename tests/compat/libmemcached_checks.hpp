#pragma once
// Files written by libmemcached, by its bindings and by AWS's fork of it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/compat/aws_libmemcached.hpp>
#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/compat/php_memcached.hpp>
#include <memring/hashing/compat/pylibmc.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// Rows `key  server_index`, one by one and as a batch.
template <class Policy>
void check_owners(const vector_file& file, const vector_case& current,
                  const std::vector<node>& nodes, tally& result) {
    const auto policy = build<Policy>(file, current, nodes);
    std::vector<std::string_view> keys;
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 2);
        check_owner(file, policy, row, result);
        keys.push_back(row.fields[0]);
    }
    std::vector<std::uint32_t> owners(keys.size());
    owners_of(policy, keys, owners);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        result.expect(owners[i] == policy.owner_of(keys[i]), file, current.rows[i].number,
                      "a batch has another owner");
    }
}

/// `server: index  host  port  weight`
template <class Policy>
void check_policy(const vector_file& file, const vector_case& current, tally& result) {
    check_owners<Policy>(file, current, addressed_nodes(file, current), result);
}

/// What else has this mapping.
template <class Policy>
void check_ketama(const vector_file& file, const vector_case& current, tally& result) {
    const std::size_t rows = result.rows;
    check_policy<ketama>(file, current, result);
    result.rows = rows;  // the same rows
    check_policy<Policy>(file, current, result);
}

/// `server: index  hostname  ip  port`, as `config get cluster` tells them.
inline std::vector<node> configured_nodes(const vector_file& file, const vector_case& current) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        file.require_fields(server, 4);
        nodes.push_back({.host = server.fields[1],
                         .port = file.number<std::uint16_t>(server.number, server.fields[3]),
                         .address = server.fields[2]});
    }
    return nodes;
}

/// The name of the case is the mode.
inline void check_aws_dynamic(const vector_file& file, const vector_case& current, tally& result) {
    const std::vector<node> nodes = configured_nodes(file, current);
    if (current.name == "ketama-weighted") {
        check_owners<aws_libmemcached_ketama_weighted<>>(file, current, nodes, result);
    } else if (current.name == "ketama-md5") {
        check_owners<aws_libmemcached_ketama<hash::md5>>(file, current, nodes, result);
    } else if (current.name == "modula-default") {
        check_owners<aws_libmemcached_modula<>>(file, current, nodes, result);
    } else {
        file.reject(current.number, "an unknown mode");
    }
}

inline constexpr known_file libmemcached_files[] = {
    {"libmemcached-ketama-crc.tsv", check_policy<libmemcached_ketama<hash::crc>>},
    {"libmemcached-ketama-default-hash.tsv", check_policy<libmemcached_ketama<>>},
    {"libmemcached-ketama-fnv1_32.tsv", check_policy<libmemcached_ketama<hash::fnv1_32>>},
    {"libmemcached-ketama-fnv1_64.tsv", check_policy<libmemcached_ketama<hash::fnv1_64>>},
    {"libmemcached-ketama-fnv1a_32.tsv", check_policy<libmemcached_ketama<hash::fnv1a_32>>},
    {"libmemcached-ketama-fnv1a_64.tsv", check_policy<libmemcached_ketama<hash::fnv1a_64>>},
    {"libmemcached-ketama-implicit-weight.tsv", check_policy<libmemcached_ketama<>>},
    {"libmemcached-ketama-jenkins.tsv", check_policy<libmemcached_ketama<hash::jenkins>>},
    {"libmemcached-ketama-md5.tsv", check_policy<libmemcached_ketama<hash::md5>>},
    {"libmemcached-ketama-murmur.tsv", check_policy<libmemcached_ketama<hash::murmur>>},
    {"libmemcached-ketama-murmur3.tsv", check_policy<libmemcached_ketama<hash::murmur3>>},
    {"libmemcached-ketama-sorted-hosts.tsv",
     check_policy<libmemcached_ketama_sorted_hosts<hash::md5>>},
    {"libmemcached-ketama-spy-weighted.tsv", check_policy<libmemcached_ketama_spy_weighted<>>},
    {"libmemcached-ketama-spy.tsv", check_policy<libmemcached_ketama_spy<hash::md5>>},
    {"libmemcached-ketama-stale-ring.tsv", check_policy<libmemcached_ketama_stale<hash::md5>>},
    {"libmemcached-ketama-unix-socket.tsv", check_policy<libmemcached_ketama<hash::md5>>},
    {"libmemcached-ketama-weighted-key-default.tsv",
     check_policy<libmemcached_ketama_weighted<hash::one_at_a_time>>},
    {"libmemcached-ketama-weighted.tsv", check_ketama<libmemcached_ketama_weighted<>>},
    {"libmemcached-ketama-weights-ignored.tsv",
     check_policy<libmemcached_ketama_weights_ignored<hash::md5>>},
    {"libmemcached-modula-crc.tsv", check_policy<libmemcached_modula<hash::crc>>},
    {"libmemcached-modula-default-hash.tsv", check_policy<libmemcached_modula<>>},
    {"libmemcached-modula-fnv1_32.tsv", check_policy<libmemcached_modula<hash::fnv1_32>>},
    {"libmemcached-modula-fnv1_64.tsv", check_policy<libmemcached_modula<hash::fnv1_64>>},
    {"libmemcached-modula-fnv1a_32.tsv", check_policy<libmemcached_modula<hash::fnv1a_32>>},
    {"libmemcached-modula-fnv1a_64.tsv", check_policy<libmemcached_modula<hash::fnv1a_64>>},
    {"libmemcached-modula-jenkins.tsv", check_policy<libmemcached_modula<hash::jenkins>>},
    {"libmemcached-modula-md5.tsv", check_policy<libmemcached_modula<hash::md5>>},
    {"libmemcached-modula-murmur.tsv", check_policy<libmemcached_modula<hash::murmur>>},
    {"libmemcached-modula-murmur3.tsv", check_policy<libmemcached_modula<hash::murmur3>>},
    {"libmemcached-modula-sorted-hosts.tsv", check_policy<libmemcached_modula_sorted_hosts<>>},
    {"libmemcached-modula-weights-ignored.tsv", check_policy<libmemcached_modula<>>},

    {"pylibmc-default.tsv", check_policy<pylibmc_modula<>>},
    {"pylibmc-hash-then-ketama.tsv", check_policy<pylibmc_hash_then_ketama>},
    {"pylibmc-ketama-assigned-later-weights.tsv", check_policy<pylibmc_ketama_assigned_later>},
    {"pylibmc-ketama-md5.tsv", check_policy<pylibmc_ketama_md5>},
    {"pylibmc-ketama-then-hash-stale.tsv", check_policy<pylibmc_ketama_then_hash>},
    {"pylibmc-ketama-true-weights.tsv", check_policy<pylibmc_ketama>},
    {"pylibmc-ketama-true.tsv", check_policy<pylibmc_ketama>},
    {"pylibmc-ketama-weighted.tsv", check_ketama<pylibmc_ketama_weighted>},

    {"php-memcached-consistent-md5.tsv", check_policy<php_distribution_consistent<hash::md5>>},
    {"php-memcached-default.tsv", check_policy<php_modula<>>},
    {"php-memcached-distribution-consistent-addservers-weights.tsv",
     check_policy<php_distribution_consistent<>>},
    {"php-memcached-distribution-consistent-weights.tsv",
     check_policy<php_distribution_consistent<>>},
    {"php-memcached-distribution-consistent.tsv", check_policy<php_distribution_consistent<>>},
    {"php-memcached-libketama-compatible-servers-first.tsv",
     check_ketama<php_libketama_compatible>},
    {"php-memcached-libketama-compatible.tsv", check_ketama<php_libketama_compatible>},
    {"php-memcached-libketama-on-then-off.tsv", check_policy<php_modula<>>},

    {"aws-libmemcached-dynamic.tsv", check_aws_dynamic},
    {"aws-libmemcached-static-ketama-md5.tsv", check_policy<aws_libmemcached_ketama<hash::md5>>},
    {"aws-libmemcached-static-ketama-weighted.tsv",
     check_ketama<aws_libmemcached_ketama_weighted<>>},
    {"aws-libmemcached-static-modula.tsv", check_policy<aws_libmemcached_modula<>>},
};

}  // namespace memring::compat
