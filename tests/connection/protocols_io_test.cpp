// One connection over each protocol against a peer that the test plays byte by byte: replies that
// are not the asked command's, replies to what was given up, streams that end in the moment they
// are used, the question which protocol it is, and what an observer counts meanwhile.

#include <chrono>
#include <cstddef>
#include <cstdint>
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

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/connection.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/metrics/metrics.hpp>

#include "../support/completions.hpp"
#include "../support/scripted_transport.hpp"

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace memring;
using memring::testing::recorder;
using memring::testing::run_ready;
using memring::testing::runs_out_of_work;
using memring::testing::scripted_peer;
using memring::testing::scripted_transport;

using client_type = client<ketama, scripted_transport, metrics>;
using hit = std::optional<item>;
using get_recorder = recorder<hit>;
using many_recorder = recorder<std::vector<outcome<hit>>>;
using stores_recorder = recorder<std::vector<outcome<store_result>>>;
using key_list = std::vector<std::string_view>;

constexpr protocol every_protocol[] = {protocol::meta, protocol::classic, protocol::binary};

client_options speaking(protocol speaks, std::chrono::milliseconds timeout = 20s) {
    return {.timeout = timeout,
            .connect_timeout = 20s,
            .binary_keys = speaks == protocol::automatic,
            .speaks = speaks,
            .backoff = {.first = 0ms}};
}

// A binary reply.
std::string frame(int opcode, int status, std::uint32_t opaque, std::string_view extras,
                  std::string_view value) {
    std::string bytes = "\x81"s;
    const auto number = [&](std::size_t size, std::uint64_t n) {
        while (size-- > 0) bytes += static_cast<char>(n >> (8 * size) & 0xff);
    };
    number(1, static_cast<std::uint64_t>(opcode));
    number(2, 0);
    number(1, extras.size());
    number(1, 0);
    number(2, static_cast<std::uint64_t>(status));
    number(4, extras.size() + value.size());
    number(4, opaque);
    number(8, 1);
    return (bytes += extras) += value;
}

struct fixture {
    explicit fixture(const client_options& options)
        : speaks(options.speaks),
          cache(std::make_unique<client_type>(io.get_executor(), std::vector<node>{{"here"}},
                                              options, memring::testing::scripted_options{peer},
                                              seen)) {}

    get_recorder get(std::string_view key) {
        get_recorder got;
        cache->async_get(key, got);
        return got;
    }
    recorder<store_result> set(std::string_view key) {
        recorder<store_result> stored;
        cache->async_set(key, "v", stored);
        return stored;
    }
    many_recorder get_many(const key_list& keys) {
        many_recorder got;
        cache->async_get_many(keys, got);
        return got;
    }
    void run() { run_ready(io); }
    void deliver(std::string_view bytes) {
        peer->deliver(bytes);
        run();
    }

    // The opaques of the frames that were written, or of the meta lines.
    [[nodiscard]] std::vector<std::uint32_t> opaques() const {
        std::string all;
        for (const auto& bytes : peer->writes) all += bytes;
        std::vector<std::uint32_t> found;
        if (speaks != protocol::binary) {
            for (const auto& line : peer->commands()) {
                found.push_back(
                    static_cast<std::uint32_t>(std::stoul(line.substr(line.rfind(" O") + 2))));
            }
            return found;
        }
        const auto number = [&](std::size_t place) {
            std::uint32_t n = 0;
            for (std::size_t i = 0; i < 4; ++i)
                n = n << 8 | static_cast<unsigned char>(all.at(place + i));
            return n;
        };
        for (std::size_t at = 0; at < all.size(); at += 24 + number(at + 8))
            found.push_back(number(at + 12));
        return found;
    }
    // The reply to the index-th command written, a single get of `key`.
    [[nodiscard]] std::string value_reply(std::size_t index, std::string_view key,
                                          std::string_view value) const {
        if (speaks == protocol::binary)
            return frame(0x00, 0, opaques().at(index), "\0\0\0\0"s, value);
        if (speaks == protocol::meta) return peer->value_reply(index, value);
        return value_line(key, value) + "END\r\n";
    }
    [[nodiscard]] static std::string value_line(std::string_view key, std::string_view value) {
        return "VALUE " + std::string(key) + " 0 " + std::to_string(value.size()) + " 1\r\n" +
               std::string(value) + "\r\n";
    }
    [[nodiscard]] std::string stored_reply(std::size_t index) const {
        if (speaks == protocol::binary) return frame(0x01, 0, opaques().at(index), "", "");
        if (speaks == protocol::meta) return "HD c1 " + peer->opaque(index) + "\r\n";
        return "STORED\r\n";
    }
    [[nodiscard]] node_counters counts() const { return seen.snapshot().total(); }

