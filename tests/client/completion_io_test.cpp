// How operations complete: with which tokens, on which executor, how often, and what becomes of
// them when the client, the context or the caller's patience ends first.

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <asio/version.hpp>
#if ASIO_VERSION < 102300
#include <asio/experimental/deferred.hpp>
namespace lazy = asio::experimental;
#else
#include <asio/deferred.hpp>
namespace lazy = asio;
#endif

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/testing/memory_transport.hpp>

#include "../support/completions.hpp"
#include "../support/memory_cluster.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::every_operation;
using memring::testing::recorder;
using memring::testing::run_ready;
using memring::testing::runs_out_of_work;

using fixture = memring::testing::memory_cluster;
using client_type = fixture::client_type;
using hit = std::optional<item>;

bool is_value(const hit& got, std::string_view value) { return got && got->value == value; }

// A handler that cannot be copied.
struct move_only_handler {
    std::unique_ptr<int> calls;
    int* seen;
    void operator()(std::error_code error, hit got) const {
        *seen = error || got ? -1 : *seen + *calls;
    }
};

asio::awaitable<void> read_twice(client_type& cache, std::vector<std::string>& seen) {
    (void)co_await cache.async_set("a", "1", {.flags = 7}, asio::use_awaitable);
    const auto first = co_await cache.async_get("a", asio::use_awaitable);
    seen.push_back(first ? first->value : "miss");
    const std::array<std::string_view, 2> keys{"a", "absent"};
    const auto many = co_await cache.async_get_many(keys, asio::use_awaitable);
    seen.push_back(std::to_string(many.size()));
    try {
        (void)co_await cache.async_get("not a key", asio::use_awaitable);
    } catch (const std::system_error& error) {
        seen.push_back(error.code().message());
    }
}

asio::awaitable<void> get_for_ever(client_type& cache, int& ended) {
    struct at_end {
        int& ended;
        ~at_end() { ++ended; }
    } const guard{ended};
    (void)co_await cache.async_get("a", asio::use_awaitable);
}

asio::awaitable<void> own_a_client(std::unique_ptr<client_type> cache, int& ended) {
    co_await get_for_ever(*cache, ended);
}

asio::awaitable<void> own_a_client_and_batch(std::unique_ptr<client_type> cache, int& ended) {
    struct at_end {
        int& ended;
        ~at_end() { ++ended; }
    } const guard{ended};
    const std::array<std::string_view, 3> keys{"a", "b", "not a key"};
    (void)co_await cache->async_get_many(keys, asio::use_awaitable);
}

}  // namespace

// ---- tokens -------------------------------------------------------------------------------------

TEST_CASE("coroutines wait for operations and get their errors as exceptions") {
    fixture f;
    std::vector<std::string> seen;
    asio::co_spawn(f.io, read_twice(*f.cache, seen), asio::detached);
    CHECK(runs_out_of_work(f.io));
    CHECK(seen == std::vector<std::string>{"1", "2", make_error_code(errc::invalid_key).message()});
}

TEST_CASE("a hundred coroutines share a client") {
    fixture f;
    std::vector<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        asio::co_spawn(f.io, read_twice(*f.cache, seen), asio::detached);
    }
    CHECK(runs_out_of_work(f.io));
    CHECK(seen.size() == 300);
    CHECK(f.server().counters().connections == 1);
}

TEST_CASE("a future gets the value or the error") {
    fixture f;
    auto stored = f.cache->async_set("a", "1", asio::use_future);
    auto got = f.cache->async_get("a", asio::use_future);
    auto refused = f.cache->async_get("", asio::use_future);
    CHECK(runs_out_of_work(f.io));
    CHECK(stored.get() == store_result::stored);
    CHECK(is_value(got.get(), "1"));
    CHECK_THROWS_AS((void)refused.get(), std::system_error);
}

TEST_CASE("a deferred operation starts when it is asked to, with the key and value of the call") {
    fixture f;
    std::string key(100, 'k');
    std::string value(100, 'v');
    auto store = f.cache->async_set(key, value, lazy::deferred);
    const std::vector<std::string_view> keys{key, "absent"};
    auto fetch = f.cache->async_get_many(keys, lazy::deferred);
    CHECK(runs_out_of_work(f.io));
    CHECK(f.server().counters().commands == 0);
    key.assign(100, 'x');
    value.assign(100, 'y');
    recorder<store_result> stored;
    std::move(store)(stored);
    recorder<std::vector<outcome<hit>>> got;
    std::move(fetch)(got);
    CHECK(stored->calls == 0);
    CHECK(runs_out_of_work(f.io));
    CHECK(stored->value == store_result::stored);
    REQUIRE(got->value.size() == 2);
    CHECK(is_value(got->value[0].value, std::string(100, 'v')));
    CHECK(f.server().peek(std::string(100, 'k')).has_value());
}

