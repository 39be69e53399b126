// The buckets of stable_jump against a model that plays back their whole history.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/detail/memento.hpp>

using namespace memring;
using detail::memento;

namespace {

/// The working buckets stand in an array; one that is taken out gives its position to the bucket
/// at the end. A key is where jump sends it until that is taken out, then at a position of what is
/// left: which bucket stands there at that time is looked up, not derived.
class model {
public:
    explicit model(std::uint32_t buckets) : x_buckets(buckets) {}

    void remove(std::uint32_t bucket) {
        if (x_removed.empty() && bucket + 1 == x_buckets) {
            --x_buckets;
        } else {
            x_removed.push_back(bucket);
        }
    }

    void add() {
        if (x_removed.empty()) {
            ++x_buckets;
        } else {
            x_removed.pop_back();
        }
    }

    [[nodiscard]] std::vector<std::uint32_t> working() const {
        std::vector<std::uint32_t> positions = all();
        for (const std::uint32_t bucket : x_removed) take(positions, bucket);
        return positions;
    }

    [[nodiscard]] std::uint32_t bucket_of(std::uint64_t hash) const {
        std::vector<std::uint32_t> positions = all();
        std::uint32_t now = jump_consistent_hash(hash, x_buckets);
        for (const std::uint32_t bucket : x_removed) {
            take(positions, bucket);
            if (now != bucket) continue;
            const auto left = static_cast<std::uint32_t>(positions.size());
            now = positions.at(detail::scale_hash(detail::driven_from(hash, bucket), left));
        }
        return now;
    }

private:
    [[nodiscard]] std::vector<std::uint32_t> all() const {
        std::vector<std::uint32_t> positions;
        for (std::uint32_t i = 0; i < x_buckets; ++i) positions.push_back(i);
        return positions;
    }

    static void take(std::vector<std::uint32_t>& positions, std::uint32_t bucket) {
        *std::ranges::find(positions, bucket) = positions.back();
        positions.pop_back();
    }

    std::uint32_t x_buckets;
    std::vector<std::uint32_t> x_removed;
};

[[nodiscard]] std::vector<std::uint64_t> hashes(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::uint64_t> result(count);
    for (std::uint64_t& hash : result) hash = random();
    return result;
}

[[nodiscard]] std::vector<std::uint32_t> buckets_of(const memento& buckets,
                                                    const std::vector<std::uint64_t>& keys) {
    std::vector<std::uint32_t> result;
    for (const std::uint64_t key : keys) result.push_back(buckets.bucket_of(key));
    return result;
}

[[nodiscard]] std::uint32_t draw_below(std::uint32_t limit, std::mt19937& random) {
    return static_cast<std::uint32_t>(random() % limit);
}

/// A quarter of `count` buckets out, chosen by `seed`.
[[nodiscard]] memento thinned(std::uint32_t count, std::uint32_t seed) {
    std::vector<std::uint32_t> order(count);
    for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), std::mt19937(seed));
    memento result(count);
    for (std::uint32_t i = 0; i < count / 4; ++i) result.remove(order[i]);
    return result;
}

}  // namespace

TEST_CASE("with nothing taken out a key is where jump sends it") {
    for (const std::uint32_t count : {1U, 2U, 9U, 1000U}) {
        const memento buckets(count);
        for (const std::uint64_t key : hashes(500, count)) {
            REQUIRE(buckets.bucket_of(key) == jump_consistent_hash(key, count));
        }
    }
}

TEST_CASE("any history of removals and additions leads where the model leads") {
    const auto keys = hashes(40, 99);
    for (std::uint32_t history = 0; history < 60; ++history) {
        CAPTURE(history);
        std::mt19937 random(history);
        const std::uint32_t start = draw_below(24, random) + 1;
        memento buckets(start);
        model expected(start);
        for (int step = 0; step < 60; ++step) {
            const auto working = expected.working();
            // Histories lean towards removal or addition for a while each.
            const bool removes = draw_below(8, random) < (step / 20 % 2 == 0 ? 5U : 3U);
            if (removes && working.size() > 1) {
                const std::uint32_t bucket = working.at(random() % working.size());
                buckets.remove(bucket);
                expected.remove(bucket);
            } else {
                (void)buckets.add();
                expected.add();
            }
            REQUIRE(buckets.working_count() == expected.working().size());
            for (const std::uint64_t key : keys) {
                REQUIRE(buckets.bucket_of(key) == expected.bucket_of(key));
            }
        }
    }
}

