#pragma once
// Files written by spymemcached and by AWS's client for Java.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/compat/aws_java.hpp>
#include <memring/hashing/compat/spymemcached.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "peer_rows.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// `server: index  hostname or "-"  ip  port  weight`
inline std::vector<node> java_nodes(const vector_file& file, const vector_case& current) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        file.require_fields(server, 5);
        const std::string& ip = server.fields[2];
        nodes.push_back({.host = server.fields[1] == "-" ? ip : server.fields[1],
                         .port = file.number<std::uint16_t>(server.number, server.fields[3]),
                         .weight = file.number<std::uint32_t>(server.number, server.fields[4]),
                         .address = ip});
    }
    return nodes;
}

/// Rows `key  server_index  key_hash`.
template <class Policy>
void check_java(const vector_file& file, const vector_case& current, tally& result) {
    using key_hash_type = typename Policy::key_hash_type;
    constexpr bool is_ketama_hash =
        std::same_as<key_hash_type, hash::md5> || std::same_as<key_hash_type, hash::sha384>;
    const std::string_view name = is_ketama_hash ? "KETAMA_HASH" : key_hash_type::name;
    check_hash_name(file, current, "DefaultHashAlgorithm." + std::string(name), result);
    check_rows(file, current, build<Policy>(file, current, java_nodes(file, current)), 3, result);
    check_hash_column<key_hash_type>(file, current, result);
}

/// The same, and `text hashed for the first ring point of server 0: TEXT`.
template <class Policy>
void check_java_ring(const vector_file& file, const vector_case& current, tally& result) {
    check_java<Policy>(file, current, result);
    const typename Policy::rule_type::naming naming;
    expect_fact(file, fact_of(file, current, "text hashed for the first ring point of server 0"),
                naming(java_nodes(file, current).front()) + "-0", result);
}

/// `server: index  hostname  ip or nothing  port`, as `config get cluster` tells them. Without an
/// IP the peer looked up `localhost`.
inline std::vector<node> java_configured_nodes(const vector_file& file,
                                               const vector_case& current) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        file.require_fields(server, 4);
        const std::string& ip = server.fields[2];
        nodes.push_back({.host = server.fields[1],
                         .port = file.number<std::uint16_t>(server.number, server.fields[3]),
                         .address = ip.empty() ? "127.0.0.1" : ip});
    }
    return nodes;
}

/// `config reply payload: '1\nHOST|IP|PORT HOST|IP|PORT\n'`: the servers of the case.
inline void check_java_payload(const vector_file& file, const vector_case& current, tally& result) {
    std::string payload = "'1\\n";
    for (const vector_line& server : current.servers) {
        if (server.number != current.servers.front().number) payload += " ";
        payload += server.fields[1] + "|" + server.fields[2] + "|" + server.fields[3];
    }
    expect_fact(file, fact_of(file, current, "config reply payload"), payload + "\\n'", result);
}

template <class Policy>
void check_java_dynamic_ring(const vector_file& file, const vector_case& current, tally& result) {
    const std::vector<node> nodes = java_configured_nodes(file, current);
    check_rows(file, current, build<Policy>(file, current, nodes), 2, result);
    const typename Policy::rule_type::naming naming;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& fact = fact_of(file, current, "first ring text of node " + std::to_string(i));
        expect_fact(file, fact, naming(nodes[i]) + "-0", result);
    }
}

/// The name of the case is the mode.
inline void check_java_dynamic(const vector_file& file, const vector_case& current, tally& result) {
    if (current.name == "ketama-host-and-ip") {
        check_java_dynamic_ring<aws_java_dynamic<>>(file, current, result);
    } else if (current.name == "ketama-host-without-ip") {
        check_java_dynamic_ring<aws_java_dynamic_without_ips<>>(file, current, result);
    } else if (current.name == "arraymod-native-host-and-ip") {
        const std::vector<node> nodes = java_configured_nodes(file, current);
        check_rows(file, current, build<aws_java_arraymod<>>(file, current, nodes), 2, result);
    } else {
        file.reject(current.number, "an unknown mode");
    }
    check_java_payload(file, current, result);
}

inline constexpr known_file java_files[] = {
    {"spymemcached-arraymod-crc.tsv", check_java<spymemcached_arraymod<hash::java_crc>>},
    {"spymemcached-arraymod-fnv1_32.tsv", check_java<spymemcached_arraymod<hash::java_fnv1_32>>},
    {"spymemcached-arraymod-fnv1_64.tsv", check_java<spymemcached_arraymod<hash::java_fnv1_64>>},
    {"spymemcached-arraymod-fnv1a_32.tsv", check_java<spymemcached_arraymod<hash::java_fnv1a_32>>},
    {"spymemcached-arraymod-fnv1a_64.tsv", check_java<spymemcached_arraymod<hash::java_fnv1a_64>>},
    {"spymemcached-arraymod-native.tsv", check_java<spymemcached_arraymod<>>},
    {"spymemcached-ketama-fnv1a_32.tsv", check_java_ring<spymemcached_ketama<hash::java_fnv1a_32>>},
    {"spymemcached-ketama-libmemcached-format-weighted.tsv",
     check_java_ring<spymemcached_ketama_libmemcached_format_weighted>},
    {"spymemcached-ketama-libmemcached-format.tsv",
     check_java_ring<spymemcached_ketama_libmemcached_format<>>},
    {"spymemcached-ketama-weighted.tsv", check_java_ring<spymemcached_ketama_weighted>},
    {"spymemcached-ketama.tsv", check_java_ring<spymemcached_ketama<>>},

    {"aws-java-arraymod-native.tsv", check_java<aws_java_arraymod<>>},
    {"aws-java-dynamic.tsv", check_java_dynamic},
    {"aws-java-ketama-libmemcached-format-weighted.tsv",
     check_java_ring<aws_java_ketama_libmemcached_format_weighted>},
    {"aws-java-ketama-libmemcached-format.tsv",
     check_java_ring<aws_java_ketama_libmemcached_format<>>},
    {"aws-java-ketama.tsv", check_java_ring<aws_java_ketama<>>},
};

}  // namespace memring::compat
