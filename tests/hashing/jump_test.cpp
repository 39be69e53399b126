#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/jump.hpp>

#include "sample_nodes.hpp"

using namespace memring;

// Last value from memcached's proxy selector (commit 2d51e3647).
static_assert(jump_consistent_hash(0, 1) == 0);
static_assert(jump_consistent_hash(15964194995069169740U, 2) == 1);
static_assert(jump_consistent_hash(1668541134799220889U, 1000000) == 408315);

TEST_CASE("with a bucket more a key stays or goes to the new bucket") {
    for (const std::string& text : sample::keys(500)) {
        const std::uint64_t key = xxh3(text);
        std::uint32_t before = jump_consistent_hash(key, 1);
        REQUIRE(before == 0);
        for (std::uint32_t buckets = 2; buckets <= 200; ++buckets) {
            const std::uint32_t now = jump_consistent_hash(key, buckets);
            REQUIRE((now == before || now == buckets - 1));
            before = now;
        }
    }
}

TEST_CASE("the largest number of buckets is in range") {
    for (const std::uint64_t key : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        CHECK(jump_consistent_hash(key, 4294967295) < 4294967295);
    }
}

TEST_CASE("the keys spread evenly over any number of nodes") {
    const auto keys = sample::keys(20000);
    for (const std::size_t size : {2U, 3U, 10U, 37U}) {
        const double mean = 20000.0 / static_cast<double>(size);
        CAPTURE(size);
        for (const std::size_t count : sample::load(jump(sample::nodes(size)), keys)) {
            // Five standard deviations of a fair draw.
            CHECK(std::abs(static_cast<double>(count) - mean) < 5 * std::sqrt(mean));
        }
    }
}

TEST_CASE("a node appended takes its share and moves no other key") {
    const jump before(sample::nodes(9));
    const jump after(sample::nodes(10));
    std::size_t taken = 0;
    for (const std::string& key : sample::keys(10000)) {
        if (after.owner_of(key) == 9) {
            ++taken;
        } else {
            REQUIRE(after.owner_of(key) == before.owner_of(key));
        }
    }
    CHECK(taken > 850);
    CHECK(taken < 1150);
}

TEST_CASE("a seed gives another mapping of the same nodes") {
    const jump plain(sample::nodes(10));
    const jump seeded(sample::nodes(10), {.seed = xxh3("another-pool")});
    std::size_t equal = 0;
    for (const std::string& key : sample::keys(2000)) {
        if (plain.owner_of(key) == seeded.owner_of(key)) ++equal;
    }
    CHECK(equal > 120);
    CHECK(equal < 280);
}

TEST_CASE("weights and spelling of the nodes are nothing to jump, their number is") {
    auto nodes = sample::nodes(5);
    const jump before(nodes);
    for (node& n : nodes) n = {"other-" + n.host, 1234, 9};
    const jump after(nodes);
    for (const std::string& key : sample::keys(500)) {
        REQUIRE(before.owner_of(key) == after.owner_of(key));
    }
}
