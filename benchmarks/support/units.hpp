#pragma once
// Figures as a person writes them.

#include <cmath>
#include <cstddef>
#include <string>

#include <fmt/format.h>

namespace memring::benchmark {

/// Two or three digits of a number below some thousands: 0.42, 4.2, 42.1, 421. Whole ones as they
/// are.
[[nodiscard]] inline std::string short_number(double value) {
    if (value >= 99.5 || value == std::round(value)) return fmt::format("{:.0f}", value);
    if (value >= 0.95) return fmt::format("{:.1f}", value);
    return fmt::format("{:.2g}", value);
}

[[nodiscard]] inline std::string nanoseconds_label(double value) {
    return value < 999.5 ? short_number(value) + " ns" : short_number(value / 1e3) + " µs";
}

[[nodiscard]] inline std::string milliseconds_label(double value) {
    if (value < 0.9995e-3) return short_number(value * 1e6) + " ns";
    return value < 0.9995 ? short_number(value * 1e3) + " µs" : short_number(value) + " ms";
}

[[nodiscard]] inline std::string bytes_label(double value) {
    if (value < 999.5) return fmt::format("{:.0f} B", value);
    return value < 999.5e3 ? short_number(value / 1e3) + " kB" : short_number(value / 1e6) + " MB";
}

/// Whole, in groups of three digits.
[[nodiscard]] inline std::string grouped(double value) {
    const std::string digits = fmt::format("{:.0f}", value);
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
        out += digits[i];
    }
    return out;
}

}  // namespace memring::benchmark
