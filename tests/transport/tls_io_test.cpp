// TLS as a transport, against real memcached processes and certificates made for the occasion.

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <openssl/ssl.h>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>
#include <memring/transport/tcp.hpp>
#include <memring/transport/tls.hpp>

#include "../support/certificates.hpp"
#include "../support/forked_memcached.hpp"
#include "../support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::certificate_authority;
using memring::testing::forked_memcached;
using memring::testing::presenting;
using memring::testing::temporary_directory;

// One authority, and a server whose certificate is right for localhost and 127.0.0.1.
struct fixture {
    static const temporary_directory& directory() {
        static const temporary_directory made;
        return made;
    }
    static const certificate_authority& authority() {
        static const certificate_authority made(directory());
        return made;
    }
    static const std::string& right_certificate() {
        static const std::string made =
            authority().issue("right", {.names = "DNS:localhost,IP:127.0.0.1"});
        return made;
    }
    static forked_memcached& server() {
        static forked_memcached running =
            forked_memcached::with_tls(presenting(right_certificate()));
        return running;
    }
    static tls_context trusting() {
        return tls_context({.ca_file = authority().certificate_file()});
    }
    static node at(const forked_memcached& where, const char* host = "127.0.0.1") {
        return {host, where.port()};
    }

    // Runs one connect, for 20 s at most.
    std::error_code connect(tls_transport& stream, const node& peer) {
        std::optional<std::error_code> result;
        stream.async_connect(peer, [&](std::error_code error) { result = error; });
        CHECK_FALSE(result.has_value());  // never inside the initiating call
        io.restart();
        io.run_for(20s);
        REQUIRE(result.has_value());
        return *result;
    }
    std::error_code connect(const tls_context& context, const node& peer) {
        tls_transport stream(io.get_executor(), {context});
        return connect(stream, peer);
    }
    // Writes a command and reads a line, or says what went wrong.
    std::string ask(tls_transport& stream, std::string_view command) {
        std::string reply;
        std::error_code error;
        stream.async_write_some(asio::buffer(command),
                                [&](std::error_code e, std::size_t) { error = e; });
        io.restart();
        io.run_for(20s);
        while (!error && !reply.ends_with("\r\n")) {
            char bytes[512];
            stream.async_read_some(asio::buffer(bytes), [&](std::error_code e, std::size_t size) {
                error = e;
                reply.append(bytes, size);
            });
            io.restart();
            io.run_for(20s);
        }
        return error ? error.message() : reply;
    }

    asio::io_context io;
};

using tls_client = blocking_client<client<ketama, tls_transport>>;

const client_options patient{.timeout = 20s, .connect_timeout = 20s};

