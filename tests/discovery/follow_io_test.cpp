// A client that follows a configuration endpoint, on real memcached nodes that come and go.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/use_awaitable.hpp>

#include <doctest/doctest.h>

#include <memring/connection.hpp>
#include <memring/discovery/watcher.hpp>
#include <memring/node.hpp>
#include <memring/protocol/reply_reader.hpp>
#include <memring/testing/loopback_server.hpp>

#include "../reshard/fleet.hpp"
#include "../support/clients.hpp"

namespace {

using namespace memring;
using namespace memring::testing;
using namespace std::chrono_literals;

// Nodes, an endpoint that lists them, and a client that follows it.
struct followed : fleet<real_nodes> {
    explicit followed(std::size_t count) : fleet(count) {
        (void)cache->update({});
        watch.async_run(follow(*cache), [](std::error_code) {});
    }
    ~followed() { cache->stop(); }

    void publish(std::vector<node> list) {
        endpoint.items().set_config(++version, list);
        REQUIRE(until([&] { return watch.current() && watch.current()->version == version; }));
        REQUIRE(cache->topology_now()->nodes() == list);
    }
    void publish(std::size_t first, std::size_t count) {
        const auto from = nodes.begin() + static_cast<std::ptrdiff_t>(first);
        publish(std::vector<node>(from, from + static_cast<std::ptrdiff_t>(count)));
    }

    // A number from a node's own statistics, asked for over a connection that stays open.
    std::uint64_t statistic(std::size_t which, std::string_view name) {
        auto& line = probes[which];
        if (!line) {
            line = std::make_shared<connection<tcp_transport>>(io.get_executor(), nodes[which],
                                                               connection_options{}, tcp_options{});
        }
        probe waiting;
        line->submit(waiting, admin_command{.what = admin_command::kind::stats});
        REQUIRE(until([&] { return waiting.got.has_value(); }));
        const std::string& text = waiting.got->value;
        const std::string start = std::string(name) + " ";
        const auto place = text.find(start);
        REQUIRE(place != std::string::npos);
        return std::stoull(text.substr(place + start.size()));
    }

    loopback_server endpoint;
    watcher<> watch{io.get_executor(), endpoint.where(), {.interval = 2ms}};
    std::uint64_t version = 0;
    std::map<std::size_t, std::shared_ptr<connection<tcp_transport>>> probes;
};

TEST_CASE("a node that is listed is connected to before it is asked anything, and used") {
    followed nodes(2);
    const auto before = nodes.statistic(1, "curr_connections");
    nodes.publish(0, 1);
    CHECK(nodes.statistic(1, "curr_connections") == before);
    nodes.publish(0, 2);
    CHECK(nodes.until([&] { return nodes.statistic(1, "curr_connections") == before + 1; }));
    const auto items = many_items(100);
    nodes.set_many(items);
    CHECK(nodes.hits(items) == items.size());
    CHECK(nodes.statistic(1, "curr_items") > 10);
    CHECK(nodes.statistic(1, "curr_connections") == before + 1);
}

TEST_CASE("a node that is listed no more finishes what it was asked, then its connection goes") {
    followed nodes(2);
    nodes.publish(0, 2);
    nodes.set_many(many_items(100));
    const auto open = nodes.statistic(1, "curr_connections");
    std::string key;
    for (const auto& [name, value] : many_items(100)) {
        if (is_same_node(nodes.owner_of(name), nodes.nodes[1])) key = name;
    }
    nodes.processes[1].pause();
    std::optional<std::error_code> found;
    nodes.cache->async_get(key, {.timeout = 10s},
                           [&](std::error_code error, std::optional<item> got) {
                               CHECK(got.has_value());
                               found = error;
                           });
    nodes.publish(0, 1);
    CHECK_FALSE(found);
    nodes.processes[1].proceed();
    REQUIRE(nodes.until([&] { return found.has_value(); }));
    CHECK_FALSE(*found);
    CHECK(nodes.until([&] { return nodes.statistic(1, "curr_connections") == open - 1; }));
}

TEST_CASE("the same nodes in another order keep their connections") {
    followed nodes(3);
    nodes.publish(0, 3);
    const auto items = many_items(100);
    nodes.set_many(items);
    std::vector<std::uint64_t> connections;
    for (std::size_t i = 0; i < 3; ++i) {
        connections.push_back(nodes.statistic(i, "total_connections"));
    }
    nodes.publish({nodes.nodes[2], nodes.nodes[0], nodes.nodes[1]});
    CHECK(nodes.hits(items) == items.size());  // ketama does not care for the order
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(nodes.statistic(i, "total_connections") == connections[i]);
    }
}

TEST_CASE("a drained node that the endpoint still lists stays out while it is listed") {
    followed nodes(3);
    nodes.publish(0, 3);
    const auto items = many_items(200);
    nodes.set_many(items);
    CHECK_FALSE(nodes.drain(nodes.nodes[2]).error);
    const auto polls = nodes.watch.polls();
    nodes.endpoint.items().set_config(++nodes.version, nodes.nodes);
    REQUIRE(nodes.until([&] { return nodes.watch.polls() > polls + 2; }));
    CHECK_FALSE(nodes.is_used(nodes.nodes[2]));
    CHECK(nodes.hits(items) == items.size());
    nodes.publish(0, 2);
    nodes.publish(0, 3);
    CHECK(nodes.is_used(nodes.nodes[2]));
}

struct traffic {
    std::uint64_t operations = 0;
    std::uint64_t errors = 0;
    std::uint64_t wrong = 0;
    std::string first_error;
    int running = 0;
    bool stop = false;
};

asio::awaitable<void> use(client<>& cache, traffic& seen, int id) {
    ++seen.running;
    for (std::uint64_t i = 0; !seen.stop; ++i) {
        const std::string key = "u" + std::to_string(id) + ":" + std::to_string(i % 50);
        const std::string value = key + " has this value always";
        try {
            (void)co_await cache.async_set(key, value, asio::use_awaitable);
            const auto found = co_await cache.async_get(key, asio::use_awaitable);
            if (found && found->value != value) ++seen.wrong;
        } catch (const std::system_error& error) {
            if (seen.errors++ == 0) seen.first_error = error.what();
        }
        seen.operations += 2;
    }
    --seen.running;
}

TEST_CASE("nodes come and go under traffic without an error") {
    followed nodes(4);
    nodes.publish(0, 2);
    traffic seen;
    for (int id = 0; id < 16; ++id) {
        asio::co_spawn(nodes.io, use(*nodes.cache, seen, id), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    }
    for (std::size_t round = 0; round < 30; ++round) {
        const auto then = seen.operations + 300;
        nodes.publish(round % 3, 1 + round % 2);
        REQUIRE(nodes.until([&] { return seen.operations >= then; }));
    }
    seen.stop = true;
    REQUIRE(nodes.until([&] { return seen.running == 0; }));
    INFO("first error: ", seen.first_error);
    CHECK(seen.errors == 0);
    CHECK(seen.wrong == 0);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(nodes.statistic(i, "curr_connections") <= 4);  // its own, the probe's, the client's
    }
}

}  // namespace
