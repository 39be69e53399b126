#pragma once
// Files written by libmemcached, by its bindings and by AWS's fork of it.

#include <memring/hashing/ketama.hpp>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// `columns: key  server_index`
inline void check_ketama(const vector_file& file, const vector_case& current, tally& result) {
    const auto policy = build<ketama>(file, current, addressed_nodes(file, current));
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 2);
        check_owner(file, policy, row, result);
    }
}

inline constexpr known_file libmemcached_files[] = {
    {"libmemcached-ketama-weighted.tsv", check_ketama},
};

}  // namespace memring::compat