// Whether it comes true within ten seconds.
template <class Condition>
bool comes_true(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

// A server of the test's own that takes a connection and then does what it is told.
struct listener {
    explicit listener(asio::io_context& io)
        : acceptor(io, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {}
    node where() const { return {"127.0.0.1", acceptor.local_endpoint().port()}; }
    asio::ip::tcp::acceptor acceptor;
};

}  // namespace

// ---- certificates ------------------------------------------------------------------------------

TEST_CASE_FIXTURE(fixture, "a certificate by a trusted authority for the node's name is accepted") {
    for (const char* host : {"127.0.0.1", "localhost"}) {
        CAPTURE(host);
        tls_transport stream(io.get_executor(), {trusting()});
        CHECK_FALSE(stream.is_idle_and_open());
        REQUIRE(connect(stream, at(server(), host)) == std::error_code{});
        CHECK(SSL_get_verify_result(stream.native_handle()) == X509_V_OK);
        CHECK(ask(stream, "mn\r\n") == "MN\r\n");
    }
}

TEST_CASE_FIXTURE(fixture, "a certificate for another name is not accepted, a CA for all is") {
    const auto other = forked_memcached::with_tls(
        presenting(authority().issue("other", {.names = "DNS:elsewhere.example,IP:127.0.0.2"})));
    for (const char* host : {"127.0.0.1", "localhost"}) {
        CAPTURE(host);
        CHECK(connect(trusting(), at(other, host)) == errc::tls_untrusted);
    }
    const auto ca_file = authority().certificate_file();
    const tls_context any_name(
        {.ca_file = ca_file, .verification = tls_verification::certificate_only});
    CHECK(connect(any_name, at(other)) == std::error_code{});
    const tls_context named({.ca_file = ca_file, .server_name = "elsewhere.example"});
    CHECK(connect(named, at(other)) == std::error_code{});
    CHECK(connect(named, at(server())) == errc::tls_untrusted);
    const tls_context addressed({.ca_file = ca_file, .server_name = "127.0.0.2"});
    CHECK(connect(addressed, at(other, "localhost")) == std::error_code{});
}

TEST_CASE_FIXTURE(fixture, "a certificate that is expired or not valid yet is not accepted") {
    for (const auto& [begin, end] : {std::pair(-7200L, -3600L), std::pair(3600L, 7200L)}) {
        const auto late = forked_memcached::with_tls(presenting(authority().issue(
            "late", {.names = "IP:127.0.0.1", .begins_in = begin, .ends_in = end})));
        CHECK(connect(trusting(), at(late)) == errc::tls_untrusted);
        const tls_context any_name({.ca_file = authority().certificate_file(),
                                    .verification = tls_verification::certificate_only});
        CHECK(connect(any_name, at(late)) == errc::tls_untrusted);
    }
}

TEST_CASE_FIXTURE(fixture, "an unknown authority is not accepted, unless nothing is verified") {
    const certificate_authority stranger(directory(), "stranger");
    const tls_context trusting_another({.ca_file = stranger.certificate_file()});
    CHECK(connect(trusting_another, at(server())) == errc::tls_untrusted);
    CHECK(connect(tls_context(), at(server())) == errc::tls_untrusted);  // the system's
    const tls_context careless({.verification = tls_verification::none});
    tls_transport stream(io.get_executor(), {careless});
    CHECK(connect(stream, at(server())) == std::error_code{});
    CHECK(ask(stream, "mn\r\n") == "MN\r\n");
}

TEST_CASE_FIXTURE(fixture,
                  "a server that requires a certificate refuses those without a right one") {
    auto arguments = presenting(right_certificate());
    arguments.back() += ",ssl_verify_mode=2,ssl_ca_cert=" + authority().certificate_file();
    const auto strict = forked_memcached::with_tls(arguments);
    const auto ca_file = authority().certificate_file();
    const auto own = authority().issue("client", {});
    const certificate_authority stranger(directory(), "stranger");
    const auto foreign = stranger.issue("foreign", {});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        const auto connect_as = [&](const std::string& certificate) {
            const tls_context context({.ca_file = ca_file, .certificate_file = certificate});
            SSL_CTX_set_max_proto_version(context.native_handle(), version);
            tls_transport stream(io.get_executor(), {context});
            // again: memcached refuses to resume here, which must not be the end of it
            for (int round = 0; round < 3; ++round) {
                if (const auto error = connect(stream, at(strict))) return error;
                CHECK(ask(stream, "mn\r\n") == "MN\r\n");
                stream.close();
            }
            return std::error_code();
        };
        CHECK(connect_as(own) == std::error_code{});
        CHECK(connect_as({}) == errc::tls_refused);
        CHECK(connect_as(foreign) == errc::tls_refused);
    }
    tls_client cache({at(strict)}, patient, {trusting()});
    std::error_code error;
    cache.set("k", "v", error);
    CHECK(error == errc::tls_refused);
    CHECK(error == condition::not_sent);
}

TEST_CASE_FIXTURE(fixture,
                  "files that are missing or make no sense are named when the context is made") {
    const auto missing = directory().file("missing.pem");
    CHECK_THROWS_WITH_AS(tls_context({.ca_file = missing}), doctest::Contains("missing.pem"),
                         std::system_error);
    CHECK_THROWS_WITH_AS(tls_context({.certificate_file = missing}),
                         doctest::Contains("missing.pem"), std::system_error);
    const auto other_key = authority().issue("other_key", {});
    CHECK_THROWS_WITH_AS(
        tls_context({.certificate_file = right_certificate(), .private_key_file = other_key}),
        doctest::Contains("other_key.pem"), std::system_error);
}

TEST_CASE_FIXTURE(fixture, "an encrypted private key needs its passphrase, and nobody is asked") {
    const auto secret = authority().issue("secret", {.passphrase = "open sesame"});
    for (const char* passphrase : {"", "open the door"}) {
        CHECK_THROWS_WITH_AS(tls_context({.certificate_file = secret, .passphrase = passphrase}),
                             doctest::Contains("secret.pem"), std::system_error);
    }
    CHECK_NOTHROW(tls_context({.certificate_file = secret, .passphrase = "open sesame"}));
}