TEST_CASE("a deferred operation may outlive its client, and is refused") {
    fixture f;
    auto fetch = f.cache->async_get("a", lazy::deferred);
    f.cache.reset();
    recorder<hit> got;
    std::move(fetch)(got);
    CHECK(runs_out_of_work(f.io));
    CHECK(got.is_done());
    CHECK(got->error == asio::error::operation_aborted);
}

TEST_CASE("a handler may be move-only") {
    fixture f;
    int calls = 0;
    f.cache->async_get("absent", move_only_handler{std::make_unique<int>(1), &calls});
    CHECK(runs_out_of_work(f.io));
    CHECK(calls == 1);
}

TEST_CASE("a handler passed as an lvalue is copied, const or not") {
    fixture f;
    recorder<hit> handler;
    f.cache->async_get("a", handler);
    REQUIRE(handler.seen);
    const recorder<hit>& constant = handler;
    f.cache->async_get("a", constant);
    CHECK(runs_out_of_work(f.io));
    CHECK(handler->calls == 2);
}

// ---- where and when handlers run ----------------------------------------------------------------

TEST_CASE("no handler runs inside the initiating call, whatever the operation") {
    fixture f;
    for (const char* key : {"fine", "not a key"}) {
        for (const auto& operation : every_operation<client_type>()) {
            CAPTURE(operation.name);
            int calls = 0;
            bool is_inside = true;
            operation.start(*f.cache, key, {[&](std::error_code) {
                ++calls;
                CHECK_FALSE(is_inside);
            }});
            is_inside = false;
            CHECK(calls == 0);
            CHECK(runs_out_of_work(f.io));
            CHECK(calls == 1);
        }
    }
}

TEST_CASE("a handler runs on its strand") {
    fixture f;
    const auto strand = asio::make_strand(f.io);
    int on_strand = 0;
    const auto count = [&](std::error_code, const auto&) {
        on_strand += strand.running_in_this_thread() ? 1 : 0;
    };
    f.cache->async_get("a", asio::bind_executor(strand, count));
    f.cache->async_get("not a key", asio::bind_executor(strand, count));
    f.cache->async_set("a", "1", asio::bind_executor(strand, count));
    const std::vector<std::string_view> keys{"a", "b"};
    f.cache->async_get_many(keys, asio::bind_executor(strand, count));
    CHECK(runs_out_of_work(f.io));
    CHECK(on_strand == 4);
}

TEST_CASE("a client on a strand completes on it") {
    fixture f;
    const asio::any_io_executor strand = asio::make_strand(f.io);
    client_type cache(strand, f.nodes, {}, memring::testing::memory_options{f.network});
    bool is_on_strand = false;
    asio::post(strand, [&] {
        cache.async_get("a", [&](std::error_code, const hit&) {
            is_on_strand = strand.target<asio::strand<asio::io_context::executor_type>>()
                               ->running_in_this_thread();
        });
    });
    CHECK(runs_out_of_work(f.io));
    CHECK(is_on_strand);
}

TEST_CASE("a handler of another context runs there, and keeps it at work until then") {
    fixture f;
    asio::io_context other{1};
    std::thread::id ran_on;
    f.cache->async_get("a", asio::bind_executor(other.get_executor(), [&](std::error_code, hit) {
                           ran_on = std::this_thread::get_id();
                       }));
    std::thread elsewhere([&] { other.run(); });  // ends when the handler has run
    CHECK(runs_out_of_work(f.io));
    const auto expected = elsewhere.get_id();
    elsewhere.join();
    CHECK(ran_on == expected);
}

TEST_CASE("handlers start operations, as deep as they like") {
    fixture f;
    int left = 10'000;
    std::function<void(std::error_code, hit)> again = [&](std::error_code error, const hit&) {
        CHECK_FALSE(error);
        if (--left > 0) f.cache->async_get("a", again);
    };
    f.cache->async_get("a", again);
    CHECK(runs_out_of_work(f.io));
    CHECK(left == 0);
}

TEST_CASE("run() returns when the answers are in, long before any deadline") {
    fixture f;
    recorder<hit> got;
    f.cache->async_get("a", got);
    const auto started = std::chrono::steady_clock::now();
    CHECK(runs_out_of_work(f.io, 10s));  // timeouts are 20 s
    CHECK(std::chrono::steady_clock::now() - started < 10s);
    CHECK(got.is_done());
}

