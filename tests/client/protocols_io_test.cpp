// A client over each protocol against in-process servers that misbehave, ask for a login, refuse
// connections or are replaced: nobody ever gets a wrong value, and what is counted adds up.

#include <array>
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

#include <asio/error.hpp>
#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/metrics/metrics.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_transport.hpp>

#include "../support/clients.hpp"
#include "../support/completions.hpp"

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace memring;
using memring::testing::every_operation;
using memring::testing::every_operation_of;
using memring::testing::faults;
using memring::testing::login_protocol;
using memring::testing::memory_network;
using memring::testing::memory_server;
using memring::testing::memory_server_options;
using memring::testing::memory_transport;
using memring::testing::named_operation;
using memring::testing::recorder;
using memring::testing::required_login;
using memring::testing::runs_out_of_work;

using client_type = client<ketama, memory_transport, metrics>;
using hit = std::optional<item>;
using key_list = std::vector<std::string_view>;
using clock_type = std::chrono::steady_clock;

constexpr protocol every_protocol[] = {protocol::meta, protocol::classic, protocol::binary};

client_options speaking(protocol speaks, const credentials& login = {}) {
    return {.timeout = 20s,
            .connect_timeout = 20s,
            .speaks = speaks,
            .backoff = {.first = 0ms},
            .login = login};
}

struct fixture {
    explicit fixture(const client_options& options, memory_server_options server_options = {})
        : cache(io.get_executor(), {here}, options, memring::testing::memory_options{network},
                seen) {
        replace_server(std::move(server_options));
    }

    void replace_server(memory_server_options options) {
        network->add(here, std::make_shared<memory_server>(std::move(options)));
    }
    memory_server& server() { return network->server(here); }

    // Runs what `start(handler)` starts to its end.
    template <class Result, class Start>
    recorder<Result> run(Start start) {
        recorder<Result> done;
        start(done);
        CHECK(runs_out_of_work(io));
        CHECK(done.is_done());
        return done;
    }
    std::error_code run(const named_operation<client_type>& operation, std::string_view key) {
        int calls = 0;
        std::error_code result;
        operation.start(cache, key, {[&](std::error_code error) {
                            ++calls;
                            result = error;
                        }});
        CHECK(runs_out_of_work(io));
        CHECK(calls == 1);
        return result;
    }
    recorder<hit> get(std::string_view key) {
        return run<hit>([&](auto done) { cache.async_get(key, done); });
    }
    recorder<store_result> set(std::string_view key, std::string_view value) {
        return run<store_result>([&](auto done) { cache.async_set(key, value, done); });
    }
    recorder<std::vector<outcome<hit>>> get_many(const key_list& keys) {
        return run<std::vector<outcome<hit>>>([&](auto done) { cache.async_get_many(keys, done); });
    }
    bool reads(std::string_view key, std::string_view value) {
        const auto got = get(key);
        return !got->error && got->value && got->value->value == value;
    }
    [[nodiscard]] node_counters counts() const { return seen.snapshot().total(); }

    const node here{"here"};
    asio::io_context io{1};
    metrics seen;
    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    client_type cache;
};

// Whatever was asked has been told of, once.
bool adds_up(const node_counters& seen) {
    return seen.in_flight == 0 && seen.requests == seen.latency.count() +
                                                       seen.errors_of(error_kind::not_sent) +
                                                       seen.errors_of(error_kind::connection_lost) +
                                                       seen.errors_of(error_kind::cancelled) +
                                                       seen.errors_of(error_kind::other);
}

}  // namespace

// ---- replies that are none ----------------------------------------------------------------------

