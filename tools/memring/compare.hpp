#pragma once
// `memring compare`: which keys two configurations place differently.

#include <cstdint>
#include <string>

namespace memring::tool {

struct compare_options {
    std::string scheme_a = "ketama";
    std::string servers_a;
    std::string scheme_b = "ketama";
    std::string servers_b;
    std::string keys;                ///< a file with one a line, "-" for stdin; empty: a sample
    std::uint64_t sample = 1000000;  ///< keys `key:0` on
};

/// Prints what share of the keys has another server in B than in A, and each server's keys before
/// and after, as numbers and as a chart. Throws `usage_error` for bad input before anything is
/// printed.
void run_compare(const compare_options& options);

}  // namespace memring::tool
