#pragma once
// The in-process memcached behind a real TCP port of this machine: for tests of the TCP transport,
// for clients of other kinds, and as a configuration endpoint of demos.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/socket_base.hpp>
#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>
#include <asio/write.hpp>

#include <memring/node.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/scripted_session.hpp>

namespace memring::testing {

struct loopback_options {
    std::string address = "127.0.0.1";  ///< IP literal to listen on
    std::uint16_t port = 0;             ///< 0 for a free one
};

namespace detail {

using tcp = asio::ip::tcp;

// One accepted connection. Kept alive by its own operations.
class loopback_connection : public std::enable_shared_from_this<loopback_connection> {
public:
    loopback_connection(tcp::socket socket, std::shared_ptr<memory_server> server)
        : x_socket(std::move(socket)),
          x_late(x_socket.get_executor()),
          x_server(std::move(server)),
          x_session(*x_server) {}

    void start() { read(); }
    void close() {
        std::error_code ignored;
        x_late.cancel();
        x_socket.close(ignored);
    }

private:
    void read() {
        x_socket.async_read_some(
            asio::buffer(x_input),
            [self = shared_from_this()](std::error_code error, std::size_t size) {
                if (error) return self->close();
                self->x_session.receive(std::string_view(self->x_input.data(), size));
                self->send();
                self->read();
            });
    }

    void send() {
        if (x_is_sending) return;
        if (!x_session.has_reply()) return finish();
        x_is_sending = true;
        const auto delay = x_server->current_faults().delay;
        if (delay.count() == 0) return write();
        x_late.expires_after(delay);
        x_late.async_wait([self = shared_from_this()](std::error_code error) {
            if (!error) self->write();
        });
    }

    void write() {
        x_output = x_session.take_part(x_input.size());
        asio::async_write(x_socket, asio::buffer(x_output),
                          [self = shared_from_this()](std::error_code error, std::size_t) {
                              if (error) return self->close();
                              self->x_is_sending = false;
                              self->send();
                          });
    }

    // Only this direction ends, and reading goes on: closing over unread bytes would reset the
    // connection and take the last replies with it.
    void finish() {
        std::error_code ignored;
        if (x_session.has_ended()) x_socket.shutdown(tcp::socket::shutdown_send, ignored);
    }

    tcp::socket x_socket;
    asio::steady_timer x_late;
    std::shared_ptr<memory_server> x_server;
    scripted_session x_session;
    std::array<char, 16384> x_input{};
    std::string x_output;
    bool x_is_sending = false;
};

// The acceptor and its connections, on a strand. Outlives the `loopback_server` until its
// operations have ended.
class loopback_listener : public std::enable_shared_from_this<loopback_listener> {
public:
    loopback_listener(const asio::any_io_executor& executor, std::shared_ptr<memory_server> server,
                      const loopback_options& settings)
        : x_executor(asio::make_strand(executor)),
          x_acceptor(x_executor,
                     tcp::endpoint(asio::ip::make_address(settings.address), settings.port)),
          x_server(std::move(server)),
          x_port(x_acceptor.local_endpoint().port()) {}

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return x_executor; }
    [[nodiscard]] std::uint16_t port() const noexcept { return x_port; }
    [[nodiscard]] memory_server& server() const noexcept { return *x_server; }

    void accept() {
        x_acceptor.async_accept(
            [self = shared_from_this()](std::error_code error, tcp::socket socket) {
                if (!self->x_acceptor.is_open()) return;
                if (!error) self->take(std::move(socket));
                self->accept();
            });
    }
    void cut_connections() {
        for (const auto& weak : std::exchange(x_connections, {})) {
            if (const auto connection = weak.lock()) connection->close();
        }
    }
    void stop() {
        std::error_code ignored;
        x_acceptor.close(ignored);
        cut_connections();
    }

private:
    void take(tcp::socket socket) {
        std::error_code ignored;
        if (x_server->current_faults().refuses_connections) {
            socket.set_option(asio::socket_base::linger(true, 0), ignored);
            return;  // closed with a reset
        }
        socket.set_option(tcp::no_delay(true), ignored);
        std::erase_if(x_connections, [](const auto& weak) { return weak.expired(); });
        const auto connection = std::make_shared<loopback_connection>(std::move(socket), x_server);
        x_connections.push_back(connection);
        connection->start();
    }

