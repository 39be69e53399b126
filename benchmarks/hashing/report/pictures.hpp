#pragma once
// The pictures of the page, drawn from figures.

#include "../../support/figures.hpp"
#include "../../support/report_files.hpp"

namespace memring::benchmark {

[[nodiscard]] picture draw_single_cost(const figures& all);
[[nodiscard]] picture draw_batch_cost(const figures& all);
[[nodiscard]] picture draw_balance(const figures& all);
[[nodiscard]] picture draw_disruption(const figures& all);
[[nodiscard]] picture draw_build(const figures& all);
[[nodiscard]] picture draw_memory(const figures& all);

}  // namespace memring::benchmark
