// Operations on one key that take several commands, where something goes wrong between any two of
// them: they end once, tell the truth, and leave the key to others.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/values/encoded_value.hpp>

#include "../support/completions.hpp"
#include "../support/memory_cluster.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::error_only;
using memring::testing::memory_cluster;
using memring::testing::memory_server;
using memring::testing::recorder;
using memring::testing::run_ready;
using memring::testing::runs_out_of_work;

using client_type = memory_cluster::client_type;
using found = std::optional<item>;

const client_options patient = memring::testing::patient_options();
const client_options hasty{.timeout = 100ms, .connect_timeout = 20s, .backoff = {.first = 0ms}};

struct fixture : memory_cluster {
    explicit fixture(const client_options& with = patient, std::size_t limit = 0)
        : memory_cluster({node{"here"}}, with, limit) {}

    bool stores(std::string_view key, std::string_view value) {
        recorder<store_result> stored;
        cache->async_set(key, value, stored);
        CHECK(runs_out_of_work(io));
        return stored.is_done() && !stored->error && stored->value == store_result::stored;
    }

    // Long before any lease ends.
    bool reads_or_computes(std::string_view key) {
        recorder<cached_value> got;
        cache->async_get_or_compute(
            key, [] { return "anew"; }, {.timeout = 1s}, got);
        CHECK(runs_out_of_work(io));
        return got.is_done() && !got->error;
    }
};

using bound = asio::cancellation_slot_binder<error_only, asio::cancellation_slot>;

// One operation on the key "k", and what is there before.
struct scenario {
    std::string name;
    std::function<void(memory_server&)> prepare;
    std::function<void(client_type&, bound)> start;
    bool computes = false;
};

void nothing(memory_server&) {}
void a_number(memory_server& server) { server.put("k", {.value = "41"}); }
void a_stale_value(memory_server& server) { server.put("k", {.value = "old", .is_stale = true}); }
void a_value_that_ends(memory_server& server) {
    server.put("k", {.value = "old", .expires_at = server.now() + 5});
}

std::vector<scenario> every_scenario() {
    const auto update = [](client_type& c, bound done) {
        c.async_update(
            "k", [](const found& now) { return now ? now->value + "2" : "1"; }, std::move(done));
    };
    const auto count = [](client_type& c, bound done) {
        c.async_increment("k", 1, counter_options{.initial = 7}, std::move(done));
    };
    const auto compute = [](client_type& c, bound done) {
        c.async_get_or_compute(
            "k", [] { return "made"; }, {.renew_before = 10s}, std::move(done));
    };
    const auto compute_later = [](client_type& c, bound done) {
        const auto executor = c.get_executor();
        c.async_get_or_compute(
            "k", [executor](auto give) { asio::post(executor, [give] { give({}, "made"); }); },
            {.renew_before = 10s}, std::move(done));
    };
    const auto give_up = [](client_type& c, bound done) {
        c.async_get_or_compute(
            "k", [](auto give) { give(make_error_code(errc::out_of_memory), {}); },
            {.renew_before = 10s}, std::move(done));
    };
    return {
        {"update, absent", nothing, update},
        {"update", a_number, update},
        {"count, absent", nothing, count},
        {"count", a_number, count},
        {"compute, absent", nothing, compute, true},
        {"compute, stale", a_stale_value, compute, true},
        {"compute, early", a_value_that_ends, compute, true},
        {"compute, there", a_number, compute},
        {"compute later, absent", nothing, compute_later, true},
        {"compute later, stale", a_stale_value, compute_later, true},
        {"compute later, early", a_value_that_ends, compute_later, true},
        {"give up, absent", nothing, give_up, true},
        {"give up, stale", a_stale_value, give_up, true},
    };
}

bool gives_up(const scenario& tried) { return tried.name.starts_with("give up"); }

// How an operation ended.
struct outcome_seen {
    int calls = 0;
    std::error_code error;
};

struct run {
    void start(const scenario& tried, client_type& cache) {
        tried.start(cache, bound(cancel.slot(), error_only{[seen = seen](std::error_code error) {
                                     ++seen->calls;
                                     seen->error = error;
                                 }}));
    }

    // Whether it ends within so many handlers.
    bool ends_within(std::size_t steps, asio::io_context& io) const {
        for (std::size_t i = 0; i < steps; ++i) io.poll_one();
        return seen->calls == 1;
    }

    asio::cancellation_signal cancel;
    std::shared_ptr<outcome_seen> seen = std::make_shared<outcome_seen>();
};

bool says_whether_to_repeat(std::error_code error) {
    return (error == condition::not_sent) != (error == condition::maybe_applied);
}

