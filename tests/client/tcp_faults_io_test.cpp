// Faults as TCP and real processes produce them: refused, reset, never answered, stopped, killed.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address_v4.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/protocol/item_size_limit.hpp>
#include <memring/protocol/protocol.hpp>
#include <memring/testing/loopback_server.hpp>

#include "../support/clients.hpp"
#include "../support/completions.hpp"
#include "../support/forked_memcached.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using asio::ip::tcp;
using memring::testing::forked_memcached;
using memring::testing::loopback_server;
using memring::testing::recorder;

const client_options patient{.timeout = 20s, .connect_timeout = 20s, .backoff = {.first = 0ms}};
const client_options hasty{.timeout = 200ms, .connect_timeout = 20s};

node at(std::uint16_t port) { return {"127.0.0.1", port}; }

std::error_code get_error(blocking_client<>& cache) {
    std::error_code error;
    (void)cache.get("k", error);
    return error;
}

// Listens, and takes nothing that arrives.
struct silent_server {
    explicit silent_server(int backlog) {
        acceptor.open(tcp::v4());
        acceptor.bind({asio::ip::address_v4::loopback(), 0});
        acceptor.listen(backlog);
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor.local_endpoint().port(); }

    asio::io_context io;
    tcp::acceptor acceptor{io};
};

// A port whose connects stay unanswered: its queue is full.
struct black_hole : silent_server {
    black_hole() : silent_server(0) {
        for (bool is_full = false; !is_full;) {
            tcp::socket& filler = fillers.emplace_back(io);
            bool is_connected = false;
            filler.async_connect(acceptor.local_endpoint(),
                                 [&](std::error_code error) { is_connected = !error; });
            io.restart();
            io.run_for(100ms);
            is_full = !is_connected;
            REQUIRE(fillers.size() < 20);
        }
    }
    std::vector<tcp::socket> fillers;
};

asio::awaitable<void> own_a_client(std::vector<node> nodes, int& ended) {
    struct at_end {
        int& count;
        ~at_end() { ++count; }
    } const guard{ended};
    const auto executor = co_await asio::this_coro::executor;
    client<> cache(executor, std::move(nodes), patient);
    (void)co_await cache.async_get("k", asio::use_awaitable);
}

}  // namespace

TEST_CASE("a port where nobody listens refuses, and nothing was sent") {
    const std::uint16_t port = silent_server(1).port();
    blocking_client<> cache({at(port)}, patient);
    const auto error = get_error(cache);
    CHECK(error == std::errc::connection_refused);
    CHECK(error == condition::not_sent);
}

TEST_CASE("a server that resets each connection at once is an error, at once") {
    loopback_server server;
    server.items().set_faults({.refuses_connections = true});
    blocking_client<> cache({server.where()}, patient);
    const auto started = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i) CHECK(get_error(cache));
    CHECK(std::chrono::steady_clock::now() - started < 10s);
    server.items().set_faults({});
    CHECK(cache.set("k", "1") == store_result::stored);
}

TEST_CASE("a connect that nobody answers times out, and nothing was sent") {
    const black_hole nowhere;
    blocking_client<> cache({at(nowhere.port())}, {.timeout = 20s, .connect_timeout = 50ms});
    const auto started = std::chrono::steady_clock::now();
    const auto error = get_error(cache);
    CHECK(error == errc::connect_timed_out);
    CHECK(error == condition::not_sent);
    CHECK(std::chrono::steady_clock::now() - started < 10s);
}

TEST_CASE("an operation's deadline passes while connecting: unsent") {
    const black_hole nowhere;
    blocking_client<> cache({at(nowhere.port())}, {.timeout = 30ms, .connect_timeout = 20s});
    const auto error = get_error(cache);
    CHECK(error == errc::timed_out_unsent);
    CHECK(error == condition::not_sent);
}

