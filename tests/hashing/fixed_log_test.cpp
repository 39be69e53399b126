#include <algorithm>
#include <cmath>
#include <cstdint>

#include <doctest/doctest.h>

#include <memring/hashing/detail/fixed_log.hpp>

using memring::detail::log_of_gap;

namespace {

// Steps through all gaps, densely at both ends, where the logarithm is smallest and steepest.
template <class Check>
void for_many_gaps(Check check) {
    std::uint64_t gap = 0;
    while (gap < 0x100000000U) {
        check(static_cast<std::uint32_t>(gap));
        const bool is_end = gap < 100'000 || gap > 0xffff'0000U;
        gap += is_end ? 1 : 9973;
    }
}

}  // namespace

static_assert(log_of_gap(0) == 65536);  // half a step below 1
static_assert(log_of_gap(0) < log_of_gap(1));
static_assert(log_of_gap(0xfffffffe) < log_of_gap(0xffffffff));

TEST_CASE("the logarithm in integers is the logarithm, to 2^-45") {
    double worst = 0;
    for_many_gaps([&](std::uint32_t gap) {
        const long double below_1 = (2.0L * gap + 1) / 0x1p33L;
        const long double got = static_cast<long double>(log_of_gap(gap)) / 0x1p49L;
        const long double difference = std::abs(got + std::log1p(-below_1));
        worst = std::max(worst, static_cast<double>(difference));
    });
    CHECK(worst < 0x1p-45);
}

TEST_CASE("the logarithm in integers is small near 1 without losing its digits") {
    for (std::uint32_t gap = 0; gap < 1000; ++gap) {
        const long double below_1 = (2.0L * gap + 1) / 0x1p33L;
        const long double got = static_cast<long double>(log_of_gap(gap)) / 0x1p49L;
        const long double want = -std::log1p(-below_1);
        REQUIRE(static_cast<double>(std::abs(got - want) / want) < 1e-7);
    }
}

TEST_CASE("a larger gap has a larger logarithm") {
    std::uint64_t last = 0;
    for_many_gaps([&](std::uint32_t gap) {
        REQUIRE(log_of_gap(gap) > last);
        last = log_of_gap(gap);
        if (gap != 0xffffffff) REQUIRE(log_of_gap(gap + 1) > last);
    });
}
