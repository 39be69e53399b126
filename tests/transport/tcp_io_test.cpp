// TCP and UNIX sockets as a transport, against acceptors of the test's own on this machine.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/socket_base.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>
#include <asio/write.hpp>

#include <doctest/doctest.h>

#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/transport/tcp.hpp>

#include "../support/temporary_directory.hpp"

namespace {

using asio::ip::tcp;
using memring::errc;
using memring::node;
using memring::tcp_transport;

struct listener {
    explicit listener(asio::io_context& io, const char* address = "127.0.0.1")
        : acceptor(io, tcp::endpoint(asio::ip::make_address(address), 0)) {}

    std::uint16_t port() const { return acceptor.local_endpoint().port(); }

    tcp::acceptor acceptor;
};

// Listens on a port where no connect is answered: the queue of connections to accept is full.
struct deaf_listener {
    explicit deaf_listener(asio::io_context& io, const char* address)
        : acceptor(io, tcp::v4()), waiting(io) {
        if (asio::ip::make_address(address).is_v6()) acceptor = tcp::acceptor(io, tcp::v6());
        acceptor.bind(tcp::endpoint(asio::ip::make_address(address), 0));
        acceptor.listen(0);
        waiting.connect(acceptor.local_endpoint());
    }

    tcp::acceptor acceptor;
    tcp::socket waiting;
};

struct outcome_of_connect {
    std::optional<std::error_code> error;

