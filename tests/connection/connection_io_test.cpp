// One connection against a peer that the test plays byte by byte: what goes out in which write,
// what a reply is taken for, when the stream is given up.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/connection.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>

#include "../support/completions.hpp"
#include "../support/scripted_transport.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::recorder;
using memring::testing::run_ready;
using memring::testing::runs_out_of_work;
using memring::testing::scripted_peer;
using memring::testing::scripted_transport;

using client_type = client<ketama, scripted_transport>;
using get_recorder = recorder<std::optional<item>>;

const node here{"here"};

client_options short_times() {
    return {.timeout = 150ms, .connect_timeout = 20s, .max_value_size = 1024};
}

struct fixture {
    explicit fixture(const client_options& options = {.timeout = 20s, .connect_timeout = 20s})
        : cache(std::make_unique<client_type>(io.get_executor(), std::vector{here}, options,
                                              memring::testing::scripted_options{peer})) {}

    get_recorder get(std::string_view key) {
        get_recorder result;
        cache->async_get(key, result);
        return result;
    }
    void run() { run_ready(io); }

    asio::io_context io{1};
    std::shared_ptr<scripted_peer> peer = std::make_shared<scripted_peer>();
    std::unique_ptr<client_type> cache;
};

bool is_hit(const get_recorder& got, std::string_view value) {
    return got.is_done() && !got->error && got->value && got->value->value == value;
}
bool has_failed(const get_recorder& got, std::error_code error) {
    return got.is_done() && got->error == error && !got->value;
}

}  // namespace

// ---- what goes out ------------------------------------------------------------------------------

TEST_CASE("everything started together leaves in one write, over one connection") {
    fixture f;
    for (int i = 0; i < 50; ++i) f.get("key" + std::to_string(i));
    CHECK(f.peer->connects == 0);  // nothing happens inside the initiating calls
    f.run();
    CHECK(f.peer->connects == 1);
    REQUIRE(f.peer->writes.size() == 1);
    CHECK(f.peer->commands().size() == 50);
}

TEST_CASE("everything queued while a write is under way leaves in the next write") {
    fixture f;
    f.peer->holds_writes = true;
    const auto first = f.get("a");
    f.run();
    REQUIRE(f.peer->writes.size() == 1);
    std::vector<get_recorder> others;
    for (int i = 0; i < 30; ++i) others.push_back(f.get("b" + std::to_string(i)));
    f.run();
    CHECK(f.peer->writes.size() == 1);
    f.peer->take_write();
    f.run();
    REQUIRE(f.peer->writes.size() == 2);
    CHECK(f.peer->commands().size() == 31);
    f.peer->take_write();
    std::string replies = f.peer->value_reply(0, "first");
    for (std::size_t i = 1; i <= 30; ++i) replies += f.peer->value_reply(i, std::to_string(i));
    f.peer->deliver(replies);
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(first, "first"));
    for (std::size_t i = 0; i < 30; ++i) CHECK(is_hit(others[i], std::to_string(i + 1)));
}

TEST_CASE("what handlers start while replies are processed leaves in one write") {
    fixture f;
    std::vector<get_recorder> second(3);
    for (std::size_t i = 0; i < 3; ++i) {
        f.cache->async_get("first", [&f, next = second[i]](std::error_code, std::optional<item>) {
            f.cache->async_get("second", next);
        });
    }
    f.run();
    REQUIRE(f.peer->writes.size() == 1);
    f.peer->deliver(f.peer->value_reply(0, "") + f.peer->value_reply(1, "") +
                    f.peer->value_reply(2, ""));
    f.run();
    REQUIRE(f.peer->writes.size() == 2);
    for (std::size_t i = 0; i < 3; ++i) f.peer->deliver_value(3 + i, std::to_string(i));
    CHECK(runs_out_of_work(f.io));
    for (std::size_t i = 0; i < 3; ++i) CHECK(is_hit(second[i], std::to_string(i)));
}

// ---- what comes in ------------------------------------------------------------------------------

