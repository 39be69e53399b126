#include "bar_chart.hpp"

#include <algorithm>
#include <vector>

namespace memring::benchmark {

namespace {

using namespace detail;

constexpr double top = 92;
constexpr double title_height = 26;
constexpr double bar_height = 22;
constexpr double bar_thickness = 15;
constexpr double group_gap = 16;
constexpr double name_right = 218;
constexpr double plot_left = 230;
constexpr double plot_right = 690;

[[nodiscard]] double height_of(const bar_chart::group& group) {
    return title_height + bar_height * static_cast<double>(group.bars.size()) + group_gap;
}

void draw_group(svg_canvas& page, const bar_chart& chart, const bar_chart::group& group, double y,
                double most) {
    page.text({margin, y + 14}, group.title, {.size = 14.5, .colour = ink, .is_bold = true});
    y += title_height;
    for (const auto& bar : group.bars) {
        const double middle = y + bar_height / 2;
        const double width = std::max(1.0, (plot_right - plot_left) * bar.value / most);
        page.text({name_right, middle + 4.5}, bar.style.title,
                  {.size = 13.5, .colour = ink, .align = anchor::end});
        page.box({plot_left, middle - bar_thickness / 2}, width, bar_thickness, bar.style.colour,
                 2);
        page.text({plot_left + width + 8, middle + 4.5}, chart.label(bar.value),
                  {.size = 13, .colour = soft_ink});
        y += bar_height;
    }
    const double bottom = y;
    page.line({plot_left, bottom - bar_height * static_cast<double>(group.bars.size())},
              {plot_left, bottom}, {axis_colour});
}

}  // namespace

std::string bar_chart::svg() const {
    double most = 0;
    double height = top;
    std::vector<colour_pair> colours = frame_colours();
    for (const group& each : groups) {
        height += height_of(each);
        for (const bar& one : each.bars) {
            most = std::max(most, one.value);
            colours.push_back({one.style.colour, one.style.colour_on_black});
        }
    }
    svg_canvas page(page_width, height);
    draw_title(page, text);
    double y = top - 8;
    for (const group& each : groups) {
        draw_group(page, *this, each, y, most);
        y += height_of(each);
    }
    return page.document(text.title, colours);
}

}  // namespace memring::benchmark
