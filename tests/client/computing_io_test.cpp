// Update and get-or-compute against in-process servers, with others at the same key at the worst
// moment, and against a real memcached.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_transport.hpp>

#include "../support/clients.hpp"
#include "../support/completions.hpp"
#include "../support/forked_memcached.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using namespace memring::testing;

using client_type = client<ketama, memory_transport>;
using hit = std::optional<item>;
using text = std::optional<std::string>;
using cached = recorder<cached_value>;

client_options speaking(protocol speaks, std::string prefix = "") {
    return {.timeout = 20s,
            .max_value_size = 50'000,
            .key_prefix = std::move(prefix),
            .speaks = speaks,
            .backoff = {.first = 0ms}};
}

/// Servers whose time stands still, and two clients.
struct fixture {
    explicit fixture(const client_options& options = speaking(protocol::meta),
                     const std::vector<node>& nodes = {node{"here"}})
        : cache(io.get_executor(), nodes, options, {network}),
          other(io.get_executor(), nodes, options, {network}) {
        const memory_server_options limits{.item_size_limit = 32 * 1024,
                                           .clock = [] { return std::int64_t{1'700'000'000}; }};
        for (const node& each : nodes) network->add(each, std::make_shared<memory_server>(limits));
    }

    memory_server& server() { return network->server(here); }
    stored_item at(std::string_view key) {
        return server().peek(key).value_or(stored_item{.value = "(absent)"});
    }
    completion<hit> update(std::string_view key, auto change, const store_options& options = {}) {
        recorder<hit> done;
        cache.async_update(key, std::move(change), options, done);
        finish();
        CHECK(done.is_done());
        return *done.seen;
    }
    cached compute(auto function, const compute_options& options = {}) {
        const auto done = start(cache, std::move(function), options);
        finish();
        return done;
    }
    // Starts it and goes as far as that goes without waiting.
    cached start(client_type& who, auto function, const compute_options& options = {}) {
        cached done;
        who.async_get_or_compute("k", std::move(function), options, done);
        run_ready(io);
        return done;
    }
    void invalidate() {
        other.async_invalidate("k", 0s, recorder<bool>());
        run_ready(io);
    }
    // A function that computes when it is told to, by `answer`.
    auto held() {
        return [this](auto done) { asked.push_back(std::move(done)); };
    }
    void answer(std::size_t which, std::string value, std::error_code error = {}) {
        std::exchange(asked.at(which), nullptr)(error, std::move(value));
        std::ranges::all_of(asked, std::logical_not()) ? finish() : run_ready(io);
    }
    void finish() { CHECK(runs_out_of_work(io)); }
    void run_until(const std::function<bool()>& is_reached) {
        for (int i = 0; i < 2000 && !is_reached(); ++i) io.restart(), io.run_one_for(10ms);
        REQUIRE(is_reached());
    }

    const node here{"here"};
    asio::io_context io{1};
    std::vector<std::function<void(std::error_code, std::string)>> asked;
    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    client_type cache;
    client_type other;
};

void over_each_protocol(auto test) {
    for (const protocol speaks : {protocol::meta, protocol::classic, protocol::binary}) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        test(f, speaks);
    }
}

text plus_one(const hit& current) {
    return std::to_string((current ? std::stoi(current->value) : 0) + 1);
}

/// A change that loses against somebody else who writes each time.
struct loser {
    fixture& f;
    int calls = 0;
    text operator()(const hit&) {
        f.server().put("a", {.value = std::to_string(++calls)});
        return "mine";
    }
};

constexpr auto fresh = [] { return std::string("fresh"); };

bool is(const cached& got, std::string_view value, value_source source, bool is_stored = true) {
    return got.is_done() && !got->error && got->value.value == value &&
           got->value.source == source && got->value.is_stored == is_stored;
}

}  // namespace

TEST_CASE("an update adds what is absent and changes what is there, which keeps its flags") {
    over_each_protocol([](fixture& f, protocol speaks) {
        for (const std::uint32_t i : {1u, 2u}) {
            const auto got = f.update("n", plus_one, {.expires_in = 100s * i, .flags = 6 + i});
            const auto now = f.at("n");
            CHECK((!got.error && now.value == std::to_string(i) && now.flags == 7));
            CHECK(now.expires_at == f.server().now() + 100 * i);
            // Classic does not tell the new number.
            CHECK(got.value == item{now.value, 7, speaks == protocol::classic ? 0 : now.cas});
        }
    });
}

TEST_CASE("an update that wants no change stores nothing and hands back what is there") {
    over_each_protocol([](fixture& f, protocol) {
        const auto nothing = [](const hit&) { return text(); };
        CHECK((!f.update("a", nothing).error && !f.update("a", nothing).value));
        f.server().put("a", {.value = "as it was", .flags = 7});
        const auto cas = f.at("a").cas;
        CHECK(f.update("a", nothing, {.flags = 9}).value == item{"as it was", 7, cas});
        CHECK((f.at("a").cas == cas && f.server().counters().sets == 0));
    });
}

TEST_CASE("an update is made again on what somebody else wrote or removed meanwhile") {
    over_each_protocol([](fixture& f, protocol) {
        std::vector<std::string> seen;
        const auto disturbed = [&](const hit& current) {
            seen.push_back(current ? current->value : "-");
            if (seen.size() <= 2) f.server().put("n", {.value = std::to_string(10 * seen.size())});
            if (seen.size() == 3) f.server().evict("n");
            return plus_one(current);
        };
        CHECK_FALSE(f.update("n", disturbed).error);
        CHECK(seen == std::vector<std::string>{"-", "10", "20", "-"});
        CHECK(f.at("n").value == "1");
    });
}

TEST_CASE("no update of two clients is lost") {
    over_each_protocol([](fixture& f, protocol) {
        int calls = 0;
        const auto counted = [&](const hit& current) { return ++calls, plus_one(current); };
        for (int i = 0; i < 100; ++i) {
            recorder<hit> second;
            f.other.async_update("n", counted, second);
            CHECK_FALSE(f.update("n", counted).error);
            CHECK((second.is_done() && !second->error));
        }
        CHECK(f.at("n").value == "200");
        CHECK(calls > 200);  // they were in each other's way
    });
}

TEST_CASE("an update to a value that is too large is refused, by the client or the server") {
    over_each_protocol([](fixture& f, protocol) {
        f.server().put("a", {.value = "old"});
        for (const std::size_t size : {60'000u, 40'000u}) {
            const auto grow = [&](const hit&) { return text(std::string(size, 'v')); };
            CHECK(f.update("a", grow).error == errc::value_too_large);
            CHECK(f.update("b", grow).error == errc::value_too_large);
            CHECK_FALSE(f.server().peek("b"));
            if (size > 50'000) CHECK(f.at("a").value == "old");  // nothing was sent
        }
    });
}

TEST_CASE("an update hands on the error of its node, of the read and of the store") {
    over_each_protocol([](fixture& f, protocol) {
        int calls = 0;
        const auto last = [&](const hit& current) {
            f.network->stop(f.here);
            return ++calls, plus_one(current);
        };
        f.network->stop(f.here);
        CHECK((f.update("a", last).error == std::errc::connection_refused && calls == 0));
        f.network->start(f.here);
        CHECK(f.update("a", last).error);
        CHECK((calls == 1 && !f.server().peek("a")));
    });
}

TEST_CASE("an update that fails leaves the renewal of a stale item to get_or_compute") {
    fixture f;
    asio::cancellation_signal signal;
    const std::vector<std::pair<const char*, std::function<std::size_t()>>> failures{
        {"too large", [] { return std::size_t{60'000}; }},
        {"the connection fails", [&] { return f.network->fail_step(0), std::size_t{1}; }},
        {"cancelled", [&] {
             f.network->cut_connections(f.here);
             asio::post(f.io, [&] { signal.emit(asio::cancellation_type::all); });
             return std::size_t{1};
         }}};
    for (const auto& failure : failures) {
        CAPTURE(failure.first);
        f.server().put("k", {.value = "old"});
        f.invalidate();
        recorder<hit> done;
        const auto fail = [&](const hit&) { return text(std::string(failure.second(), 'v')); };
        f.cache.async_update("k", fail, asio::bind_cancellation_slot(signal.slot(), done));
        f.run_until([&] { return done.is_done(); });
        CHECK(done->error);
        f.finish();
        CHECK(f.at("k").value == "old");
        CHECK(is(f.compute(fresh), "fresh", value_source::computed));
    }
}

TEST_CASE("an update that leaves a stale item as it is hands out no cas that is over") {
    fixture f;
    const auto nothing = [](const hit&) { return text(); };
    f.server().put("k", {.value = "old", .flags = 7});
    f.invalidate();
    CHECK(f.update("k", nothing).value == item{"old", 7, 0});
    const auto winner = f.start(f.other, f.held());
    recorder<hit> second;
    f.cache.async_update("k", nothing, second);
    run_ready(f.io);
    CHECK(second->value == item{"old", 7, f.at("k").cas});
    f.answer(0, "new");
    CHECK(is(winner, "new", value_source::computed));
}

TEST_CASE("an update that loses every race is contended, or cancelled, as one without an answer") {
    over_each_protocol([](fixture& f, protocol) {
        CHECK(f.update("a", loser{f}, {.timeout = 30ms}).error == errc::contended);
        CHECK(f.at("a").value > "1");  // tried more than once
        for (const bool is_stalled : {false, true}) {
            CAPTURE(is_stalled);
            if (is_stalled) f.server().set_faults({.stall_after_commands = 0});
            f.server().evict("a");
            asio::cancellation_signal signal;
            recorder<hit> done;
            f.cache.async_update("a", loser{f}, asio::bind_cancellation_slot(signal.slot(), done));
            run_ready(f.io);
            CHECK(done->calls == 0);
            signal.emit(asio::cancellation_type::all);
            f.run_until([&] { return done.is_done(); });
            CHECK(done->error == asio::error::operation_aborted);
            CHECK(f.at("a").value == (is_stalled ? "(absent)" : "1"));
        }
    });
}

TEST_CASE("a miss is computed once and stored with expiry and flags; a hit is not computed") {
    fixture f;
    int calls = 0;
    const auto counted = [&] { return std::to_string(++calls); };
    const compute_options options{.expires_in = 100s, .flags = 7};
    CHECK(is(f.compute(counted, options), "1", value_source::computed));
    CHECK((f.at("k").value == "1" && f.at("k").flags == 7));
    CHECK(f.at("k").expires_at == f.server().now() + 100);
    CHECK(is(f.compute(counted, {.flags = 9}), "1", value_source::hit));
    f.server().advance(100);
    CHECK(is(f.compute(counted, options), "2", value_source::computed));
    CHECK(f.compute(counted, {.lease = 0s})->error == errc::invalid_expiry);
    CHECK(calls == 2);
}

TEST_CASE("of twenty clients that miss at once one computes, and the others get its value") {
    fixture f;
    const auto herd = [&](auto clients, const node& where, const auto& transport) {
        for (int i = 0; i < 20; ++i)
            clients.emplace_back(f.io.get_executor(), std::vector{where}, client_options(),
                                 transport);
        f.asked.clear();
        std::vector<cached> done(20);
        auto handler = done.begin();
        for (auto& each : clients)
            each.async_get_or_compute("k", f.held(), {.flags = 7}, *handler++);
        f.run_until([&] { return f.asked.size() != 0; });
        run_ready(f.io);
        f.answer(0, "value");
        std::size_t hits = 0;
        for (const auto& each : done) {
            hits += each->value.source == value_source::hit;
            CHECK((is(each, "value", each->value.source) && each->value.flags == 7));
        }
        CHECK((hits == 19 && f.asked.size() == 1));
    };
    herd(std::list<client_type>(), f.here, memory_options{f.network});
    CHECK(f.server().counters().sets == 1);
    const forked_memcached server;
    herd(std::list<client<>>(), {"127.0.0.1", server.port()}, client<>::transport_options());
}

TEST_CASE("what was invalidated is renewed by one, while others take the old value or wait") {
    fixture f;
    f.server().put("k", {.value = "old", .flags = 3});
    f.invalidate();
    const auto winner = f.start(f.cache, f.held());
    const auto patient = f.start(f.other, f.held(), {.accepts_stale = false});
    const auto content = f.start(f.other, f.held());
    CHECK((is(content, "old", value_source::stale) && content->value.flags == 3));
    CHECK((winner->calls == 0 && patient->calls == 0));
    f.answer(0, "new");
    CHECK(is(winner, "new", value_source::computed));
    CHECK(is(patient, "new", value_source::hit));
    CHECK(is(f.compute(f.held()), "new", value_source::hit));
    CHECK(f.asked.size() == 1);
}

TEST_CASE("a value is renewed once in the last part of its life, and is a hit meanwhile") {
    fixture f;
    const compute_options options{.expires_in = 100s, .renew_before = 30s};
    CHECK(is(f.compute(fresh, options), "fresh", value_source::computed));
    f.server().advance(60);
    CHECK(is(f.compute(f.held(), options), "fresh", value_source::hit));
    f.server().advance(20);
    const auto renewal = f.start(f.cache, f.held(), options);
    CHECK(is(f.start(f.other, f.held(), options), "fresh", value_source::hit));
    f.answer(0, "new");
    CHECK(is(renewal, "new", value_source::computed));
    CHECK(f.at("k").expires_at == f.server().now() + 100);
    CHECK(is(f.compute(f.held(), options), "new", value_source::hit));
    CHECK(f.asked.size() == 1);
}

TEST_CASE("a hit takes one command; whoever is to renew it early takes another to ask for that") {
    fixture f;
    const compute_options options{.expires_in = 100s, .renew_before = 30s};
    const auto commands_of = [&](auto function) {
        const auto before = f.server().counters().commands;
        const auto got = f.start(f.other, std::move(function), options);
        return f.server().counters().commands - before;
    };
    CHECK(commands_of(fresh) == 2);
    CHECK(commands_of(f.held()) == 1);
    f.server().advance(71);
    CHECK(commands_of(f.held()) == 2);
    CHECK(f.asked.size() == 1);
    CHECK(commands_of(f.held()) == 1);  // somebody else is at it
    f.answer(0, "new");
    f.server().put("k", {.value = "endless"});
    CHECK(commands_of(f.held()) == 1);
}

TEST_CASE("an asynchronous function gives a value at once, an error, or nothing") {
    fixture f;
    const auto refused = std::make_error_code(std::errc::permission_denied);
    CHECK(f.compute([&](auto done) { done(refused, "ignored"); })->error == refused);
    CHECK(f.compute([](auto) {})->error == asio::error::operation_aborted);
    CHECK_FALSE(f.server().peek("k"));
    const auto twice = [](auto done) { done({}, "value"), done({}, "of a second call"); };
    CHECK(is(f.compute(twice), "value", value_source::computed));
    CHECK(f.at("k").value == "value");
}

TEST_CASE("a function's error gives the lease back: the next caller computes at once") {
    for (const bool is_stale : {false, true}) {
        CAPTURE(is_stale);
        fixture f;
        if (is_stale) f.server().put("k", {.value = "old"});
        if (is_stale) f.invalidate();
        const auto failed = f.start(f.cache, f.held());
        const auto next = f.start(f.other, fresh, {.accepts_stale = false});
        CHECK(next->calls == 0);
        f.answer(0, "", std::make_error_code(std::errc::io_error));
        CHECK(failed->error == std::errc::io_error);
        CHECK(is(next, "fresh", value_source::computed));
    }
}

TEST_CASE("the lease of a winner that never answers runs out, and another computes") {
    fixture f;
    const auto silent = f.start(f.cache, f.held(), {.lease = 5s});
    const auto hasty = f.start(f.other, f.held(), {.timeout = 10ms});
    f.run_until([&] { return hasty.is_done(); });
    CHECK(hasty->error == errc::contended);
    const auto waiting = f.start(f.other, f.held());
    CHECK(f.asked.size() == 1);
    f.server().advance(5);
    f.run_until([&] { return f.asked.size() == 2; });
    f.answer(1, "second");
    CHECK((is(waiting, "second", value_source::computed) && silent->calls == 0));
    f.answer(0, "first");
    CHECK((is(silent, "first", value_source::computed, false) && f.at("k").value == "second"));
}

TEST_CASE("a computed value is not stored over what came meanwhile, or where it is too large") {
    fixture f;
    const std::string large(60'000, 'v');
    CHECK(is(f.compute([&] { return large; }), large, value_source::computed, false));
    CHECK_FALSE(f.server().peek("k"));
    const auto first = f.start(f.cache, f.held());
    f.invalidate();
    f.answer(0, "first");
    CHECK(is(first, "first", value_source::computed, false));
    const auto second = f.start(f.cache, f.held());
    f.other.async_set("k", "written", recorder<store_result>());
    run_ready(f.io);
    f.answer(1, "second");
    CHECK(is(second, "second", value_source::computed, false));
    CHECK(is(f.compute(f.held()), "written", value_source::hit));
    f.server().evict("k");
    const auto failed = f.start(f.cache, f.held());
    f.network->stop(f.here);
    f.answer(2, "third");
    CHECK(is(failed, "third", value_source::computed, false));
    CHECK(f.compute(f.held())->error == std::errc::connection_refused);
    CHECK(f.asked.size() == 3);
}

TEST_CASE("cancelled while it computes, it ends at once and the value is still stored") {
    fixture f;
    asio::cancellation_signal signals[2];
    cached done[2];  // who computes, and who waits
    for (const std::size_t i : {0u, 1u}) {
        f.cache.async_get_or_compute("k", f.held(),
                                     asio::bind_cancellation_slot(signals[i].slot(), done[i]));
        run_ready(f.io);
    }
    for (auto& each : signals) each.emit(asio::cancellation_type::all);
    CHECK((done[0]->calls == 0 && done[1]->calls == 0));  // not from within
    f.run_until([&] { return done[0].is_done() && done[1].is_done(); });
    for (const auto& each : done) CHECK(each->error == asio::error::operation_aborted);
    f.answer(0, "value");
    CHECK((done[0].is_done() && f.asked.size() == 1 && f.at("k").value == "value"));
}

TEST_CASE("over classic and binary nothing is computed and nothing sent") {
    over_each_protocol([](fixture& f, protocol speaks) {
        if (speaks == protocol::meta) return;
        CHECK(f.compute(f.held())->error == errc::unsupported);
        CHECK((f.asked.size() == 0 && f.server().counters().commands == 0));
    });
}

TEST_CASE("both find a key by its server key, and put the prefix before it") {
    const std::vector<node> nodes{{"a"}, {"b"}, {"c"}};
    fixture f(speaking(protocol::meta, "p:"), nodes);
    for (int i = 0; i < 20; ++i) {
        const auto key = "k" + std::to_string(i);
        const auto one = [] { return std::string("1"); };
        f.cache.async_get_or_compute(key, one, {.server_key = "s"}, cached());
        CHECK_FALSE(f.update(key, plus_one, {.server_key = "s"}).error);
    }
    for (const node& each : nodes) {
        const auto keys = f.network->server(each).keys();
        CHECK((keys.empty() || keys.size() == 20));
        for (const auto& key : keys)
            CHECK((key.starts_with("p:k") && f.network->server(each).peek(key)->value == "2"));
    }
}

TEST_CASE("the blocking forms return the value or throw, on a real memcached") {
    const forked_memcached server;
    blocking_client<> cache({{"127.0.0.1", server.port()}}, speaking(protocol::meta));
    CHECK(cache.update("n", plus_one, {.flags = 7})->value == "1");
    CHECK((cache.update("n", plus_one)->flags == 7 && cache.get("n")->value == "2"));
    CHECK_THROWS_AS(cache.update("", plus_one), std::system_error);
    CHECK(cache.get_or_compute("k", fresh).source == value_source::computed);
    CHECK(cache.get_or_compute("k", fresh).source == value_source::hit);
    const auto failing = [](auto done) { done(std::make_error_code(std::errc::io_error), ""); };
    std::error_code error;
    CHECK((cache.get_or_compute("f", failing, error).value == "" && error == std::errc::io_error));
    CHECK_THROWS_AS(cache.get_or_compute("f", failing), std::system_error);
    std::thread worker;
    const auto later = [&](auto done) { worker = std::thread([done] { done({}, "value"); }); };
    CHECK(cache.get_or_compute("f", later).value == "value");
    worker.join();
}
