// The in-process server behind a real port, spoken to with plain blocking sockets.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/node.hpp>
#include <memring/testing/binary_frame.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/login.hpp>
#include <memring/testing/loopback_server.hpp>
#include <memring/testing/memory_server.hpp>

#include "../support/forked_memcached.hpp"
#include "frames.hpp"

namespace {

using memring::testing::binary_get;
using memring::testing::binary_set;
using memring::testing::frame_header_size;
using memring::testing::login_protocol;
using memring::testing::loopback_server;
using memring::testing::memory_server;
using memring::testing::memory_server_options;
using memring::testing::required_login;

class plain_client {
public:
    explicit plain_client(std::uint16_t port) {
        const auto address = memring::testing::detail::loopback_address(port);
        x_is_connected = ::connect(x_socket.handle(), reinterpret_cast<const sockaddr*>(&address),
                                   sizeof address) == 0;
    }

    bool is_connected() const { return x_is_connected; }
    void send(std::string_view bytes) {
        ::send(x_socket.handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    // What comes up to `size` bytes, the end of the stream or 5 s.
    std::string read(std::size_t size) {
        std::string result;
        while (result.size() < size && is_readable(5000)) {
            char bytes[4096];
            const auto count = ::recv(x_socket.handle(), bytes, sizeof bytes, 0);
            x_has_ended = count <= 0;
            if (x_has_ended) break;
            result.append(bytes, static_cast<std::size_t>(count));
        }
        return result;
    }
    std::string ask(std::string_view bytes, std::size_t reply_size) {
        send(bytes);
        return read(reply_size);
    }
    bool has_ended() {
        if (!x_has_ended) read(1);
        return x_has_ended;
    }
    bool is_readable(int milliseconds) {
        pollfd readable{x_socket.handle(), POLLIN, 0};
        return ::poll(&readable, 1, milliseconds) == 1;
    }

private:
    memring::testing::detail::scoped_socket x_socket;
    bool x_is_connected = false;
    bool x_has_ended = false;
};

}  // namespace

TEST_CASE("a loopback server serves many connections over one set of items") {
    loopback_server server;
    CHECK(server.where().host == "127.0.0.1");
    CHECK(server.where().port == server.port());
    std::vector<std::unique_ptr<plain_client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<plain_client>(server.port()));
        const auto key = std::to_string(100 + i);
        CHECK(clients.back()->ask("ms " + key + " 1\r\nx\r\n", 4) == "HD\r\n");
    }
    CHECK(clients.front()->ask("mg 119 v\r\n", 9) == "VA 1\r\nx\r\n");
    CHECK(server.items().item_count() == 20);
}

TEST_CASE("a node list is published while the server is at work") {
    loopback_server server;
    plain_client client(server.port());
    CHECK(client.ask("config get cluster\r\n", 7) == "ERROR\r\n");
    for (std::uint64_t version = 1; version < 20; ++version) {
        server.items().set_config(version, {server.where()});
        const std::string body =
            std::to_string(version) + "\n127.0.0.1||" + std::to_string(server.port()) + "\n";
        const std::string expected =
            "CONFIG cluster 0 " + std::to_string(body.size()) + "\r\n" + body + "\r\nEND\r\n";
        CHECK(client.ask("config get cluster\r\n", expected.size()) == expected);
    }
}

TEST_CASE("large values go through in both directions") {
    loopback_server server;
    plain_client client(server.port());
    const std::string value(1'000'000, 'v');
    CHECK(client.ask("ms a 1000000\r\n" + value + "\r\n", 4) == "HD\r\n");
    const std::string expected = "VA 1000000\r\n" + value + "\r\n";
    CHECK((client.ask("mg a v\r\n", expected.size()) == expected));
}

