// The helper that starts real memcached processes.

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "../support/certificates.hpp"
#include "../support/forked_memcached.hpp"
#include "../support/temporary_directory.hpp"

namespace {

using memring::testing::forked_memcached;

// The reply to `version`, or nothing: refused, or none within `patience` milliseconds.
std::string version_at(std::uint16_t port, int patience = 5000) {
    const memring::testing::detail::scoped_socket probe;
    const auto address = memring::testing::detail::loopback_address(port);
    if (::connect(probe.handle(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
        return {};
    }
    ::send(probe.handle(), "version\r\n", 9, MSG_NOSIGNAL);
    pollfd readable{probe.handle(), POLLIN, 0};
    if (::poll(&readable, 1, patience) != 1) return {};
    char reply[64];
    const auto size = ::recv(probe.handle(), reply, sizeof reply, 0);
    return {reply, static_cast<std::size_t>(size < 0 ? 0 : size)};
}

bool exists(pid_t process) { return ::kill(process, 0) == 0; }

// Sets an environment variable for the time of a scope.
class scoped_variable {
public:
    scoped_variable(const char* name, const char* value) : x_name(name) {
        if (const char* old = std::getenv(name)) x_old = old;
        ::setenv(name, value, 1);
    }
    scoped_variable(const scoped_variable&) = delete;
    scoped_variable& operator=(const scoped_variable&) = delete;
    ~scoped_variable() {
        if (x_old.empty()) {
            ::unsetenv(x_name);
        } else {
            ::setenv(x_name, x_old.c_str(), 1);
        }
    }

private:
    const char* x_name;
    std::string x_old;
};

}  // namespace

TEST_CASE("memcached answers when the constructor returns, and is gone after the destructor") {
    pid_t process = 0;
    std::uint16_t port = 0;
    {
        const forked_memcached server;
        process = server.pid();
        port = server.port();
        CHECK(version_at(port).starts_with("VERSION "));
    }
    CHECK_FALSE(exists(process));
    CHECK(version_at(port).empty());
}

TEST_CASE("two servers have two ports, and a moved one lives on") {
    forked_memcached first;
    forked_memcached second;
    CHECK(first.port() != second.port());
    const auto port = second.port();
    first = std::move(second);
    CHECK(first.port() == port);
    CHECK(first.is_running());
    CHECK_FALSE(second.is_running());
    CHECK(version_at(port).starts_with("VERSION "));
}

TEST_CASE("a killed server is gone at once, and can be started again on its port") {
    forked_memcached server;
    const auto port = server.port();
    server.kill();
    CHECK_FALSE(server.is_running());
    CHECK(version_at(port).empty());
    const forked_memcached again({}, port);
    CHECK(again.port() == port);
    CHECK(version_at(port).starts_with("VERSION "));
}

TEST_CASE("a paused server takes connections and answers nothing until it proceeds") {
    forked_memcached server;
    server.pause();
    CHECK(version_at(server.port(), 50).empty());
    server.proceed();
    CHECK(version_at(server.port()).starts_with("VERSION "));
    server.pause();
    server.stop();  // also of a paused one
    CHECK_FALSE(server.is_running());
}

TEST_CASE("a program that is missing is an error that says so") {
    const scoped_variable missing("MEMRING_MEMCACHED", "/nonexistent/memcached");
    CHECK_THROWS_WITH_AS(forked_memcached(),
                         doctest::Contains("cannot start \"/nonexistent/memcached\": No such file"),
                         std::runtime_error);
}

TEST_CASE("a server that ends at once is an error, not a wait") {
    CHECK_THROWS_WITH_AS(forked_memcached({"--no-such-option"}),
                         doctest::Contains("does not come up"), std::runtime_error);
}

TEST_CASE("a port that is taken is an error where that port was asked for") {
    const forked_memcached server;
    CHECK_THROWS_WITH_AS(forked_memcached({}, server.port()), doctest::Contains("does not come up"),
                         std::runtime_error);
}

TEST_CASE(
    "a server on a UNIX socket answers there when it is returned, and again after a restart") {
    const memring::testing::temporary_directory directory;
    const auto path = directory.file("socket");
    CHECK(forked_memcached::on_unix_socket(path).path() == path);
    auto server = forked_memcached::on_unix_socket(path, {"-m", "65"});
    CHECK(server.port() == 0);
    const memring::testing::detail::scoped_socket probe(AF_UNIX);
    const auto address = memring::testing::detail::local_address(path);
    CHECK(::connect(probe.handle(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
          0);
    CHECK_THROWS_WITH_AS(
        (void)forked_memcached::on_unix_socket(directory.file("no/such/directory")),
        doctest::Contains("does not come up"), std::runtime_error);
}

TEST_CASE("a server with TLS has a port without it, too") {
    const memring::testing::temporary_directory directory;
    const memring::testing::certificate_authority authority(directory);
    const auto arguments =
        memring::testing::presenting(authority.issue("server", {.names = "IP:127.0.0.1"}));
    const auto server = forked_memcached::with_tls(arguments);
    CHECK(server.port() != server.plain_port());
    CHECK(version_at(server.plain_port()).starts_with("VERSION "));
    CHECK_FALSE(version_at(server.port()).starts_with("VERSION "));
    CHECK_THROWS_WITH_AS((void)forked_memcached::with_tls({"-o", "ssl_chain_cert=/nonexistent"}),
                         doctest::Contains("does not come up"), std::runtime_error);
}

#ifdef __linux__
TEST_CASE("the server does not outlive the process that started it") {
    int channel[2];
    REQUIRE(::pipe(channel) == 0);
    const pid_t parent = ::fork();
    REQUIRE(parent >= 0);
    if (parent == 0) {
        const forked_memcached server;
        const auto port = server.port();
        [[maybe_unused]] const auto written = ::write(channel[1], &port, sizeof port);
        ::kill(::getpid(), SIGKILL);
    }
    std::uint16_t port = 0;
    REQUIRE(::read(channel[0], &port, sizeof port) == sizeof port);
    ::waitpid(parent, nullptr, 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!version_at(port).empty() && std::chrono::steady_clock::now() < deadline) {
        ::poll(nullptr, 0, 1);
    }
    CHECK(version_at(port).empty());
    ::close(channel[0]);
    ::close(channel[1]);
}
#endif