TEST_CASE("a reply with another command's opaque is refused and the connection closed") {
    fixture f;
    const auto first = f.get("a");
    const auto second = f.get("b");
    f.run();
    f.peer->deliver(f.peer->value_reply(1, "of b") + f.peer->value_reply(0, "of a"));
    f.run();
    CHECK(has_failed(first, errc::malformed_reply));
    CHECK(has_failed(second, errc::connection_lost));
    CHECK_FALSE(f.peer->is_open());
    const auto third = f.get("c");
    f.run();
    CHECK(f.peer->connects == 2);
    f.peer->deliver_value(2, "of c");
    f.run();
    CHECK(is_hit(third, "of c"));
}

TEST_CASE("bytes behind the last reply close the connection, before anything else is sent") {
    fixture f;
    const auto first = f.get("a");
    f.run();
    f.peer->deliver(f.peer->value_reply(0, "1") + "EN\r\n");
    f.run();
    CHECK(is_hit(first, "1"));
    CHECK_FALSE(f.peer->is_open());
}

TEST_CASE("bytes that nobody asked for are no answer to what a handler starts meanwhile") {
    fixture f;
    get_recorder second;
    f.cache->async_get(
        "a", [&](std::error_code, std::optional<item>) { f.cache->async_get("b", second); });
    f.run();
    f.peer->deliver(f.peer->value_reply(0, "1") + "EN\r\n");
    f.run();
    CHECK(second->calls == 0);  // a miss would be a wrong answer
    CHECK(f.peer->connects == 2);
    REQUIRE(f.peer->commands().size() == 2);
    f.peer->deliver_value(1, "2");
    f.run();
    CHECK(is_hit(second, "2"));
}

TEST_CASE("bytes that come while nothing is asked make the next operation take a new connection") {
    fixture f;
    const auto first = f.get("a");
    f.run();
    f.peer->deliver_value(0, "1");
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(first, "1"));
    f.peer->deliver("EN\r\n");
    const auto second = f.get("b");
    f.run();
    CHECK(f.peer->connects == 2);
    f.peer->deliver_value(1, "2");
    f.run();
    CHECK(is_hit(second, "2"));
}

TEST_CASE("a connection closed by the server while idle costs no operation") {
    fixture f;
    const auto first = f.get("a");
    f.run();
    f.peer->deliver_value(0, "1");
    CHECK(runs_out_of_work(f.io));
    f.peer->end();
    const auto second = f.get("b");
    f.run();
    CHECK(f.peer->connects == 2);
    f.peer->deliver_value(1, "2");
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(second, "2"));
}

TEST_CASE("a reply delivered byte by byte is the reply") {
    fixture f;
    const auto got = f.get("a");
    f.run();
    for (const char byte : f.peer->value_reply(0, "a\r\nb")) {
        CHECK(got->calls == 0);
        f.peer->deliver(std::string_view(&byte, 1));
        f.run();
    }
    CHECK(is_hit(got, "a\r\nb"));
}

TEST_CASE("an ERROR line closes the connection, the commands behind it are lost") {
    fixture f;
    const auto first = f.get("a");
    const auto second = f.get("b");
    f.run();
    f.peer->deliver("ERROR\r\n" + f.peer->value_reply(1, "2"));
    f.run();
    CHECK(has_failed(first, errc::client_error));
    CHECK(has_failed(second, errc::connection_lost));
    CHECK_FALSE(f.peer->is_open());
}

TEST_CASE("a SERVER_ERROR line costs its command only") {
    fixture f;
    const auto first = f.get("a");
    const auto second = f.get("b");
    const auto third = f.get("c");
    f.run();
    f.peer->deliver("SERVER_ERROR backend failure\r\nSERVER_ERROR out of memory writing reply\r\n" +
                    f.peer->value_reply(2, "3"));
    f.run();
    CHECK(has_failed(first, errc::server_error));
    CHECK(first->error == condition::maybe_applied);
    CHECK(has_failed(second, errc::out_of_memory));
    CHECK(is_hit(third, "3"));
    CHECK(f.peer->is_open());
}

TEST_CASE("a CLIENT_ERROR line keeps the connection of a get and closes that of a set") {
    fixture f;
    const auto got = f.get("a");
    f.run();
    f.peer->deliver("CLIENT_ERROR bad thing\r\n");
    f.run();
    CHECK(has_failed(got, errc::client_error));
    CHECK(f.peer->is_open());
    recorder<store_result> set;
    f.cache->async_set("a", "value", set);
    f.run();
    f.peer->deliver("CLIENT_ERROR bad data chunk\r\n");
    f.run();
    CHECK(set.is_done());
    CHECK(set->error == errc::client_error);
    CHECK_FALSE(f.peer->is_open());
}