TEST_CASE("a reply cut at any byte is an error over every protocol, and the next one is right") {
    for (const protocol speaks : every_protocol) {
        for (const auto& operation : every_operation_of<client_type>(speaks)) {
            CAPTURE(static_cast<int>(speaks));
            CAPTURE(operation.name);
            bool has_succeeded = false;
            for (std::size_t size = 0; !has_succeeded; ++size) {
                CAPTURE(size);
                REQUIRE(size < 8192);
                fixture f(speaking(speaks));
                f.server().put("a", {.value = "12345"});
                f.server().set_faults({.cut_after_bytes = size});
                const auto error = f.run(operation, "a");
                has_succeeded = !error;
                if (error) CHECK(error == errc::connection_lost);
                f.server().set_faults({});
                f.server().put("b", {.value = "of b"});
                CHECK(f.reads("b", "of b"));
                CHECK(adds_up(f.counts()));
            }
        }
    }
}

TEST_CASE("many values cut at any byte are the right ones or errors, over every protocol") {
    const key_list keys{"a", "b", "absent", "empty", "c"};
    const std::vector<std::string> values{"of a", "\r\nEND\r\n", "", "", "of c"};
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        bool has_succeeded = false;
        for (std::size_t size = 0; !has_succeeded; ++size) {
            CAPTURE(size);
            REQUIRE(size < 8192);
            fixture f(speaking(speaks));
            for (const std::size_t i : {0u, 1u, 3u, 4u})
                f.server().put(keys[i], {.value = values[i]});
            f.server().set_faults({.cut_after_bytes = size});
            const auto got = f.get_many(keys);
            has_succeeded = true;
            for (std::size_t i = 0; i < keys.size(); ++i) {
                const auto& each = got->value[i];
                if (each.error) {
                    has_succeeded = false;
                    CHECK(each.error == errc::connection_lost);
                } else if (i == 2) {
                    CHECK_FALSE(each.value);
                } else {
                    REQUIRE(each.value);
                    CHECK(each.value->value == values[i]);
                }
            }
            CHECK(adds_up(f.counts()));
        }
    }
}

TEST_CASE("replies byte by byte are the same over every protocol") {
    for (const protocol speaks : every_protocol) {
        fixture whole(speaking(speaks));
        fixture parts(speaking(speaks));
        parts.server().set_faults({.split_sizes = {1}});
        for (const auto& operation : every_operation_of<client_type>(speaks)) {
            CAPTURE(static_cast<int>(speaks));
            CAPTURE(operation.name);
            whole.server().put("a", {.value = "12345"});
            parts.server().put("a", {.value = "12345"});
            CHECK(parts.run(operation, "a") == whole.run(operation, "a"));
            const auto expected = whole.server().peek("a");
            const auto got = parts.server().peek("a");
            REQUIRE(expected.has_value() == got.has_value());
            if (expected) CHECK(got->value == expected->value);
        }
        CHECK(parts.server().counters().connections == 1);
        CHECK(parts.counts().hits == whole.counts().hits);
        CHECK(parts.counts().misses == whole.counts().misses);
        CHECK(parts.counts().bytes_received == whole.counts().bytes_received);
    }
}

