// A watcher on a configuration endpoint that answers, lies, breaks off or is not there.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <asio/error.hpp>

#include <doctest/doctest.h>

#include <memring/discovery/cluster_config.hpp>
#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/testing/faults.hpp>

#include "../support/clients.hpp"
#include "endpoints.hpp"

namespace {

using namespace memring;
using namespace memring::testing;
using namespace std::chrono_literals;

const std::vector<node> one{{"a", 1}};
const std::vector<node> two{{"a", 1}, {"b", 2}};
const std::vector<node> other{{"x", 1}, {"y", 2}};

TEST_CASE_TEMPLATE("the first poll is at once, and only news is reported", Endpoint,
                   watched<memory_endpoint>, watched<loopback_endpoint>) {
    Endpoint cluster;
    cluster.server.set_config(1, one);
    cluster.run();
    CHECK(cluster.seen.empty());  // never inside the call
    cluster.poll_again(3);
    CHECK(cluster.seen == std::vector<cluster_config>{{1, one}});
    CHECK(cluster.watch->current() == cluster_config{1, one});
    cluster.server.set_config(2, two);
    cluster.poll_again(3);
    CHECK(cluster.seen == std::vector<cluster_config>{{1, one}, {2, two}});
    CHECK_FALSE(cluster.watch->last_error());
    CHECK(cluster.watch->last_problem().empty());
    CHECK_FALSE(cluster.ended);
}

TEST_CASE("an older version is ignored, a cluster made anew is taken in the end") {
    watched<memory_endpoint> cluster;
    cluster.server.set_config(7, two);
    cluster.run();
    cluster.poll_again();
    cluster.server.set_config(6, one);
    cluster.poll_again(5);
    CHECK(cluster.seen.size() == 1);
    CHECK(cluster.watch->current() == cluster_config{7, two});
    cluster.server.set_config(1, other);
    cluster.poll_again(5);
    CHECK(cluster.seen == std::vector<cluster_config>{{7, two}, {1, other}});
}

TEST_CASE_TEMPLATE("an endpoint that only has the older key is asked for that", Endpoint,
                   watched<memory_endpoint>, watched<loopback_endpoint>) {
    Endpoint cluster;
    cluster.server.set_config(3, two);
    cluster.server.set_config_command(false);
    cluster.run();
    cluster.poll_again();
    CHECK(cluster.seen == std::vector<cluster_config>{{3, two}});
}

TEST_CASE("an endpoint without a configuration says so and is asked again") {
    watched<memory_endpoint> cluster;
    cluster.run();
    cluster.poll_again();
    CHECK(cluster.watch->last_error() == errc::no_config);
    CHECK_FALSE(cluster.watch->last_problem().empty());
    CHECK_FALSE(cluster.watch->current());
    cluster.server.set_config(1, one);
    cluster.poll_again();
    CHECK(cluster.seen.size() == 1);
    CHECK_FALSE(cluster.watch->last_error());
}

struct bad_reply {
    std::string bytes;
    std::error_code error;
    std::string_view place;  // of the problem, as it is named
};

std::vector<bad_reply> bad_replies() {
    const auto body = [](std::string_view text) { return frame_cluster_config(text); };
    return {
        {body(""), errc::malformed_config, "empty"},
        {body("one\na||1\n"), errc::malformed_config, "version"},
        {body("18446744073709551616\na||1\n"), errc::malformed_config, "version"},
        {body("9\n\n"), errc::malformed_config, "node list is empty"},
        {body("9\na||1 b\n"), errc::malformed_config, "node 2"},
        {body("9\na||1 b||0\n"), errc::malformed_config, "node 2: port 0"},
        {body("9\na||1 b||1 a||1\n"), errc::malformed_config, "node 3: the same as node 1"},
        {body("9\na||1\nmore\n"), errc::malformed_config, "behind the node list"},
        {"CONFIG cluster 0 3\r\n9\na||1\n\r\nEND\r\n", errc::malformed_reply, ""},
        {"CONFIG cluster 0 -1\r\n\r\nEND\r\n", errc::malformed_reply, ""},
        {"CONFIG cluster 0 99999999999999999999\r\n9\na||1\n\r\nEND\r\n", errc::malformed_reply,
         ""},
        {"CONFIG cluster 0 2000000000\r\n9\na||1\n\r\nEND\r\n", errc::malformed_reply, ""},
        {"CONFIG cluster 0 500\r\n9\na||1\n\r\nEND\r\n", errc::timed_out, ""},
        {"\x01garbage\r\n", errc::malformed_reply, ""},
        {std::string(100000, 'x'), errc::malformed_reply, ""},
        {"VALUE other 0 1\r\n9\r\nEND\r\n", errc::malformed_reply, ""},
    };
}

TEST_CASE_TEMPLATE("what cannot be trusted leaves the last good list, and says what is wrong",
                   Endpoint, watched<memory_endpoint>, watched<loopback_endpoint>) {
    Endpoint cluster({.interval = 2ms, .timeout = std::chrono::milliseconds(50 * slowness)});
    std::uint64_t version = 1;
    cluster.server.set_config(version, two);
    cluster.run();
    cluster.poll_again();
    for (const auto& bad : bad_replies()) {
        CAPTURE(bad.bytes.substr(0, 80));
        cluster.server.set_config_reply(bad.bytes);
        cluster.poll_again();
        CHECK(cluster.watch->last_error() == bad.error);
        CHECK(cluster.watch->last_problem().find(bad.place) != std::string::npos);
        CHECK_FALSE(cluster.watch->last_problem().empty());
        CHECK(cluster.watch->current() == cluster_config{version, two});
        cluster.server.set_config(++version, two);
        cluster.poll_again();
        CHECK_FALSE(cluster.watch->last_error());
        CHECK(cluster.watch->current() == cluster_config{version, two});
    }
}

TEST_CASE("a reply cut at any byte leaves the last good list, and the next one is taken") {
    watched<memory_endpoint> cluster;
    cluster.server.set_config(1, one);
    cluster.run();
    cluster.poll_again();
    const auto whole = frame_cluster_config(format_cluster_config({2, two}));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        cluster.server.set_faults({.cut_after_bytes = size});
        cluster.server.set_config(2, two);
        cluster.poll_again();
        CHECK(cluster.watch->last_error() == errc::connection_lost);
        CHECK(cluster.seen.size() == 1);
    }
    cluster.server.set_faults({.split_sizes = {1}});
    cluster.poll_again();
    CHECK(cluster.seen == std::vector<cluster_config>{{1, one}, {2, two}});
}

