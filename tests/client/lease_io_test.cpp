// Leases and win tokens where the application, not the server, is at fault or late: functions that
// throw, never answer, or answer when nobody is there any more; reads that want no token.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/buffer.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address_v4.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>

#include "../support/clients.hpp"
#include "../support/completions.hpp"
#include "../support/forked_memcached.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::forked_memcached;
using memring::testing::recorder;

node at(const forked_memcached& server) { return {"127.0.0.1", server.port()}; }

std::string new_value() { return "new"; }

using late = std::function<void(std::error_code, std::string)>;

// An asynchronous function that keeps its way back.
auto keep(late& done) {
    return [&done](auto answer) { done = std::move(answer); };
}

// A server that says one thing after another: each `reply` once `after` has come.
class scripted_server {
public:
    struct line {
        std::string after;
        std::string reply;
    };

    /// Closes after the last one.
    explicit scripted_server(std::vector<line> script)
        : x_script([this, script = std::move(script)] {
              asio::ip::tcp::socket peer = x_acceptor.accept();
              x_acceptor.close();
              for (const line& each : script) {
                  asio::read_until(peer, asio::dynamic_buffer(x_asked), each.after);
                  asio::write(peer, asio::buffer(each.reply));
              }
          }) {}
    ~scripted_server() {
        if (x_script.joinable()) x_script.join();
    }

    [[nodiscard]] node at() const { return {"127.0.0.1", x_port}; }

    /// All that the client has sent, once the script has ended.
    [[nodiscard]] const std::string& heard() {
        x_script.join();
        return x_asked;
    }

private:
    asio::io_context x_io;
    asio::ip::tcp::acceptor x_acceptor{x_io, {asio::ip::address_v4::loopback(), 0}};
    std::uint16_t x_port = x_acceptor.local_endpoint().port();
    std::string x_asked;
    std::thread x_script;
};

void run_until(asio::io_context& io, const std::function<bool()>& is_done) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!is_done()) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        io.restart();
        io.run_one_for(1s);
    }
}

}  // namespace

TEST_CASE("a read that wants no token leaves the renewal of a stale item to get_or_compute") {
    const forked_memcached server;
    blocking_client<> cache({at(server)}, {.binary_keys = true});
    const std::vector<std::pair<const char*, std::function<void(std::string_view)>>> reads{
        {"get", [&](std::string_view key) { CHECK(cache.get(key)->value == "old"); }},
        {"touch", [&](std::string_view key) { CHECK(cache.touch(key, 60s)); }},
        {"get_and_touch",
         [&](std::string_view key) { CHECK(cache.get_and_touch(key, 60s)->value == "old"); }},
        {"get_many",
         [&](std::string_view key) {
             const std::vector<std::string_view> keys{key, "absent"};
             CHECK(cache.get_many(keys)[0].value->value == "old");
         }},
        {"touch_many",
         [&](std::string_view key) {
             const std::vector<std::string_view> keys{"absent", key};
             CHECK(cache.touch_many(keys, 60s)[1].value);
         }},
        {"get_and_touch_many",
         [&](std::string_view key) {
             const std::vector<std::string_view> keys{key, "absent"};
             CHECK(cache.get_and_touch_many(keys, 60s)[0].value->value == "old");
         }},
        {"update without a change", [&](std::string_view key) {
             CHECK(cache.update(key, [](const auto&) { return std::optional<std::string>(); }));
         }}};
    for (const auto& read : reads) {
        for (const std::string_view key : {"k", "no text"}) {
            CAPTURE(read.first);
            CAPTURE(key);
            cache.set(key, "old");
            cache.invalidate(key, 60s);
            read.second(key);
            read.second(key);
            const auto got = cache.get_or_compute(key, new_value);
            CHECK(got.source == value_source::computed);
            CHECK(got.is_stored);
            CHECK(cache.get(key)->value == "new");
        }
    }
}

