#pragma once
// Files written by RJ's ketama and by the rings of memcached's proxy.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/hashing/compat/memcached_proxy.hpp>
#include <memring/hashing/compat/rj_ketama.hpp>
#include <memring/hashing/key_hash.hpp>
#include <memring/hashing/point_rule.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "peer_rows.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// `server: index  address with port  memory`, a fact `ring points: COUNT`, and rows
/// `key  server_index  key_hash`.
inline void check_rj_ketama(const vector_file& file, const vector_case& current, tally& result) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        file.require_fields(server, 3);
        std::error_code error;
        nodes.push_back(parse_node(server.fields[1], error));
        if (error) file.reject(server.number, "no address: \"" + server.fields[1] + "\"");
        nodes.back().weight = file.number<std::uint32_t>(server.number, server.fields[2]);
    }
    check_rows(file, current, build<rj_ketama>(file, current, nodes), 3, result);
    check_hash_column<hash::md5>(file, current, result);
    const point_plan plan = rj_ketama_rule::plan(nodes);
    std::size_t points = 0;
    for (const std::uint32_t texts : plan.texts) points += texts * plan.maker.points_per_text;
    expect_fact(file, fact_of(file, current, "ring points"), std::to_string(points), result);
    check_hash_name(file, current, "md5, first 4 digest bytes little-endian", result);
}

/// `server: index  address  port`, and rows `key  server_index`.
template <class Policy>
void check_proxy_ring(const vector_file& file, const vector_case& current, tally& result) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        file.require_fields(server, 3);
        nodes.push_back({.host = server.fields[1],
                         .port = file.number<std::uint16_t>(server.number, server.fields[2])});
    }
    check_rows(file, current, build<Policy>(file, current, nodes), 2, result);
    constexpr bool has_ring_hash = std::same_as<typename Policy::key_hash_type, hash::md5>;
    check_hash_name(file, current,
                    has_ring_hash
                        ? "ring_hash.hash: md5, first 4 bytes little-endian"
                        : "pool default: XXH3_64bits, low 32 bits are compared with the ring",
                    result);
}

inline constexpr known_file ring_files[] = {
    {"rj-ketama.tsv", check_rj_ketama},
    {"memcached-proxy-ring-default.tsv", check_proxy_ring<memcached_proxy_ring_default<>>},
    {"memcached-proxy-ring-evcache.tsv", check_proxy_ring<memcached_proxy_ring_evcache<hash::md5>>},
    {"memcached-proxy-ring-ketama-key-xxh3.tsv", check_proxy_ring<memcached_proxy_ring_ketama<>>},
    {"memcached-proxy-ring-ketama.tsv", check_proxy_ring<memcached_proxy_ring_ketama<hash::md5>>},
    {"memcached-proxy-ring-twemproxy.tsv",
     check_proxy_ring<memcached_proxy_ring_twemproxy<hash::md5>>},
};

}  // namespace memring::compat
