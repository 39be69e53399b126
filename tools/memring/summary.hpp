#pragma once
// What a run comes to: a table of its events, the totals, and the verdict.

#include <string>
#include <vector>

#include "comparison.hpp"
#include "run_state.hpp"

namespace memring::tool {

/// The table and the totals, as lines.
[[nodiscard]] std::string summary_of(const run_state& state);

/// What a run must not show, in words; empty if all is well.
[[nodiscard]] std::vector<std::string> complaints_about(const run_state& state,
                                                        const comparison_result& comparison);

/// `fill 127.0.0.1:4711`, `drain ...`, `kill ...`.
[[nodiscard]] std::string title_of(const event_record& event);

}  // namespace memring::tool