TEST_CASE("a connection closed by the server while idle costs no operation over TCP") {
    blocking_client<> cache({}, patient);
    loopback_server server(cache.context().get_executor());  // one thread: nothing races
    REQUIRE_FALSE(cache.update({server.where()}));
    REQUIRE(cache.set("k", "1") == store_result::stored);
    for (int i = 0; i < 5; ++i) {
        server.cut_connections();
        cache.poll();
        const auto got = cache.get("k");
        REQUIRE(got);
        CHECK(got->value == "1");
    }
    CHECK(server.items().counters().connections == 6);
}

TEST_CASE("a stopped memcached times operations out; when it goes on, so do they") {
    forked_memcached server;
    blocking_client<> cache({at(server.port())}, hasty);
    cache.set("k", "1", {.timeout = 20s});
    server.pause();
    CHECK(get_error(cache) == errc::timed_out);
    CHECK(get_error(cache) == condition::maybe_applied);
    server.proceed();
    int lost = 0;  // the one under way when the stream is found to have stalled
    for (int i = 0; i < 20; ++i) {
        std::error_code error;
        const auto got = cache.get("k", error, {.timeout = 20s});
        lost += error ? 1 : 0;
        if (error) CHECK(error == errc::connection_lost);
        if (!error) REQUIRE(got);
        if (got) CHECK(got->value == "1");
    }
    CHECK(lost <= 1);
}

TEST_CASE("of many nodes asked at once only the stopped one times out, whichever it is") {
    for (const std::size_t stopped : {0u, 1u, 2u}) {
        CAPTURE(stopped);
        std::vector<forked_memcached> servers(3);
        std::vector<node> nodes;
        for (const forked_memcached& each : servers) nodes.push_back(at(each.port()));
        blocking_client<> cache(nodes, hasty);
        std::vector<std::string> names;
        for (int i = 0; i < 60; ++i) names.push_back("k" + std::to_string(i));
        const std::vector<std::string_view> keys(names.begin(), names.end());
        for (const auto key : keys) cache.set(key, key, {.timeout = 20s});
        servers[stopped].pause();
        const auto got = cache.get_many(keys);
        std::size_t timed_out = 0;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const bool is_of_stopped = cache.async().topology_now()->owner_of(keys[i]) == stopped;
            timed_out += is_of_stopped ? 1 : 0;
            CHECK((got[i].error == errc::timed_out) == is_of_stopped);
            CHECK((got[i].value && got[i].value->value == keys[i]) != is_of_stopped);
        }
        CHECK(timed_out > 0);
        CHECK(timed_out < keys.size());
        servers[stopped].proceed();
        const auto again = cache.get_many(keys, {.timeout = 20s});
        std::size_t read = 0;
        for (const auto& each : again) read += each.value ? 1 : 0;
        CHECK(read >= keys.size() - timed_out);
    }
}

TEST_CASE("a handler may throw inside another operation's blocking call, which ends first") {
    const forked_memcached server;
    blocking_client<> cache({at(server.port())}, patient);
    cache.set("k", "1");
    cache.async().async_get("k", [](std::error_code, const std::optional<item>&) {
        throw std::runtime_error("thrown by a handler");
    });
    CHECK_THROWS_WITH(cache.get("k"), "thrown by a handler");
    CHECK(cache.get("k")->value == "1");
    recorder<std::optional<item>> later;
    cache.async().async_get("k", later);
    CHECK(memring::testing::runs_out_of_work(cache.context()));
    CHECK(later.is_done());
}

TEST_CASE("what was asked before a blocking call is answered by it or after it") {
    const forked_memcached server;
    blocking_client<> cache({at(server.port())}, patient);
    cache.set("k", "1");
    recorder<std::optional<item>> before;
    cache.async().async_get("k", before);
    CHECK(cache.get("k")->value == "1");
    CHECK(before.is_done());
    recorder<store_result> after;
    cache.async().async_set("k", "2", after);
    cache.poll();
    CHECK(cache.get("k")->value == "2");
    CHECK(after.is_done());
}

