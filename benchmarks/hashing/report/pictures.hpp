#pragma once
// The pictures of the page, drawn from figures.

#include <string>
#include <vector>

#include "../../support/figures.hpp"

namespace memring::benchmark {

struct picture {
    std::string file;     ///< its name, below the folder of the pictures
    std::string caption;  ///< for those who cannot see it
    std::string svg;
};

[[nodiscard]] picture draw_single_cost(const figures& all);
[[nodiscard]] picture draw_batch_cost(const figures& all);
[[nodiscard]] picture draw_balance(const figures& all);
[[nodiscard]] picture draw_disruption(const figures& all);
[[nodiscard]] picture draw_build(const figures& all);
[[nodiscard]] picture draw_memory(const figures& all);

}  // namespace memring::benchmark