// ---- versions and sessions ----------------------------------------------------------------------

TEST_CASE_FIXTURE(fixture, "nothing older than TLS 1.2 is spoken, nor than what is asked for") {
    const auto ca_file = authority().certificate_file();
    const tls_context defaults({.ca_file = ca_file});
    CHECK(SSL_CTX_get_min_proto_version(defaults.native_handle()) == TLS1_2_VERSION);
    const tls_context modern({.ca_file = ca_file, .minimum_version = tls_version::v1_3});
    CHECK(SSL_CTX_get_min_proto_version(modern.native_handle()) == TLS1_3_VERSION);
    tls_transport stream(io.get_executor(), {modern});
    REQUIRE(connect(stream, at(server())) == std::error_code{});
    CHECK(SSL_version(stream.native_handle()) == TLS1_3_VERSION);

    auto arguments = presenting(right_certificate());
    arguments.back() += ",ssl_min_version=3";
    const auto newest_only = forked_memcached::with_tls(arguments);
    const tls_context old = trusting();
    SSL_CTX_set_max_proto_version(old.native_handle(), TLS1_2_VERSION);
    CHECK(connect(old, at(newest_only)) == errc::tls_failed);
}

TEST_CASE_FIXTURE(fixture, "a reconnect reuses the session, and a new node begins anew") {
    auto arguments = presenting(right_certificate());
    arguments.back() += ",ssl_session_cache";
    const auto caching = forked_memcached::with_tls(arguments);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        const tls_context context = trusting();
        SSL_CTX_set_max_proto_version(context.native_handle(), version);
        tls_transport stream(io.get_executor(), {context});
        for (int round = 0; round < 4; ++round) {
            CAPTURE(round);
            REQUIRE(connect(stream, at(caching)) == std::error_code{});
            CHECK(SSL_session_reused(stream.native_handle()) == (round != 0));
            CHECK(ask(stream, "mn\r\n") == "MN\r\n");
            if (round % 2 == 0) stream.close();  // a connect closes, too
        }
        REQUIRE(connect(stream, at(caching, "localhost")) == std::error_code{});
        CHECK(SSL_session_reused(stream.native_handle()) == 0);
    }
}

TEST_CASE_FIXTURE(fixture, "session tickets that come while it is idle do not look like a reply") {
    tls_transport stream(io.get_executor(), {trusting()});
    REQUIRE(connect(stream, at(server())) == std::error_code{});
    REQUIRE(SSL_version(stream.native_handle()) == TLS1_3_VERSION);
    bool was_always_idle = true;
    CHECK(comes_true([&] {
        was_always_idle = was_always_idle && stream.is_idle_and_open();
        return SSL_SESSION_is_resumable(SSL_get0_session(stream.native_handle())) == 1;
    }));
    CHECK(was_always_idle);
    CHECK(stream.is_idle_and_open());
    CHECK(ask(stream, "mn\r\n") == "MN\r\n");
    std::error_code error;
    stream.async_write_some(asio::buffer("mn\r\n", 4),
                            [&](std::error_code e, std::size_t) { error = e; });
    io.restart();
    io.run_for(20s);
    CHECK_FALSE(error);
    CHECK(comes_true([&] { return !stream.is_idle_and_open(); }));  // this is a reply
}

// ---- the wrong kind of port ---------------------------------------------------------------------

