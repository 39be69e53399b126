#pragma once
// `memring top`: what the servers of a cluster hold and do, as a table that follows them.

#include <cstdint>
#include <optional>
#include <string>

namespace memring::tool {

struct top_options {
    std::string servers;                 ///< either these
    std::string endpoint;                ///< or the configuration endpoint that tells them
    double interval = 2;                 ///< seconds from one table to the next
    std::optional<std::uint64_t> count;  ///< of tables
    std::string sort;                    ///< a column of the table; empty for the order of the list
    bool is_once = false;                ///< one table, of what happens in one interval
    bool is_json = false;                ///< a line of JSON for each table
};

/// Shows the table until it is interrupted, or prints as many as were asked for. Returns the exit
/// status: 1 if none of the servers answered the last time. Throws `usage_error` for bad input.
int run_top(const top_options& options);

}  // namespace memring::tool