TEST_CASE("what a read tells of a stale item is good for compare_and_swap") {
    const forked_memcached server;
    blocking_client<> cache({at(server)}, {.binary_keys = true});
    for (const bool touches : {false, true}) {
        CAPTURE(touches);
        cache.set("k", "old", {.flags = 7});
        cache.invalidate("k", 60s);
        const auto hit = touches ? cache.get_and_touch("k", 60s) : cache.get("k");
        REQUIRE(hit);
        CHECK(hit->value == "old");
        CHECK(hit->flags == 7);
        CHECK(cache.compare_and_swap("k", "new", hit->cas) == store_result::stored);
        CHECK(cache.get("k")->value == "new");
    }
    // No classic command can name this key.
    cache.set("no text", "old");
    cache.invalidate("no text", 60s);
    CHECK(cache.get("no text")->cas == 0);
}

TEST_CASE("an empty value that a stale item has by the time it is read again is no value") {
    // It has been replaced by a lease's placeholder after the first answer.
    const scripted_server server({{"\r\n", "VA 3 f0 c5 O0 W X\r\nold\r\n"},
                                  {"gets k\r\n", "HD O1\r\nVALUE k 0 0 9\r\n\r\nEND\r\n"}});
    blocking_client<> cache({server.at()});
    CHECK_FALSE(cache.get("k"));
}

TEST_CASE("a server that goes away before the second read has had the first") {
    const scripted_server server({{"\r\n", "VA 3 f0 c5 O0 W X\r\nold\r\n"}, {"gets k\r\n", ""}});
    blocking_client<> cache({server.at()});
    std::error_code error;
    CHECK_FALSE(cache.get_and_touch("k", 60s, error));
    CHECK(error == condition::maybe_applied);
}

TEST_CASE("a touch gives back what it won, and no more") {
    const scripted_server server(
        {{"mg k c T60 O0\r\n", "HD c5 O0 W X\r\n"}, {"md k I C5 O1\r\n", "HD O1\r\n"}});
    blocking_client<> cache({server.at()});
    CHECK(cache.touch("k", 60s));
    std::error_code error;
    (void)cache.get("k", error);  // the server has heard of what was given back before it closes
    CHECK(error);
}

TEST_CASE("an early renewal that is given up leaves the item as good as it is") {
    scripted_server server({{"O0\r\n", "VA 3 f0 c5 t50 O0\r\nold\r\n"},
                            {"R100", ""},  // is not answered in time
                            {"other", "VA 3 f0 c5 t50 O1 W\r\nold\r\nEN\r\n"},
                            {"last", "EN\r\n"}});
    asio::io_context io;
    client<> cache(io.get_executor(), {server.at()}, {.timeout = 10s});
    std::error_code ended_with;
    cache.async_get_or_compute("k", new_value,
                               {.expires_in = 60s, .timeout = 200ms, .renew_before = 100s},
                               [&](std::error_code error, auto&&) { ended_with = error; });
    run_until(io, [&] { return bool(ended_with); });
    CHECK(ended_with == errc::timed_out);
    for (const std::string_view key : {"other", "last"}) {
        bool is_done = false;
        cache.async_get(key, [&](std::error_code error, auto&&) {
            CHECK_FALSE(error);
            is_done = true;
        });
        run_until(io, [&] { return is_done; });
    }
    CHECK(server.heard().find("md ") == std::string::npos);
}