TEST_CASE_FIXTURE(fixture, "a memcached without TLS on that port is told at once") {
    const auto begin = std::chrono::steady_clock::now();
    const node plain{"127.0.0.1", server().plain_port()};
    for (int i = 0; i < 20; ++i) CHECK(connect(trusting(), plain) == errc::tls_failed);
    tls_client cache({plain}, patient, {trusting()});
    std::error_code error;
    cache.set("k", "v", error);
    CHECK(error == errc::tls_failed);
    CHECK(error == condition::not_sent);
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE_FIXTURE(fixture, "a client without TLS on a port with it fails, and does not hang") {
    const auto begin = std::chrono::steady_clock::now();
    blocking_client<client<ketama, tcp_transport>> cache({at(server())}, patient);
    std::error_code error;
    cache.set("k", "v", error);
    // memcached just closes; another server may send an alert, which is no reply
    CHECK((error == errc::connection_lost || error == errc::malformed_reply));
    CHECK_FALSE(cache.get("k", error));
    CHECK((error == errc::connection_lost || error == errc::malformed_reply));
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE_FIXTURE(fixture,
                  "a server that ends during the handshake is an error, a silent one times out") {
    listener server(io);
    tls_transport stream(io.get_executor(), {trusting()});
    std::optional<std::error_code> result;
    stream.async_connect(server.where(), [&](std::error_code error) { result = error; });
    server.acceptor.async_accept([](std::error_code, asio::ip::tcp::socket) {});
    io.run_for(20s);
    CHECK(result == std::error_code(errc::tls_failed));

    tls_client cache({server.where()}, {.timeout = 10s, .connect_timeout = 50ms}, {trusting()});
    std::error_code error;
    CHECK_FALSE(cache.get("k", error));
    CHECK(error == errc::connect_timed_out);
}

// ---- lifetime -----------------------------------------------------------------------------------

TEST_CASE_FIXTURE(fixture, "close and destruction abort whatever is under way, handshakes too") {
    for (const bool destroys : {false, true}) {
        for (const bool is_in_handshake : {false, true}) {
            listener silent(io);
            CAPTURE(is_in_handshake);
            auto stream =
                std::make_unique<tls_transport>(io.get_executor(), tls_options{trusting()});
            std::optional<std::error_code> result;
            stream->async_connect(silent.where(), [&](std::error_code error) { result = error; });
            std::optional<asio::ip::tcp::socket> peer;
            if (is_in_handshake) {
                peer = silent.acceptor.accept();
                io.restart();
                REQUIRE(comes_true([&] {
                    io.poll();
                    return peer->available() != 0;
                }));
            }
            if (destroys) {
                stream.reset();
            } else {
                stream->close();
            }
            CHECK_FALSE(result.has_value());
            io.restart();
            io.run();
            CHECK(result == std::error_code(asio::error::operation_aborted));
        }
    }
    auto stream = std::make_unique<tls_transport>(io.get_executor(), tls_options{trusting()});
    REQUIRE(connect(*stream, at(server())) == std::error_code{});
    std::optional<std::error_code> read;
    std::optional<std::error_code> written;
    const std::string much(8 * 1024 * 1024, 'x');
    char byte = 0;
    stream->async_read_some(asio::buffer(&byte, 1),
                            [&](std::error_code error, std::size_t) { read = error; });
    stream->async_write_some(asio::buffer(much),
                             [&](std::error_code error, std::size_t) { written = error; });
    stream.reset();
    io.restart();
    io.run();
    CHECK(read == std::error_code(asio::error::operation_aborted));
    CHECK(written == std::error_code(asio::error::operation_aborted));
}

TEST_CASE_FIXTURE(fixture, "an execution context that dies first takes a handshake with it") {
    auto held = std::make_shared<int>(1);
    asio::io_context servers;
    listener silent(servers);
    {
        asio::io_context context;
        tls_transport stream(context.get_executor(), {trusting()});
        stream.async_connect(silent.where(), [held](std::error_code) {});
        const auto peer = silent.acceptor.accept();
        REQUIRE(comes_true([&] {
            context.poll();
            return peer.available() != 0;
        }));
    }
    CHECK(held.use_count() == 1);
}

TEST_CASE_FIXTURE(fixture, "reads and writes without a connection say so") {
    tls_transport stream(io.get_executor(), {trusting()});
    std::error_code read;
    std::error_code written;
    char byte = 0;
    stream.async_read_some(asio::buffer(&byte, 1),
                           [&](std::error_code error, std::size_t) { read = error; });
    stream.async_write_some(asio::buffer(&byte, 1),
                            [&](std::error_code error, std::size_t) { written = error; });
    io.run();
    CHECK(read == std::error_code(asio::error::not_connected));
    CHECK(written == std::error_code(asio::error::not_connected));
}

TEST_CASE_FIXTURE(fixture,
                  "a connection that the server closed while idle is made anew, unnoticed") {
    std::uint16_t port = 0;
    std::optional<forked_memcached> running(
        forked_memcached::with_tls(presenting(right_certificate())));
    port = running->port();
    tls_client cache({at(*running)}, patient, {trusting()});
    CHECK(cache.set("k", "1") == store_result::stored);
    running->stop();
    running.emplace(forked_memcached::with_tls(presenting(right_certificate()), port));
    CHECK(cache.set("k", "2") == store_result::stored);
    CHECK(cache.get("k")->value == "2");
}

TEST_CASE_FIXTURE(fixture, "one context serves clients in several threads") {
    const tls_context context = trusting();
    const std::vector<node> nodes{at(server()), at(server(), "localhost")};
    std::array<int, 4> failures{};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < failures.size(); ++t) {
        threads.emplace_back([&failures, t, &context, &nodes] {
            for (int round = 0; round < 5; ++round) {
                tls_client mine(nodes, patient, {context});
                for (int i = 0; i < 20; ++i) {
                    const auto key = std::to_string(t) + ":" + std::to_string(i);
                    mine.set(key, key);
                    const auto got = mine.get(key);
                    failures[t] += got && got->value == key ? 0 : 1;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const int count : failures) CHECK(count == 0);
}

// ---- much ---------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(fixture, "values of a megabyte go both ways") {
    tls_client cache({at(server())}, patient, {trusting()});
    std::string value(1024 * 1024 - 200, '\0');
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 7 + i / 4096);
    for (int i = 0; i < 5; ++i) {
        value[0] = static_cast<char>('a' + i);
        CHECK(cache.set("big", value) == store_result::stored);
        const auto got = cache.get("big");
        REQUIRE(got);
        CHECK((got->value == value));
    }
}

TEST_CASE_FIXTURE(fixture, "buffers written together arrive in order, however long") {
    tls_transport stream(io.get_executor(), {trusting()});
    REQUIRE(connect(stream, at(server())) == std::error_code{});
    for (const std::size_t size : {0u, 1u, 16'000u, 16'384u, 65'520u, 65'536u, 65'537u, 300'000u}) {
        CAPTURE(size);
        const std::string header = "ms k " + std::to_string(size) + "\r\n";
        const std::string value(size, 'v');
        const std::string behind = "\r\nmn\r\n";
        std::size_t written = 0;
        const std::size_t total = header.size() + size + behind.size();
        while (written < total) {
            std::vector<asio::const_buffer> rest;
            std::size_t skipped = written;
            for (const std::string* part : {&header, &value, &behind}) {
                const auto skip = std::min(skipped, part->size());
                rest.push_back(asio::buffer(*part) + skip);
                skipped -= skip;
            }
            std::size_t taken = 0;
            stream.async_write_some(rest, [&](std::error_code, std::size_t n) { taken = n; });
            io.restart();
            io.run_for(20s);
            REQUIRE(taken != 0);
            written += taken;
        }
        CHECK(written == total);
        std::string reply;
        while (reply != "HD\r\nMN\r\n") {
            char bytes[64];
            std::size_t got = 0;
            stream.async_read_some(asio::buffer(bytes),
                                   [&](std::error_code, std::size_t n) { got = n; });
            io.restart();
            io.run_for(20s);
            REQUIRE(got != 0);
            reply.append(bytes, got);
        }
        CHECK(ask(stream, "mg k s\r\n") == "HD s" + std::to_string(size) + "\r\n");
    }
}

TEST_CASE_FIXTURE(fixture, "pipelined sets of every size are all answered") {
    tls_client cache({at(server())}, patient, {trusting()});
    for (const std::size_t size : {100u, 1000u, 2000u, 8000u, 16'300u, 20'000u, 60'000u}) {
        for (const std::size_t count : {2u, 7u, 10u, 50u, 200u}) {
            if (size * count > 4'000'000) continue;
            CAPTURE(size);
            CAPTURE(count);
            std::vector<std::string> names;
            std::vector<std::string> values;
            for (std::size_t i = 0; i < count; ++i) {
                names.push_back("key" + std::to_string(i));
                values.push_back(std::string(size + i, static_cast<char>('a' + i % 26)));
            }
            std::vector<entry> entries;
            for (std::size_t i = 0; i < count; ++i) entries.push_back({names[i], values[i]});
            for (const auto& stored : cache.set_many(entries)) {
                REQUIRE_FALSE(stored.error);
                REQUIRE(stored.value == store_result::stored);
            }
            const std::vector<std::string_view> keys(names.begin(), names.end());
            const auto got = cache.get_many(keys);
            for (std::size_t i = 0; i < count; ++i) {
                REQUIRE_FALSE(got[i].error);
                REQUIRE(got[i].value);
                REQUIRE((got[i].value->value == values[i]));
            }
        }
    }
}
