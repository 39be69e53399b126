#pragma once
// docs/performance.md and its pictures, written from figures.

#include <string>
#include <vector>

#include "../../support/figures.hpp"
#include "../../support/report_files.hpp"

namespace memring::benchmark {

/// All of them; a group that was not measured is left out.
[[nodiscard]] std::vector<picture> draw_client_pictures(const figures& all);

/// The whole page. `pictures` is where its pictures lie, relative to it.
[[nodiscard]] std::string write_client_page(const figures& all, const std::string& pictures);

}  // namespace memring::benchmark
