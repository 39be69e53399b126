// The pictures that have a row for each scheme: balance and disruption.

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "../../support/chart_frame.hpp"
#include "chart.hpp"

namespace memring::benchmark {

namespace {

using namespace detail;

constexpr double rows_top = 96;
constexpr double name_right = 178;
constexpr double plot_left = 194;

template <class Row>
void draw_name(svg_canvas& page, const Row& row, double y) {
    page.text({name_right, y + 5}, row.style.title,
              {.size = 14.5, .colour = row.style.colour, .align = anchor::end, .is_bold = true});
}

// ---- balance ------------------------------------------------------------------------------------

constexpr double spread_row_height = 34;

struct linear_axis {
    double first, last, begin, end;
    [[nodiscard]] double at(double value) const {
        return begin + (end - begin) * (value - first) / (last - first);
    }
};

linear_axis spread_axis(const spread_chart& chart) {
    double farthest = 0.1;
    for (const auto& row : chart.rows) {
        farthest = std::max({farthest, row.most - 1, 1 - row.least});
    }
    const double reach = std::ceil(farthest * 10 - 1e-9) / 10;
    return {1 - reach, 1 + reach, plot_left, 660};
}

void draw_spread_axis(svg_canvas& page, const spread_chart& chart, const linear_axis& x,
                      double bottom) {
    const double step = x.last - x.first > 1.01 ? 0.2 : 0.1;
    page.box({x.at(1 - chart.chance), rows_top - 16},
             x.at(1 + chart.chance) - x.at(1 - chart.chance), bottom - rows_top + 16, band_colour);
    for (int i = -10; i <= 10; ++i) {
        const double value = 1 + step * i;
        if (value < x.first - 0.001 || value > x.last + 0.001) continue;
        page.line({x.at(value), rows_top - 16}, {x.at(value), bottom},
                  {i == 0 ? axis_colour : grid_colour, i == 0 ? 1.4 : 1});
        const std::string label = i == 0 ? "mean" : fmt::format("{:+.0f} %", (value - 1) * 100);
        page.text({x.at(value), bottom + 20}, label,
                  {.size = 13, .colour = soft_ink, .align = anchor::middle});
    }
}

void draw_spread_row(svg_canvas& page, const spread_chart::row& row, const linear_axis& x,
                     double y) {
    draw_name(page, row, y);
    const auto colour = row.style.colour;
    page.line({x.at(row.least), y}, {x.at(row.most), y}, {colour, 2});
    for (const double end : {row.least, row.most}) {
        page.line({x.at(end), y - 6}, {x.at(end), y + 6}, {colour, 2});
    }
    const double left = x.at(1 - row.deviation);
    page.box({left, y - 6}, std::max(2.0, x.at(1 + row.deviation) - left), 12, colour, 2);
    page.text({page_width - margin, y + 5}, fmt::format("max {:+.1f} %", (row.most - 1) * 100),
              {.size = 13.5, .colour = ink, .align = anchor::end});
}

}  // namespace

std::string spread_chart::svg() const {
    const double bottom = rows_top + spread_row_height * static_cast<double>(rows.size());
    svg_canvas page(page_width, bottom + 70);
    draw_title(page, text);
    const linear_axis x = spread_axis(*this);
    draw_spread_axis(page, *this, x, bottom);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        draw_spread_row(page, rows[i], x,
                        rows_top + spread_row_height * (static_cast<double>(i) + 0.35));
    }
    page.text({(x.begin + x.end) / 2, bottom + 46},
              "load of a node: line, least to most; box, one standard deviation; grey, what chance "
              "alone brings",
              {.size = 13, .colour = soft_ink, .align = anchor::middle});
    return page.document(text.title, colours_of(rows));
}

// ---- disruption ---------------------------------------------------------------------------------

namespace {

constexpr double moves_row_height = 50;
constexpr double lane = 13;

struct event_style {
    std::string_view name;
    std::string_view colour;
    std::string_view colour_on_black;
    double moves_chart::row::*share;
};

constexpr std::array events{
    event_style{"a node leaves the middle of the list", "#b4374a", "#ff7b8a",
                &moves_chart::row::middle_leaves},
    event_style{"the last of the list leaves", "#c77700", "#f5b041",
                &moves_chart::row::last_leaves},
    event_style{"one joins at its end", "#1f6fb4", "#58a6ff", &moves_chart::row::joins},
};

std::string share_label(double share) {
    return share < 0.095 ? fmt::format("{:.1f} %", share * 100)
                         : fmt::format("{:.0f} %", share * 100);
}

void draw_event_legend(svg_canvas& page) {
    double x = margin;
    for (const event_style& event : events) {
        page.dot({x + 6, 81}, 5, event.colour);
        page.text({x + 17, 85.5}, event.name, {.size = 13.5, .colour = ink});
        x += 40 + 6.9 * static_cast<double>(event.name.size());
    }
}

void draw_moves_axis(svg_canvas& page, const moves_chart& chart, const log_axis& x, double bottom) {
    for (const double share : {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0}) {
        if (share < x.first * 0.999) continue;
        page.line({x.at(share), rows_top + 6}, {x.at(share), bottom}, {grid_colour});
        page.text({x.at(share), bottom + 20}, fmt::format("{:g} %", share * 100),
                  {.size = 13, .colour = soft_ink, .align = anchor::middle});
    }
    page.line({x.at(chart.unavoidable), rows_top + 6}, {x.at(chart.unavoidable), bottom + 30},
              {ink, 1.4, "4 4"});
    page.text({x.at(chart.unavoidable) + 6, bottom + 42},
              fmt::format("{} must move", share_label(chart.unavoidable)),
              {.size = 13, .colour = ink, .is_bold = true});
}

void draw_moves_row(svg_canvas& page, const moves_chart& chart, const moves_chart::row& row,
                    const log_axis& x, double middle) {
    draw_name(page, row, middle);
    for (std::size_t i = 0; i < events.size(); ++i) {
        const double y = middle + lane * (static_cast<double>(i) - 1);
        const double share = row.*events[i].share;
        const double end = x.at(std::clamp(share, x.first, x.last));
        page.line({x.at(chart.unavoidable), y}, {end, y}, {events[i].colour, 2.4});
        page.dot({end, y}, 4.6, events[i].colour);
        page.text({std::max(end, x.at(chart.unavoidable)) + 10, y + 4.5}, share_label(share),
                  {.size = 12.5, .colour = soft_ink});
    }
}

}  // namespace

std::string moves_chart::svg() const {
    const double top = rows_top + 14;
    const double bottom = top + moves_row_height * static_cast<double>(rows.size());
    svg_canvas page(page_width, bottom + 60);
    draw_title(page, text);
    draw_event_legend(page);
    const log_axis x{unavoidable / 1.5, 1, plot_left, page_width - 70};
    draw_moves_axis(page, *this, x, bottom);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double y = top + moves_row_height * (static_cast<double>(i) + 0.5);
        if (i > 0) {
            page.line({margin, y - moves_row_height / 2},
                      {page_width - margin, y - moves_row_height / 2}, {faint_grid_colour});
        }
        draw_moves_row(page, *this, rows[i], x, y);
    }
    auto colours = colours_of(rows);
    for (const event_style& event : events)
        colours.push_back({event.colour, event.colour_on_black});
    return page.document(text.title, colours);
}

}  // namespace memring::benchmark
