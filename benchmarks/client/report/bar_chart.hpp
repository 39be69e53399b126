#pragma once
// Bars in groups: the picture of the client's report. A whole SVG file for light and dark screens,
// 800 pixels wide.

#include <string>
#include <vector>

#include "../../support/chart_frame.hpp"

namespace memring::benchmark {

struct bar_chart {
    struct bar {
        series_style style;
        double value;
    };
    struct group {
        std::string title;
        std::vector<bar> bars;
    };

    chart_text text;
    std::string (*label)(double);  ///< of a value, with its unit
    std::vector<group> groups;

    [[nodiscard]] std::string svg() const;
};

}  // namespace memring::benchmark