    asio::any_io_executor x_executor;
    tcp::acceptor x_acceptor;
    std::shared_ptr<memory_server> x_server;
    std::vector<std::weak_ptr<loopback_connection>> x_connections;
    std::uint16_t x_port;
};

}  // namespace detail

/// A `memory_server` that listens.
///
///     loopback_server server;                          // on a thread of its own
///     server.items().set_config(1, {server.where()});  // at any time
///     blocking_client<...> cache({server.where()});
///
/// The server's faults apply; parts of a reply are separate writes, which the system may still
/// join. A connection that is refused is reset after it was made; `stop` really refuses.
///
/// Thread-safety: every member from any thread, but `stop` and the destructor from one. Lifetime:
/// an execution context that was given outlives it.
class loopback_server {
public:
    /// Listens and serves on a thread of its own. Throws `std::system_error` if the port is taken.
    explicit loopback_server(
        std::shared_ptr<memory_server> server = std::make_shared<memory_server>(),
        const loopback_options& settings = {});
    /// Listens at once, serves while somebody runs `executor`'s context, which has work to do
    /// until `stop`.
    explicit loopback_server(
        const asio::any_io_executor& executor,
        std::shared_ptr<memory_server> server = std::make_shared<memory_server>(),
        const loopback_options& settings = {});
    loopback_server(const loopback_server&) = delete;
    loopback_server& operator=(const loopback_server&) = delete;
    ~loopback_server();

    [[nodiscard]] std::uint16_t port() const noexcept { return x_listener->port(); }
    [[nodiscard]] node where() const { return {x_address, port()}; }
    [[nodiscard]] memory_server& items() const noexcept { return x_listener->server(); }

    /// Ends all connections. Takes effect when the executor gets to it.
    void cut_connections();
    /// Ends everything. On a thread of its own it is over when this returns, else when the
    /// executor has got to it.
    void stop();

private:
    void start();

    std::unique_ptr<asio::io_context> x_own_context;
    std::string x_address;
    std::shared_ptr<detail::loopback_listener> x_listener;
    std::thread x_thread;
};

inline loopback_server::loopback_server(std::shared_ptr<memory_server> server,
                                        const loopback_options& settings)
    : x_own_context(std::make_unique<asio::io_context>(1)),
      x_address(settings.address),
      x_listener(std::make_shared<detail::loopback_listener>(x_own_context->get_executor(),
                                                             std::move(server), settings)) {
    start();
    x_thread = std::thread([context = x_own_context.get()] { context->run(); });
}

inline loopback_server::loopback_server(const asio::any_io_executor& executor,
                                        std::shared_ptr<memory_server> server,
                                        const loopback_options& settings)
    : x_address(settings.address),
      x_listener(
          std::make_shared<detail::loopback_listener>(executor, std::move(server), settings)) {
    start();
}

inline loopback_server::~loopback_server() {
    stop();
    x_listener.reset();  // before the context it lives on
}

inline void loopback_server::start() {
    asio::post(x_listener->executor(), [listener = x_listener] { listener->accept(); });
}

inline void loopback_server::cut_connections() {
    asio::post(x_listener->executor(), [listener = x_listener] { listener->cut_connections(); });
}

inline void loopback_server::stop() {
    if (x_own_context && !x_thread.joinable()) return;
    asio::post(x_listener->executor(), [listener = x_listener] { listener->stop(); });
    if (x_thread.joinable()) x_thread.join();
}

}  // namespace memring::testing
