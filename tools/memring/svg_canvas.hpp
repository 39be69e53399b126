#pragma once
// Lines, boxes and text as SVG: as much as a chart needs. Self-contained, no scripts, no fonts from
// elsewhere.

#include <span>
#include <string>
#include <string_view>

namespace memring::tool {

/// A place on the page, in pixels from its upper left corner.
struct point {
    double x = 0;
    double y = 0;
};

struct stroke {
    std::string_view colour = "#333";
    double width = 1;
    std::string_view dashes{};  ///< as SVG writes them; empty for a full line
};

enum class anchor : unsigned char { start, middle, end };

struct text_style {
    double size = 13;
    std::string_view colour = "#333";
    anchor align = anchor::start;
    bool is_bold = false;
    double turned = 0;  ///< degrees clockwise around its own place
};

/// A colour, as it was drawn with (the page itself is "#ffffff"), and what it is on a dark screen.
struct colour_pair {
    std::string_view light;
    std::string_view dark;
};

class svg_canvas {
public:
    svg_canvas(double width, double height) : x_width(width), x_height(height) {}

    void line(point from, point to, const stroke& style);
    void polyline(std::span<const point> points, const stroke& style);
    /// The area between the points and the horizontal at `base`.
    void area(std::span<const point> points, double base, std::string_view colour, double opacity);
    void box(point corner, double width, double height, std::string_view colour, double radius = 0);
    void dot(point centre, double radius, std::string_view colour);
    void text(point place, std::string_view words, const text_style& style);

    /// The whole file; `title` is for those who cannot see it. On a screen that is set to dark,
    /// each colour of `dark` takes the place of its partner, wherever that was drawn with.
    [[nodiscard]] std::string document(std::string_view title,
                                       std::span<const colour_pair> dark = {}) const;

private:
    double x_width;
    double x_height;
    std::string x_body;
};

}  // namespace memring::tool