TEST_CASE("over classic an item that update has stored is told without its cas") {
    const forked_memcached server;
    const auto more = [](const std::optional<item>& now) -> std::optional<std::string> {
        return now ? now->value + "+" : "1";
    };
    for (const protocol speaks : {protocol::meta, protocol::classic, protocol::binary}) {
        CAPTURE(speaks);
        blocking_client<> cache({at(server.port())}, {.timeout = 20s, .speaks = speaks});
        cache.remove("k");
        for (const std::string value : {"1", "1+"}) {
            const auto stored = cache.update("k", more);
            REQUIRE(stored);
            CHECK(stored->value == value);
            CHECK(stored->cas == (speaks == protocol::classic ? 0 : cache.get("k")->cas));
        }
    }
}

// memcached 1.6.18 drops what is there lest it be taken for the new value: for a meta store and for
// a binary set, with a cas or without; over classic for a set only, and this is a cas.
TEST_CASE("an update that the server refuses as too large costs the item, but over classic") {
    const forked_memcached server;
    const auto too_large = [](const std::optional<item>&) -> std::optional<std::string> {
        return std::string(2 * 1024 * 1024, 'x');
    };
    for (const protocol speaks : {protocol::meta, protocol::classic, protocol::binary}) {
        CAPTURE(speaks);
        client_options options{.timeout = 20s, .max_value_size = 4 * 1024 * 1024, .speaks = speaks};
        blocking_client<> cache({at(server.port())}, options);
        cache.set("k", "1");
        std::error_code error;
        cache.update("k", too_large, error);
        CHECK(error == errc::value_too_large);
        CHECK(cache.get("k").has_value() == (speaks == protocol::classic));

        cache.set("k", "1");
        options.max_value_size = 1024 * 1024;
        blocking_client<> limited({at(server.port())}, options);
        limited.update("k", too_large, error);  // nothing is sent
        CHECK(error == errc::value_too_large);
        CHECK(cache.get("k").has_value());
    }
}

TEST_CASE("the servers' limit of an item is read from their settings") {
    const forked_memcached small;
    const forked_memcached large({"-I", "2m"});
    blocking_client<> cache({at(large.port())}, patient);
    CHECK(item_size_limit(cache.stats("settings")) == 2u * 1024 * 1024);
    blocking_client<> both({at(large.port()), at(small.port())}, patient);
    CHECK(item_size_limit(both.stats("settings")) == 1024u * 1024);
}

TEST_CASE("a killed memcached is lost, then refuses; its successor serves") {
    forked_memcached server;
    const std::uint16_t port = server.port();
    blocking_client<> cache({at(port)}, patient);
    cache.set("k", "1");
    server.pause();
    recorder<store_result> under_way;
    cache.async().async_set("k", "2", under_way);
    cache.poll();
    server.kill();
    CHECK(memring::testing::runs_out_of_work(cache.context()));
    CHECK(under_way.is_done());
    CHECK(under_way->error == errc::connection_lost);
    CHECK(under_way->error == condition::maybe_applied);
    CHECK(get_error(cache) == std::errc::connection_refused);
    const forked_memcached successor({}, port);
    CHECK(cache.set("k", "2") == store_result::stored);
    CHECK(cache.get("k")->value == "2");
}

TEST_CASE("a coroutine that owns its client dies with the context, over TCP") {
    const silent_server server(10);
    const black_hole nowhere;
    int ended = 0;
    {
        asio::io_context dying{1};
        asio::co_spawn(dying, own_a_client({at(server.port())}, ended),
                       asio::detached);  // is written
        asio::co_spawn(dying, own_a_client({at(nowhere.port())}, ended),
                       asio::detached);  // connects
        dying.run_for(30ms);
        CHECK(ended == 0);
    }
    CHECK(ended == 2);
}
