#include <cstdint>
#include <random>

#include <doctest/doctest.h>

#include <memring/hashing/detail/fast_mod.hpp>

using memring::detail::fast_mod;

static_assert(fast_mod(7)(4294967295) == 4294967295 % 7);

TEST_CASE("a remainder without a division is that of a division, for every 15-bit hash") {
    for (std::uint32_t divisor = 1; divisor <= 1100; ++divisor) {
        const fast_mod rest(divisor);
        REQUIRE(rest.divisor() == divisor);
        for (std::uint32_t hash = 0; hash < 32768; ++hash) {
            if (rest(hash) != hash % divisor) FAIL(hash << " % " << divisor);
        }
    }
}

TEST_CASE("a remainder without a division is right at the multiples of any divisor") {
    std::mt19937 random(1);
    const auto check = [](std::uint32_t value, std::uint32_t divisor) {
        if (fast_mod(divisor)(value) != value % divisor) FAIL(value << " % " << divisor);
    };
    for (int i = 0; i < 1000000; ++i) {
        // Any magnitude is as likely as any other.
        const std::uint32_t divisor = static_cast<std::uint32_t>(random() | 1) >> (random() % 32);
        if (divisor == 0) continue;
        const std::uint32_t value = static_cast<std::uint32_t>(random());
        const std::uint32_t multiple = value - value % divisor;
        check(value, divisor);
        check(multiple, divisor);
        check(multiple - 1, divisor);  // wraps to the largest number for a multiple of 0
        check(4294967295, divisor);
    }
}