    auto handler() {
        return [this](std::error_code e) { error = e; };
    }
};

void run(asio::io_context& io) {
    io.restart();
    io.run();
}

// What the peer did reaches this end a moment later: a deadline on the condition.
bool stops_being_idle(tcp_transport& stream) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (stream.is_idle_and_open()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

}  // namespace

TEST_CASE("a literal, IPv4 or IPv6, is connected to, and bytes go both ways") {
    for (const char* address : {"127.0.0.1", "::1"}) {
        CAPTURE(address);
        asio::io_context io;
        listener server(io, address);
        tcp_transport stream(io.get_executor());
        outcome_of_connect connected;
        stream.async_connect(node{address, server.port()}, connected.handler());
        CHECK_FALSE(connected.error.has_value());
        run(io);
        REQUIRE(connected.error == std::error_code{});
        auto peer = server.acceptor.accept();

        std::size_t written = 0;
        stream.async_write_some(asio::buffer("mn\r\n", 4),
                                [&](std::error_code, std::size_t n) { written = n; });
        run(io);
        CHECK(written == 4);
        char bytes[8];
        CHECK(peer.read_some(asio::buffer(bytes)) == 4);
        CHECK(std::string(bytes, 4) == "mn\r\n");

        asio::write(peer, asio::buffer("MN\r\n", 4));
        std::size_t read = 0;
        stream.async_read_some(asio::buffer(bytes),
                               [&](std::error_code, std::size_t n) { read = n; });
        run(io);
        CHECK(std::string(bytes, read) == "MN\r\n");
    }
}

TEST_CASE("a connected socket has the options that were asked for") {
    for (const bool is_on : {true, false}) {
        CAPTURE(is_on);
        asio::io_context io;
        listener server(io);
        tcp_transport stream(io.get_executor(), {.no_delay = is_on, .keep_alive = is_on});
        outcome_of_connect connected;
        stream.async_connect(node{"127.0.0.1", server.port()}, connected.handler());
        run(io);
        REQUIRE(connected.error == std::error_code{});
        tcp::no_delay no_delay(!is_on);
        stream.socket().get_option(no_delay);
        CHECK(no_delay.value() == is_on);
        asio::socket_base::keep_alive keep_alive(!is_on);
        stream.socket().get_option(keep_alive);
        CHECK(keep_alive.value() == is_on);
    }
}

TEST_CASE("a name is looked up, and an address that refuses gives way to the next") {
    asio::io_context io;
    listener server(io);  // localhost may be ::1 first, where nobody listens
    tcp_transport stream(io.get_executor());
    outcome_of_connect connected;
    stream.async_connect(node{"localhost", server.port()}, connected.handler());
    run(io);
    CHECK(connected.error == std::error_code{});
}

TEST_CASE("a name that does not resolve is host_not_found, unless the address is known") {
    asio::io_context io;
    listener server(io);
    tcp_transport stream(io.get_executor());
    outcome_of_connect connected;
    stream.async_connect(node{"cache.invalid", server.port()}, connected.handler());
    run(io);
    CHECK(connected.error == errc::host_not_found);

    connected.error.reset();
    stream.async_connect(node{"cache.invalid", server.port(), 1, "127.0.0.1"}, connected.handler());
    run(io);
    CHECK(connected.error == std::error_code{});
}

TEST_CASE("a port where nobody listens is refused, never inside the initiating call") {
    asio::io_context io;
    std::uint16_t port = 0;
    {
        listener gone(io);
        port = gone.port();
    }
    tcp_transport stream(io.get_executor());
    outcome_of_connect connected;
    stream.async_connect(node{"127.0.0.1", port}, connected.handler());
    CHECK_FALSE(connected.error.has_value());
    run(io);
    REQUIRE(connected.error.has_value());
    CHECK(*connected.error == std::errc::connection_refused);
    CHECK_FALSE(stream.is_idle_and_open());
}

TEST_CASE("close aborts a connect, also during the look-up, and the next one goes its own way") {
    asio::io_context io;
    listener server(io);
    for (const char* host : {"127.0.0.1", "localhost", "cache.invalid"}) {
        CAPTURE(host);
        tcp_transport stream(io.get_executor());
        outcome_of_connect first;
        outcome_of_connect second;
        stream.async_connect(node{host, server.port()}, first.handler());
        stream.close();
        stream.async_connect(node{"127.0.0.1", server.port()}, second.handler());
        CHECK_FALSE(first.error.has_value());
        run(io);
        CHECK(first.error == std::error_code(asio::error::operation_aborted));
        CHECK(second.error == std::error_code{});
        CHECK(stream.is_idle_and_open());
    }
}

TEST_CASE("a connect replaces the one that is under way") {
    asio::io_context io;
    listener server(io);
    tcp_transport stream(io.get_executor());
    outcome_of_connect first;
    outcome_of_connect second;
    stream.async_connect(node{"localhost", server.port()}, first.handler());
    stream.async_connect(node{"localhost", server.port()}, second.handler());
    run(io);
    CHECK(first.error == std::error_code(asio::error::operation_aborted));
    CHECK(second.error == std::error_code{});
}

TEST_CASE("a transport destroyed during a connect or a read aborts it") {
    asio::io_context io;
    listener server(io);
    for (const char* host : {"127.0.0.1", "localhost"}) {
        auto stream = std::make_unique<tcp_transport>(io.get_executor());
        outcome_of_connect connected;
        stream->async_connect(node{host, server.port()}, connected.handler());
        stream.reset();
        run(io);
        CHECK(connected.error == std::error_code(asio::error::operation_aborted));
    }
    auto stream = std::make_unique<tcp_transport>(io.get_executor());
    stream->async_connect(node{"127.0.0.1", server.port()}, [](std::error_code) {});
    run(io);
    std::error_code error;
    char byte = 0;
    stream->async_read_some(asio::buffer(&byte, 1),
                            [&](std::error_code e, std::size_t) { error = e; });
    stream.reset();
    run(io);
    CHECK(error == std::error_code(asio::error::operation_aborted));
}

TEST_CASE("an execution context that dies first takes pending connects with it") {
    for (const char* host : {"127.0.0.1", "localhost"}) {
        auto held = std::make_shared<int>(1);
        {
            asio::io_context io;
            tcp_transport stream(io.get_executor());
            stream.async_connect(node{host, 1}, [held](std::error_code) {});
        }
        CHECK(held.use_count() == 1);
    }
}

TEST_CASE("idle and open ends with the peer's close, and with bytes nobody asked for") {
    asio::io_context io;
    listener server(io);
    tcp_transport stream(io.get_executor());
    CHECK_FALSE(stream.is_idle_and_open());
    const auto connect = [&] {
        stream.async_connect(node{"127.0.0.1", server.port()}, [](std::error_code) {});
        run(io);
        return server.acceptor.accept();
    };
    auto peer = connect();
    CHECK(stream.is_idle_and_open());
    asio::write(peer, asio::buffer("X", 1));
    CHECK(stops_being_idle(stream));
    char byte = 0;
    stream.async_read_some(asio::buffer(&byte, 1), [](std::error_code, std::size_t) {});
    run(io);
    CHECK(byte == 'X');  // looking did not eat it
    CHECK(stream.is_idle_and_open());

    peer.close();
    CHECK(stops_being_idle(stream));
    stream.close();
    CHECK_FALSE(stream.is_idle_and_open());
    peer = connect();
    CHECK(stream.is_idle_and_open());
}

TEST_CASE("the end of the stream is eof, and close leaves the transport ready for a connect") {
    asio::io_context io;
    listener server(io);
    tcp_transport stream(io.get_executor());
    for (int round = 0; round < 2; ++round) {
        outcome_of_connect connected;
        stream.async_connect(node{"127.0.0.1", server.port()}, connected.handler());
        run(io);
        REQUIRE(connected.error == std::error_code{});
        server.acceptor.accept().close();
        char byte = 0;
        std::error_code error;
        stream.async_read_some(asio::buffer(&byte, 1),
                               [&](std::error_code e, std::size_t) { error = e; });
        run(io);
        CHECK(error == std::error_code(asio::error::eof));
        CHECK_FALSE(stream.is_idle_and_open());
        stream.close();
    }
}

TEST_CASE("futures and coroutines are completion tokens like any other") {
    asio::io_context io;
    listener server(io);
    tcp_transport stream(io.get_executor());
    auto connected = stream.async_connect(node{"127.0.0.1", server.port()}, asio::use_future);
    run(io);
    connected.get();

    bool refused = false;
    const node nowhere{"cache.invalid", 1};
    const auto attempt = [&]() -> asio::awaitable<void> {
        try {
            co_await stream.async_connect(nowhere, asio::use_awaitable);
        } catch (const std::system_error& e) {
            refused = e.code() == errc::host_not_found;
        }
    };
    asio::co_spawn(io, attempt(), [](std::exception_ptr) {});
    run(io);
    CHECK(refused);
}

// ---- several addresses --------------------------------------------------------------------------

TEST_CASE("of several addresses the first that answers is taken, whichever family it is of") {
    for (const bool is_first_ipv4 : {true, false}) {
        CAPTURE(is_first_ipv4);
        const char* const first = is_first_ipv4 ? "127.0.0.1" : "::1";
        const char* const second = is_first_ipv4 ? "::1" : "127.0.0.1";
        asio::io_context io;
        listener server(io, second);
        tcp_transport stream(io.get_executor());
        outcome_of_connect connected;
        const tcp::endpoint nobody(asio::ip::make_address(first), server.port());
        stream.async_connect({nobody, server.acceptor.local_endpoint()}, connected.handler());
        CHECK_FALSE(connected.error.has_value());
        run(io);
        CHECK(connected.error == std::error_code{});
        CHECK(stream.is_idle_and_open());

        stream.async_connect({server.acceptor.local_endpoint(), nobody}, connected.handler());
        run(io);
        CHECK(connected.error == std::error_code{});
        stream.async_connect({nobody, nobody}, connected.handler());
        run(io);
        REQUIRE(connected.error.has_value());
        CHECK(*connected.error == std::errc::connection_refused);
    }
    asio::io_context io;
    tcp_transport stream(io.get_executor());
    outcome_of_connect connected;
    stream.async_connect(std::vector<tcp_transport::endpoint_type>(), connected.handler());
    run(io);
    CHECK(connected.error == errc::host_not_found);
}

TEST_CASE("an address that does not answer leaves time for the next") {
    asio::io_context io;
    deaf_listener deaf(io, "127.0.0.1");
    listener server(io);
    tcp_transport stream(io.get_executor());
    outcome_of_connect connected;
    const auto begin = std::chrono::steady_clock::now();
    stream.async_connect({deaf.acceptor.local_endpoint(), server.acceptor.local_endpoint()},
                         connected.handler());
    run(io);
    CHECK(connected.error == std::error_code{});
    CHECK(stream.is_idle_and_open());
    const auto taken = std::chrono::steady_clock::now() - begin;
    CHECK(taken >= std::chrono::milliseconds(200));
    CHECK(taken < std::chrono::seconds(20));  // the system takes minutes to give up

    // nobody behind it: its own share is all it gets, and what was said last counts
    const tcp::endpoint nobody(asio::ip::make_address("::1"), server.port());
    stream.async_connect({deaf.acceptor.local_endpoint(), nobody}, connected.handler());
    run(io);
    REQUIRE(connected.error.has_value());
    CHECK(*connected.error == std::errc::connection_refused);
}

TEST_CASE("the last address has no limit of its own, and close ends the wait for it") {
    asio::io_context io;
    deaf_listener deaf(io, "127.0.0.1");
    tcp_transport stream(io.get_executor(), {.address_timeout = std::chrono::milliseconds(10)});
    outcome_of_connect connected;
    stream.async_connect({deaf.acceptor.local_endpoint(), deaf.acceptor.local_endpoint()},
                         connected.handler());
    io.run_for(std::chrono::milliseconds(100));
    CHECK_FALSE(connected.error.has_value());
    stream.close();
    run(io);
    CHECK(connected.error == std::error_code(asio::error::operation_aborted));
}

// ---- UNIX sockets -------------------------------------------------------------------------------

TEST_CASE("a UNIX socket is connected to by its path, and bytes go both ways") {
    const memring::testing::temporary_directory directory;
    const auto path = directory.file("socket");
    asio::io_context io;
    asio::local::stream_protocol::acceptor acceptor(io, path);
    tcp_transport stream(io.get_executor());
    for (int round = 0; round < 2; ++round) {
        outcome_of_connect connected;
        stream.async_connect(node{path, 0}, connected.handler());
        CHECK_FALSE(connected.error.has_value());
        run(io);
        REQUIRE(connected.error == std::error_code{});
        CHECK(stream.is_idle_and_open());
        auto peer = acceptor.accept();
        stream.async_write_some(asio::buffer("mn\r\n", 4), [](std::error_code, std::size_t) {});
        run(io);
        char bytes[8];
        REQUIRE(peer.read_some(asio::buffer(bytes)) == 4);
        asio::write(peer, asio::buffer("MN\r\n", 4));
        CHECK_FALSE(stream.is_idle_and_open());
        std::size_t read = 0;
        stream.async_read_some(asio::buffer(bytes),
                               [&](std::error_code, std::size_t n) { read = n; });
        run(io);
        CHECK(std::string(bytes, read) == "MN\r\n");
        peer.close();
        CHECK(stops_being_idle(stream));
    }
}

TEST_CASE("one transport goes from a UNIX socket to a port and back") {
    const memring::testing::temporary_directory directory;
    asio::io_context io;
    asio::local::stream_protocol::acceptor local(io, directory.file("socket"));
    listener server(io);
    tcp_transport stream(io.get_executor());
    for (const node& peer : {node{directory.file("socket"), 0}, node{"127.0.0.1", server.port()},
                             node{directory.file("socket"), 0}}) {
        outcome_of_connect connected;
        stream.async_connect(peer, connected.handler());
        run(io);
        CHECK(connected.error == std::error_code{});
        CHECK(stream.is_idle_and_open());
    }
}

TEST_CASE("a path where nobody listens says why, and nothing was sent") {
    const memring::testing::temporary_directory directory;
    asio::io_context io;
    { asio::local::stream_protocol::acceptor gone(io, directory.file("left behind")); }
    const std::pair<std::string, std::errc> cases[] = {
        {directory.file("missing"), std::errc::no_such_file_or_directory},
        {directory.file("left behind"), std::errc::connection_refused},
        {directory.file("left behind/socket"), std::errc::not_a_directory},
        {directory.file(std::string(200, 'x')), std::errc::filename_too_long}};
    for (const auto& each : cases) {
        const auto& path = each.first;
        CAPTURE(path);
        tcp_transport stream(io.get_executor());
        outcome_of_connect connected;
        stream.async_connect(node{path, 0}, connected.handler());
        CHECK_FALSE(connected.error.has_value());
        run(io);
        REQUIRE(connected.error.has_value());
        CHECK(*connected.error == each.second);
        CHECK(*connected.error == memring::condition::not_sent);
        CHECK_FALSE(stream.is_idle_and_open());
    }
}

TEST_CASE("a UNIX socket with no room for another connection is an error, not a wait") {
    const memring::testing::temporary_directory directory;
    const auto path = directory.file("socket");
    asio::io_context io;
    asio::local::stream_protocol::acceptor acceptor(io, asio::local::stream_protocol());
    acceptor.bind(path);
    acceptor.listen(0);
    std::vector<std::unique_ptr<tcp_transport>> streams;
    std::error_code error;
    while (!error && streams.size() < 10) {
        streams.push_back(std::make_unique<tcp_transport>(io.get_executor()));
        streams.back()->async_connect(node{path, 0}, [&](std::error_code e) { error = e; });
        run(io);
        CHECK(streams.back()->is_idle_and_open() == !error);
    }
    CHECK(error == memring::condition::not_sent);  // on Linux no_buffer_space
    CHECK(streams.size() > 1);
}
