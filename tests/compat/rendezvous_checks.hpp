#pragma once
// Files written by pymemcache and emcache.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/compat/emcache.hpp>
#include <memring/hashing/compat/pymemcache.hpp>
#include <memring/hashing/digest/murmur3.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// `columns: key  str_index  bytes_index  flag`: a key that is not ASCII has the flag NONASCII.
inline void check_pymemcache(const vector_file& file, const vector_case& current, tally& result) {
    const auto nodes = addressed_nodes(file, current);
    const auto by_text = build<pymemcache_rendezvous>(file, current, nodes);
    const auto by_bytes = build<pymemcache_rendezvous_bytes>(file, current, nodes);
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 4);
        check_owner(file, by_text, row, result);
        result.expect_number(by_bytes.owner_of(row.fields[0]),
                             file.number<std::uint32_t>(row.number, row.fields[2]), file,
                             row.number, "the owner of the bytes \"" + row.fields[0] + "\"");
        const std::string_view flag = detail::is_ascii(row.fields[0]) ? "-" : "NONASCII";
        result.expect(row.fields[3] == flag, file, row.number, "the flag is " + std::string(flag));
    }
}

/// `columns: text  pymemcache  canonical`: MurmurHash3, of the low bytes of code points and of the
/// UTF-8. The text may be empty.
inline void check_pymemcache_murmur3(const vector_file& file, const vector_case& current,
                                     tally& result) {
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 3);
        const std::string& text = row.fields[0];
        std::string low_bytes = text;
        low_bytes.resize(detail::write_low_bytes(text, low_bytes.data()));
        result.expect_number(murmur3_32(low_bytes),
                             file.number<std::uint32_t>(row.number, row.fields[1]), file,
                             row.number, "pymemcache's hash of \"" + text + "\"");
        result.expect_number(murmur3_32(text),
                             file.number<std::uint32_t>(row.number, row.fields[2]), file,
                             row.number, "the hash of \"" + text + "\"");
        ++result.rows;
    }
}

/// Servers `index, host, port`; `columns: key  server_index`.
inline void check_emcache(const vector_file& file, const vector_case& current, tally& result) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        file.require_fields(server, 3);
        nodes.push_back({.host = server.fields[1],
                         .port = file.number<std::uint16_t>(server.number, server.fields[2])});
    }
    const auto policy = build<emcache>(file, current, nodes);
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 2);
        check_owner(file, policy, row, result);
    }
}

inline constexpr known_file rendezvous_files[] = {
    {"emcache-rendezvous.tsv", check_emcache},
    {"pymemcache-murmur3-raw.tsv", check_pymemcache_murmur3},
    {"pymemcache-rendezvous.tsv", check_pymemcache},
    {"pymemcache4-rendezvous.tsv", check_pymemcache},
};

}  // namespace memring::compat