// ---- what is given up ---------------------------------------------------------------------------

TEST_CASE("an operation cancelled while it is queued is never sent") {
    fixture f;
    f.peer->holds_writes = true;
    const auto first = f.get("a");
    f.run();
    asio::cancellation_signal cancel;
    get_recorder second;
    f.cache->async_get("b", asio::bind_cancellation_slot(cancel.slot(), second));
    const auto third = f.get("c");
    f.run();
    cancel.emit(asio::cancellation_type::terminal);
    CHECK(second->calls == 0);  // not inside emit
    f.run();
    CHECK(has_failed(second, asio::error::operation_aborted));
    f.peer->take_write();
    f.run();
    f.peer->take_write();
    f.run();
    REQUIRE(f.peer->commands().size() == 2);
    CHECK(f.peer->commands()[1].starts_with("mg c "));
    f.peer->deliver(f.peer->value_reply(0, "1") + f.peer->value_reply(1, "3"));
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(first, "1"));
    CHECK(is_hit(third, "3"));
    CHECK(second->calls == 1);
}

TEST_CASE("the late reply of a cancelled operation is swallowed") {
    fixture f;
    const auto first = f.get("a");
    asio::cancellation_signal cancel;
    get_recorder second;
    f.cache->async_get("b", asio::bind_cancellation_slot(cancel.slot(), second));
    const auto third = f.get("c");
    f.run();
    cancel.emit(asio::cancellation_type::total);
    f.run();
    CHECK(has_failed(second, asio::error::operation_aborted));
    CHECK(second->error == condition::maybe_applied);
    f.peer->deliver(f.peer->value_reply(0, "1") + f.peer->value_reply(1, "2") +
                    f.peer->value_reply(2, "3"));
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(first, "1"));
    CHECK(is_hit(third, "3"));
    CHECK(second->calls == 1);
    CHECK(f.peer->is_open());
}

TEST_CASE("an operation cancelled while connecting leaves the others to connect") {
    fixture f;
    f.peer->holds_connects = true;
    asio::cancellation_signal cancel;
    get_recorder first;
    f.cache->async_get("a", asio::bind_cancellation_slot(cancel.slot(), first));
    const auto second = f.get("b");
    f.run();
    cancel.emit(asio::cancellation_type::partial);
    f.run();
    CHECK(has_failed(first, asio::error::operation_aborted));
    f.peer->accept();
    f.run();
    REQUIRE(f.peer->commands().size() == 1);
    f.peer->deliver_value(0, "2");
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(second, "2"));
}

TEST_CASE("a signal that comes after the answer does nothing") {
    fixture f;
    asio::cancellation_signal cancel;
    get_recorder got;
    f.cache->async_get("a", asio::bind_cancellation_slot(cancel.slot(), got));
    f.run();
    f.peer->deliver_value(0, "1");
    f.run();
    CHECK(is_hit(got, "1"));
    cancel.emit(asio::cancellation_type::terminal);
    CHECK(runs_out_of_work(f.io));
    CHECK(got->calls == 1);
}

TEST_CASE("a cancelled batch ends with its error, and the results it had") {
    fixture f;
    asio::cancellation_signal cancel;
    recorder<std::vector<outcome<std::optional<item>>>> got;
    const std::vector<std::string_view> keys{"a", "b", "not a key"};
    f.cache->async_get_many(keys, asio::bind_cancellation_slot(cancel.slot(), got));
    const auto other = f.get("c");
    f.run();
    f.peer->deliver("VALUE a 0 1 7\r\n1\r\n");
    f.run();
    CHECK(got->calls == 0);
    cancel.emit(asio::cancellation_type::terminal);
    f.run();
    REQUIRE(got.is_done());
    CHECK(got->error == asio::error::operation_aborted);
    REQUIRE(got->value.size() == 3);
    REQUIRE(got->value[0].has_value());
    CHECK(got->value[0].value->value == "1");
    CHECK(got->value[1].error == asio::error::operation_aborted);
    CHECK(got->value[2].error == errc::invalid_key);
    f.peer->deliver("VALUE b 0 1 8\r\n2\r\nEND\r\nVA 1 f0 c1 " + f.peer->opaque(0) + "\r\n3\r\n");
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(other, "3"));
}