TEST_CASE("only keys of the bucket taken out move, and to all others alike") {
    const auto keys = hashes(60000, 7);
    memento buckets = thinned(40, 3);
    const auto before = buckets_of(buckets, keys);
    const std::uint32_t out = before.front();
    buckets.remove(out);
    std::vector<std::size_t> heirs(40);
    std::size_t moved = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::uint32_t now = buckets.bucket_of(keys[i]);
        if (before[i] != out) {
            REQUIRE(now == before[i]);
        } else {
            REQUIRE(now != out);
            ++heirs.at(now);
            ++moved;
        }
    }
    const double mean = static_cast<double>(moved) / 29;
    CHECK(std::ranges::count(heirs, std::size_t{0}) == 11);
    for (const std::size_t heir : heirs) {
        if (heir != 0) CHECK(std::abs(static_cast<double>(heir) - mean) < 5 * std::sqrt(mean));
    }
}

TEST_CASE("putting buckets back in the reverse order restores every mapping on the way") {
    const auto keys = hashes(2000, 8);
    memento buckets(30);
    std::vector<std::vector<std::uint32_t>> seen;
    const std::array<std::uint32_t, 8> order{4, 29, 0, 17, 28, 5, 11, 3};
    for (const std::uint32_t bucket : order) {
        seen.push_back(buckets_of(buckets, keys));
        buckets.remove(bucket);
    }
    for (std::size_t i = order.size(); i-- > 0;) {
        CHECK(buckets.add() == order[i]);
        CHECK(buckets_of(buckets, keys) == seen[i]);
    }
    CHECK(buckets.add() == 30);
}

TEST_CASE("the last bucket, with none out, is forgotten as by jump") {
    memento buckets(12);
    buckets.remove(11);
    buckets.remove(10);
    CHECK(buckets.bucket_count() == 10);
    CHECK(buckets.removed().empty());
    buckets.remove(3);
    buckets.remove(9);
    CHECK(buckets.bucket_count() == 10);
    CHECK(buckets.working_count() == 8);
    CHECK(std::ranges::equal(buckets.removed(), std::array<std::uint32_t, 2>{3, 9}));
}

TEST_CASE("keys spread evenly over what is left, by chi-square") {
    const std::size_t draws = 200000;
    const auto keys = hashes(draws, 21);
    for (const std::uint32_t count : {4U, 8U, 40U, 200U, 1000U}) {
        CAPTURE(count);
        const memento buckets = thinned(count, count);
        std::vector<std::size_t> counts(count);
        for (const std::uint64_t key : keys) ++counts.at(buckets.bucket_of(key));
        for (const std::uint32_t bucket : buckets.removed()) CHECK(counts.at(bucket) == 0);
        const double mean = static_cast<double>(draws) / buckets.working_count();
        double chi_square = 0;
        for (const std::size_t c : counts) {
            if (c != 0) chi_square += std::pow(static_cast<double>(c) - mean, 2) / mean;
        }
        const double freedom = buckets.working_count() - 1.0;
        CHECK(std::ranges::count(counts, std::size_t{0}) == count / 4);
        // Its mean is `freedom`, its variance twice that; five standard deviations.
        CHECK(std::abs(chi_square - freedom) < 5 * std::sqrt(2 * freedom));
    }
}

TEST_CASE("the candidates are where the key goes as one after the other is taken out") {
    for (std::uint32_t history = 0; history < 40; ++history) {
        CAPTURE(history);
        std::mt19937 random(history);
        memento start(draw_below(12, random) + 1);
        for (std::uint32_t i = draw_below(start.bucket_count(), random); i > 0; --i) {
            start.remove(start.bucket_of(random()));
        }
        for (const std::uint64_t key : hashes(60, history)) {
            std::array<std::uint32_t, 14> candidates{};
            const std::size_t count = start.candidates_of(key, candidates);
            REQUIRE(count == start.working_count());
            memento left = start;
            for (std::size_t i = 0; i < count; ++i) {
                REQUIRE(left.bucket_of(key) == candidates.at(i));
                left.remove(candidates.at(i));
            }
        }
    }
}

TEST_CASE("a bucket put back after all were taken out has every key") {
    memento buckets(3);
    buckets.remove(1);
    buckets.remove(2);
    buckets.remove(0);
    CHECK(buckets.working_count() == 0);
    std::array<std::uint32_t, 2> out{};
    CHECK(buckets.candidates_of(7, out) == 0);
    CHECK(buckets.add() == 0);
    for (const std::uint64_t key : hashes(100, 1)) CHECK(buckets.bucket_of(key) == 0);
}
