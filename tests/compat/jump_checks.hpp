#pragma once
// Files of the jump hash: memcached's proxy, and the function itself.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/compat/memcached_proxy.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "peer_rows.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// `servers: COUNT` and `columns: key  server_index  xxh3_64`; a seed string stands in the name
/// of the case.
inline void check_proxy_jump(const vector_file& file, const vector_case& current, tally& result) {
    std::vector<node> nodes;
    for (const vector_fact& fact : current.facts) {
        if (fact.name != "servers") continue;
        const auto count = file.number<std::uint16_t>(fact.number, fact.value);
        for (std::uint16_t i = 1; i <= count; ++i) nodes.push_back({.host = "node", .port = i});
    }
    std::string_view seed_text;
    jump_options options;
    if (const std::size_t seed = current.name.find("seed=\""); seed != std::string::npos) {
        const std::size_t end = current.name.rfind('"');
        if (end < seed + 6) file.reject(current.number, "a seed without an end");
        seed_text = std::string_view(current.name).substr(seed + 6, end - seed - 6);
        options.seed = xxh3(seed_text);
    }
    const auto policy = seed_text.empty()
                            ? build<memcached_proxy_jump>(file, current, nodes)
                            : build<memcached_proxy_jump>(file, current, nodes, seed_text);
    check_rows(file, current, policy, 3, result);
    check_same_owners(file, current, policy, build<jump>(file, current, nodes, options),
                      "in the general policy", result);
    for (const vector_line& row : current.rows) {
        result.expect_number(xxh3(row.fields[0], options.seed),
                             file.number<std::uint64_t>(row.number, row.fields[2]), file,
                             row.number, "the hash of \"" + row.fields[0] + "\"");
    }
}

/// `columns: key (unsigned 64-bit decimal)  number of buckets  bucket`
inline void check_jump(const vector_file& file, const vector_case& current, tally& result) {
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 3);
        const auto key = file.number<std::uint64_t>(row.number, row.fields[0]);
        const auto buckets = file.number<std::uint32_t>(row.number, row.fields[1]);
        const auto want = file.number<std::uint32_t>(row.number, row.fields[2]);
        if (buckets == 0 || want >= buckets) file.reject(row.number, "there is no such bucket");
        result.expect_number(jump_consistent_hash(key, buckets), want, file, row.number,
                             "the bucket of " + row.fields[0]);
        ++result.rows;
    }
}

inline constexpr known_file jump_files[] = {
    {"memcached-proxy-jump.tsv", check_proxy_jump},
    {"jump-consistent-hash.tsv", check_jump},
};

}  // namespace memring::compat
