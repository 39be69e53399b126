#pragma once
// `memring schemes`: the ways there are to map keys to servers.

#include <string>
#include <vector>

#include <memring/hashing/scheme_registry.hpp>

namespace memring::tool {

/// All schemes. Named in one place only: they take long to compile.
[[nodiscard]] const scheme_registry& known_schemes();

/// Prints one line for every scheme, or what there is to know of those named. Throws `usage_error`
/// for a name there is not.
void run_schemes(const std::vector<std::string>& names);

}  // namespace memring::tool