TEST_CASE("an error's handler that throws leaves the others theirs") {
    fixture f;
    f.cache->async_get("not a key", [](std::error_code, const hit&) {
        throw std::runtime_error("thrown by a handler");
    });
    recorder<hit> refused;
    f.cache->async_get("not a key", refused);
    recorder<hit> got;
    f.cache->async_get("a", got);
    CHECK_THROWS_WITH(run_ready(f.io), "thrown by a handler");
    CHECK(runs_out_of_work(f.io));
    CHECK(refused.is_done());
    CHECK(got.is_done());
}

// ---- ends ---------------------------------------------------------------------------------------

TEST_CASE("every operation under way is aborted once when its client goes") {
    for (const bool has_run : {false, true}) {
        for (const auto& operation : every_operation<client_type>()) {
            CAPTURE(operation.name);
            fixture f;
            f.server().set_faults({.stall_after_commands = 0});
            int calls = 0;
            std::error_code error;
            operation.start(*f.cache, "a", {[&](std::error_code e) {
                ++calls;
                error = e;
            }});
            if (has_run) run_ready(f.io);
            f.cache.reset();
            CHECK(calls == 0);
            CHECK(runs_out_of_work(f.io, 10s));
            CHECK(calls == 1);
            CHECK(error == asio::error::operation_aborted);
        }
    }
}

TEST_CASE("a client that is assigned to aborts its operations, the other's go on") {
    fixture f;
    auto other = f.make_client(f.io);
    recorder<hit> mine;
    recorder<hit> others;
    f.cache->async_get("a", mine);
    other->async_get("a", others);
    *f.cache = std::move(*other);
    CHECK(runs_out_of_work(f.io));
    CHECK(mine->error == asio::error::operation_aborted);
    CHECK_FALSE(others->error);
    recorder<hit> later;
    f.cache->async_get("a", later);
    CHECK(runs_out_of_work(f.io));
    CHECK_FALSE(later->error);
}

TEST_CASE("operations die with their context, without a call and without a leak") {
    for (const bool has_run : {false, true}) {
        for (const auto& operation : every_operation<client_type>()) {
            CAPTURE(operation.name);
            fixture f;
            f.server().set_faults({.stall_after_commands = 0});
            const auto token = std::make_shared<int>(0);
            {
                asio::io_context dying{1};
                const auto cache = f.make_client(dying);
                operation.start(*cache, "a", {[token](std::error_code) { ++*token; }});
                if (has_run) run_ready(dying);
                CHECK(token.use_count() > 1);
            }
            CHECK(token.use_count() == 1);
            CHECK(*token == 0);
        }
    }
}

TEST_CASE("a coroutine that owns its client dies with the context") {
    for (const bool has_run : {false, true}) {
        fixture f;
        f.server().set_faults({.stall_after_commands = 0});
        int ended = 0;
        {
            asio::io_context dying{1};
            asio::co_spawn(dying, own_a_client(f.make_client(dying), ended), asio::detached);
            asio::co_spawn(dying, own_a_client_and_batch(f.make_client(dying), ended),
                           asio::detached);
            if (has_run) run_ready(dying);
        }
        CHECK(ended == (has_run ? 2 : 0));  // a coroutine that never ran has no locals
    }
}

TEST_CASE("operations on a node that left die with their context") {
    fixture f;
    f.server().set_faults({.stall_after_commands = 0});
    const auto token = std::make_shared<int>(0);
    {
        asio::io_context dying{1};
        const auto cache = f.make_client(dying);
        cache->async_get("a", [token](std::error_code, const hit&) { ++*token; });
        run_ready(dying);
        CHECK_FALSE(cache->update({}));
        run_ready(dying);
    }
    CHECK(token.use_count() == 1);
    CHECK(*token == 0);
}

TEST_CASE("a cancelled coroutine leaves the connection to the others") {
    fixture f;
    f.server().set_faults({.delay = 200ms});
    asio::cancellation_signal cancel;
    std::error_code thrown;
    int ended = 0;
    asio::co_spawn(f.io, get_for_ever(*f.cache, ended),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error) {
                       try {
                           if (error) std::rethrow_exception(error);
                       } catch (const std::system_error& aborted) {
                           thrown = aborted.code();
                       }
                   }));
    recorder<hit> other;
    f.cache->async_get("b", other);
    run_ready(f.io);
    cancel.emit(asio::cancellation_type::terminal);
    CHECK(runs_out_of_work(f.io));
    CHECK(thrown == asio::error::operation_aborted);
    CHECK(ended == 1);
    CHECK(other.is_done());
    CHECK_FALSE(other->error);
    CHECK(f.server().counters().connections == 1);
}
