// The transport to in-process servers: the contract of transports, faults, failing steps.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/node.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_transport.hpp>

namespace {

using memring::node;
using memring::testing::memory_network;
using memring::testing::memory_server;
using memring::testing::memory_transport;

const node here{"cache1", 11211};

// One transport over a network with one server, run to the end of each operation.
struct fixture {
    explicit fixture(std::size_t limit = 0) : write_limit(limit) {}

    std::error_code connect(const node& to = here) {
        std::optional<std::error_code> result;
        stream->async_connect(to, [&](std::error_code e) { result = e; });
        CHECK_FALSE(result.has_value());
        run();
        REQUIRE(result.has_value());
        return *result;
    }
    std::error_code write(std::string_view text, std::size_t* count = nullptr) {
        std::optional<std::error_code> result;
        stream->async_write_some(asio::buffer(text), [&](std::error_code e, std::size_t n) {
            result = e;
            if (count != nullptr) *count = n;
        });
        CHECK_FALSE(result.has_value());
        run();
        REQUIRE(result.has_value());
        return *result;
    }
    // Started, perhaps still waiting.
    void read() {
        read_error.reset();
        bytes.assign(100, '\0');
        stream->async_read_some(asio::buffer(bytes), [&](std::error_code e, std::size_t n) {
            read_error = e;
            bytes.resize(n);
        });
        CHECK_FALSE(read_error.has_value());
    }
    void run() {
        io.restart();
        io.poll();
    }

    std::size_t write_limit;
    asio::io_context io;
    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    memory_server& server = network->add(here);
    std::unique_ptr<memory_transport> stream = std::make_unique<memory_transport>(
        io.get_executor(), memring::testing::memory_options{network, write_limit});
    std::optional<std::error_code> read_error;
    std::string bytes;
};

const std::error_code aborted = asio::error::operation_aborted;

}  // namespace

TEST_CASE("a server that was added is connected to, others refuse") {
    fixture f;
    CHECK_FALSE(f.stream->is_idle_and_open());
    CHECK_FALSE(f.connect());
    CHECK(f.stream->is_idle_and_open());
    CHECK(f.connect({"cache2", 11211}) == std::errc::connection_refused);
    CHECK(f.connect({"cache1", 11212}) == std::errc::connection_refused);
    CHECK_FALSE(f.stream->is_idle_and_open());
    f.server.set_faults({.refuses_connections = true});
    CHECK(f.connect() == std::errc::connection_refused);
    f.server.set_faults({});
    CHECK_FALSE(f.connect());
}

TEST_CASE("a read waits for a reply and gets it, never inside an initiating call") {
    fixture f;
    f.connect();
    f.read();
    f.run();
    CHECK_FALSE(f.read_error.has_value());
    CHECK_FALSE(f.write("mn\r\n"));
    CHECK(f.read_error == std::error_code{});
    CHECK(f.bytes == "MN\r\n");
    CHECK(f.stream->is_idle_and_open());

    f.write("mn\r\n");
    CHECK_FALSE(f.stream->is_idle_and_open());
    f.read();
    f.run();
    CHECK(f.bytes == "MN\r\n");
}

TEST_CASE("reading and writing before a connect, and after a close, is an error") {
    fixture f;
    CHECK(f.write("mn\r\n") == std::error_code(asio::error::not_connected));
    f.read();
    f.run();
    CHECK(f.read_error == std::error_code(asio::error::not_connected));
    f.connect();
    f.stream->close();
    CHECK(f.write("mn\r\n") == std::error_code(asio::error::not_connected));
}

TEST_CASE("close and destruction abort what is under way") {
    for (const bool is_destroyed : {false, true}) {
        CAPTURE(is_destroyed);
        for (const char* what : {"connect", "read", "waiting read", "write"}) {
            CAPTURE(std::string(what));
            fixture f;
            const std::string_view kind = what;
            std::optional<std::error_code> error;
            char byte = 0;
            if (kind != "connect") f.connect();
            if (kind == "connect") {
                f.stream->async_connect(here, [&](std::error_code e) { error = e; });
            } else if (kind == "write") {
                f.stream->async_write_some(asio::buffer("mn\r\n", 4),
                                           [&](std::error_code e, std::size_t) { error = e; });
            } else {
                f.stream->async_read_some(asio::buffer(&byte, 1),
                                          [&](std::error_code e, std::size_t) { error = e; });
                if (kind == "waiting read") f.run();
            }
            if (is_destroyed) {
                f.stream.reset();
            } else {
                f.stream->close();
            }
            CHECK_FALSE(error.has_value());
            f.run();
            CHECK(error == aborted);
            CHECK(f.server.counters().commands == 0);
        }
    }
}

