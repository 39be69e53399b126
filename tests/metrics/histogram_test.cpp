#include <memring/metrics/histogram.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using memring::latency_histogram;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

static_assert(std::is_trivially_copyable_v<latency_histogram>);
static_assert(sizeof(latency_histogram) <= 8 * 1024);
static_assert(noexcept(std::declval<latency_histogram&>().record(nanoseconds{})));
static_assert(latency_histogram::bucket_of(100s) < latency_histogram::bucket_count - 1);

// The percentile as it is defined, from all values.
nanoseconds exact_percentile(std::vector<nanoseconds> values, double share) {
    std::ranges::sort(values);
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

TEST_CASE("the buckets of a histogram follow one another without gap or overlap") {
    nanoseconds end = 0ns;
    for (std::size_t i = 0; i < latency_histogram::bucket_count; ++i) {
        REQUIRE(latency_histogram::lower_bound(i) == end);
        end = latency_histogram::upper_bound(i);
        REQUIRE(latency_histogram::bucket_of(latency_histogram::lower_bound(i)) == i);
        REQUIRE(latency_histogram::bucket_of(end - 1ns) == i);
    }
    CHECK(end > 100s);
}

TEST_CASE("no bucket above a microsecond is wider than 3.2 percent of what it counts") {
    for (std::size_t i = latency_histogram::bucket_of(1us) + 1; i < latency_histogram::bucket_count;
         ++i) {
        const auto width = latency_histogram::upper_bound(i) - latency_histogram::lower_bound(i);
        REQUIRE(static_cast<double>(width.count()) <=
                0.032 * static_cast<double>(latency_histogram::lower_bound(i).count()));
    }
}

TEST_CASE("an empty histogram has no percentiles") {
    const latency_histogram none;
    CHECK(none.count() == 0);
    CHECK(none.p50() == 0ns);
    CHECK(none.p999() == 0ns);
    CHECK(none.max() == 0ns);
}

TEST_CASE("one latency is every percentile, and is not exceeded") {
    for (const nanoseconds only :
         {nanoseconds(1), nanoseconds(1us), nanoseconds(1234567), nanoseconds(99s)}) {
        latency_histogram one;
        one.record(only);
        for (const double share : {0.0, 0.5, 0.999, 1.0}) {
            const auto told = one.percentile(share);
            CHECK(told <= only);
            CHECK(static_cast<double>((only - told).count()) <=
                  std::max(16.0, 0.016 * static_cast<double>(only.count())));
        }
        CHECK(one.max() == only);
        CHECK(one.sum() == only);
    }
}

TEST_CASE("negative latencies count as none, those beyond the last bucket as its") {
    latency_histogram odd;
    odd.record(-5s);
    CHECK(odd.count_in(0) == 1);
    odd.record(500s);
    CHECK(odd.count_in(latency_histogram::bucket_count - 1) == 1);
    CHECK(odd.max() == 500s);
    CHECK(odd.percentile(1) > 100s);
}

TEST_CASE("percentiles of random latencies are within 1.6 percent of the exact ones") {
    std::mt19937_64 random(20260101);
    std::lognormal_distribution<double> microseconds(5.0, 2.0);  // 1 us to seconds
    latency_histogram counted;
    std::vector<nanoseconds> all;
    for (int i = 0; i < 100'000; ++i) {
        all.emplace_back(static_cast<std::int64_t>(1000 * (1 + microseconds(random))));
        counted.record(all.back());
    }
    for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto exact = static_cast<double>(exact_percentile(all, share).count());
        CHECK(std::abs(static_cast<double>(counted.percentile(share).count()) - exact) <=
              0.016 * exact);
    }
    CHECK(counted.max() == *std::ranges::max_element(all));
}

TEST_CASE("merged histograms are the histogram of all their latencies") {
    latency_histogram one;
    latency_histogram two;
    latency_histogram both;
    for (int i = 1; i <= 1000; ++i) {
        const nanoseconds latency(i * i * 100);
        (i % 3 == 0 ? one : two).record(latency);
        both.record(latency);
    }
    one.merge(two);
    CHECK(one.count() == 1000);
    CHECK(one.sum() == both.sum());
    CHECK(one.max() == both.max());
    for (std::size_t i = 0; i < latency_histogram::bucket_count; ++i) {
        REQUIRE(one.count_in(i) == both.count_in(i));
    }
}

TEST_CASE("a burst counts as often as it has commands") {
    latency_histogram counted;
    counted.record(10us, 99);
    counted.record(1ms);
    CHECK(counted.count() == 100);
    CHECK(counted.percentile(0.99) < 11us);
    CHECK(counted.percentile(0.995) > 900us);
    CHECK(counted.sum() == 99 * 10us + 1ms);
}

TEST_CASE("what is counted up to a limit leaves out at most the bucket it cuts") {
    latency_histogram counted;
    for (int i = 1; i <= 1000; ++i) counted.record(i * 1us);
    CHECK(counted.count_up_to(0ns) == 0);
    CHECK(counted.count_up_to(100us) <= 100);
    CHECK(counted.count_up_to(100us) >= 96);
    CHECK(counted.count_up_to(1h) == 1000);
}