// ---- time ---------------------------------------------------------------------------------------

TEST_CASE("a command that was written times out as maybe applied, one that was not as not sent") {
    fixture f(short_times());
    f.peer->holds_writes = true;
    const auto written = f.get("a");
    f.run();
    get_recorder queued;
    f.cache->async_get("b", {.timeout = 100ms}, queued);  // before the stream is taken for stalled
    const auto started = std::chrono::steady_clock::now();
    CHECK(runs_out_of_work(f.io));
    CHECK(std::chrono::steady_clock::now() - started < 10s);
    CHECK(has_failed(written, errc::timed_out));
    CHECK(written->error == condition::maybe_applied);
    CHECK(has_failed(queued, errc::timed_out_unsent));
    CHECK(queued->error == condition::not_sent);
    CHECK(f.peer->writes.size() == 1);
}

TEST_CASE("an operation's own timeout goes before the client's, in both directions") {
    fixture f(short_times());
    get_recorder patient;
    get_recorder hasty;
    f.cache->async_get("a", {.timeout = 20s}, patient);
    f.cache->async_get("b", {.timeout = 5ms}, hasty);
    while (!hasty.is_done()) f.io.run_one();
    CHECK(hasty->error == std::errc::timed_out);
    CHECK(patient->calls == 0);
    f.peer->deliver_value(0, "1");
    f.run();
    CHECK(is_hit(patient, "1"));
}

TEST_CASE("a later operation with an earlier deadline is not kept waiting for the first one's") {
    fixture f;
    const auto patient = f.get("a");
    f.run();
    get_recorder hasty;
    f.cache->async_get("b", {.timeout = 5ms}, hasty);
    const auto started = std::chrono::steady_clock::now();
    while (!hasty.is_done()) f.io.run_one();
    CHECK(std::chrono::steady_clock::now() - started < 5s);
    get_recorder hastier;
    f.cache->async_get("c", {.timeout = 10ms}, hastier);  // the timer is armed again
    while (!hastier.is_done()) f.io.run_one();
    CHECK(std::chrono::steady_clock::now() - started < 5s);
    CHECK(patient->calls == 0);
}

TEST_CASE("a connect that is never answered times out, and nothing lingers") {
    fixture f({.timeout = 20s, .connect_timeout = 30ms});
    f.peer->holds_connects = true;
    const auto first = f.get("a");
    const auto second = f.get("b");
    CHECK(runs_out_of_work(f.io, 10s));
    CHECK(has_failed(first, errc::connect_timed_out));
    CHECK(has_failed(second, errc::connect_timed_out));
    CHECK(first->error == condition::not_sent);
    f.peer->holds_connects = false;
    const auto third = f.get("c");
    f.run();
    f.peer->deliver_value(0, "3");
    f.run();
    CHECK(is_hit(third, "3"));
}

TEST_CASE("the longest timeout there is means for ever") {
    constexpr auto longest = std::chrono::milliseconds::max();
    fixture f({.timeout = longest, .connect_timeout = longest});
    const auto first = f.get("a");
    get_recorder second;
    f.cache->async_get("b", {.timeout = longest}, second);
    f.run();
    CHECK(first->calls == 0);
    REQUIRE(f.peer->commands().size() == 2);
    f.peer->deliver(f.peer->value_reply(0, "1") + f.peer->value_reply(1, "2"));
    f.run();
    CHECK(is_hit(first, "1"));
    CHECK(is_hit(second, "2"));
}

TEST_CASE("a stream that stalls with answers overdue is closed, and later operations work") {
    fixture f(short_times());
    const auto first = f.get("a");
    CHECK(runs_out_of_work(f.io, 10s));
    CHECK(has_failed(first, errc::timed_out));
    CHECK_FALSE(f.peer->is_open());
    const auto second = f.get("b");
    f.run();
    CHECK(f.peer->connects == 2);
    f.peer->deliver_value(1, "2");
    f.run();
    CHECK(is_hit(second, "2"));
}

