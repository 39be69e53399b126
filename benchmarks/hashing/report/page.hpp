#pragma once
// docs/hash-schemes.md, written from figures.

#include <string>

#include "../../support/figures.hpp"

namespace memring::benchmark {

/// The whole page. `pictures` is where its pictures lie, relative to it.
[[nodiscard]] std::string write_page(const figures& all, const std::string& pictures);

/// The ratios as lines of text, for a terminal.
[[nodiscard]] std::string ratio_lines(const figures& all);

}  // namespace memring::benchmark
