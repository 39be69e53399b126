#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include <fmt/format.h>

#include "../sample.hpp"
#include "chart.hpp"
#include "chart_frame.hpp"

namespace memring::benchmark {

namespace {

using namespace detail;

constexpr double height = 500;
constexpr double label_gap = 18;  // between the middles of two labels, at least

struct frame {
    log_axis x;
    log_axis y;
};

/// Whole decades around all values, or a third of one where that is enough.
frame frame_of(const line_chart& chart) {
    double least = std::numeric_limits<double>::max();
    double most = 0;
    for (const auto& line : chart.lines) {
        for (const auto& place : line.places) {
            least = std::min(least, place.value);
            most = std::max(most, place.value);
        }
    }
    constexpr std::array steps{1.0, 2.0, 5.0, 10.0};
    const auto decade = [](double value) { return std::pow(10, std::floor(std::log10(value))); };
    const double low = decade(least) * *std::find_if(steps.rbegin(), steps.rend(), [&](double s) {
                           return s * decade(least) <= least;
                       });
    const double high = decade(most) * *std::find_if(steps.begin(), steps.end(), [&](double s) {
                            return s * decade(most) >= most;
                        });
    return {{static_cast<double>(node_counts.front()), static_cast<double>(node_counts.back()), 74,
             560},
            {low, high, height - 62, 84}};
}

void draw_grid(svg_canvas& page, const line_chart& chart, const frame& area) {
    for (double decade = std::pow(10, std::floor(std::log10(area.y.first)));
         decade <= area.y.last * 1.001; decade *= 10) {
        for (const double step : {1.0, 2.0, 5.0}) {
            const double value = decade * step;
            if (value < area.y.first * 0.999 || value > area.y.last * 1.001) continue;
            const double y = area.y.at(value);
            page.line({area.x.begin, y}, {area.x.end, y},
                      {step == 1 ? grid_colour : faint_grid_colour, step == 1 ? 1.4 : 1});
            const bool is_named = step == 1 || area.y.last / area.y.first < 200;
            if (!is_named) continue;
            page.text({area.x.begin - 9, y + 4.5}, chart.label(value),
                      {.size = 13, .colour = soft_ink, .align = anchor::end});
        }
    }
    for (const std::uint32_t count : node_counts) {
        const double x = area.x.at(count);
        page.line({x, area.y.end}, {x, area.y.begin + 5}, {faint_grid_colour});
        page.text({x, area.y.begin + 22}, fmt::format("{}", count),
                  {.size = 13, .colour = soft_ink, .align = anchor::middle});
    }
    page.line({area.x.begin, area.y.begin}, {area.x.end, area.y.begin}, {axis_colour});
    page.text({(area.x.begin + area.x.end) / 2, area.y.begin + 46}, "nodes",
              {.size = 13, .colour = soft_ink, .align = anchor::middle});
}

struct end_label {
    const line_chart::series* line;
    point end;
    double y;
};

/// Moves labels apart, each as little as the others allow, and keeps them within the axis.
void spread(std::vector<end_label>& labels, double top, double bottom) {
    std::ranges::sort(labels, {}, &end_label::y);
    for (int round = 0; round < 200; ++round) {
        for (std::size_t i = 1; i < labels.size(); ++i) {
            const double overlap = label_gap - (labels[i].y - labels[i - 1].y);
            if (overlap <= 0) continue;
            labels[i - 1].y -= overlap / 2;
            labels[i].y += overlap / 2;
        }
        for (auto& label : labels) label.y = std::clamp(label.y, top, bottom);
    }
}

void draw_label(svg_canvas& page, const line_chart& chart, const end_label& label, double x) {
    const auto& style = label.line->style;
    page.polyline(std::array{point{label.end.x + 6, label.end.y}, point{x - 12, label.y},
                             point{x - 4, label.y}},
                  {style.colour, 1});
    page.text({x, label.y + 4.5},
              fmt::format("{}  {}", style.title, chart.label(label.line->places.back().value)),
              {.size = 13.5, .colour = style.colour, .is_bold = true});
}

/// A line that ends early has its name above its end, on the plot.
void draw_early_label(svg_canvas& page, const line_chart& chart, const end_label& label) {
    page.text({label.end.x + 9, label.end.y + 4.5},
              fmt::format("{}  {}", label.line->style.title,
                          chart.label(label.line->places.back().value)),
              {.size = 13.5, .colour = label.line->style.colour, .is_bold = true});
}

}  // namespace

std::string line_chart::svg() const {
    svg_canvas page(page_width, height);
    draw_title(page, text);
    const frame area = frame_of(*this);
    draw_grid(page, *this, area);
    std::vector<end_label> labels;
    for (const series& line : lines) {
        std::vector<point> points;
        for (const auto& each : line.places) {
            points.push_back({area.x.at(each.nodes), area.y.at(each.value)});
        }
        if (points.empty()) continue;
        page.polyline(points, {line.style.colour, line.style.is_baseline ? 2.0 : 2.6,
                               line.style.is_baseline ? "6 5" : ""});
        for (const point& p : points) page.dot(p, 3.4, line.style.colour);
        const end_label at_end{&line, points.back(), points.back().y};
        if (points.back().x < area.x.end - 1) {
            draw_early_label(page, *this, at_end);
        } else {
            labels.push_back(at_end);
        }
    }
    spread(labels, area.y.end, area.y.begin);
    for (const end_label& each : labels) draw_label(page, *this, each, area.x.end + 30);
    return page.document(text.title, colours_of(lines));
}

}  // namespace memring::benchmark