TEST_CASE("no operation takes garbage for an answer, over every protocol") {
    const std::vector<std::string> garbage{"\x01garbage\r\n",
                                           "\r\n",
                                           "HTTP/1.1 400 Bad Request\r\n\r\n",
                                           "VALUE b 0 1 1\r\n1\r\nEND\r\n",
                                           "VALUE a 0 4 1\r\n12345\r\nEND\r\n",
                                           "VALUE a 0 99999999999999999999 1\r\n",
                                           "ENDS\r\n",
                                           "HD O99\r\n",
                                           "XX\r\n",
                                           "\x81"s + std::string(23, '\xff'),
                                           "\x80"s + std::string(23, '\0'),
                                           "\x81\x77"s + std::string(22, '\0'),
                                           std::string(100'000, 'x')};
    for (const protocol speaks : every_protocol) {
        for (const auto& operation : every_operation_of<client_type>(speaks)) {
            for (const auto& bytes : garbage) {
                CAPTURE(static_cast<int>(speaks));
                CAPTURE(operation.name);
                CAPTURE(bytes.substr(0, 30));
                fixture f(speaking(speaks));
                f.server().put("a", {.value = "12345"});
                f.server().set_faults({.garbage_at_command = 0, .garbage = bytes});
                CHECK(f.run(operation, "a") == errc::malformed_reply);
                f.server().set_faults({});
                f.server().put("b", {.value = "of b"});
                CHECK(f.reads("b", "of b"));
                CHECK(f.server().counters().connections == 2);
                CHECK(adds_up(f.counts()));
            }
        }
    }
}

// ---- what only the server refuses ---------------------------------------------------------------

TEST_CASE("of many stores each ends with its own truth where the server refuses some") {
    const std::string too_large(40'000, 'v');
    const std::vector<entry> entries{{"a", "1"},       {"b", too_large}, {"c", "3"},
                                     {"d", too_large}, {"e", ""},        {"f", "6"}};
    for (const protocol speaks : every_protocol) {
        for (const std::size_t part : {0u, 1u, 7u}) {
            CAPTURE(static_cast<int>(speaks));
            CAPTURE(part);
            fixture f(speaking(speaks), {.item_size_limit = 32 * 1024});
            if (part != 0) f.server().set_faults({.split_sizes = {part}});
            for (const char* key : {"a", "b", "c", "d"}) f.server().put(key, {.value = "old"});
            const auto stored = f.run<std::vector<outcome<store_result>>>(
                [&](auto done) { f.cache.async_set_many(entries, done); });
            REQUIRE(stored->value.size() == entries.size());
            for (const std::size_t i : {0u, 2u, 4u, 5u}) {
                CHECK_FALSE(stored->value[i].error);
                CHECK(stored->value[i].value == store_result::stored);
            }
            for (const std::size_t i : {1u, 3u})
                CHECK(stored->value[i].error == errc::value_too_large);
            CHECK(f.reads("a", "1"));
            CHECK_FALSE(f.server().peek("b"));
            CHECK(f.reads("c", "3"));
            CHECK_FALSE(f.server().peek("d"));
            CHECK(f.reads("e", ""));
            CHECK(f.reads("f", "6"));
            CHECK(adds_up(f.counts()));
        }
    }
}

TEST_CASE("of two stores to one key each ends with its own truth where the server refuses one") {
    const std::string too_large(40'000, 'v');
    for (const protocol speaks : every_protocol) {
        for (const std::size_t refused : {0u, 1u, 2u}) {
            CAPTURE(static_cast<int>(speaks));
            CAPTURE(refused);
            std::vector<entry> entries{{"a", "1"}, {"b", "2"}, {"a", "3"}};
            entries[refused].value = too_large;
            fixture f(speaking(speaks), {.item_size_limit = 32 * 1024});
            const auto stored = f.run<std::vector<outcome<store_result>>>(
                [&](auto done) { f.cache.async_set_many(entries, done); });
            for (const std::size_t i : {0u, 1u, 2u}) {
                CAPTURE(i);
                CHECK((stored->value[i].error == errc::value_too_large) == (i == refused));
                CHECK((stored->value[i].value == store_result::stored) == (i != refused));
            }
            CHECK(f.server().peek("a").has_value() == (refused != 2));
            CHECK(f.server().peek("b").has_value() == (refused != 1));
        }
    }
}

TEST_CASE("what is asked of a key stays in order where one of many stores is refused") {
    const std::string too_large(40'000, 'v');
    const std::vector<entry> entries{{"a", "earlier"}, {"b", too_large}};
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks), {.item_size_limit = 32 * 1024});
        recorder<std::vector<outcome<store_result>>> many;
        recorder<store_result> last;
        f.cache.async_set_many(entries, many);
        f.cache.async_set("a", "later", last);
        CHECK(runs_out_of_work(f.io));
        CHECK(many->value[0].value == store_result::stored);
        CHECK(many->value[1].error == errc::value_too_large);
        CHECK(last->value == store_result::stored);
        CHECK(f.reads("a", "later"));
    }
}

TEST_CASE("a store that only the server refuses leaves the connection in step") {
    const std::string too_large(40'000, 'v');
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks), {.item_size_limit = 32 * 1024});
        for (int i = 0; i < 3; ++i) {
            CHECK(f.set("a", too_large)->error == errc::value_too_large);
            CHECK(f.set("b", "fits")->value == store_result::stored);
            CHECK(f.reads("b", "fits"));
        }
        CHECK(f.counts().errors_of(error_kind::refused) == 3);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("what a protocol cannot do is refused before anything is sent") {
    const key_list keys{"a", "b"};
    for (const protocol speaks : {protocol::classic, protocol::binary}) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        CHECK(f.run<bool>([&](auto done) { f.cache.async_invalidate("a", 10s, done); })->error ==
              errc::unsupported);
        using known = std::optional<item_metadata>;
        CHECK(f.run<known>([&](auto done) { f.cache.async_inspect("a", done); })->error ==
              errc::unsupported);
        const auto many = f.run<std::vector<outcome<known>>>(
            [&](auto done) { f.cache.async_inspect_many(keys, done); });
        for (const auto& each : many->value) CHECK(each.error == errc::unsupported);
        for (const auto& operation : every_operation<client_type>()) {
            if (operation.is_known_to(speaks)) continue;
            CAPTURE(operation.name);
            CHECK(f.run(operation, "a") == errc::unsupported);
        }
        CHECK(f.server().counters().connections == 0);
        CHECK(f.counts().requests == 0);
    }
}

// ---- the protocol is found ----------------------------------------------------------------------

TEST_CASE("automatic speaks meta to servers of 1.6.10 and later, classic to older ones") {
    for (const auto& asked : {std::pair("1.4.39", false), {"1.6.9", false}, {"1.6.18", true}}) {
        const char* const version = asked.first;  // no structured binding: Clang 14 captures none
        [[maybe_unused]] const bool is_meta = asked.second;
        CAPTURE(version);
        fixture f(speaking(protocol::automatic), {.version = version});
        const std::vector<entry> entries{{"a", "1"}, {"b", "2"}, {"n", "3"}};
        recorder<std::vector<outcome<store_result>>> stored;
        recorder<std::vector<outcome<hit>>> got;
        recorder<std::optional<std::uint64_t>> counted;
        recorder<std::vector<node_outcome<std::string>>> versions;
        recorder<bool> invalidated;
        f.cache.async_set_many(entries, stored);
        f.cache.async_get_many(key_list{"a", "absent", "b"}, got);
        f.cache.async_increment("n", 4, counted);
        f.cache.async_version(versions);
        f.cache.async_invalidate("a", 10s, invalidated);
        CHECK(runs_out_of_work(f.io));
        for (const auto& each : stored->value) CHECK(each.value == store_result::stored);
        REQUIRE(got->value.size() == 3);
        CHECK(got->value[0].value->value == "1");
        CHECK((got->value[1] && !got->value[1].value));
        CHECK(got->value[2].value->value == "2");
        CHECK(counted->value == 7u);
        CHECK(versions->value[0].value == version);
        CHECK(invalidated->value == is_meta);
        CHECK(invalidated->error == (is_meta ? std::error_code() : errc::unsupported));
        CHECK(f.server().counters().connections == 1);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("a server replaced by one that speaks another protocol costs what was encoded, unsent") {
    for (const auto& versions : {std::pair("1.6.18", "1.4.39"),
                                 {"1.4.39", "1.6.18"},
                                 {"1.6.18", "1.6.18"},
                                 {"1.4.39", "1.6.9"}}) {
        const char* const before = versions.first;
        const char* const after = versions.second;
        CAPTURE(before);
        CAPTURE(after);
        fixture f(speaking(protocol::automatic), {.version = before});
        CHECK(f.set("a", "1")->value == store_result::stored);
        f.replace_server({.version = after});
        const auto first = f.set("a", "2");
        if (first->error) {
            CHECK(first->error == condition::not_sent);
            CHECK_FALSE(f.server().peek("a"));
        }
        CHECK(f.set("a", "3")->value == store_result::stored);
        CHECK(f.reads("a", "3"));
        const auto got = f.get_many({"a", "b"});
        CHECK(got->value[0].value->value == "3");
        CHECK(adds_up(f.counts()));
    }
}

// ---- who this is --------------------------------------------------------------------------------

TEST_CASE("a login is right, wrong or missing, over every protocol") {
    for (const protocol speaks :
         {protocol::meta, protocol::classic, protocol::binary, protocol::automatic}) {
        CAPTURE(static_cast<int>(speaks));
        const auto how = speaks == protocol::binary ? login_protocol::sasl : login_protocol::text;
        const memory_server_options asking{.login = required_login{how, "user", "secret"}};
        fixture right(speaking(speaks, {"user", "secret"}), asking);
        CHECK(right.set("a", "1")->value == store_result::stored);
        CHECK(right.reads("a", "1"));
        CHECK(right.server().counters().logins == 1);
        CHECK(right.server().counters().failed_logins == 0);
        right.network->cut_connections(right.here);
        CHECK(right.reads("a", "1"));
        CHECK(right.server().counters().logins == 2);
        CHECK(right.server().keys() == std::vector<std::string>{"a"});

        for (const credentials& login : {credentials{"user", "guess"},
                                         credentials{"root", "secret"}, credentials{"user", ""}}) {
            fixture wrong(speaking(speaks, login), asking);
            const auto got = wrong.get("a");
            CHECK(got->error == errc::authentication_failed);
            CHECK(got->error == condition::not_sent);
            CHECK(got->error == std::errc::permission_denied);
            const auto many = wrong.get_many({"a", "b"});
            for (const auto& each : many->value) CHECK(each.error == errc::authentication_failed);
            CHECK(wrong.server().item_count() == 0);
            CHECK(wrong.counts().connect_failures != 0);
            CHECK(wrong.counts().connects == 0);
            CHECK(wrong.counts().in_flight == 0);
        }
        fixture none(speaking(speaks), asking);
        CHECK(none.get("a")->error == errc::authentication_failed);
        CHECK(none.set("a", "1")->error == errc::authentication_failed);
        CHECK(none.server().item_count() == 0);
    }
}

TEST_CASE("a login that nobody asks for stores nothing and does no harm") {
    for (const protocol speaks : {protocol::meta, protocol::classic, protocol::automatic}) {
        fixture f(speaking(speaks, {"user", "secret"}));
        CHECK(f.set("a", "1")->value == store_result::stored);
        CHECK(f.reads("a", "1"));
        CHECK(f.server().keys() == std::vector<std::string>{"a"});
    }
    fixture f(speaking(protocol::binary, {"user", "secret"}));
    CHECK(f.get("a")->error == errc::unsupported);
    CHECK(f.server().counters().gets == 0);
}

// ---- a node that cannot be reached --------------------------------------------------------------

TEST_CASE(
    "a node that refuses is tried again after pauses that grow, and fails at once meanwhile") {
    client_options options = speaking(protocol::meta);
    options.backoff = {.first = 40ms, .most = 200ms};
    fixture f(options);
    f.network->stop(f.here);
    std::vector<clock_type::time_point> tried;
    std::size_t refused_unasked = 0;
    const auto deadline = clock_type::now() + 20s;
    while (tried.size() < 6 && clock_type::now() < deadline) {
        const auto before = f.counts().connect_failures;
        const auto started = clock_type::now();
        const auto got = f.get("a");
        CHECK(got->error == std::errc::connection_refused);
        CHECK(got->error == condition::not_sent);
        if (f.counts().connect_failures != before) {
            tried.push_back(started);
        } else {
            ++refused_unasked;
        }
    }
    REQUIRE(tried.size() == 6);
    CHECK(refused_unasked > 0);
    // None after the first failure, then 40, 80, 160, 200 ms, of each up to a half left off. The
    // pause begins a little after the attempt.
    const std::array<std::chrono::milliseconds, 4> pauses{40ms, 80ms, 160ms, 200ms};
    for (std::size_t i = 0; i < pauses.size(); ++i) {
        CAPTURE(i);
        CHECK(tried[i + 2] - tried[i + 1] >= pauses[i] / 2);
    }
    CHECK(f.counts().connects == 0);
    CHECK(f.counts().errors_of(error_kind::not_sent) == f.counts().requests);
    CHECK(adds_up(f.counts()));

    f.network->start(f.here);
    bool is_back = false;
    while (!is_back && clock_type::now() < deadline) is_back = !f.get("a")->error;
    CHECK(is_back);
    f.network->stop(f.here);  // what was counted before it answered is forgotten
    const auto before = f.counts().connect_failures;
    CHECK(f.get("a")->error);
    CHECK(f.get("a")->error);
    CHECK(f.counts().connect_failures == before + 2);
}

TEST_CASE("many operations on a node that refuses cost one connect, over every protocol") {
    for (const protocol speaks :
         {protocol::meta, protocol::classic, protocol::binary, protocol::automatic}) {
        client_options options = speaking(speaks);
        options.backoff = {.first = 10min, .most = 10min};
        fixture f(options);
        f.network->stop(f.here);
        for (int i = 0; i < 2; ++i) CHECK(f.get("a")->error == condition::not_sent);
        const auto before = f.counts().connect_failures;
        CHECK(before == 2);
        const auto started = clock_type::now();
        std::vector<recorder<hit>> got(100);
        for (auto& each : got) f.cache.async_get("a", each);
        CHECK(runs_out_of_work(f.io));
        for (const auto& each : got) {
            REQUIRE(each.is_done());
            CHECK(each->error == std::errc::connection_refused);
        }
        const auto many = f.get_many({"a", "b"});
        for (const auto& each : many->value) CHECK(each.error == std::errc::connection_refused);
        CHECK(f.counts().connect_failures == before);
        CHECK(clock_type::now() - started < 10s);
    }
}

// ---- connections that end while idle ------------------------------------------------------------

TEST_CASE("a connection cut while idle costs no operation, over every protocol") {
    for (const protocol speaks :
         {protocol::meta, protocol::classic, protocol::binary, protocol::automatic}) {
        fixture f(speaking(speaks));
        f.server().put("a", {.value = "12345"});
        for (const auto& operation : every_operation_of<client_type>(speaks)) {
            CAPTURE(static_cast<int>(speaks));
            CAPTURE(operation.name);
            f.server().put("a", {.value = "12345"});
            CHECK(f.reads("a", "12345"));
            const auto before = f.server().counters().connections;
            f.network->cut_connections(f.here);
            CHECK_FALSE(f.run(operation, "a"));
            CHECK(f.server().counters().connections == before + 1);
        }
        CHECK(f.counts().all_errors() == 0);
        CHECK(f.counts().reconnects + 1 == f.counts().connects);
        CHECK(f.counts().connections() == 1);
        CHECK(adds_up(f.counts()));
    }
}

// ---- what is counted ----------------------------------------------------------------------------

TEST_CASE("hits, misses, stores and errors are counted one by one, over every protocol") {
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        const std::vector<entry> entries{{"a", "1"}, {"b", "2"}, {"c", ""}};
        (void)f.run<std::vector<outcome<store_result>>>(
            [&](auto done) { f.cache.async_set_many(entries, done); });
        CHECK(f.counts().requests == 3);
        CHECK(f.counts().hits + f.counts().misses == 0);
        CHECK(f.reads("a", "1"));
        CHECK_FALSE(f.get("absent")->value);
        CHECK(f.counts().hits == 1);
        CHECK(f.counts().misses == 1);
        (void)f.get_many({"a", "x", "b", "y"});
        CHECK(f.counts().hits == 3);
        CHECK(f.counts().misses == 3);
        (void)f.run<std::optional<std::uint64_t>>(
            [&](auto done) { f.cache.async_increment("absent", 1, done); });
        f.server().put("word", {.value = "word"});
        CHECK(f.run<std::optional<std::uint64_t>>([&](auto done) {
                   f.cache.async_increment("word", 1, done);
               })->error == errc::not_a_number);
        CHECK(f.counts().errors_of(error_kind::refused) == 1);
        CHECK(f.counts().requests == 11);
        CHECK(f.counts().hits == 3);
        CHECK(f.counts().connects == 1);
        CHECK(f.counts().bytes_sent == f.server().counters().bytes_read);
        CHECK(f.counts().bytes_received == f.server().counters().bytes_written);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("each error among many is counted as what it is, over every protocol") {
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks), {.item_size_limit = 32 * 1024});
        f.server().put("word", {.value = "word"});
        f.server().put("n", {.value = "1"});
        (void)f.run<std::vector<outcome<std::optional<std::uint64_t>>>>([&](auto done) {
            f.cache.async_increment_many(key_list{"n", "word", "absent", "word"}, 1, done);
        });
        CHECK(f.counts().requests == 4);
        CHECK(f.counts().errors_of(error_kind::refused) == 2);
        CHECK(adds_up(f.counts()));
        const std::string too_large(40'000, 'v');
        const std::vector<entry> entries{{"a", "1"}, {"b", too_large}, {"c", "3"}};
        (void)f.run<std::vector<outcome<store_result>>>(
            [&](auto done) { f.cache.async_set_many(entries, done); });
        // Quiet meta sets do not say whose error it is: all three are looked at afterwards.
        const std::size_t looks = speaks == protocol::meta ? 3 : 0;
        CHECK(f.counts().requests == 7 + looks);
        CHECK(f.counts().errors_of(error_kind::refused) == 3);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("an empty value among many is asked for again over meta only, and counted so") {
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        f.server().put("empty", {.value = ""});
        f.server().put("a", {.value = "1"});
        const auto got = f.get_many({"a", "empty", "absent"});
        REQUIRE(got->value[1].value);
        const std::size_t again = speaks == protocol::meta ? 1 : 0;
        CHECK(f.counts().hits == 2 + again);
        CHECK(f.counts().misses == 1);
        CHECK(f.counts().requests == 3 + again);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("time-outs are counted as such, over every protocol, and nothing stays in flight") {
    for (const protocol speaks : every_protocol) {
        CAPTURE(static_cast<int>(speaks));
        client_options options = speaking(speaks);
        options.timeout = 50ms;
        fixture f(options);
        f.server().set_faults({.stall_after_commands = 0});
        CHECK(f.get("a")->error == errc::timed_out);
        CHECK(f.get_many({"a", "b"})->value[1].error);
        f.server().set_faults({});
        const auto deadline = clock_type::now() + 20s;
        while (f.set("a", "1")->error && clock_type::now() < deadline) {
        }
        CHECK(f.reads("a", "1"));
        CHECK(f.counts().errors_of(error_kind::timed_out) >= 1);
        CHECK(adds_up(f.counts()));
    }
}

TEST_CASE("what never left is counted, also where the protocol is not known yet") {
    for (const protocol speaks : {protocol::meta, protocol::automatic}) {
        CAPTURE(static_cast<int>(speaks));
        fixture f(speaking(speaks));
        f.network->stop(f.here);
        for (int i = 0; i < 5; ++i) CHECK(f.get("a")->error == condition::not_sent);
        CHECK(f.get_many({"a", "b", "c"})->value[1].error == condition::not_sent);
        CHECK(f.counts().requests == 8);
        CHECK(f.counts().errors_of(error_kind::not_sent) == 8);
        CHECK(f.counts().in_flight == 0);
        f.network->start(f.here);
        CHECK(f.get("a")->error == std::error_code());
        CHECK(f.counts().requests == 9);
        CHECK(adds_up(f.counts()));
    }
}
