// A blocking call ends by its own deadline, whichever operation it is, however patient the client.

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>
#include <memring/node_outcome.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_transport.hpp>
#include <memring/typed_blocking_client.hpp>

#include "../support/clients.hpp"
#include "../support/completions.hpp"
#include "../support/forked_memcached.hpp"

namespace {

using namespace memring;
using namespace std::chrono_literals;
using memring::testing::forked_memcached;
using memring::testing::memory_network;
using memring::testing::memory_transport;
using memring::testing::recorder;

constexpr auto own = 20ms;
constexpr auto far_too_long = 10s;
const client_options patient{.timeout = 60s, .connect_timeout = 60s};

template <class Call>
void check_ends_in_time(std::string_view name, Call call) {
    CAPTURE(name);
    const auto started = std::chrono::steady_clock::now();
    const std::error_code error = call();
    const auto took = std::chrono::steady_clock::now() - started;
    CHECK(error == errc::timed_out);
    CHECK(took >= own);
    CHECK(took < far_too_long);
}

// The error of one node's or one key's share, where the call itself reports none.
template <class Outcomes>
std::error_code error_of_each(std::error_code error, const Outcomes& outcomes) {
    if (error || outcomes.empty()) return error;
    for (const auto& each : outcomes) CHECK(each.error == outcomes.front().error);
    return outcomes.front().error;
}

/// A memcached that takes what is sent to it and never answers.
struct silent_server {
    silent_server() { server.pause(); }

    // A client of its own for each call: the stream of one that timed out has answers to come.
    template <class Call>
    void check(std::string_view name, Call call) {
        blocking_client<> cache({{"127.0.0.1", server.port()}}, patient);
        check_ends_in_time(name, [&] {
            std::error_code error;
            call(cache, error);
            return error;
        });
    }

    template <class Call>
    void check_outcomes(std::string_view name, Call call) {
        check(name, [&](auto& cache, std::error_code& error) {
            const auto outcomes = call(cache, error);
            CHECK(!outcomes.empty());
            error = error_of_each(error, outcomes);
        });
    }

    forked_memcached server;
};

}  // namespace

TEST_CASE("a blocking operation on all nodes ends by its own deadline") {
    silent_server f;
    f.check_outcomes("flush_all", [](auto& cache, auto& error) {
        return cache.flush_all(0s, error, {.timeout = own});
    });
    f.check_outcomes("verbosity", [](auto& cache, auto& error) {
        return cache.verbosity(1, error, {.timeout = own});
    });
    f.check_outcomes(
        "version", [](auto& cache, auto& error) { return cache.version(error, {.timeout = own}); });
    f.check_outcomes(
        "stats", [](auto& cache, auto& error) { return cache.stats("", error, {.timeout = own}); });
}

TEST_CASE("a blocking operation on all nodes that throws ends by its own deadline") {
    silent_server f;
    f.check_outcomes("flush_all",
                     [](auto& cache, auto&) { return cache.flush_all(0s, {.timeout = own}); });
    f.check_outcomes("verbosity",
                     [](auto& cache, auto&) { return cache.verbosity(1, {.timeout = own}); });
    f.check_outcomes("version", [](auto& cache, auto&) { return cache.version({.timeout = own}); });
    f.check_outcomes("stats",
                     [](auto& cache, auto&) { return cache.stats("items", {.timeout = own}); });
}

