#pragma once
// `memring route`: which server has which key.

#include <string>
#include <vector>

namespace memring::tool {

struct route_options {
    std::string scheme = "ketama";
    std::string servers;
    bool reads_stdin = false;
    std::vector<std::string> keys;  ///< come before those of stdin
};

/// Prints `key<TAB>index<TAB>server` for each key. Throws `usage_error` for bad input: before
/// anything is printed if it is an option or a key of the command line; for a bad line of stdin
/// after the whole lines for the keys before it.
void run_route(const route_options& options);

}  // namespace memring::tool
