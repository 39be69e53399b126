#include <memring/metrics/metrics.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace memring;
using namespace std::chrono_literals;

namespace {

const node node_a{"a"};
const node node_b{"b"};

node_counters counts_of(const metrics& seen, const node& where) {
    for (const node_metrics& one : seen.snapshot().nodes) {
        if (one.where == where) return one.counts;
    }
    FAIL("the node was never met");
    return {};
}

node_watch<metrics> watch_of(const metrics& seen, const node& where) { return {seen, where}; }

static_assert(node_watch<metrics>::wants_latency && node_watch<metrics>::wants_node_events);

}  // namespace

TEST_CASE("requests are in flight until they are done with") {
    const metrics seen;
    auto watch = watch_of(seen, node_a);
    watch.on_request({.what = verb::get, .requests = 25, .bytes = 500});
    CHECK(counts_of(seen, node_a).requests == 25);
    CHECK(counts_of(seen, node_a).in_flight == 25);
    watch.on_reply({.requests = 20, .hits = 15, .misses = 5, .latency = 2ms, .bytes = 3000});
    const auto counts = counts_of(seen, node_a);
    CHECK(counts.in_flight == 5);
    CHECK(counts.hits == 15);
    CHECK(counts.misses == 5);
    CHECK(counts.hit_rate() == 0.75);
    CHECK(counts.bytes_sent == 500);
    CHECK(counts.bytes_received == 3000);
    CHECK(counts.latency.count() == 20);
    CHECK(counts.latency.p50() > 1950us);
    CHECK(counts.latency.p50() <= 2ms);
}

TEST_CASE("nodes are counted apart, and together in the total") {
    const metrics seen;
    auto a = watch_of(seen, node_a);
    auto b = watch_of(seen, node_b);
    a.on_request({});
    b.on_request({.requests = 2});
    const auto now = seen.snapshot();
    REQUIRE(now.nodes.size() == 2);
    CHECK(now.nodes[0].where == node_a);
    CHECK(now.nodes[0].counts.requests == 1);
    CHECK(now.nodes[1].counts.requests == 2);
    CHECK(now.total().requests == 3);
}

TEST_CASE("several connections to a node are counted as one node") {
    const metrics seen;
    auto first = watch_of(seen, node_a);
    const metrics copy = seen;
    auto second = watch_of(copy, {.host = "a", .weight = 7});
    first.on_request({});
    second.on_request({});
    REQUIRE(seen.snapshot().nodes.size() == 1);
    CHECK(counts_of(seen, node_a).requests == 2);
}

TEST_CASE("what a closed connection counted is kept until the node is forgotten") {
    const metrics seen;
    std::optional<node_watch<metrics>> first(std::in_place, seen, node_a);
    first->on_request({.requests = 3});
    first->on_reply({.requests = 3, .hits = 3, .latency = 1ms});
    seen.forget_departed();
    CHECK(seen.snapshot().nodes.at(0).is_watched);
    first.reset();
    CHECK_FALSE(seen.snapshot().nodes.at(0).is_watched);
    CHECK(counts_of(seen, node_a).hits == 3);
    CHECK(counts_of(seen, node_a).latency.count() == 3);
    auto second = watch_of(seen, node_a);
    second.on_request({});
    CHECK(counts_of(seen, node_a).requests == 4);
    seen.forget_departed();
    CHECK(counts_of(seen, node_a).requests == 4);
}

TEST_CASE("a node without connections can be forgotten") {
    const metrics seen;
    { auto gone = watch_of(seen, node_a); }
    auto stays = watch_of(seen, node_b);
    seen.forget_departed();
    REQUIRE(seen.snapshot().nodes.size() == 1);
    CHECK(seen.snapshot().nodes[0].where == node_b);
}

TEST_CASE("a connection may outlive the metrics it was made with") {
    std::optional<metrics> seen(std::in_place);
    auto watch = watch_of(*seen, node_a);
    seen.reset();
    watch.on_request({});
}