TEST_CASE("a blocking operation on one key ends by its own deadline") {
    silent_server f;
    f.check("get", [](auto& c, auto& e) { c.get("k", e, {.timeout = own}); });
    f.check("set", [](auto& c, auto& e) { c.set("k", "v", e, {.timeout = own}); });
    f.check("add", [](auto& c, auto& e) { c.add("k", "v", e, {.timeout = own}); });
    f.check("replace", [](auto& c, auto& e) { c.replace("k", "v", e, {.timeout = own}); });
    f.check("append", [](auto& c, auto& e) { c.append("k", "v", e, {.timeout = own}); });
    f.check("prepend", [](auto& c, auto& e) { c.prepend("k", "v", e, {.timeout = own}); });
    f.check("compare_and_swap",
            [](auto& c, auto& e) { c.compare_and_swap("k", "v", 1, e, {.timeout = own}); });
    f.check("remove", [](auto& c, auto& e) { c.remove("k", e, {.timeout = own}); });
    f.check("invalidate", [](auto& c, auto& e) { c.invalidate("k", 9s, e, {.timeout = own}); });
    f.check("touch", [](auto& c, auto& e) { c.touch("k", 9s, e, {.timeout = own}); });
    f.check("get_and_touch",
            [](auto& c, auto& e) { c.get_and_touch("k", 9s, e, {.timeout = own}); });
    f.check("inspect", [](auto& c, auto& e) { c.inspect("k", e, {.timeout = own}); });
    f.check("increment", [](auto& c, auto& e) { c.increment("k", 1, e, {.timeout = own}); });
    f.check("decrement", [](auto& c, auto& e) { c.decrement("k", 1, e, {.timeout = own}); });
    const auto change = [](const std::optional<item>&) { return std::optional<std::string>("v"); };
    f.check("update", [&](auto& c, auto& e) { c.update("k", change, e, {.timeout = own}); });
    const auto compute = [] { return std::string("v"); };
    f.check("get_or_compute",
            [&](auto& c, auto& e) { c.get_or_compute("k", compute, e, {.timeout = own}); });
}

TEST_CASE("a blocking operation on many keys ends by its own deadline") {
    constexpr std::array<std::string_view, 3> keys{"a", "b", "c"};
    constexpr std::array<entry, 2> entries{entry{"a", "1", 1}, entry{"b", "2", 1}};
    silent_server f;
    const auto check = [&](std::string_view name, auto call) { f.check_outcomes(name, call); };
    check("get_many", [&](auto& c, auto& e) { return c.get_many(keys, e, {.timeout = own}); });
    check("set_many", [&](auto& c, auto& e) { return c.set_many(entries, e, {.timeout = own}); });
    check("add_many", [&](auto& c, auto& e) { return c.add_many(entries, e, {.timeout = own}); });
    check("replace_many",
          [&](auto& c, auto& e) { return c.replace_many(entries, e, {.timeout = own}); });
    check("compare_and_swap_many",
          [&](auto& c, auto& e) { return c.compare_and_swap_many(entries, e, {.timeout = own}); });
    check("append_many",
          [&](auto& c, auto& e) { return c.append_many(entries, e, {.timeout = own}); });
    check("prepend_many",
          [&](auto& c, auto& e) { return c.prepend_many(entries, e, {.timeout = own}); });
    check("remove_many",
          [&](auto& c, auto& e) { return c.remove_many(keys, e, {.timeout = own}); });
    check("invalidate_many",
          [&](auto& c, auto& e) { return c.invalidate_many(keys, 9s, e, {.timeout = own}); });
    check("touch_many",
          [&](auto& c, auto& e) { return c.touch_many(keys, 9s, e, {.timeout = own}); });
    check("get_and_touch_many",
          [&](auto& c, auto& e) { return c.get_and_touch_many(keys, 9s, e, {.timeout = own}); });
    check("inspect_many",
          [&](auto& c, auto& e) { return c.inspect_many(keys, e, {.timeout = own}); });
    check("increment_many",
          [&](auto& c, auto& e) { return c.increment_many(keys, 1, e, {.timeout = own}); });
    check("decrement_many",
          [&](auto& c, auto& e) { return c.decrement_many(keys, 1, e, {.timeout = own}); });
    f.check("visit_many", [&](auto& c, auto& e) {
        std::error_code first;
        const auto visitor = [&](std::size_t, const auto& seen) {
            if (!first) first = seen.error;
        };
        c.visit_many(keys, visitor, e, {.timeout = own});
        if (!e) e = first;
    });
}