TEST_CASE_TEMPLATE("an endpoint that is silent or gone for a while is followed again", Endpoint,
                   watched<memory_endpoint>, watched<loopback_endpoint>) {
    Endpoint cluster({.interval = 2ms, .timeout = std::chrono::milliseconds(50 * slowness)});
    cluster.server.set_config(1, one);
    cluster.run();
    cluster.poll_again();
    cluster.server.set_faults({.stall_after_commands = 0});
    cluster.poll_again();
    CHECK(cluster.watch->last_error() == errc::timed_out);
    cluster.server.set_faults({});
    cluster.refuse();
    cluster.poll_again();
    CHECK(cluster.watch->last_error());
    CHECK_FALSE(cluster.watch->last_problem().empty());
    CHECK(cluster.watch->current() == cluster_config{1, one});
    cluster.accept();
    cluster.server.set_config(2, two);
    cluster.poll_again();
    CHECK_FALSE(cluster.watch->last_error());
    CHECK(cluster.seen.size() == 2);
}

TEST_CASE("the endpoint may be named by a host name") {
    loopback_endpoint cluster;
    cluster.server.set_config(1, one);
    watcher<> watch(cluster.io.get_executor(), {"localhost", cluster.listener.port()});
    bool was_read = false;
    watch.async_run([&](const cluster_config&) { was_read = true; }, [](std::error_code) {});
    CHECK(cluster.until([&] { return was_read; }));
}

