#pragma once
// The pictures of a demo.

#include <string>

#include "comparison.hpp"
#include "run_state.hpp"

namespace memring::tool {

/// What happens to the hit rate when a node leaves, three ways: an SVG file.
[[nodiscard]] std::string picture_of(const comparison_result& comparison);

/// The same, and the run below it with its events.
[[nodiscard]] std::string report_of(const comparison_result& comparison, const run_state& run);

}  // namespace memring::tool
