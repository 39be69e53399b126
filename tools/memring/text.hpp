#pragma once
// Numbers and bars as people read them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace memring::tool {

/// With commas between the thousands: 1,234,567.
[[nodiscard]] std::string grouped(std::uint64_t number);
[[nodiscard]] std::string grouped(double number);
/// Minutes and seconds: 0:07.
[[nodiscard]] std::string clock_text(double seconds);
/// A share as a percentage: 99.98 %. Never rounded up to 100 unless it is all.
[[nodiscard]] std::string percent(double share);
/// The same with one digit: 99.9 %.
[[nodiscard]] std::string tenths(double share);
/// A bar of `width` cells, `share` of them filled.
[[nodiscard]] std::string bar(double share, std::size_t width);
/// One block character for each value, 0 to `highest`.
[[nodiscard]] std::string sparkline(std::span<const double> values, double highest);

}  // namespace memring::tool