TEST_CASE("a watcher destroyed or cancelled after any handler completes once, with an error") {
    bool destroys = false;
    SUBCASE("destroyed") { destroys = true; }
    SUBCASE("cancelled") {}
    for (int handlers = 0; handlers < 60; ++handlers) {
        CAPTURE(handlers);
        watched<memory_endpoint> cluster;
        cluster.server.set_config(1, one);
        cluster.run();
        for (int i = 0; i < handlers; ++i) cluster.io.run_one();
        if (destroys) {
            cluster.watch.reset();
        } else {
            cluster.stop.emit(asio::cancellation_type::all);
        }
        CHECK_FALSE(cluster.ended);
        cluster.io.restart();
        cluster.io.run();  // and nothing is left to do
        CHECK(cluster.ended == asio::error::operation_aborted);
    }
}

TEST_CASE("a watcher destroyed by what it reports ends") {
    memory_endpoint cluster;
    cluster.server.set_config(1, one);
    auto watch = std::make_unique<watcher<memory_transport>>(
        cluster.io.get_executor(), cluster.where, watcher_options{}, cluster.stream());
    std::optional<std::error_code> ended;
    watch->async_run([&](const cluster_config&) { watch.reset(); },
                     [&](std::error_code error) { ended = error; });
    cluster.io.run();
    CHECK(ended == asio::error::operation_aborted);
}

TEST_CASE("a run that follows a cancelled one polls as often as any other") {
    watched<memory_endpoint> cluster({.interval = 1h});
    cluster.server.set_config(1, one);
    cluster.run();
    REQUIRE(cluster.until([&] { return cluster.watch->polls() == 1; }));
    cluster.stop.emit(asio::cancellation_type::all);
    std::optional<std::error_code> ended;
    cluster.watch->async_run([](const cluster_config&) {},
                             [&](std::error_code error) { ended = error; });
    for (int i = 0; i < 200; ++i) cluster.io.poll_one();
    CHECK(cluster.ended == asio::error::operation_aborted);
    CHECK(cluster.watch->polls() == 2);
    CHECK_FALSE(ended);
}

TEST_CASE("a second run is refused, not inside the call, and does not disturb the first") {
    watched<memory_endpoint> cluster({.interval = 1h});
    cluster.server.set_config(1, one);
    cluster.run();
    asio::cancellation_signal signal;
    std::optional<std::error_code> refused;
    cluster.watch->async_run([](const cluster_config&) {},
                             asio::bind_cancellation_slot(
                                 signal.slot(), [&](std::error_code error) { refused = error; }));
    CHECK_FALSE(refused);
    signal.emit(asio::cancellation_type::all);
    for (int i = 0; i < 200; ++i) cluster.io.poll_one();
    CHECK(refused == asio::error::already_started);
    CHECK_FALSE(cluster.ended);
    CHECK(cluster.watch->polls() == 1);
}

TEST_CASE("a pause ends when it is asked to") {
    watched<memory_endpoint> cluster({.interval = 1h});
    cluster.server.set_config(1, one);
    cluster.run();
    for (std::uint64_t polls = 1; polls < 5; ++polls) {
        REQUIRE(cluster.until([&] { return cluster.watch->polls() == polls; }));
        for (int i = 0; i < 50; ++i) cluster.io.poll_one();
        CHECK(cluster.watch->polls() == polls);  // and no sooner
        cluster.watch->poll_now();
    }
}

TEST_CASE("pauses are as long as the interval, less a share of the jitter") {
    for (const double jitter : {0.0, 0.5}) {
        CAPTURE(jitter);
        watched<memory_endpoint> cluster({.interval = 10ms, .jitter = jitter});
        cluster.server.set_config(1, one);
        const auto start = std::chrono::steady_clock::now();
        cluster.run();
        REQUIRE(cluster.until([&] { return cluster.watch->polls() == 11; }));
        const auto taken = std::chrono::steady_clock::now() - start;
        CHECK(taken >= 100ms * (1 - jitter));
    }
}

}  // namespace