    // One get that is answered, so that the connection is an old one.
    void warm_up() {
        const auto first = get("warm");
        run();
        deliver(value_reply(0, "warm", "up"));
        REQUIRE(first->value);
        peer->writes.clear();
    }

    const protocol speaks;
    asio::io_context io{1};
    metrics seen;
    std::shared_ptr<scripted_peer> peer = std::make_shared<scripted_peer>();
    std::unique_ptr<client_type> cache;
};

bool is_hit(const get_recorder& got, std::string_view value) {
    return got.is_done() && !got->error && got->value && got->value->value == value;
}
bool is_hit(const outcome<hit>& got, std::string_view value) {
    return got && got.value && got.value->value == value;
}
template <class Recorder>
bool has_failed(const Recorder& got, std::error_code error) {
    return got.is_done() && got->error == error;
}
// Whatever was asked has been told of, once.
bool adds_up(const node_counters& seen) {
    return seen.in_flight == 0 && seen.requests == seen.latency.count() +
                                                       seen.errors_of(error_kind::not_sent) +
                                                       seen.errors_of(error_kind::connection_lost) +
                                                       seen.errors_of(error_kind::cancelled) +
                                                       seen.errors_of(error_kind::other);
}

}  // namespace

// ---- replies that are another command's ---------------------------------------------------------