TEST_CASE("a read that is given up before its answer leaves the renewal to others") {
    forked_memcached server;
    const client_options patient{.timeout = 10s, .binary_keys = true};
    std::error_code ended_with;  // of many keys: that of the last one
    const auto take = [&](std::error_code error, const auto& result) {
        if constexpr (requires { result.back().error; }) error = result.back().error;
        ended_with = error;
    };
    const std::vector<std::pair<const char*, std::function<void(client<>&, std::string_view)>>>
        reads{
            {"get", [&](auto& c, auto key) { c.async_get(key, {.timeout = 50ms}, take); }},
            {"touch", [&](auto& c, auto key) { c.async_touch(key, 60s, {.timeout = 50ms}, take); }},
            {"get_and_touch",
             [&](auto& c, auto key) { c.async_get_and_touch(key, 60s, {.timeout = 50ms}, take); }},
            {"get_many",
             [&](auto& c, auto key) {
                 c.async_get_many(std::array{std::string_view("absent"), key}, {.timeout = 50ms},
                                  take);
             }},
            {"get_and_touch_many",
             [&](auto& c, auto key) {
                 c.async_get_and_touch_many(std::array{std::string_view("absent"), key}, 60s,
                                            {.timeout = 50ms}, take);
             }},
            {"update",
             [&](auto& c, auto key) {
                 c.async_update(
                     key, [](const auto&) { return std::optional<std::string>("never"); },
                     {.timeout = 50ms}, take);
             }},
            {"get_or_compute", [&](auto& c, auto key) {
                 c.async_get_or_compute(key, new_value, {.timeout = 50ms}, take);
             }}};
    for (const auto& read : reads) {
        for (const std::string_view key : {"k", "no text"}) {
            CAPTURE(std::string(read.first));
            CAPTURE(key);
            blocking_client<> others({at(server)}, patient);
            others.set(key, "old");
            others.invalidate(key, 0s);  // for ever

            asio::io_context io;
            client<> cache(io.get_executor(), {at(server)}, patient);
            bool is_ready = false;
            cache.async_get("other", [&](auto...) { is_ready = true; });
            run_until(io, [&] { return is_ready; });
            server.pause();
            read.second(cache, key);
            io.restart();
            io.run_for(200ms);  // written, and timed out
            CHECK(ended_with == errc::timed_out);
            server.proceed();
            bool is_heard = false;
            cache.async_get("other", [&](auto...) { is_heard = true; });
            run_until(io, [&] { return is_heard; });
            io.restart();
            io.run_for(10ms);
            const auto got = others.get_or_compute(key, new_value);
            CHECK(got.value == "new");
            CHECK(got.source == value_source::computed);
        }
    }
}

TEST_CASE("an empty value is not renewed early: others read it, and it outlives a failure") {
    const forked_memcached server;
    blocking_client<> cache({at(server)});
    const compute_options options{.expires_in = 60s, .renew_before = 100s};
    cache.set("k", "", {.expires_in = 60s});
    const auto fail = [](auto done) { done(std::make_error_code(std::errc::io_error), ""); };
    for (int i = 0; i < 2; ++i) {
        std::error_code error;
        CHECK(cache.get_or_compute("k", fail, error, options).source == value_source::hit);
        CHECK_FALSE(error);
        CHECK(cache.get("k"));
    }
    cache.set("k", "full", {.expires_in = 60s});
    CHECK(cache.get_or_compute("k", new_value, options).source == value_source::computed);
    CHECK(cache.get("k")->value == "new");
}

TEST_CASE("a function that throws ends its operation, and somebody else computes at once") {
    const forked_memcached server;
    blocking_client<> cache({at(server)});
    const auto fail = []() -> std::string { throw std::runtime_error("no database"); };
    CHECK_THROWS_WITH(cache.get_or_compute("k", fail), "no database");
    CHECK(cache.get_or_compute("k", new_value).source == value_source::computed);
    cache.invalidate("k", 60s);
    CHECK_THROWS_WITH(cache.get_or_compute("k", fail), "no database");
    CHECK(cache.get_or_compute("k", new_value).source == value_source::computed);
    CHECK_THROWS_WITH(cache.get_or_compute(
                          "late", [](const auto&) { throw std::runtime_error("not even begun"); }),
                      "not even begun");
    CHECK(cache.get_or_compute("late", new_value).source == value_source::computed);
    CHECK_THROWS_WITH(cache.update("k",
                                   [](const std::optional<item>&) -> std::optional<std::string> {
                                       throw std::runtime_error("no idea");
                                   }),
                      "no idea");
    CHECK(cache.get("k")->value == "new");
    // No call inside a call.
    CHECK_THROWS_AS(cache.get_or_compute("nested", [&] { return cache.get("k")->value; }),
                    std::system_error);
    CHECK(cache.get_or_compute("nested", new_value).source == value_source::computed);
}

TEST_CASE("run() does not return while an asynchronous function computes") {
    const forked_memcached server;
    asio::io_context io;
    client<> cache(io.get_executor(), {at(server)});
    std::thread worker;
    recorder<cached_value> got;
    cache.async_get_or_compute(
        "k",
        [&](auto done) {
            worker = std::thread([done] {
                std::this_thread::sleep_for(50ms);
                done({}, "from a thread");
            });
        },
        got);
    io.run();
    worker.join();
    REQUIRE(got.is_done());
    CHECK(got->value.value == "from a thread");
    CHECK(got->value.is_stored);
}