TEST_CASE("faults apply over TCP, too") {
    loopback_server server;
    SUBCASE("split replies arrive whole in the end") {
        server.items().set_faults({.split_sizes = {1}});
        plain_client client(server.port());
        CHECK(client.ask("mn\r\nversion\r\n", 20) == "MN\r\nVERSION 1.6.18\r\n");
    }
    SUBCASE("a cut stream ends after the bytes allowed") {
        server.items().set_faults({.cut_after_bytes = 6});
        plain_client client(server.port());
        CHECK(client.ask("mn\r\nmn\r\nmn\r\n", 100) == "MN\r\nMN");
        CHECK(client.has_ended());
    }
    SUBCASE("a stalled server says nothing, and keeps the connection") {
        server.items().set_faults({.stall_after_commands = 1});
        plain_client client(server.port());
        CHECK(client.ask("mn\r\n", 4) == "MN\r\n");
        client.send("mn\r\n");
        CHECK_FALSE(client.is_readable(50));
    }
    SUBCASE("a refused connection is of no use") {
        server.items().set_faults({.refuses_connections = true});
        plain_client client(server.port());
        client.send("mn\r\n");
        CHECK(client.has_ended());
    }
    SUBCASE("a late reply is late") {
        server.items().set_faults({.delay = std::chrono::milliseconds(20)});
        plain_client client(server.port());
        const auto begin = std::chrono::steady_clock::now();
        CHECK(client.ask("mn\r\n", 4) == "MN\r\n");
        CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(20));
    }
}

TEST_CASE("connections can be cut, the items stay") {
    loopback_server server;
    plain_client client(server.port());
    CHECK(client.ask("ms a 1\r\nx\r\n", 4) == "HD\r\n");
    server.cut_connections();
    CHECK(client.has_ended());
    plain_client again(server.port());
    CHECK(again.ask("mg a v\r\n", 9) == "VA 1\r\nx\r\n");
}

TEST_CASE("quit closes the connection") {
    loopback_server server;
    plain_client client(server.port());
    CHECK(client.ask("mn\r\nquit\r\n", 100) == "MN\r\n");
    CHECK(client.has_ended());
}

TEST_CASE("a port takes frames and text, connection by connection") {
    const loopback_server server;
    plain_client binary(server.port());
    plain_client text(server.port());
    const auto stored = binary.ask(binary_set("a", "x"), frame_header_size);
    CHECK(stored.starts_with("\x81\x01"));
    CHECK(text.ask("get a\r\n", 21) == "VALUE a 0 1\r\nx\r\nEND\r\n");
    CHECK(binary.ask(binary_get("a"), frame_header_size + 5).ends_with("x"));
    binary.send("get a and what else a frame has not\r\n");
    CHECK(binary.has_ended());
}

TEST_CASE("a port lets in who knows the password") {
    const loopback_server server(std::make_shared<memory_server>(
        memory_server_options{.login = required_login{login_protocol::text, "alice", "secret"}}));
    plain_client stranger(server.port());
    plain_client alice(server.port());
    CHECK(stranger.ask("version\r\n", 30) == "CLIENT_ERROR unauthenticated\r\n");
    CHECK(alice.ask("set x 0 0 12\r\nalice secret\r\n", 8) == "STORED\r\n");
    CHECK(alice.ask("version\r\n", 16) == "VERSION 1.6.18\r\n");
}

TEST_CASE("a stopped server refuses, and another takes over its port and its items") {
    auto items = std::make_shared<memory_server>();
    std::uint16_t port = 0;
    {
        loopback_server server(items);
        port = server.port();
        plain_client client(port);
        CHECK(client.ask("ms a 1\r\nx\r\n", 4) == "HD\r\n");
        server.stop();
        CHECK(client.has_ended());
        CHECK_FALSE(plain_client(port).is_connected());
    }
    loopback_server server(items, {.port = port});
    plain_client client(server.port());
    CHECK(client.ask("mg a v\r\n", 9) == "VA 1\r\nx\r\n");
}

TEST_CASE("a port that is taken is an error") {
    loopback_server server;
    CHECK_THROWS_AS(loopback_server(std::make_shared<memory_server>(), {.port = server.port()}),
                    std::system_error);
}

TEST_CASE("a server on a given executor serves while that runs, and lets it end after stop") {
    asio::io_context io;
    loopback_server server(io.get_executor());
    std::thread runner([&] { io.run(); });
    plain_client client(server.port());
    CHECK(client.ask("mn\r\n", 4) == "MN\r\n");
    server.stop();
    runner.join();
    CHECK(client.has_ended());
}

TEST_CASE("a server on an executor that never runs leaves nothing behind") {
    asio::io_context io;
    auto items = std::make_shared<memory_server>();
    { const loopback_server server(io.get_executor(), items); }
    CHECK(items.use_count() > 1);  // what stop posted still waits
    io.run();
    CHECK(items.use_count() == 1);
}
