#pragma once
// What all pictures of the reports share: colours, title, axes.

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "../../tools/memring/svg_canvas.hpp"

namespace memring::benchmark {

struct series_style {
    std::string title;
    std::string_view colour;
    std::string_view colour_on_black;
    bool is_baseline = false;  ///< dashed
};

struct chart_text {
    std::string title;
    std::string subtitle;
    std::string y_name = {};
};

namespace detail {

using tool::anchor;
using tool::colour_pair;
using tool::point;
using tool::svg_canvas;

inline constexpr double page_width = 800;
inline constexpr double margin = 20;

inline constexpr std::string_view ink = "#1f2933";
inline constexpr std::string_view soft_ink = "#5b6775";
inline constexpr std::string_view grid_colour = "#e4e7eb";
inline constexpr std::string_view faint_grid_colour = "#f1f3f5";
inline constexpr std::string_view axis_colour = "#9aa5b1";
inline constexpr std::string_view band_colour = "#dfe6ee";

/// The colours of the frame on a dark screen; a chart adds those of its series.
[[nodiscard]] inline std::vector<colour_pair> frame_colours() {
    return {{"#ffffff", "#0d1117"},         {ink, "#e6edf3"},
            {soft_ink, "#9ea7b3"},          {grid_colour, "#2a313a"},
            {faint_grid_colour, "#1a2028"}, {axis_colour, "#6b7684"},
            {band_colour, "#27303b"}};
}

template <class Rows>
[[nodiscard]] std::vector<colour_pair> colours_of(const Rows& rows) {
    auto colours = frame_colours();
    for (const auto& row : rows) colours.push_back({row.style.colour, row.style.colour_on_black});
    return colours;
}

inline void draw_title(svg_canvas& page, const chart_text& text) {
    page.text({margin, 34}, text.title, {.size = 19, .colour = ink, .is_bold = true});
    page.text({margin, 57}, text.subtitle, {.size = 13.5, .colour = soft_ink});
}

/// A logarithmic axis from `first` to `last`, which lie at `begin` and `end` on the page.
struct log_axis {
    double first;
    double last;
    double begin;
    double end;

    [[nodiscard]] double at(double value) const {
        return begin + (end - begin) * std::log(value / first) / std::log(last / first);
    }
};

}  // namespace detail

}  // namespace memring::benchmark
