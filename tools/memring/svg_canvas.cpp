#include "svg_canvas.hpp"

#include <fmt/format.h>

namespace memring::tool {

namespace {

constexpr std::string_view fonts =
    "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif";

std::string escaped(std::string_view words) {
    std::string text;
    for (const char c : words) {
        switch (c) {
            case '<': text += "&lt;"; break;
            case '>': text += "&gt;"; break;
            case '&': text += "&amp;"; break;
            case '"': text += "&quot;"; break;
            default: text += c;
        }
    }
    return text;
}

std::string path_through(std::span<const point> points) {
    std::string path;
    for (const point& p : points)
        path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", p.x, p.y);
    return path;
}

std::string dashes_of(const stroke& style) {
    return style.dashes.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", style.dashes);
}

const char* name_of(anchor align) {
    switch (align) {
        case anchor::start: return "start";
        case anchor::middle: return "middle";
        case anchor::end: return "end";
    }
    return "start";
}

// A rule of a style sheet is stronger than an attribute.
std::string dark_style(std::span<const colour_pair> colours) {
    if (colours.empty()) return "";
    std::string rules;
    for (const colour_pair& pair : colours) {
        rules += fmt::format("[fill=\"{0}\"]{{fill:{1}}}[stroke=\"{0}\"]{{stroke:{1}}}\n",
                             pair.light, pair.dark);
    }
    return fmt::format("<style>@media (prefers-color-scheme: dark) {{\n{}}}</style>\n", rules);
}

}  // namespace

void svg_canvas::line(point from, point to, const stroke& style) {
    x_body += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" "
        "stroke-width=\"{}\"{}/>\n",
        from.x, from.y, to.x, to.y, style.colour, style.width, dashes_of(style));
}

void svg_canvas::polyline(std::span<const point> points, const stroke& style) {
    x_body += fmt::format(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" "
        "stroke-linejoin=\"round\" stroke-linecap=\"round\"{}/>\n",
        path_through(points), style.colour, style.width, dashes_of(style));
}

void svg_canvas::area(std::span<const point> points, double base, std::string_view colour,
                      double opacity) {
    if (points.empty()) return;
    x_body += fmt::format(
        "<polygon points=\"{:.1f},{:.1f} {} {:.1f},{:.1f}\" fill=\"{}\" fill-opacity=\"{}\"/>\n",
        points.front().x, base, path_through(points), points.back().x, base, colour, opacity);
}

void svg_canvas::box(point corner, double width, double height, std::string_view colour,
                     double radius) {
    x_body += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{}\" "
        "fill=\"{}\"/>\n",
        corner.x, corner.y, width, height, radius, colour);
}

void svg_canvas::dot(point centre, double radius, std::string_view colour) {
    x_body += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\"/>\n", centre.x,
                          centre.y, radius, colour);
}

void svg_canvas::text(point place, std::string_view words, const text_style& style) {
    const std::string turn = style.turned == 0
                                 ? ""
                                 : fmt::format(" transform=\"rotate({:g} {:.1f} {:.1f})\"",
                                               style.turned, place.x, place.y);
    x_body += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{}\" fill=\"{}\" text-anchor=\"{}\"{}{}>{}"
        "</text>\n",
        place.x, place.y, style.size, style.colour, name_of(style.align),
        style.is_bold ? " font-weight=\"600\"" : "", turn, escaped(words));
}

std::string svg_canvas::document(std::string_view title, std::span<const colour_pair> dark) const {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" "
        "height=\"{1:g}\" role=\"img\" font-family=\"{2}\">\n<title>{3}</title>\n{4}"
        "<rect width=\"{0:g}\" height=\"{1:g}\" fill=\"#ffffff\"/>\n{5}</svg>\n",
        x_width, x_height, fonts, escaped(title), dark_style(dark), x_body);
}

}  // namespace memring::tool
