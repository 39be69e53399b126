#pragma once
// Tables of the reports' pages.

#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace memring::benchmark {

/// A row, with a bar at both ends.
[[nodiscard]] inline std::string row_of(const std::vector<std::string>& cells) {
    return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

/// The first `words` columns hold words, the others numbers.
[[nodiscard]] inline std::string head_of(const std::vector<std::string>& names, std::size_t words) {
    std::string line = row_of(names);
    for (std::size_t i = 0; i < names.size(); ++i) line += i < words ? "|---" : "|---:";
    return line + "|\n";
}

}  // namespace memring::benchmark