TEST_CASE("a connect after a close is not disturbed by what was aborted") {
    fixture f;
    std::optional<std::error_code> first;
    f.stream->async_connect(here, [&](std::error_code e) { first = e; });
    CHECK_FALSE(f.connect());
    CHECK(first == aborted);
    CHECK(f.stream->is_idle_and_open());
}

TEST_CASE("an execution context that dies first takes handlers with it") {
    auto held = std::make_shared<int>(1);
    {
        fixture f;
        f.connect();
        char byte = 0;
        f.stream->async_read_some(asio::buffer(&byte, 1), [held](std::error_code, std::size_t) {});
        f.run();
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
}

TEST_CASE("replies come in the sizes asked for, and writes may be taken in parts") {
    fixture f(3);
    f.server.set_faults({.split_sizes = {1, 2}});
    f.connect();
    std::size_t count = 0;
    CHECK_FALSE(f.write("mn\r\n", &count));
    CHECK(count == 3);
    CHECK_FALSE(f.write("\n", &count));
    CHECK(count == 1);
    std::vector<std::string> parts;
    for (int i = 0; i < 3; ++i) {
        f.read();
        f.run();
        parts.push_back(f.bytes);
    }
    CHECK(parts == std::vector<std::string>{"M", "N\r", "\n"});
}

TEST_CASE("a cut stream gives what came before, then its end") {
    fixture f;
    f.server.set_faults({.cut_after_bytes = 2});
    f.connect();
    f.write("mn\r\n");
    f.read();
    f.run();
    CHECK(f.bytes == "MN");
    CHECK_FALSE(f.stream->is_idle_and_open());
    f.read();
    f.run();
    CHECK(f.read_error == std::error_code(asio::error::eof));
    CHECK(f.write("mn\r\n") == std::errc::connection_reset);
}

TEST_CASE("a stalled server leaves the read waiting") {
    fixture f;
    f.server.set_faults({.stall_after_commands = 0});
    f.connect();
    f.read();
    f.write("mn\r\n");
    CHECK_FALSE(f.read_error.has_value());
    f.server.set_faults({});
    f.write("mn\r\n");
    CHECK(f.bytes == "MN\r\n");
}

TEST_CASE("a late reply comes when its time has come") {
    fixture f;
    f.server.set_faults({.delay = std::chrono::milliseconds(20)});
    f.connect();
    f.write("mn\r\n");
    const auto begin = std::chrono::steady_clock::now();
    f.read();
    f.run();
    CHECK_FALSE(f.read_error.has_value());
    f.io.restart();
    f.io.run();
    CHECK(f.bytes == "MN\r\n");
    CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(20));
}

TEST_CASE("a stopped node cuts, refuses, and comes back with its items") {
    fixture f;
    f.connect();
    f.server.put("a", {.value = "x"});
    f.read();
    f.run();
    f.network->stop(here);
    f.run();
    CHECK(f.read_error == std::error_code(asio::error::eof));
    CHECK(f.connect() == std::errc::connection_refused);
    f.network->start(here);
    CHECK_FALSE(f.connect());
    f.write("mg a v\r\n");
    f.read();
    f.run();
    CHECK(f.bytes == "VA 1\r\nx\r\n");
    f.network->remove(here);
    CHECK(f.connect() == std::errc::connection_refused);
    CHECK_THROWS_AS((void)f.network->server(here), std::out_of_range);
}

TEST_CASE("each step of the traffic can be made to fail") {
    for (std::size_t step = 0; step < 3; ++step) {
        CAPTURE(step);
        fixture f;
        f.network->fail_step(step);
        const auto connected = f.connect();
        CHECK(connected ==
              (step == 0 ? std::make_error_code(std::errc::connection_reset) : std::error_code()));
        if (connected) continue;
        const auto written = f.write("ms a 1\r\nx\r\n");
        CHECK(bool(written) == (step == 1));
        CHECK(f.server.peek("a").has_value() == (step != 1));
        f.read();
        f.run();
        CHECK(f.network->has_failed());
        REQUIRE(f.read_error.has_value());
        if (step == 1) CHECK(f.read_error == std::error_code(asio::error::eof));
        if (step == 2) CHECK(*f.read_error == std::errc::connection_reset);
        CHECK(f.network->steps() == 3);
    }
}
