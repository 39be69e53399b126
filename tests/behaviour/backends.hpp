#pragma once
// The kinds of server that the behaviour suite runs over: in-process over an in-memory transport,
// in-process behind a port, and real memcached processes behind ports and UNIX sockets. Those with
// TLS are in tls_backend.hpp.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <memring/node.hpp>
#include <memring/testing/loopback_server.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_session.hpp>
#include <memring/testing/memory_transport.hpp>
#include <memring/transport/tcp.hpp>

#include "../support/clients.hpp"
#include "../support/forked_memcached.hpp"
#include "../support/temporary_directory.hpp"

namespace memring::testing {

/// Sends `request` over `socket`, once connected to `address`; one line of the reply, with its
/// CRLF.
template <class Address>
std::string ask_over(const detail::scoped_socket& socket, const Address& address,
                     std::string_view request) {
    if (::connect(socket.handle(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0 ||
        ::send(socket.handle(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
        throw std::runtime_error("cannot ask a server");
    }
    std::string line;
    while (!line.ends_with("\r\n")) {
        pollfd readable{socket.handle(), POLLIN, 0};
        char byte = 0;
        if (::poll(&readable, 1, 10'000) != 1 || ::recv(socket.handle(), &byte, 1, 0) != 1) {
            throw std::runtime_error("no reply from a server");
        }
        line += byte;
    }
    return line;
}

/// Asks on a port of 127.0.0.1.
inline std::string ask_port(std::uint16_t port, std::string_view request) {
    return ask_over(detail::scoped_socket(), detail::loopback_address(port), request);
}

/// Asks on a UNIX socket.
inline std::string ask_path(const std::string& path, std::string_view request) {
    return ask_over(detail::scoped_socket(AF_UNIX), detail::local_address(path), request);
}

/// For backends whose time nobody can set.
class real_time {
public:
    template <class Condition>
    [[nodiscard]] static bool comes_true(Condition holds, std::chrono::seconds longest) {
        const auto deadline = std::chrono::steady_clock::now() + longest + std::chrono::seconds(5);
        while (!holds()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            ::poll(nullptr, 0, 20);
        }
        return true;
    }
};

/// Servers in this process, connected without sockets. Their time passes when told to.
class memory_backend {
public:
    static constexpr const char* name = "memory transport";
    using transport_type = memory_transport;

    memory_backend() {
        for (const node& n : nodes()) x_network->add(n);
    }
    [[nodiscard]] std::vector<node> nodes() const { return {{"cache1"}, {"cache2"}, {"cache3"}}; }
    [[nodiscard]] memory_options stream_options() const { return {x_network}; }
    [[nodiscard]] std::string ask(std::size_t index, std::string_view request) {
        memory_session session(x_network->server(nodes()[index]));
        std::string reply;
        session.feed(request, reply);
        return reply;
    }
    /// Lets time pass until `holds()`, or for `longest`; whether it holds.
    template <class Condition>
    [[nodiscard]] bool comes_true(Condition holds, std::chrono::seconds longest) {
        for (auto passed = std::chrono::seconds(0); passed < longest; ++passed) {
            if (holds()) return true;
            for (const node& n : nodes()) x_network->server(n).advance(1);
        }
        return holds();
    }

private:
    std::shared_ptr<memory_network> x_network = std::make_shared<memory_network>();
};

/// The same behind ports of this machine, on a thread each.
class loopback_backend {
public:
    static constexpr const char* name = "loopback server";
    using transport_type = tcp_transport;

    [[nodiscard]] std::vector<node> nodes() const {
        return {x_servers[0].where(), x_servers[1].where(), x_servers[2].where()};
    }
    [[nodiscard]] tcp_transport::options stream_options() const { return {}; }
    [[nodiscard]] std::string ask(std::size_t index, std::string_view request) {
        return ask_port(x_servers[index].port(), request);
    }
    template <class Condition>
    [[nodiscard]] bool comes_true(Condition holds, std::chrono::seconds longest) {
        for (auto passed = std::chrono::seconds(0); passed < longest; ++passed) {
            if (holds()) return true;
            for (auto& server : x_servers) server.items().advance(1);
        }
        return holds();
    }

private:
    std::array<loopback_server, 3> x_servers;
};

/// Real memcached processes, in real time.
class forked_backend : public real_time {
public:
    static constexpr const char* name = "memcached";
    using transport_type = tcp_transport;

    [[nodiscard]] std::vector<node> nodes() const {
        std::vector<node> all;
        for (const auto& server : x_servers) all.push_back({"127.0.0.1", server.port()});
        return all;
    }
    [[nodiscard]] tcp_transport::options stream_options() const { return {}; }
    [[nodiscard]] std::string ask(std::size_t index, std::string_view request) {
        return ask_port(x_servers[index].port(), request);
    }

private:
    std::array<forked_memcached, 3> x_servers;
};

/// Two on UNIX sockets and one on a port, in one cluster.
class mixed_backend : public real_time {
public:
    static constexpr const char* name = "memcached on UNIX sockets and a port";
    using transport_type = tcp_transport;

    [[nodiscard]] std::vector<node> nodes() const {
        return {{x_first.path(), 0}, {"127.0.0.1", x_second.port()}, {x_third.path(), 0}};
    }
    [[nodiscard]] tcp_transport::options stream_options() const { return {}; }
    [[nodiscard]] std::string ask(std::size_t index, std::string_view request) {
        if (index == 1) return ask_port(x_second.port(), request);
        return ask_path(nodes()[index].host, request);
    }

private:
    temporary_directory x_directory;
    forked_memcached x_first = forked_memcached::on_unix_socket(x_directory.file("first"));
    forked_memcached x_second;
    forked_memcached x_third = forked_memcached::on_unix_socket(x_directory.file("third"));
};

}  // namespace memring::testing