TEST_CASE("a client that stops does not wait for a function") {
    const forked_memcached server;
    asio::io_context io;
    std::optional<client<>> cache(std::in_place, io.get_executor(), std::vector<node>{at(server)});
    late done;
    recorder<cached_value> got;
    cache->async_get_or_compute("k", keep(done), got);
    run_until(io, [&] { return done != nullptr; });
    cache.reset();
    io.restart();
    io.run();
    CHECK(got->error == asio::error::operation_aborted);
    done({}, "nobody is there");
    io.restart();
    io.run();
    done = nullptr;
}

TEST_CASE("a function's answer may be dropped after the context is gone") {
    const forked_memcached server;
    late answered;
    late dropped;
    {
        asio::io_context io;
        client<> cache(io.get_executor(), {at(server)});
        cache.async_get_or_compute("a", keep(answered), [](auto...) { FAIL("completed"); });
        cache.async_get_or_compute("b", keep(dropped), [](auto...) { FAIL("completed"); });
        run_until(io, [&] { return answered && dropped; });
    }
    answered({}, "nobody is there");
    dropped = nullptr;
}

TEST_CASE("a cancelled computation completes at once, and its value is stored") {
    const forked_memcached server;
    asio::io_context io;
    client<> cache(io.get_executor(), {at(server)});
    late done;
    asio::cancellation_signal cancel;
    std::optional<std::error_code> ended;
    cache.async_get_or_compute(
        "k", keep(done),
        asio::bind_cancellation_slot(
            cancel.slot(), [&](std::error_code error, const cached_value&) { ended = error; }));
    run_until(io, [&] { return done != nullptr; });
    cancel.emit(asio::cancellation_type::all);
    run_until(io, [&] { return ended.has_value(); });
    CHECK(*ended == asio::error::operation_aborted);
    done({}, "for the others");
    io.restart();
    io.run();
    CHECK(blocking_client<>({at(server)}).get("k")->value == "for the others");
}

TEST_CASE("an update does not wait for whoever computes, who finds the key taken") {
    const forked_memcached server;
    asio::io_context io;
    client<> cache(io.get_executor(), {at(server)});
    late done;
    recorder<cached_value> got;
    cache.async_get_or_compute("k", keep(done), got);
    run_until(io, [&] { return done != nullptr; });
    blocking_client<> other({at(server)});
    const auto updated = other.update("k", [](const std::optional<item>& now) {
        CHECK_FALSE(now);
        return std::optional<std::string>("updated");
    });
    CHECK(updated->value == "updated");
    done({}, "computed");
    io.restart();
    io.run();
    CHECK(got->value.value == "computed");
    CHECK_FALSE(got->value.is_stored);
    CHECK(other.get("k")->value == "updated");
}

TEST_CASE("many gets that are cancelled ask nothing again") {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    asio::ip::tcp::socket peer(io);
    std::string asked(4096, '\0');
    std::size_t reads = 0;
    const std::string half = "VALUE a 0 0 1\r\n\r\n";  // empty: it would be asked again
    const std::function<void()> read = [&] {
        peer.async_read_some(asio::buffer(asked), [&](std::error_code error, std::size_t) {
            if (error) return;
            if (++reads == 1) asio::write(peer, asio::buffer(half));
            read();
        });
    };
    acceptor.async_accept(peer, [&](std::error_code) { read(); });
    client<> cache(io.get_executor(), {{"127.0.0.1", acceptor.local_endpoint().port()}},
                   {.timeout = 20s});
    const std::vector<std::string_view> keys{"a", "b"};
    asio::cancellation_signal cancel;
    std::optional<std::error_code> ended;
    cache.async_get_many(
        keys, asio::bind_cancellation_slot(
                  cancel.slot(), [&](std::error_code error, const auto&) { ended = error; }));
    run_until(io, [&] { return reads == 1; });
    io.run_for(20ms);
    cancel.emit(asio::cancellation_type::all);
    io.restart();
    io.run_for(20ms);
    REQUIRE(ended);
    CHECK(*ended == asio::error::operation_aborted);
    CHECK(reads == 1);
    peer.close();
}