// Calls `ends_within(tried, steps)` for every scenario with one step more each time, until that
// says that the operation had ended by itself.
template <class EndsWithin>
void interrupt_at_every_step(EndsWithin ends_within) {
    for (const auto& tried : every_scenario()) {
        CAPTURE(tried.name);
        bool has_ended = false;
        for (std::size_t steps = 0; !has_ended; ++steps) {
            CAPTURE(steps);
            REQUIRE(steps < 500);
            has_ended = ends_within(tried, steps);
        }
    }
}

// As above: `abort(fixture, run)` ends it, once and at once, unless it had ended.
template <class Abort>
void abort_at_every_step(Abort abort) {
    interrupt_at_every_step([&](const scenario& tried, std::size_t steps) {
        fixture f(patient, 7);
        tried.prepare(f.server());
        run one;
        one.start(tried, *f.cache);
        const bool is_over = one.ends_within(steps, f.io);
        abort(f, one);
        CHECK(one.seen->calls == (is_over ? 1 : 0));
        CHECK(runs_out_of_work(f.io));
        CHECK(one.seen->calls == 1);
        if (!is_over) CHECK(one.seen->error == asio::error::operation_aborted);
        if (f.cache) CHECK(f.reads_or_computes("k"));
        return is_over;
    });
}

}  // namespace

TEST_CASE("an operation of several commands ends once, whichever step of the transport fails") {
    const auto refused = std::make_error_code(std::errc::connection_refused);
    for (const auto& tried : every_scenario()) {
        CAPTURE(tried.name);
        bool has_failed = true;
        for (std::size_t step = 0; has_failed; ++step) {
            CAPTURE(step);
            REQUIRE(step < 200);
            fixture f(patient, 7);
            tried.prepare(f.server());
            f.network->fail_step(step, refused);
            run one;
            one.start(tried, *f.cache);
            CHECK(runs_out_of_work(f.io));
            has_failed = f.network->has_failed();
            f.network->fail_step(1'000'000);
            CHECK(one.seen->calls == 1);
            if (gives_up(tried))
                CHECK(one.seen->error);
            else if (!tried.computes)
                CHECK(!!one.seen->error == has_failed);
            if (one.seen->error && one.seen->error != errc::out_of_memory)
                CHECK(says_whether_to_repeat(one.seen->error));
            CHECK(f.stores("k", "later"));
        }
    }
}

TEST_CASE("an operation of several commands takes no garbage for an answer, whichever it is") {
    for (const auto& tried : every_scenario()) {
        CAPTURE(tried.name);
        for (const char* bytes : {"\x01garbage\r\n", "HD O99\r\n", "VA 1 O99\r\nx\r\n", "XX\r\n"}) {
            CAPTURE(bytes);
            for (std::size_t command = 0; command < 3; ++command) {
                CAPTURE(command);
                fixture f;
                tried.prepare(f.server());
                f.server().set_faults({.garbage_at_command = command, .garbage = bytes});
                run one;
                one.start(tried, *f.cache);
                CHECK(runs_out_of_work(f.io));
                CHECK(one.seen->calls == 1);
                const bool is_hit = f.server().counters().commands <= command;
                if (command == 0) CHECK(one.seen->error == errc::malformed_reply);
                if (!is_hit && !tried.computes) CHECK(one.seen->error == errc::malformed_reply);
                f.server().set_faults({});
                CHECK(f.stores("k", "later"));
            }
        }
    }
}

TEST_CASE("an operation of several commands times out, whichever answer does not come") {
    for (const auto& tried : every_scenario()) {
        CAPTURE(tried.name);
        for (std::size_t command = 0; command < 2; ++command) {
            CAPTURE(command);
            fixture f(hasty);
            tried.prepare(f.server());
            f.server().set_faults({.stall_after_commands = command});
            run one;
            const auto started = std::chrono::steady_clock::now();
            one.start(tried, *f.cache);
            CHECK(runs_out_of_work(f.io, 10s));
            CHECK(std::chrono::steady_clock::now() - started < 5s);
            CHECK(one.seen->calls == 1);
            if (command == 0) CHECK(one.seen->error == errc::timed_out);
            if (command == 1 && tried.name.starts_with("update"))
                CHECK(one.seen->error == errc::timed_out);
        }
    }
}

TEST_CASE("an operation of several commands can be cancelled between any two of its steps") {
    abort_at_every_step(
        [](fixture&, run& one) { one.cancel.emit(asio::cancellation_type::total); });
}