TEST_CASE("a slow server that goes on answering is not taken for stalled") {
    fixture f({.timeout = 150ms, .connect_timeout = 20s});
    get_recorder hasty;
    f.cache->async_get("a", {.timeout = 100ms}, hasty);
    get_recorder patient;
    f.cache->async_get("b", {.timeout = 20s}, patient);
    while (!hasty.is_done()) f.io.run_one();
    // The overdue reply dribbles in, for longer than the stall timeout in all.
    const std::string late = f.peer->value_reply(0, "late");
    for (const char byte : late) {
        const auto next = std::chrono::steady_clock::now() + 10ms;
        f.io.restart();
        f.io.run_until(next);
        f.peer->deliver(std::string_view(&byte, 1));
    }
    f.peer->deliver_value(1, "2");
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(patient, "2"));
    CHECK(f.peer->connects == 1);
}

// ---- faults -------------------------------------------------------------------------------------

TEST_CASE("what never left when a connection broke is sent over a new one") {
    fixture f;
    f.peer->holds_writes = true;
    const auto written = f.get("a");
    f.run();
    const auto queued = f.get("b");
    f.run();
    f.peer->holds_writes = false;
    f.peer->take_write(asio::error::connection_reset);
    f.run();
    CHECK(has_failed(written, errc::connection_lost));
    CHECK(written->error == condition::maybe_applied);
    CHECK(queued->calls == 0);
    CHECK(f.peer->connects == 2);
    f.peer->deliver_value(1, "2");
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(queued, "2"));
}

TEST_CASE("a server that closes at once is not connected to over and over") {
    fixture f({.timeout = 300ms, .connect_timeout = 300ms});
    f.peer->holds_connects = true;
    const auto got = f.get("a");
    std::size_t accepted = 0;
    f.run();
    while (got->calls == 0) {
        if (f.peer->connects > accepted) {
            accepted = f.peer->connects;
            f.peer->accept();
            f.peer->end();
        }
        f.io.restart();
        f.io.run_one_for(1ms);
    }
    CHECK(f.peer->connects <= 2);
    CHECK(got.is_done());
    CHECK(got->error == errc::connection_lost_unsent);
    CHECK(got->error == condition::not_sent);
}

TEST_CASE("a handler that throws leaves through run() and takes no answer from the others") {
    fixture f;
    f.cache->async_get("a", [](std::error_code, std::optional<item>) {
        throw std::runtime_error("thrown by a handler");
    });
    const auto second = f.get("b");
    const auto third = f.get("c");
    f.run();
    f.peer->deliver(f.peer->value_reply(0, "1") + f.peer->value_reply(1, "2"));
    CHECK_THROWS_WITH(f.run(), "thrown by a handler");
    CHECK(second->calls == 0);
    f.run();
    CHECK(is_hit(second, "2"));
    f.peer->deliver_value(2, "3");
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(third, "3"));
}

TEST_CASE("a read that starts after a handler threw does not mix old bytes with new") {
    fixture f;
    f.cache->async_get("a", [](std::error_code, std::optional<item>) {
        throw std::runtime_error("thrown by a handler");
    });
    const auto second = f.get("b");
    const auto third = f.get("c");
    asio::cancellation_signal cancel;
    get_recorder fourth;
    f.cache->async_get("d", asio::bind_cancellation_slot(cancel.slot(), fourth));
    f.run();
    f.peer->deliver(f.peer->value_reply(0, "1") + f.peer->value_reply(1, "2"));
    CHECK_THROWS_WITH(f.run(), "thrown by a handler");
    cancel.emit(asio::cancellation_type::terminal);
    f.run();
    CHECK(is_hit(second, "2"));
    f.peer->deliver(f.peer->value_reply(2, "3") + f.peer->value_reply(3, "4"));
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(third, "3"));
    CHECK(has_failed(fourth, asio::error::operation_aborted));
}

// ---- the end ------------------------------------------------------------------------------------

TEST_CASE("a client destroyed aborts what is connecting, queued and written") {
    const auto ends_aborted = [](fixture& f, const std::vector<get_recorder>& all) {
        f.cache.reset();
        for (const auto& got : all) CHECK(got->calls == 0);
        CHECK(runs_out_of_work(f.io, 10s));
        for (const auto& got : all) CHECK(has_failed(got, asio::error::operation_aborted));
        CHECK_FALSE(f.peer->is_open());
    };
    fixture f;
    SUBCASE("before anything happened") { ends_aborted(f, {f.get("a")}); }
    SUBCASE("connecting") {
        f.peer->holds_connects = true;
        const auto got = f.get("a");
        f.run();
        ends_aborted(f, {got});
    }
    SUBCASE("written and queued") {
        f.peer->holds_writes = true;
        const auto written = f.get("a");
        f.run();
        const auto queued = f.get("b");
        f.run();
        ends_aborted(f, {written, queued});
    }
    SUBCASE("waiting for the reply") {
        const auto written = f.get("a");
        f.run();
        ends_aborted(f, {written});
    }
}