TEST_CASE("errors are counted by kind, and take no hit rate") {
    const metrics seen;
    auto watch = watch_of(seen, node_a);
    const auto fails_as = [&](std::error_code error, error_kind kind) {
        const auto before = counts_of(seen, node_a).errors_of(kind);
        const auto all = counts_of(seen, node_a).all_errors();
        watch.on_reply({.requests = 2, .error = error});
        CHECK(counts_of(seen, node_a).errors_of(kind) == before + 2);
        CHECK(counts_of(seen, node_a).all_errors() == all + 2);
    };
    fails_as(errc::timed_out, error_kind::timed_out);
    fails_as(errc::timed_out_unsent, error_kind::not_sent);
    fails_as(errc::connect_timed_out, error_kind::not_sent);
    fails_as(errc::host_not_found, error_kind::not_sent);
    fails_as(errc::connection_lost, error_kind::connection_lost);
    fails_as(errc::connection_lost_unsent, error_kind::not_sent);
    fails_as(errc::malformed_reply, error_kind::malformed_reply);
    fails_as(errc::server_error, error_kind::server_error);
    fails_as(errc::out_of_memory, error_kind::server_error);
    fails_as(errc::client_error, error_kind::refused);
    fails_as(errc::not_a_number, error_kind::refused);
    fails_as(errc::value_too_large, error_kind::refused);
    fails_as(std::make_error_code(std::errc::connection_refused), error_kind::not_sent);
    fails_as(std::make_error_code(std::errc::operation_canceled), error_kind::cancelled);
    fails_as(std::make_error_code(std::errc::broken_pipe), error_kind::other);
    CHECK(counts_of(seen, node_a).hit_rate() == 0);
}

TEST_CASE("latencies are those of answers and of what timed out") {
    const metrics seen;
    auto watch = watch_of(seen, node_a);
    watch.on_reply({.error = errc::timed_out, .latency = 1s});
    watch.on_reply({.error = errc::server_error, .latency = 1ms});
    CHECK(counts_of(seen, node_a).latency.count() == 2);
    watch.on_reply({.error = errc::connection_lost, .latency = 1ms});
    watch.on_reply({.error = errc::connection_lost_unsent, .latency = 1ms});
    watch.on_reply({.error = std::make_error_code(std::errc::operation_canceled)});
    CHECK(counts_of(seen, node_a).latency.count() == 2);
    CHECK(counts_of(seen, node_a).latency.max() == 1s);
}

TEST_CASE("a connect after the first of its connection is a reconnect") {
    const metrics seen;
    auto watch = watch_of(seen, node_a);
    watch.on_node_event({.kind = node_event_kind::connecting});
    watch.on_node_event({.kind = node_event_kind::connect_failed, .error = errc::host_not_found});
    watch.on_node_event({.kind = node_event_kind::connecting});
    watch.on_node_event({.kind = node_event_kind::connected});
    CHECK(counts_of(seen, node_a).connections() == 1);
    CHECK(counts_of(seen, node_a).reconnects == 0);
    watch.on_node_event({.kind = node_event_kind::closed, .error = errc::connection_lost});
    CHECK(counts_of(seen, node_a).connections() == 0);
    watch.on_node_event({.kind = node_event_kind::connected});
    watch.on_node_event({.kind = node_event_kind::retired});
    const auto counts = counts_of(seen, node_a);
    CHECK(counts.connects == 2);
    CHECK(counts.reconnects == 1);
    CHECK(counts.connect_failures == 1);
    CHECK(counts.connections() == 1);
    auto another = watch_of(seen, node_a);  // a second connection is none in place of the first
    another.on_node_event({.kind = node_event_kind::connected});
    CHECK(counts_of(seen, node_a).reconnects == 1);
    CHECK(counts_of(seen, node_a).connections() == 2);
}

TEST_CASE("another thread may take snapshots while threads count, and never sees a count go back") {
    const metrics seen;
    constexpr std::uint64_t rounds = 50'000;
    std::atomic<int> running{2};
    const auto count = [&](const node& where) {
        for (int connection = 0; connection < 5; ++connection) {
            auto watch = watch_of(seen, where);
            for (std::uint64_t i = 0; i < rounds / 5; ++i) {
                watch.on_request({.bytes = 10});
                watch.on_reply({.hits = 1, .latency = 10us, .bytes = 20});
            }
        }
        --running;
    };
    std::jthread first(count, node_a);
    std::jthread second(count, node_a);
    std::uint64_t before = 0;
    bool is_sound = true;
    while (running > 0) {
        const node_counters now = seen.snapshot().total();
        is_sound = is_sound && now.requests >= before && now.in_flight <= 2;
        before = now.requests;
    }
    CHECK(is_sound);
    first.join();
    second.join();
    const node_counters all = counts_of(seen, node_a);
    CHECK(all.requests == 2 * rounds);
    CHECK(all.hits == 2 * rounds);
    CHECK(all.bytes_received == 40 * rounds);
    CHECK(all.latency.count() == 2 * rounds);
    CHECK(all.in_flight == 0);
}
