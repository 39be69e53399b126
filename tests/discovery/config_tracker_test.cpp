#include <doctest/doctest.h>

#include <memring/discovery/config_tracker.hpp>

using namespace memring;

namespace {

const node a{"a", 1};
const node b{"b", 2};
const node c{"c", 3};

}  // namespace

TEST_CASE("the first configuration is news and the same again is not") {
    config_tracker tracker;
    CHECK(tracker.observe({1, {a, b}}) == config_verdict::changed);
    CHECK(tracker.observe({1, {a, b}}) == config_verdict::unchanged);
    REQUIRE(tracker.current());
    CHECK(tracker.current()->version == 1);
}

TEST_CASE("a higher version is used, a lower one is an older state") {
    config_tracker tracker;
    (void)tracker.observe({5, {a, b}});
    CHECK(tracker.observe({6, {a, b, c}}) == config_verdict::changed);
    CHECK(tracker.observe({5, {a, b}}) == config_verdict::outdated);
    CHECK(tracker.current()->version == 6);
}

TEST_CASE("a higher version with the same nodes is used, so that versions keep growing") {
    config_tracker tracker;
    (void)tracker.observe({5, {a}});
    CHECK(tracker.observe({7, {a}}) == config_verdict::changed);
    CHECK(tracker.observe({6, {a, b}}) == config_verdict::outdated);
}

TEST_CASE("a new address under the same version and name is news") {
    config_tracker tracker;
    (void)tracker.observe({5, {node{"a", 1, 1, "10.0.0.1"}}});
    CHECK(tracker.observe({5, {node{"a", 1, 1, "10.0.0.2"}}}) == config_verdict::changed);
}

TEST_CASE("a cluster created anew is followed once polls have confirmed it") {
    config_tracker tracker;
    (void)tracker.observe({40, {a, b}});
    CHECK(tracker.observe({1, {c}}) == config_verdict::outdated);
    CHECK(tracker.observe({1, {c}}) == config_verdict::outdated);
    CHECK(tracker.observe({1, {c}}) == config_verdict::changed);
    CHECK(tracker.current()->version == 1);
    CHECK(tracker.observe({2, {c, a}}) == config_verdict::changed);
}

TEST_CASE("a poll of the cluster in use starts the count of confirmations again") {
    config_tracker tracker;
    (void)tracker.observe({40, {a, b}});
    for (int round = 0; round < 5; ++round) {
        CHECK(tracker.observe({1, {c}}) == config_verdict::outdated);
        CHECK(tracker.observe({1, {c}}) == config_verdict::outdated);
        CHECK(tracker.observe({40, {a, b}}) == config_verdict::unchanged);
    }
    CHECK(tracker.observe({1, {c}}) == config_verdict::outdated);
    CHECK(tracker.observe({1, {c}}) == config_verdict::outdated);
    CHECK(tracker.observe({3, {b}}) == config_verdict::outdated);
    CHECK(tracker.observe({1, {c}}) == config_verdict::outdated);
}
