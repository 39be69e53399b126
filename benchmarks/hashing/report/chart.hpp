#pragma once
// The three kinds of pictures of the report. Each is a whole SVG file for light and dark screens,
// 800 pixels wide.

#include <string>
#include <string_view>
#include <vector>

#include "../../support/chart_frame.hpp"

namespace memring::benchmark {

/// Lines over the number of nodes; both axes logarithmic. Labels stand at the ends of their lines.
struct line_chart {
    struct place {
        double nodes;
        double value;
    };
    struct series {
        series_style style;
        std::vector<place> places;
    };

    chart_text text;
    std::string (*label)(double);  ///< of a value, with its unit
    std::vector<series> lines;

    [[nodiscard]] std::string svg() const;
};

/// How far the nodes' loads spread around their mean, a row for each scheme.
struct spread_chart {
    struct row {
        series_style style;
        double least;
        double most;
        double deviation;
    };

    chart_text text;
    double chance;  ///< the deviation that the sample itself brings
    std::vector<row> rows;

    [[nodiscard]] std::string svg() const;
};

/// Shares of keys that move, three for each scheme, on a logarithmic axis that begins near the
/// share that has to move.
struct moves_chart {
    struct row {
        series_style style;
        double middle_leaves;
        double last_leaves;
        double joins;
    };

    chart_text text;
    double unavoidable;
    std::vector<row> rows;

    [[nodiscard]] std::string svg() const;
};

}  // namespace memring::benchmark
