#pragma once
// The remainder of a division by a number that is known long before the numbers it divides.

#include <cstdint>

namespace memring::detail {

/// `value % divisor` by two dependent multiplications instead of a division: Lemire, Kaser and
/// Kurz, "Faster remainder by direct computation" (2019). Exact for every 32-bit value and divisor.
class fast_mod {
public:
    /// Precondition: `divisor > 0`.
    constexpr explicit fast_mod(std::uint32_t divisor) noexcept
        : x_inverse(~std::uint64_t{0} / divisor + 1), x_divisor(divisor) {}

    [[nodiscard]] constexpr std::uint32_t divisor() const noexcept { return x_divisor; }

    /// 0 to `divisor() - 1`.
    [[nodiscard]] constexpr std::uint32_t operator()(std::uint32_t value) const noexcept {
        // The fraction of value / divisor in units of 2^-64, whole numbers wrapped away (for a
        // divisor of 1 the inverse itself wraps to 0, which is right); times the divisor, of which
        // the upper 64 of 96 bits are the remainder.
        const std::uint64_t fraction = x_inverse * value;
        const std::uint64_t low = (fraction & 0xffffffff) * x_divisor;
        const std::uint64_t high = (fraction >> 32) * x_divisor;
        return static_cast<std::uint32_t>((high + (low >> 32)) >> 32);
    }

private:
    std::uint64_t x_inverse;
    std::uint32_t x_divisor;
};

}  // namespace memring::detail