TEST_CASE("a frame with another opaque, opcode or shape is no answer, and the connection closes") {
    for (const auto& [opcode, opaque, extras] :
         std::vector<std::tuple<int, std::uint32_t, std::string>>{{0x00, 1, "\0\0\0\0"s},
                                                                  {0x00, 0xffffffff, "\0\0\0\0"s},
                                                                  {0x01, 0, ""},
                                                                  {0x00, 0, ""},
                                                                  {0x0a, 0, ""},
                                                                  {0x1d, 0, "\0\0\0\0"s},
                                                                  {0x00, 0, "\0\0\0\0\0"s}}) {
        const std::pair named(opcode, opaque);  // Clang 14 captures no structured binding
        CAPTURE(named.first);
        CAPTURE(named.second);
        fixture f(speaking(protocol::binary));
        const auto got = f.get("a");
        const auto next = f.get("b");
        f.run();
        f.deliver(frame(opcode, 0, f.opaques().at(0) + opaque, extras, "wrong"));
        CHECK(has_failed(got, errc::malformed_reply));
        CHECK(has_failed(next, errc::connection_lost));
        CHECK_FALSE(f.peer->is_open());
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("a VALUE of another key is no answer to a classic get") {
    for (const std::string reply :
         {"VALUE b 0 5 1\r\nwrong\r\nEND\r\n", "VALUE aa 0 5 1\r\nwrong\r\nEND\r\n",
          "VALUE a 0 5 1\r\nright\r\nVALUE b 0 5 1\r\nwrong\r\nEND\r\n"}) {
        CAPTURE(reply);
        fixture f(speaking(protocol::classic));
        const auto got = f.get("a");
        const auto next = f.get("b");
        f.run();
        f.deliver(reply);
        CHECK(has_failed(got, errc::malformed_reply));
        CHECK(has_failed(next, errc::connection_lost));
        CHECK_FALSE(f.peer->is_open());
    }
}

TEST_CASE("a VALUE of another key is no answer to one of many classic get-and-touches") {
    fixture f(speaking(protocol::classic));
    many_recorder got;
    f.cache->async_get_and_touch_many(key_list{"a", "b", "c"}, 100s, got);
    f.run();
    f.deliver(f.value_line("a", "right") + "END\r\n" + f.value_line("c", "wrong") + "END\r\n" +
              f.value_line("c", "wrong") + "END\r\n");
    REQUIRE(got.is_done());
    CHECK(is_hit(got->value[0], "right"));
    CHECK(got->value[1].error == errc::malformed_reply);
    CHECK(got->value[2].error == errc::malformed_reply);
    CHECK_FALSE(f.peer->is_open());
}

TEST_CASE("a line of VALUEs that is not that of its keys gives no wrong value") {
    for (const protocol speaks : {protocol::meta, protocol::classic}) {
        struct script {
            key_list values;
            std::size_t right;  // of them, before the first that is wrong
        };
        for (const auto& [values, right] : {script{{"x"}, 0},
                                            {{"a", "x"}, 1},
                                            {{"b", "a"}, 1},
                                            {{"a", "a"}, 1},
                                            {{"c", "c"}, 1},
                                            {{"a", "b", "c", "d"}, 3},
                                            {{"a", "b", "c", "c"}, 3},
                                            {{"A"}, 0},
                                            {{"ab"}, 0}}) {
            fixture f(speaking(speaks));
            const auto got = f.get_many({"a", "b", "c"});
            const auto next = f.get("z");
            f.run();
            std::string reply;
            for (std::size_t i = 0; i < values.size(); ++i)
                reply += f.value_line(values[i], i < right ? values[i] : "wrong");
            CAPTURE(reply);
            f.deliver(reply + "END\r\n");
            REQUIRE(got.is_done());
            const key_list keys{"a", "b", "c"};
            for (std::size_t i = 0; i < keys.size(); ++i) {
                if (got->value[i].value) CHECK(got->value[i].value->value == keys[i]);
            }
            CHECK(has_failed(next, errc::connection_lost));
            CHECK_FALSE(f.peer->is_open());
            CHECK(adds_up(f.counts()));
        }
    }
}

TEST_CASE("a quiet burst over binary takes each opaque once, in order, and its own barrier only") {
    struct script {
        std::vector<std::uint32_t> opaques;
        std::uint32_t barrier;
    };
    for (const auto& [opaques, barrier] : {script{{1, 0}, 3},
                                           {{1, 1}, 3},
                                           {{3}, 3},
                                           {{4}, 3},
                                           {{0xffffffff}, 3},
                                           {{0}, 2},
                                           {{}, 4},
                                           {{0, 1, 2, 2}, 3}}) {
        fixture f(speaking(protocol::binary));
        const auto got = f.get_many({"0", "1", "2"});
        f.run();
        const auto first = f.opaques().at(0);
        std::string reply;
        for (const auto each : opaques)
            reply += frame(0x09, 0, first + each, "\0\0\0\0"s, std::to_string(each));
        f.deliver(reply + frame(0x0a, 0, first + barrier, "", ""));
        REQUIRE(got.is_done());
        for (std::size_t i = 0; i < 3; ++i) {
            if (got->value[i].value) CHECK(got->value[i].value->value == std::to_string(i));
        }
        CHECK(got->value[2].error ==
              (opaques.size() > 3 ? std::error_code() : make_error_code(errc::malformed_reply)));
        CHECK_FALSE(f.peer->is_open());
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("of many meta commands each takes its own opaque only") {
    fixture f(speaking(protocol::meta));
    recorder<std::vector<outcome<bool>>> removed;
    f.cache->async_remove_many(key_list{"a", "b", "c"}, removed);
    f.run();
    f.deliver("HD " + f.peer->opaque(0) + "\r\nHD " + f.peer->opaque(2) + "\r\n");
    REQUIRE(removed.is_done());
    CHECK((removed->value[0] && removed->value[0].value));
    CHECK(removed->value[1].error == errc::malformed_reply);
    CHECK(removed->value[2].error == errc::malformed_reply);
    CHECK_FALSE(f.peer->is_open());
    CHECK(adds_up(f.counts()));
}

// ---- what nobody waits for any more -------------------------------------------------------------

TEST_CASE("the late reply of a cancelled operation is nobody's, over every protocol") {
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        asio::cancellation_signal signal;
        get_recorder given_up;
        f.cache->async_get("a", asio::bind_cancellation_slot(signal.slot(), given_up));
        const auto kept = f.get("b");
        f.run();
        signal.emit(asio::cancellation_type::all);
        f.run();
        CHECK(has_failed(given_up, asio::error::operation_aborted));
        f.deliver(f.value_reply(0, "a", "of a"));
        CHECK_FALSE(kept->calls);
        f.deliver(f.value_reply(1, "b", "of b"));
        CHECK(is_hit(kept, "of b"));
        CHECK(f.peer->is_open());
        CHECK(f.peer->connects == 1);
        CHECK(f.counts().errors_of(error_kind::cancelled) == 1);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("the late replies of a cancelled burst are nobody's, and nobody's hits") {
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        asio::cancellation_signal signal;
        many_recorder given_up;
        f.cache->async_get_many(key_list{"a", "b", "c"},
                                asio::bind_cancellation_slot(signal.slot(), given_up));
        const auto kept = f.get_many({"x", "y"});
        f.run();
        const bool is_binary = speaks == protocol::binary;
        const auto opaques = is_binary ? f.opaques() : std::vector<std::uint32_t>();
        const auto value = [&](std::size_t index, std::string_view key) {
            return is_binary ? frame(0x09, 0, opaques.at(index), "\0\0\0\0"s, key)
                             : f.value_line(key, key);
        };
        const auto end = [&](std::size_t index) {
            return is_binary ? frame(0x0a, 0, opaques.at(index), "", "") : "END\r\n"s;
        };
        f.deliver(value(0, "a"));
        signal.emit(asio::cancellation_type::all);
        f.run();
        CHECK(has_failed(given_up, asio::error::operation_aborted));
        CHECK(is_hit(given_up->value[0], "a"));
        f.deliver(value(1, "b") + value(2, "c") + end(3));
        f.deliver(value(4, "x") + end(6));
        REQUIRE(kept.is_done());
        CHECK(is_hit(kept->value[0], "x"));
        CHECK((kept->value[1] && !kept->value[1].value));
        CHECK(f.peer->is_open());
        CHECK(f.counts().requests == 5);
        CHECK(f.counts().hits == 2);
        CHECK(f.counts().misses == 1);
        CHECK(f.counts().errors_of(error_kind::cancelled) == 2);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("what is cancelled behind a burst that is half answered is counted as itself") {
    for (const protocol speaks : {protocol::meta, protocol::classic}) {
        fixture f(speaking(speaks));
        const auto burst = f.get_many({"a", "b", "c"});
        asio::cancellation_signal signal;
        get_recorder given_up;
        f.cache->async_get("z", asio::bind_cancellation_slot(signal.slot(), given_up));
        f.run();
        f.deliver(f.value_line("a", "1") + f.value_line("b", "2"));
        signal.emit(asio::cancellation_type::all);
        f.run();
        CHECK(has_failed(given_up, asio::error::operation_aborted));
        CHECK(f.counts().in_flight == 3);
        CHECK(f.counts().errors_of(error_kind::cancelled) == 1);
        f.deliver("END\r\n");
        REQUIRE(burst.is_done());
        CHECK(f.counts().in_flight == 0);
        CHECK(f.counts().requests == 4);
        CHECK(f.counts().hits == 2);
        CHECK(f.counts().misses == 1);
    }
}

TEST_CASE("a visitor may stop the client, over every protocol") {
    for (const protocol speaks : every_protocol) {
        for (const std::size_t count : {1u, 2u}) {
            CAPTURE(static_cast<int>(speaks));
            CAPTURE(count);
            fixture f(speaking(speaks));
            const key_list keys(count, "a");
            recorder<std::size_t> visited;
            std::size_t calls = 0;
            f.cache->async_visit_many(
                keys,
                [&](std::size_t, const outcome<std::optional<item_view>>&) {
                    if (++calls == 1) f.cache->stop();
                },
                visited);
            f.run();
            std::string reply;
            for (std::size_t i = 0; i < count; ++i) {
                reply += speaks == protocol::binary ? frame(count == 1 ? 0x00 : 0x09, 0,
                                                            f.opaques().at(i), "\0\0\0\0"s, "v")
                                                    : f.value_line("a", "v");
            }
            f.deliver(reply);
            CHECK(visited.is_done());
            CHECK(calls == count);
            CHECK(adds_up(f.counts()));
        }
    }
}

// ---- a stream that ends in the moment it is used ------------------------------------------------

TEST_CASE("a read lost on a connection that had been idle is asked once more, a write is not") {
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        f.warm_up();
        const auto stored = f.set("a");
        const auto got = f.get("a");
        f.run();
        REQUIRE(f.peer->writes.size() == 1);
        f.peer->end();
        f.run();
        CHECK(has_failed(stored, errc::connection_lost));
        CHECK_FALSE(got->calls);
        CHECK(f.peer->connects == 2);
        REQUIRE(f.peer->writes.size() == 2);
        f.peer->writes.erase(f.peer->writes.begin());
        f.deliver(f.value_reply(0, "a", "again"));
        CHECK(is_hit(got, "again"));
        CHECK(f.counts().reconnects == 1);
        CHECK(f.counts().requests == 3);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("a read is asked once more only once") {
    for (const protocol speaks : every_protocol) {
        fixture f(speaking(speaks));
        f.warm_up();
        const auto got = f.get("a");
        f.run();
        f.peer->end();
        f.run();
        CHECK_FALSE(got->calls);
        f.peer->end();
        f.run();
        CHECK(has_failed(got, errc::connection_lost));
        CHECK(f.peer->connects == 2);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("many reads lost on a connection that had been idle are asked once more") {
    for (const protocol speaks : every_protocol) {
        fixture f(speaking(speaks));
        f.warm_up();
        const auto got = f.get_many({"a", "b"});
        f.run();
        f.peer->end();
        f.run();
        REQUIRE(f.peer->writes.size() == 2);
        CHECK(f.peer->writes[0] == f.peer->writes[1]);
        f.peer->writes.erase(f.peer->writes.begin());
        if (speaks == protocol::binary) {
            f.deliver(frame(0x09, 0, f.opaques().at(1), "\0\0\0\0"s, "2") +
                      frame(0x0a, 0, f.opaques().at(2), "", ""));
        } else {
            f.deliver(f.value_line("b", "2") + "END\r\n");
        }
        REQUIRE(got.is_done());
        CHECK((got->value[0] && !got->value[0].value));
        CHECK(is_hit(got->value[1], "2"));
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("nothing that changes something is asked twice") {
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        f.warm_up();
        const std::vector<entry> entries{{"a", "1"}, {"b", "2"}};
        stores_recorder stored;
        recorder<std::vector<node_outcome<bool>>> flushed;
        recorder<hit> touched;
        recorder<std::optional<std::uint64_t>> counted;
        f.cache->async_set_many(entries, stored);
        f.cache->async_flush_all(flushed);
        f.cache->async_get_and_touch("a", 10s, touched);
        f.cache->async_increment("a", 1, counted);
        f.run();
        f.peer->end();
        f.run();
        REQUIRE(stored.is_done());
        for (const auto& each : stored->value) CHECK(each.error == errc::connection_lost);
        REQUIRE(flushed.is_done());
        CHECK(flushed->value[0].error == errc::connection_lost);
        CHECK(has_failed(touched, errc::connection_lost));
        CHECK(has_failed(counted, errc::connection_lost));
        CHECK(f.peer->connects == 1);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("a read lost behind an answer, or half answered, is lost") {
    for (const protocol speaks : every_protocol) {
        fixture f(speaking(speaks));
        f.warm_up();
        const auto first = f.get("a");
        const auto second = f.get("b");
        f.run();
        const std::string reply = f.value_reply(0, "a", "of a");
        f.deliver(reply + f.value_reply(1, "b", "of b").substr(0, 5));
        CHECK(is_hit(first, "of a"));
        f.peer->end();
        f.run();
        CHECK(has_failed(second, errc::connection_lost));
        CHECK(f.peer->connects == 1);
        CHECK(adds_up(f.counts()));
    }
}

// ---- what is spoken is asked first --------------------------------------------------------------

TEST_CASE("operations wait for the answer to what is spoken, then leave in their order") {
    for (const auto& [version, is_meta] : {std::pair("1.4.39", false),
                                           {"1.6.9", false},
                                           {"1.6.10", true},
                                           {"1.6.18", true},
                                           {"2.0", true},
                                           {"1.6.18_3", true},
                                           {"nonsense", false}}) {
        const std::string named = version;  // Clang 14 captures no structured binding
        CAPTURE(named);
        fixture f(speaking(protocol::automatic));
        const auto stored = f.set("a");
        const auto got = f.get("a");
        f.run();
        REQUIRE(f.peer->writes == std::vector{"version\r\n"s});
        f.peer->writes.clear();
        f.deliver("VERSION "s + version + "\r\n");
        REQUIRE(f.peer->writes.size() == 1);
        CHECK(f.peer->writes[0].starts_with(is_meta ? "ms a 1" : "set a 0 0 1\r\nv\r\ngets a\r\n"));
        f.deliver(is_meta ? "HD c1 " + f.peer->opaque(0) + "\r\n" : "STORED\r\n"s);
        f.deliver(is_meta ? f.peer->value_reply(1, "v") : f.value_line("a", "v") + "END\r\n");
        CHECK(stored->value == store_result::stored);
        CHECK(is_hit(got, "v"));
        CHECK(f.counts().requests == 2);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("what is cancelled or timed out while the question is under way is never sent") {
    fixture f(speaking(protocol::automatic));
    asio::cancellation_signal signal;
    get_recorder given_up;
    f.cache->async_get("a", asio::bind_cancellation_slot(signal.slot(), given_up));
    asio::cancellation_signal other_signal;
    many_recorder other_given_up;
    f.cache->async_get_many(key_list{"a", "b"},
                            asio::bind_cancellation_slot(other_signal.slot(), other_given_up));
    get_recorder late;
    f.cache->async_get("b", {.timeout = 30ms}, late);
    const auto kept = f.get("c");
    f.run();
    signal.emit(asio::cancellation_type::all);
    other_signal.emit(asio::cancellation_type::all);
    f.run();
    CHECK(has_failed(given_up, asio::error::operation_aborted));
    CHECK(has_failed(other_given_up, asio::error::operation_aborted));
    f.io.restart();
    while (!late->calls && f.io.run_one_for(20s) != 0) {
    }
    CHECK(has_failed(late, errc::timed_out_unsent));
    CHECK_FALSE(kept->calls);
    f.peer->writes.clear();
    f.deliver("VERSION 1.6.18\r\n");
    REQUIRE(f.peer->commands().size() == 1);
    CHECK(f.peer->commands()[0].starts_with("mg c "));
    f.deliver(f.peer->value_reply(0, "v"));
    CHECK(is_hit(kept, "v"));
    CHECK(f.counts().in_flight == 0);
}

TEST_CASE("no answer to what is spoken fails who waits for it, unsent") {
    for (const std::string reply : {"garbage\r\n", "SERVER_ERROR out of order\r\n", "STORED\r\n"}) {
        CAPTURE(reply);
        fixture f(speaking(protocol::automatic));
        const auto got = f.get("a");
        f.run();
        f.deliver(reply);
        REQUIRE(got.is_done());
        CHECK(got->error);
        CHECK(got->error == condition::not_sent);
        CHECK_FALSE(got->error == condition::maybe_applied);
        CHECK_FALSE(f.peer->is_open());
    }
    fixture f(speaking(protocol::automatic));
    const auto got = f.get("a");
    f.run();
    f.peer->end();
    f.run();
    CHECK(has_failed(got, errc::connection_lost_unsent));
}

TEST_CASE("drained is reported for what waits for the answer to what is spoken, however it ends") {
    using connection_type = connection<scripted_transport, metrics>;
    struct get_operation final : detail::operation {
        get_operation() : operation(&finish) {}
        static void finish(operation* base, answer* got) {
            auto& self = *static_cast<get_operation*>(base);
            if (got) ++self.calls;
        }
        int calls = 0;
    };
    command what;
    what.key.assign("a");
    for (const int ending : {0, 1, 2, 3}) {
        CAPTURE(ending);
        asio::io_context io{1};
        const auto peer = std::make_shared<scripted_peer>();
        const auto line = std::make_shared<connection_type>(
            io.get_executor(), node{"here"},
            connection_options{.connect_timeout = 20s, .speaks = protocol::automatic},
            memring::testing::scripted_options{peer});
        get_operation before;
        get_operation after;
        int drained = 0;
        line->submit(before, what);
        line->when_drained([&] { ++drained; });
        line->submit(after, what);
        run_ready(io);
        CHECK(drained == 0);
        if (ending == 0) {
            peer->writes.clear();
            peer->deliver("VERSION 1.6.18\r\n");
            run_ready(io);
            CHECK(drained == 0);
            peer->deliver("EN\r\n");
            run_ready(io);
            CHECK(before.calls == 1);
            CHECK(after.calls == 0);
            CHECK(drained == 1);
            peer->deliver("EN\r\n");
        } else if (ending == 1) {
            peer->end();
        } else if (ending == 2) {
            line->stop();
        } else {
            line->cancel(before);
            line->cancel(after);
            run_ready(io);
            peer->deliver("VERSION 1.6.18\r\n");
        }
        run_ready(io);
        CHECK(before.calls == 1);
        CHECK(after.calls == 1);
        CHECK(drained == 1);
        line->stop();
        run_ready(io);
    }
}

TEST_CASE("a key that is no text never gets into a classic line, whatever stands beside it") {
    fixture f(speaking(protocol::automatic));
    const std::string evil = "x\r\nflush_all\r\n";
    const std::vector<entry> entries{{"a", "1"}, {evil, "2"}, {"b", "3"}};
    const key_list keys{"a", evil, "b"};
    stores_recorder stored;
    recorder<std::vector<outcome<bool>>> removed;
    f.cache->async_set_many(entries, stored);
    f.cache->async_remove_many(keys, removed);
    const auto got = f.get_many(keys);
    f.run();
    f.deliver("VERSION 1.4.39\r\n");
    std::string all;
    for (const auto& bytes : f.peer->writes) all += bytes;
    CHECK(all.find("flush_all") == std::string::npos);
    f.deliver("STORED\r\nSTORED\r\nDELETED\r\nDELETED\r\nEND\r\nEND\r\n");
    REQUIRE(stored.is_done());
    REQUIRE(removed.is_done());
    REQUIRE(got.is_done());
    CHECK(stored->value[0].value == store_result::stored);
    CHECK(stored->value[1].error == errc::invalid_key);
    CHECK(stored->value[2].value == store_result::stored);
    CHECK(removed->value[0].value);
    CHECK(removed->value[1].error == errc::invalid_key);
    CHECK(removed->value[2].value);
    CHECK(got->value[1].error == errc::invalid_key);
    CHECK(f.peer->is_open());
}
