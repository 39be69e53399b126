#pragma once
// Files written by twemproxy.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/hashing/compat/twemproxy.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/key_part.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/node_order.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "peer_rows.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// What twemproxy calls a hash in its configuration.
template <key_hash KeyHash>
inline constexpr std::string_view twemproxy_hash_name =
    std::same_as<KeyHash, hash::crc> ? "crc32" : KeyHash::name;

/// The address in a column of server lines `index  ring name  address given  weight`.
inline node twemproxy_node(const vector_file& file, const vector_line& server, std::size_t column) {
    file.require_fields(server, 4);
    std::error_code error;
    node result = parse_node(server.fields[column], error);
    if (error) file.reject(server.number, "no address: \"" + server.fields[column] + "\"");
    result.weight = file.number<std::uint32_t>(server.number, server.fields[3]);
    return result;
}

/// The servers with the names they were given.
inline std::vector<node> named_nodes(const vector_file& file, const vector_case& current) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        nodes.push_back(twemproxy_node(file, server, 2));
        nodes.back().name = server.fields[1];
    }
    return nodes;
}

/// Servers at addresses that, without any name, are known by the names of the case.
inline std::vector<node> unnamed_nodes(const vector_file& file, const vector_case& current) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        nodes.push_back(twemproxy_node(file, server, 1));
    }
    return nodes;
}

/// `order after nutcracker sorts by (name length, name bytes): INDEX,INDEX,...`
inline void check_twemproxy_order(const vector_file& file, const vector_case& current,
                                  const std::vector<node>& nodes, tally& result) {
    std::vector<std::string> names;
    for (const node& n : nodes) names.push_back(twemproxy_name{}(n));
    const auto order = memring::detail::places_in_order<by_name_length>(nodes, names);
    const auto& fact =
        fact_of(file, current, "order after nutcracker sorts by (name length, name bytes)");
    expect_fact(file, fact, join(order), result);
}

/// Rows `key  server_index`.
template <class Policy, key_hash KeyHash>
void check_twemproxy(const vector_file& file, const vector_case& current, tally& result) {
    check_hash_name(file, current, twemproxy_hash_name<KeyHash>, result);
    const std::vector<node> nodes = named_nodes(file, current);
    check_twemproxy_order(file, current, nodes, result);
    const auto policy = build<Policy>(file, current, nodes);
    check_rows(file, current, policy, 2, result);
    check_same_owners(file, current, policy,
                      build<Policy>(file, current, unnamed_nodes(file, current)), "without names",
                      result);
}

template <key_hash KeyHash>
void check_twemproxy_ketama(const vector_file& file, const vector_case& current, tally& result) {
    check_twemproxy<twemproxy_ketama<KeyHash>, KeyHash>(file, current, result);
}

template <key_hash KeyHash>
void check_twemproxy_modula(const vector_file& file, const vector_case& current, tally& result) {
    check_twemproxy<twemproxy_modula<KeyHash>, KeyHash>(file, current, result);
}

/// What else has this mapping.
inline void check_twemproxy_as_libmemcached(const vector_file& file, const vector_case& current,
                                            tally& result) {
    check_twemproxy_ketama<hash::md5>(file, current, result);
    check_same_owners(file, current,
                      build<twemproxy_ketama<hash::md5>>(file, current, named_nodes(file, current)),
                      build<ketama>(file, current, unnamed_nodes(file, current)), "in libmemcached",
                      result);
}

inline constexpr known_file twemproxy_files[] = {
    {"twemproxy-ketama-crc16.tsv", check_twemproxy_ketama<hash::crc16>},
    {"twemproxy-ketama-crc32.tsv", check_twemproxy_ketama<hash::crc>},
    {"twemproxy-ketama-crc32a.tsv", check_twemproxy_ketama<hash::crc32>},
    {"twemproxy-ketama-fnv1_32.tsv", check_twemproxy_ketama<hash::fnv1_32>},
    {"twemproxy-ketama-fnv1_64.tsv", check_twemproxy_ketama<hash::fnv1_64>},
    {"twemproxy-ketama-fnv1a_32.tsv", check_twemproxy_ketama<hash::fnv1a_32>},
    {"twemproxy-ketama-fnv1a_64.tsv", check_twemproxy_ketama<hash::fnv1a_64>},
    {"twemproxy-ketama-hash-tag.tsv",
     check_twemproxy<hash_tagged<twemproxy_ketama<>>, hash::fnv1a_64>},
    {"twemproxy-ketama-hsieh.tsv", check_twemproxy_ketama<hash::hsieh>},
    {"twemproxy-ketama-jenkins.tsv", check_twemproxy_ketama<hash::jenkins>},
    {"twemproxy-ketama-md5.tsv", check_twemproxy_as_libmemcached},
    {"twemproxy-ketama-murmur.tsv", check_twemproxy_ketama<hash::murmur>},
    {"twemproxy-ketama-one_at_a_time.tsv", check_twemproxy_ketama<hash::one_at_a_time>},
    {"twemproxy-modula-fnv1a_64.tsv", check_twemproxy_modula<hash::fnv1a_64>},
    {"twemproxy-modula-md5.tsv", check_twemproxy_modula<hash::md5>},
    {"twemproxy-modula-one_at_a_time.tsv", check_twemproxy_modula<hash::one_at_a_time>},
};

}  // namespace memring::compat