TEST_CASE("a typed blocking operation ends by its own deadline") {
    constexpr std::array<std::string_view, 2> keys{"a", "b"};
    silent_server f;
    const auto check = [&](std::string_view name, auto call) {
        f.check(name, [&](auto& cache, std::error_code& error) {
            typed_blocking_client<blocking_client<>> typed(cache);
            call(typed, error);
        });
    };
    check("get", [](auto& c, auto& e) { c.template get<int>("k", e, {.timeout = own}); });
    check("set", [](auto& c, auto& e) { c.set("k", 1, e, {.timeout = own}); });
    const auto change = [](const auto&) { return 1; };
    check("update",
          [&](auto& c, auto& e) { c.template update<int>("k", change, e, {.timeout = own}); });
    check("get_or_compute", [](auto& c, auto& e) {
        c.template get_or_compute<int>("k", [] { return 1; }, e, {.timeout = own});
    });
    check("get_many", [&](auto& c, auto& e) {
        e = error_of_each(e, c.template get_many<int>(keys, e, {.timeout = own}));
    });
}

TEST_CASE("of all nodes asked with a deadline only the silent one times out") {
    const auto network = std::make_shared<memory_network>();
    const std::vector<node> nodes{{"cache1"}, {"silent"}, {"cache2"}};
    for (const node& n : nodes) network->add(n);
    network->server(nodes[1]).set_faults({.stall_after_commands = 0});
    blocking_client<client<ketama, memory_transport>> cache(
        nodes, patient, memring::testing::memory_options{network});
    const auto check = [&](const auto& outcomes) {
        REQUIRE(outcomes.size() == 3);
        CHECK_FALSE(outcomes[0].error);
        CHECK(outcomes[1].error == errc::timed_out);
        CHECK(outcomes[1].where == nodes[1]);
        CHECK_FALSE(outcomes[2].error);
    };
    check(cache.version({.timeout = own}));
    check(cache.stats({}, {.timeout = own}));
    check(cache.verbosity(0, {.timeout = own}));
    check(cache.flush_all(0s, {.timeout = own}));
}

TEST_CASE("an asynchronous operation on all nodes has a deadline of its own") {
    const auto network = std::make_shared<memory_network>();
    network->add({"silent"});
    network->server({"silent"}).set_faults({.stall_after_commands = 0});
    asio::io_context io{1};
    client<ketama, memory_transport> cache(io.get_executor(), {{"silent"}}, patient,
                                           memring::testing::memory_options{network});
    recorder<std::vector<node_outcome<bool>>> flushed;
    recorder<std::vector<node_outcome<bool>>> heard;
    recorder<std::vector<node_outcome<std::string>>> versions;
    recorder<std::vector<node_outcome<std::vector<std::pair<std::string, std::string>>>>> known;
    const node_operation_options hasty{.timeout = own};
    cache.async_flush_all(0s, hasty, flushed);
    cache.async_verbosity(0, hasty, heard);
    cache.async_version(hasty, versions);
    cache.async_stats("settings", hasty, known);
    // The stream goes on owing answers, for as long as the client's own timeout.
    const auto give_up = std::chrono::steady_clock::now() + far_too_long;
    const auto all_done = [&] {
        return flushed.is_done() && heard.is_done() && versions.is_done() && known.is_done();
    };
    while (!all_done() && std::chrono::steady_clock::now() < give_up) io.run_one_until(give_up);
    REQUIRE(all_done());
    CHECK(error_of_each(flushed->error, flushed->value) == errc::timed_out);
    CHECK(error_of_each(heard->error, heard->value) == errc::timed_out);
    CHECK(error_of_each(versions->error, versions->value) == errc::timed_out);
    CHECK(error_of_each(known->error, known->value) == errc::timed_out);
}
