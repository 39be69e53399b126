#pragma once
// `memring schemes`: the ways there are to map keys to servers.

#include <string>
#include <vector>

namespace memring::tool {

/// Prints one line for every scheme, or what there is to know of those named. Throws `usage_error`
/// for a name there is not.
void run_schemes(const std::vector<std::string>& names);

}  // namespace memring::tool
