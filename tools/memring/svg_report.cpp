#include "svg_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "summary.hpp"
#include "svg_canvas.hpp"
#include "text.hpp"

namespace memring::tool {

namespace {

constexpr double page_width = 976;
constexpr double comparison_height = 430;
constexpr double run_height = 440;
constexpr double left = 76;
constexpr double right = 748;  // the comparison's labels stand to the right of it
constexpr double run_right = 924;

constexpr std::string_view ink = "#1f2933";
constexpr std::string_view soft_ink = "#616e7c";
constexpr std::string_view grid_colour = "#e4e7eb";
constexpr std::string_view axis_colour = "#9aa5b1";
constexpr std::string_view rate_colour = "#2f6fb3";
constexpr std::string_view hit_colour = "#12805c";
constexpr std::array<std::string_view, 3> curve_colours{"#c8384b", "#d98200", "#12805c"};

/// A box on the page and the ranges its axes show.
struct plot {
    double left, right, top, bottom;
    double first_x, last_x;
    double lowest_y, highest_y;

    [[nodiscard]] double x(double value) const {
        return left + (right - left) * (value - first_x) / (last_x - first_x);
    }
    [[nodiscard]] double y(double value) const {
        return bottom - (bottom - top) * (value - lowest_y) / (highest_y - lowest_y);
    }
};

using label_function = std::string (*)(double);

std::string percent_label(double value) { return fmt::format("{:.0f} %", value * 100); }
std::string number_label(double value) { return grouped(value); }
std::string second_label(double value) { return fmt::format("{:g}", value); }

void draw_y_axis(svg_canvas& page, const plot& area, double step, label_function label,
                 std::string_view name) {
    for (double value = area.lowest_y; value <= area.highest_y + step / 100; value += step) {
        page.line({area.left, area.y(value)}, {area.right, area.y(value)}, {grid_colour});
        page.text({area.left - 8, area.y(value) + 4}, label(value),
                  {.size = 12, .colour = soft_ink, .align = anchor::end});
    }
    page.text({18, (area.top + area.bottom) / 2}, name,
              {.size = 12, .colour = soft_ink, .align = anchor::middle, .turned = -90});
}

void draw_x_axis(svg_canvas& page, const plot& area, double step, std::string_view name) {
    page.line({area.left, area.bottom}, {area.right, area.bottom}, {axis_colour});
    for (double value = area.first_x; value <= area.last_x + step / 100; value += step) {
        page.line({area.x(value), area.bottom}, {area.x(value), area.bottom + 5}, {axis_colour});
        page.text({area.x(value), area.bottom + 20}, second_label(value),
                  {.size = 12, .colour = soft_ink, .align = anchor::middle});
    }
    page.text({(area.left + area.right) / 2, area.bottom + 40}, name,
              {.size = 12, .colour = soft_ink, .align = anchor::middle});
}

// ---- the three removals -------------------------------------------------------------------------

std::vector<point> points_of(const comparison_result& comparison, const removal_curve& curve,
                             const plot& area) {
    std::vector<point> points;
    for (std::size_t i = 0; i < curve.hit_rates.size(); ++i) {
        if (i > 0 && i == comparison.intervals_before()) {  // the change itself takes no time
            points.push_back({area.x(0), points.back().y});
            points.push_back({area.x(0), area.y(curve.hit_rates[i])});
        }
        const double middle = (static_cast<double>(i) + 0.5) * comparison.options.interval;
        points.push_back({area.x(middle - comparison.options.before), area.y(curve.hit_rates[i])});
    }
    return points;
}

void draw_curve_label(svg_canvas& page, const removal_curve& curve, std::string_view colour,
                      point end, double y) {
    constexpr double gap = 22;
    page.polyline(std::array<point, 2>{point{end.x + 5, end.y}, point{end.x + gap, y}},
                  {colour, 1});
    page.text({end.x + gap + 5, y + 4}, curve.name,
              {.size = 14, .colour = colour, .is_bold = true});
    page.text({end.x + gap + 5, y + 21},
              fmt::format("lowest {}, {} misses", tenths(curve.lowest()), grouped(curve.misses)),
              {.size = 11.5, .colour = soft_ink});
}

void draw_curves(svg_canvas& page, const comparison_result& comparison, const plot& area) {
    constexpr double label_distance = 50;
    const std::size_t count = std::min(comparison.curves.size(), curve_colours.size());
    for (std::size_t i = 0; i < count; ++i) {
        const removal_curve& curve = comparison.curves[i];
        const std::vector<point> points = points_of(comparison, curve, area);
        if (points.empty()) continue;
        page.polyline(points, {curve_colours[i], 2.6});
        page.dot(points.back(), 3.4, curve_colours[i]);
        // The best one comes last and stands on top.
        const double y = area.top + label_distance * static_cast<double>(count - 1 - i);
        draw_curve_label(page, curve, curve_colours[i], points.back(), y);
    }
}

void draw_moment(svg_canvas& page, const plot& area) {
    page.line({area.x(0), area.top - 6}, {area.x(0), area.bottom}, {ink, 1.2, "4 4"});
    page.text({area.x(0) + 8, area.bottom - 12}, "node leaves here",
              {.size = 12.5, .colour = ink, .is_bold = true});
}

void draw_comparison(svg_canvas& page, const comparison_result& comparison) {
    const comparison_options& options = comparison.options;
    page.text({left - 48, 36}, "A node leaves: what happens to the hit rate",
              {.size = 20, .colour = ink, .is_bold = true});
    page.text(
        {left - 48, 58},
        fmt::format("{} {} nodes, {} keys, {} gets/s over all keys; what is missed is fetched "
                    "and stored again",
                    options.nodes, options.has_real_servers ? "memcached" : "embedded",
                    grouped(static_cast<std::uint64_t>(options.keys)),
                    grouped(options.gets_per_second)),
        {.size = 13, .colour = soft_ink});
    const plot area{left, right, 92, comparison_height - 62, -options.before, options.after, 0, 1};
    draw_y_axis(page, area, 0.2, percent_label, "hit rate");
    draw_x_axis(page, area, 1, "seconds since the removal");
    draw_moment(page, area);
    draw_curves(page, comparison, area);
}

// ---- the run ------------------------------------------------------------------------------------

std::string_view colour_of(event_kind kind) {
    switch (kind) {
        case event_kind::add: return rate_colour;
        case event_kind::drain: return hit_colour;
        case event_kind::kill: return curve_colours[0];
    }
    return ink;
}

std::string_view word_for(event_kind kind) {
    switch (kind) {
        case event_kind::add: return "node added";
        case event_kind::drain: return "node drained";
        case event_kind::kill: return "node killed";
    }
    return "";
}

void draw_events(svg_canvas& page, const run_state& run, const plot& upper, const plot& lower) {
    for (const event_record& event : run.events) {
        const double x = upper.x(event.at);
        const std::string_view colour = colour_of(event.kind);
        page.line({x, upper.top - 12}, {x, lower.bottom}, {colour, 1.2, "4 4"});
        page.text({x + 5, upper.top - 20}, word_for(event.kind),
                  {.size = 12.5, .colour = colour, .is_bold = true});
        const std::string detail =
            event.kind == event_kind::kill
                ? fmt::format("{} keys lost", grouped(event.change.changed_owner))
                : fmt::format("{} keys moved", grouped(event.change.moved));
        page.text({x + 5, upper.top - 5}, detail, {.size = 11.5, .colour = soft_ink});
    }
}

std::vector<point> points_of(const run_state& run, double load_sample::*member, const plot& area) {
    std::vector<point> points;
    for (const load_sample& sample : run.samples) {
        if (sample.at < 0.5 || sample.at > area.last_x) continue;  // no full interval before
        const double value = std::clamp(sample.*member, area.lowest_y, area.highest_y);
        points.push_back({area.x(sample.at), area.y(value)});
    }
    return points;
}

// A round number at or above `value`, and so that four steps of it are round as well.
double round_up(double value) {
    const double magnitude = std::pow(10, std::floor(std::log10(std::max(value, 1.0))));
    for (const double factor : {1.0, 2.0, 4.0, 6.0, 8.0}) {
        if (factor * magnitude >= value) return factor * magnitude;
    }
    return 10 * magnitude;
}

void draw_run(svg_canvas& page, const run_state& run, double top) {
    page.text({left - 48, top + 30}, "The run: what its applications saw",
              {.size = 20, .colour = ink, .is_bold = true});
    const load_counters totals = run.totals();
    page.text(
        {left - 48, top + 52},
        fmt::format("{} requests, every value checked: {} stale, {} wrong; misses: {} of moved "
                    "keys, {} of keys on the killed node",
                    grouped(totals.operations), totals.stale, totals.wrong,
                    grouped(totals.planned_misses), grouped(totals.unplanned_misses)),
        {.size = 13, .colour = soft_ink});
    double most = 1;
    for (const load_sample& sample : run.samples) {
        if (sample.at >= 0.5) most = std::max(most, sample.operations_per_second);
    }
    const double limit = round_up(most);
    const plot rates{left, run_right, top + 108, top + 220, 0, run.length, 0, limit};
    const plot hits{left, run_right, top + 246, top + 376, 0, run.length, 0, 1};
    draw_y_axis(page, rates, limit / 2, number_label, "requests/s");
    draw_y_axis(page, hits, 0.25, percent_label, "hit rate");
    draw_x_axis(page, hits, run.length > 120 ? 60 : 5, "seconds since the start");
    const std::vector<point> rate_points =
        points_of(run, &load_sample::operations_per_second, rates);
    page.area(rate_points, rates.bottom, rate_colour, 0.12);
    page.polyline(rate_points, {rate_colour, 1.8});
    page.polyline(points_of(run, &load_sample::hit_rate, hits), {hit_colour, 2});
    draw_events(page, run, rates, hits);
}

}  // namespace

std::string picture_of(const comparison_result& comparison) {
    svg_canvas page(page_width, comparison_height);
    draw_comparison(page, comparison);
    return page.document("Hit rate when a node leaves a memcached cluster, three ways");
}

std::string report_of(const comparison_result& comparison, const run_state& run) {
    svg_canvas page(page_width, comparison_height + run_height);
    draw_comparison(page, comparison);
    page.line({left - 48, comparison_height + 2}, {run_right, comparison_height + 2},
              {grid_colour});
    draw_run(page, run, comparison_height);
    return page.document("A run of memring demo");
}

}  // namespace memring::tool