TEST_CASE("a client destroyed by one of its handlers aborts the others") {
    fixture f;
    f.cache->async_get("a", [&](std::error_code, std::optional<item>) { f.cache.reset(); });
    const auto answered = f.get("b");
    const auto waiting = f.get("c");
    f.run();
    f.peer->deliver(f.peer->value_reply(0, "1") + f.peer->value_reply(1, "2"));
    CHECK(runs_out_of_work(f.io, 10s));
    CHECK(f.cache == nullptr);
    CHECK(has_failed(answered, asio::error::operation_aborted));
    CHECK(has_failed(waiting, asio::error::operation_aborted));
}

TEST_CASE("a stopped client refuses operations and updates, and connects to nothing") {
    fixture f;
    f.cache->stop();
    const auto got = f.get("a");
    CHECK(f.cache->update({{"there"}}) == asio::error::operation_aborted);
    const auto later = f.get("b");
    CHECK(runs_out_of_work(f.io, 10s));
    CHECK(has_failed(got, asio::error::operation_aborted));
    CHECK(has_failed(later, asio::error::operation_aborted));
    CHECK(f.peer->connects == 0);
}

TEST_CASE("a node that leaves before it was connected to leaves nothing behind") {
    fixture f;
    f.peer->holds_connects = true;
    CHECK_FALSE(f.cache->update({{"there"}}));
    f.run();
    CHECK(f.peer->connects == 1);
    CHECK_FALSE(f.cache->update({}));
    CHECK(runs_out_of_work(f.io, 5s));  // not the connect timeout of 20 s
}

TEST_CASE("operations on a node that left are aborted when the client ends") {
    fixture f;
    const auto got = f.get("a");
    f.run();
    CHECK_FALSE(f.cache->update({}));
    f.cache.reset();
    CHECK(runs_out_of_work(f.io, 5s));  // not the deadline of 20 s
    CHECK(has_failed(got, asio::error::operation_aborted));
}

TEST_CASE("operations on a node that left are finished, then its connection is closed") {
    fixture f;
    f.peer->holds_writes = true;
    const auto written = f.get("a");
    f.run();
    const auto queued = f.get("b");
    CHECK_FALSE(f.cache->update({}));
    const auto homeless = f.get("c");
    f.peer->holds_writes = false;
    f.peer->take_write();
    f.run();
    CHECK(has_failed(homeless, errc::no_nodes));
    REQUIRE(f.peer->commands().size() == 2);
    f.peer->deliver(f.peer->value_reply(0, "1") + f.peer->value_reply(1, "2"));
    CHECK(runs_out_of_work(f.io));
    CHECK(is_hit(written, "1"));
    CHECK(is_hit(queued, "2"));
    CHECK_FALSE(f.peer->is_open());
}

TEST_CASE("drained is reported when everything submitted before has ended, and only then") {
    fixture f;
    const auto line = f.cache->core()->now().connections.front();
    int drained = 0;
    SUBCASE("answered") {
        const auto first = f.get("a");
        line->when_drained([&] { ++drained; });
        const auto later = f.get("b");
        f.run();
        CHECK(drained == 0);
        f.peer->deliver_value(0, "1");
        f.run();
        CHECK(drained == 1);
        CHECK(first.is_done());
        CHECK(later->calls == 0);
    }
    SUBCASE("nothing was under way") {
        line->when_drained([&] { ++drained; });
        CHECK(drained == 0);  // from the executor
        f.run();
        CHECK(drained == 1);
    }
    SUBCASE("stopped") {
        const auto first = f.get("a");
        line->when_drained([&] { ++drained; });
        f.run();
        CHECK(drained == 0);
        f.cache->stop();
        f.run();
        CHECK(drained == 1);
        CHECK(has_failed(first, asio::error::operation_aborted));
    }
    CHECK(drained == 1);
}