TEST_CASE("an operation of several commands is aborted once when its client goes at any step") {
    abort_at_every_step([](fixture& f, run&) { f.cache.reset(); });
}

TEST_CASE("an operation of several commands dies with its context at any step") {
    interrupt_at_every_step([](const scenario& tried, std::size_t steps) {
        fixture f(patient, 7);
        tried.prepare(f.server());
        run one;
        bool is_over = false;
        {
            asio::io_context dying{1};
            const auto cache = f.make_client(dying);
            one.start(tried, *cache);
            is_over = one.ends_within(steps, dying);
        }
        CHECK(one.seen.use_count() == 1);
        CHECK(one.seen->calls == (is_over ? 1 : 0));
        return is_over;
    });
}

TEST_CASE("a computation that waits in the context dies with it") {
    fixture f;
    const auto seen = std::make_shared<int>(0);
    {
        asio::io_context dying{1};
        const auto cache = f.make_client(dying);
        asio::steady_timer timer(dying, 1h);
        cache->async_get_or_compute(
            "k",
            [&timer](auto give) {
                timer.async_wait([give](std::error_code error) { give(error, "made"); });
            },
            [seen](std::error_code, const cached_value&) { ++*seen; });
        run_ready(dying);
        CHECK(seen.use_count() == 2);
    }
    CHECK(seen.use_count() == 1);
    CHECK(*seen == 0);
}

TEST_CASE("a client that goes while a value is computed aborts at once") {
    fixture f;
    recorder<cached_value> got;
    std::function<void(std::error_code, std::string)> give;
    f.cache->async_get_or_compute(
        "k", [&](auto done) { give = done; }, got);
    run_ready(f.io);
    REQUIRE(give);
    f.cache.reset();
    CHECK(got->calls == 0);
    CHECK(runs_out_of_work(f.io));
    CHECK(got.is_done());
    CHECK(got->error == asio::error::operation_aborted);
    give({}, "made");
    give = nullptr;
    CHECK(runs_out_of_work(f.io));
    CHECK(got.is_done());
}

// ---- what functions may return ------------------------------------------------------------------

TEST_CASE("an update may give flags with its value, or an error in its place") {
    fixture f;
    f.server().put("k", {.value = "old", .flags = 3});
    using result = outcome<std::optional<encoded_value>>;
    recorder<found> flagged;
    recorder<found> kept;
    recorder<found> left;
    recorder<found> refused;
    f.cache->async_update(
        "k",
        [](const found&) {
            return result{{}, encoded_value{"new", 8}};
        },
        {.flags = 16}, flagged);
    CHECK(runs_out_of_work(f.io));
    f.cache->async_update(
        "k", [](const found& now) { return now->value + "er"; }, {.flags = 1}, kept);
    CHECK(runs_out_of_work(f.io));
    f.cache->async_update(
        "k", [](const found&) { return result{}; }, left);
    f.cache->async_update(
        "k",
        [](const found&) {
            return result{make_error_code(errc::foreign_value), encoded_value{"no", 0}};
        },
        refused);
    CHECK(runs_out_of_work(f.io));
    CHECK(flagged->value->value == "new");
    CHECK(flagged->value->flags == 24);
    CHECK(kept->value->value == "newer");
    CHECK(kept->value->flags == 24);
    CHECK(left->value->value == "newer");
    CHECK(refused->error == errc::foreign_value);
    CHECK_FALSE(refused->value);
    CHECK(f.server().peek("k")->value == "newer");
    CHECK(f.server().peek("k")->flags == 24);
}

TEST_CASE("a computation may give flags with its value, or an error in its place") {
    fixture f;
    recorder<cached_value> at_once;
    recorder<cached_value> later;
    recorder<cached_value> refused;
    f.cache->async_get_or_compute(
        "a",
        [] {
            return outcome<encoded_value>{{}, {"made", 8}};
        },
        {.flags = 16}, at_once);
    f.cache->async_get_or_compute(
        "b",
        [](auto give) {
            give({}, encoded_value{"made", 8});
        },
        later);
    f.cache->async_get_or_compute(
        "c",
        [] {
            return outcome<encoded_value>{make_error_code(errc::out_of_memory), {}};
        },
        refused);
    CHECK(runs_out_of_work(f.io));
    CHECK(at_once->value.value == "made");
    CHECK(at_once->value.flags == 24);
    CHECK(f.server().peek("a")->flags == 24);
    CHECK(later->value.flags == 8);
    CHECK(f.server().peek("b")->flags == 8);
    CHECK(refused->error == errc::out_of_memory);
    CHECK_FALSE(f.server().peek("c"));
}
