#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#include <fmt/format.h>

#include "../../support/chart_frame.hpp"
#include "../sample.hpp"
#include "chart.hpp"

namespace memring::benchmark {

namespace {

using namespace detail;

constexpr double height = 500;
constexpr double chart_left = 74;
constexpr double chart_right = 560;
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
    return {{static_cast<double>(node_counts.front()), static_cast<double>(node_counts.back()),
             chart_left, chart_right},
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
            const bool is_named = step == 1 || area.y.last / area.y.first < 2000;
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

std::vector<std::vector<point>> paths_of(const line_chart& chart, const frame& area) {
    std::vector<std::vector<point>> paths;
    for (const auto& line : chart.lines) {
        auto& path = paths.emplace_back();
        for (const auto& place : line.places) {
            path.push_back({area.x.at(place.nodes), area.y.at(place.value)});
        }
    }
    return paths;
}

void draw_line(svg_canvas& page, const series_style& style, const std::vector<point>& path) {
    page.polyline(path,
                  {style.colour, style.is_baseline ? 2.0 : 2.6, style.is_baseline ? "6 5" : ""});
    for (const point& p : path) page.dot(p, 3.4, style.colour);
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

struct box {
    double left, right, top, bottom;
};

/// How much of the lines runs through `place`, in pixels.
double ink_in(const box& place, const std::vector<std::vector<point>>& paths) {
    double ink_there = 0;
    for (const auto& path : paths) {
        for (std::size_t i = 1; i < path.size(); ++i) {
            const point from = path[i - 1];
            const point to = path[i];
            for (double x = from.x; x < to.x; ++x) {
                const double y = from.y + (to.y - from.y) * (x - from.x) / (to.x - from.x);
                const bool is_inside =
                    x > place.left && x < place.right && y > place.top && y < place.bottom;
                if (is_inside) ink_there += 1;
            }
        }
    }
    return ink_there;
}

/// A line that ends early has its name on the plot, around its end where fewest lines are.
void draw_early_label(svg_canvas& page, const line_chart& chart, const end_label& label,
                      const std::vector<std::vector<point>>& paths) {
    const auto& style = label.line->style;
    const std::string words =
        fmt::format("{}  {}", style.title, chart.label(label.line->places.back().value));
    const double width = 8.2 * static_cast<double>(words.size());
    const point end = label.end;
    point best{end.x + 10, end.y};
    double least = std::numeric_limits<double>::max();
    for (const point at : {best, point{end.x - width, end.y - 18}, point{end.x - width, end.y + 20},
                           point{end.x - width - 20, end.y - 9}, point{end.x + 4, end.y + 22},
                           point{end.x + 4, end.y - 22}, point{end.x - 24, end.y + 26}}) {
        if (at.x < chart_left) continue;
        const double covered = ink_in({at.x - 4, at.x + width + 4, at.y - 10, at.y + 10}, paths);
        if (covered >= least) continue;
        least = covered;
        best = at;
    }
    page.text({best.x, best.y + 4.5}, words,
              {.size = 13.5, .colour = style.colour, .is_bold = true});
}

}  // namespace

std::string line_chart::svg() const {
    svg_canvas page(page_width, height);
    draw_title(page, text);
    const frame area = frame_of(*this);
    draw_grid(page, *this, area);
    const auto paths = paths_of(*this, area);
    std::vector<end_label> labels;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (paths[i].empty()) continue;
        draw_line(page, lines[i].style, paths[i]);
        const end_label at_end{&lines[i], paths[i].back(), paths[i].back().y};
        if (at_end.end.x < area.x.end - 1) {
            draw_early_label(page, *this, at_end, paths);
        } else {
            labels.push_back(at_end);
        }
    }
    spread(labels, area.y.end, area.y.begin);
    for (const end_label& each : labels) draw_label(page, *this, each, area.x.end + 30);
    return page.document(text.title, colours_of(lines));
}

}  // namespace memring::benchmark
