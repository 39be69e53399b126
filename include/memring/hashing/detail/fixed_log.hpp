#pragma once
// The natural logarithm in integers. std::log may differ in its last bit from one library to the
// next, and a compiler may fuse what floating point computes; where a key goes must not.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace memring::detail {

/// Fractions of 2^64, multiplied and rounded down.
[[nodiscard]] constexpr std::uint64_t multiply_fractions(std::uint64_t a,
                                                         std::uint64_t b) noexcept {
    const std::uint64_t a_low = a & 0xffffffff;
    const std::uint64_t b_low = b & 0xffffffff;
    const std::uint64_t a_high = a >> 32;
    const std::uint64_t b_high = b >> 32;
    const std::uint64_t middle = a_high * b_low + (a_low * b_low >> 32);
    const std::uint64_t carry = a_low * b_high + (middle & 0xffffffff);
    return a_high * b_high + (middle >> 32) + (carry >> 32);
}

/// ln(`scaled` / 2^16) in units of 2^-49, for `scaled` from 2^16 to 2^17: twice the area tangent
/// of (x - 1) / (x + 1), by its series.
[[nodiscard]] constexpr std::uint64_t log_of_scaled(std::uint64_t scaled) noexcept {
    const std::uint64_t numerator = (scaled - 65536) << 32;
    const std::uint64_t denominator = scaled + 65536;
    const std::uint64_t ratio =
        numerator / denominator << 32 | (numerator % denominator << 32) / denominator;
    const std::uint64_t square = multiply_fractions(ratio, ratio);
    std::uint64_t sum = 0;
    std::uint64_t divisor = 1;
    for (std::uint64_t power = ratio; power != 0; divisor += 2) {
        sum += power / divisor;
        power = multiply_fractions(power, square);
    }
    return sum >> 14;
}

/// A factor that brings a number of [1/2, 1) just below 1, and that factor's logarithm.
struct log_step {
    std::uint64_t factor;  // units of 2^-16
    std::uint64_t log;     // units of 2^-49
};

[[nodiscard]] constexpr std::array<log_step, 256> make_log_steps() noexcept {
    std::array<log_step, 256> steps{};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::uint64_t factor = (std::uint64_t{512} << 16) / (257 + i);
        steps[i] = {factor, log_of_scaled(factor)};
    }
    return steps;
}

inline constexpr std::array<log_step, 256> log_steps = make_log_steps();

/// -ln(1 - (2 * `gap` + 1) / 2^33) in units of 2^-49, true to 2^-45: how far a number drawn from
/// (0, 1), `gap` of 2^32 steps below 1, is from 1 on the scale of logarithms. Strictly increasing.
[[nodiscard]] constexpr std::uint64_t log_of_gap(std::uint32_t gap) noexcept {
    constexpr std::uint64_t ln_2 = 0x2c5c85fdf473de6a;  // units of 2^-62
    // The number is value / 2^33 * 2^-doublings, with value / 2^33 in [1/2, 1).
    std::uint64_t value = (std::uint64_t{1} << 33) - 1 - 2 * std::uint64_t{gap};
    const auto doublings = static_cast<std::uint64_t>(std::countl_zero(value) - 31);
    value <<= doublings;
    const log_step& step = log_steps[(value >> 24) & 0xff];
    // What is left to 1 after the factor: exact, below 1/255. Then -ln(1 - r) by its series, whose
    // sixth term would be less than one unit.
    const std::uint64_t rest = (std::uint64_t{1} << 49) - value * step.factor;
    const std::uint64_t r = rest >> 10;
    const std::uint64_t r_2 = r * r;  // units of 2^-78, as all further powers
    const std::uint64_t r_3 = (r_2 >> 39) * r;
    const std::uint64_t r_4 = (r_3 >> 39) * r;
    const std::uint64_t r_5 = (r_4 >> 39) * r;
    const std::uint64_t series =
        rest + (r_2 >> 30) + (r_3 / 3 >> 29) + (r_4 >> 31) + (r_5 / 5 >> 29);
    return (doublings * (ln_2 >> 5) >> 8) + step.log + series;
}

}  // namespace memring::detail
