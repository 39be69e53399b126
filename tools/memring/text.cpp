#include "text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace memring::tool {

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t place = text.size(); place > 3;) {
        place -= 3;
        text.insert(place, ",");
    }
    return text;
}

std::string grouped(double number) {
    return grouped(static_cast<std::uint64_t>(std::llround(std::max(number, 0.0))));
}

std::string clock_text(double seconds) {
    const auto whole = static_cast<int>(seconds);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string percent(double share) {
    return fmt::format("{:.2f} %", std::floor(share * 10000) / 100);
}

std::string tenths(double share) { return fmt::format("{:.1f} %", std::floor(share * 1000) / 10); }

std::string bar(double share, std::size_t width) {
    const double filled = std::clamp(share, 0.0, 1.0) * static_cast<double>(width);
    std::string text;
    for (std::size_t i = 0; i < width; ++i) {
        text += static_cast<double>(i) + 0.5 <= filled ? "█" : "░";
    }
    return text;
}

std::string sparkline(std::span<const double> values, double highest) {
    static constexpr std::array blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    std::string text;
    for (const double value : values) {
        const double share = highest > 0 ? std::clamp(value / highest, 0.0, 1.0) : 0.0;
        text += blocks[static_cast<std::size_t>(share * (blocks.size() - 1) + 0.5)];
    }
    return text;
}

}  // namespace memring::tool
