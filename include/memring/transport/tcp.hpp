#pragma once
// Plain sockets as a transport, TCP or UNIX as the node says: resolves, tries every address, sets
// the socket options, and hands reads and writes straight to the socket. Deadlines, pipelining and
// reconnects are not its work.

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/compose.hpp>
#include <asio/error.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/socket_base.hpp>
#include <asio/steady_timer.hpp>

#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

namespace detail {

/// `error` as the standard library's own: the system category of Asio 1.22 does not compare equal
/// to `std::errc`. An abort stays what it is, `asio::error::operation_aborted`.
[[nodiscard]] inline std::error_code standard_system_error(const std::error_code& error) noexcept {
    if (error.category() != asio::error::get_system_category()) return error;
    if (error == asio::error::operation_aborted) return error;
    return {error.value(), std::system_category()};
}

}  // namespace detail

/// How sockets are set up. Read by every connect.
struct tcp_options {
    bool no_delay = true;    ///< TCP_NODELAY: a request leaves at once (default on)
    bool keep_alive = true;  ///< SO_KEEPALIVE: the system notices a peer that vanished (default on)
    /// How long an address may take while its name has another one; the last has no limit of its
    /// own. Default 250 ms, the delay between attempts of RFC 8305; 0 for no limit.
    std::chrono::milliseconds address_timeout{250};
};

/// A connection to one node at a time, over TCP, or over the UNIX socket whose path is the node's
/// host; satisfies `transport`.
///
/// Thread-safety: none, everything on the executor. Lifetime: destroying it is `close()`; handlers
/// under way still run, with `asio::error::operation_aborted`.
class tcp_transport {
public:
    using executor_type = asio::any_io_executor;
    using options = tcp_options;
    using socket_type = asio::generic::stream_protocol::socket;
    using endpoint_type = asio::generic::stream_protocol::endpoint;

    explicit tcp_transport(const executor_type& executor, const options& settings = {})
        : x_socket(executor), x_options(settings) {}
    tcp_transport(const tcp_transport&) = delete;
    tcp_transport& operator=(const tcp_transport&) = delete;
    ~tcp_transport() { close(); }

    [[nodiscard]] executor_type get_executor() noexcept { return x_socket.get_executor(); }

    /// Whether the stream is open with nothing to read. False while it is not connected.
    [[nodiscard]] bool is_idle_and_open() noexcept;

    /// The socket itself, for what is layered over it. Non-blocking once connected.
    [[nodiscard]] socket_type& socket() noexcept { return x_socket; }

    /// Connects to `peer`: a UNIX socket or an IP literal at once, a name through a fresh look-up,
    /// then each of its addresses in turn until one answers. `peer.address` stands in for a name
    /// that does not resolve. Closes whatever was open or under way before.
    ///
    /// Completes with `void(std::error_code)`: `errc::host_not_found`, or the system's error for
    /// the last address tried, comparable with `std::errc`. A look-up that is aborted completes at
    /// once, although the system's resolver may keep the execution context busy until it gives up.
    template <class Token>
    auto async_connect(node peer, Token&& token);

    /// As above, to the first of these addresses that answers; an empty list is `host_not_found`.
    template <class Token>
    auto async_connect(std::vector<endpoint_type> addresses, Token&& token);

    /// Reads at least one byte. Completes with `void(std::error_code, std::size_t)`.
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token) {
        return x_socket.async_read_some(into, std::forward<Token>(token));
    }

    /// Writes at least one byte. Completes with `void(std::error_code, std::size_t)`.
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& from, Token&& token) {
        return x_socket.async_write_some(from, std::forward<Token>(token));
    }

    /// Writes what the socket takes without waiting.
    std::size_t write_now(asio::const_buffer from, std::error_code& error) noexcept {
        const std::size_t size = x_socket.send(from, 0, error);
        if (error == asio::error::would_block || error == asio::error::try_again) error.clear();
        return size;
    }

    /// Reads at least one byte, waiting for it until `until` at the longest: 0 with a clear code
    /// means that nothing came.
    std::size_t read_waiting(asio::mutable_buffer into, std::chrono::steady_clock::time_point until,
                             std::error_code& error) noexcept;

    /// Ends the connection, or the attempt at one.
    void close() noexcept;

private:
    using tcp = asio::ip::tcp;

    // One connect from start to end. It outlives the transport if need be: `owner` is null once
    // the attempt no longer counts, and then nothing but its own handler is touched.
    struct attempt {
        attempt(tcp_transport& stream, const executor_type& executor)
            : owner(&stream), wake(executor) {}

        tcp_transport* owner;
        asio::steady_timer wake;  // the look-up is over (then cancelled), or an address overdue
        std::vector<endpoint_type> endpoints;
        std::size_t next = 0;
        std::error_code error;
        bool is_resolved = false;
        bool is_overdue = false;
    };

    // Keeps the user's handler out of the resolver, which cannot let go of it while the system
    // looks up.
    struct on_resolved {
        std::shared_ptr<attempt> state;

        void operator()(std::error_code error, const tcp::resolver::results_type& results) const {
            if (state->owner == nullptr) return;
            state->error = error;
            state->is_resolved = true;
            for (const auto& entry : results) state->endpoints.emplace_back(entry.endpoint());
            state->wake.cancel();
        }
    };

    class connect_operation;

    static bool is_local(const endpoint_type& to) noexcept {
        return to.protocol().family() == asio::local::stream_protocol().family();
    }
    std::shared_ptr<attempt> begin_attempt();
    void resolve(const node& peer, const std::shared_ptr<attempt>& state);
    bool open_socket(const endpoint_type& to, std::error_code& error);
    void limit_time(const std::shared_ptr<attempt>& state);

    socket_type x_socket;
    std::optional<tcp::resolver> x_resolver;  // made for the first name
    std::shared_ptr<attempt> x_attempt;
    options x_options;
};

inline bool tcp_transport::is_idle_and_open() noexcept {
    if (!x_socket.is_open()) return false;
    char byte = 0;
    std::error_code error;
    x_socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
    return error == asio::error::would_block || error == asio::error::try_again;
}

inline std::size_t tcp_transport::read_waiting(asio::mutable_buffer into,
                                               std::chrono::steady_clock::time_point until,
                                               std::error_code& error) noexcept {
    using namespace std::chrono;
    constexpr milliseconds longest{60'000};
    const auto left = ceil<milliseconds>(std::min<steady_clock::duration>(
        std::max(until - steady_clock::now(), steady_clock::duration(0)), longest));
    pollfd readable{x_socket.native_handle(), POLLIN, 0};
    error.clear();
    if (::poll(&readable, 1, static_cast<int>(left.count())) <= 0) return 0;
    const std::size_t size = x_socket.receive(into, 0, error);
    if (error == asio::error::would_block || error == asio::error::try_again) error.clear();
    return size;
}

inline void tcp_transport::close() noexcept {
    if (x_attempt) {
        x_attempt->owner = nullptr;
        x_attempt->wake.cancel();
        x_attempt.reset();
    }
    if (x_resolver) x_resolver->cancel();
    std::error_code ignored;
    x_socket.close(ignored);
}

inline std::shared_ptr<tcp_transport::attempt> tcp_transport::begin_attempt() {
    close();
    x_attempt = std::make_shared<attempt>(*this, x_socket.get_executor());
    return x_attempt;
}

inline void tcp_transport::resolve(const node& peer, const std::shared_ptr<attempt>& state) {
    if (!x_resolver) x_resolver.emplace(x_socket.get_executor());
    state->wake.expires_at(asio::steady_timer::time_point::max());
    x_resolver->async_resolve(peer.host, std::to_string(peer.port), tcp::resolver::numeric_service,
                              on_resolved{state});
}

// Non-blocking from the start, so that `is_idle_and_open` can look without waiting.
inline bool tcp_transport::open_socket(const endpoint_type& to, std::error_code& error) {
    std::error_code ignored;
    x_socket.close(ignored);
    x_socket.open(to.protocol(), error);
    if (!error) x_socket.non_blocking(true, error);
    if (error) return false;
    if (is_local(to)) return true;
    if (x_options.no_delay) x_socket.set_option(tcp::no_delay(true), ignored);
    if (x_options.keep_alive) x_socket.set_option(asio::socket_base::keep_alive(true), ignored);
    return true;
}

// A dead address must not use up the time of those behind it.
inline void tcp_transport::limit_time(const std::shared_ptr<attempt>& state) {
    const bool is_last = state->next == state->endpoints.size();
    if (is_last || x_options.address_timeout <= std::chrono::milliseconds::zero()) return;
    state->wake.expires_after(x_options.address_timeout);
    state->wake.async_wait([state, turn = state->next](std::error_code error) {
        if (error || state->owner == nullptr || state->next != turn) return;
        state->is_overdue = true;
        std::error_code ignored;
        state->owner->x_socket.close(ignored);
    });
}

class tcp_transport::connect_operation {
public:
    connect_operation(tcp_transport& stream, node peer)
        : x_stream(&stream), x_peer(std::move(peer)) {}
    connect_operation(tcp_transport& stream, std::vector<endpoint_type> addresses)
        : x_stream(&stream), x_addresses(std::move(addresses)) {}

    template <class Self>
    void operator()(Self& self, std::error_code error = {}) {
        if (x_step == step::start) return start(self);
        if (x_state->owner == nullptr) return self.complete(asio::error::operation_aborted);
        switch (x_step) {
            case step::start: break;
            case step::resolving:
                // The wait always ends by being cancelled: by the answer, or through a slot.
                if (!x_state->is_resolved) return finish(self, asio::error::operation_aborted);
                take_addresses();
                return connect_next(self);
            case step::connecting:
                if (x_state->is_overdue) error = asio::error::timed_out;
                if (!error || error == asio::error::operation_aborted) return finish(self, error);
                x_state->error = error;
                return connect_next(self);
            case step::failed: return finish(self, x_state->error);
        }
    }

private:
    enum class step { start, resolving, connecting, failed };

    template <class Self>
    void start(Self& self) {
        x_state = x_stream->begin_attempt();
        if (add_known_addresses()) return connect_next(self);
        x_step = step::resolving;
        x_stream->resolve(x_peer, x_state);
        const auto state = x_state;  // `self`, and with it this object, is moved from below
        state->wake.async_wait(std::move(self));
    }

    template <class Self>
    void connect_next(Self& self) {
        const auto state = x_state;
        const bool is_inside_initiation = x_step == step::start;
        while (state->next < state->endpoints.size()) {
            const auto to = state->endpoints[state->next++];
            if (!state->owner->open_socket(to, state->error)) continue;
            x_step = step::connecting;
            state->is_overdue = false;
            state->owner->limit_time(state);
            return state->owner->x_socket.async_connect(to, std::move(self));
        }
        if (!is_inside_initiation) return finish(self, state->error);
        x_step = step::failed;
        const auto executor = state->owner->get_executor();
        asio::post(executor, std::move(self));
    }

    template <class Self>
    void finish(Self& self, std::error_code error) {
        auto& stream = *x_state->owner;
        if (error) {
            stream.close();
        } else {
            x_state->owner = nullptr;  // a timer that has just run out must not close the socket
            x_state->wake.cancel();
            stream.x_attempt.reset();
        }
        self.complete(detail::standard_system_error(error));
    }

    // Where no look-up is needed; `error` says why if there is none all the same.
    bool add_known_addresses() {
        auto& endpoints = x_state->endpoints;
        if (x_peer.host.empty()) {
            endpoints = std::move(x_addresses);
            x_state->error = errc::host_not_found;
            return true;
        }
        if (!is_unix_socket(x_peer)) return add_literal(x_peer.host);
        try {
            endpoints.emplace_back(asio::local::stream_protocol::endpoint(x_peer.host));
        } catch (const std::system_error& too_long) {
            x_state->error = too_long.code();
        }
        return true;
    }

    void take_addresses() {
        if (!x_state->endpoints.empty() || add_literal(x_peer.address)) return;
        x_state->error = errc::host_not_found;
    }

    bool add_literal(const std::string& text) {
        std::error_code error;
        const auto address = asio::ip::make_address(text, error);
        if (!error) x_state->endpoints.emplace_back(tcp::endpoint(address, x_peer.port));
        return !error;
    }

    tcp_transport* x_stream;  // used by the start only
    node x_peer;              // no host: the addresses
    std::vector<endpoint_type> x_addresses;
    std::shared_ptr<attempt> x_state;
    step x_step = step::start;
};

template <class Token>
auto tcp_transport::async_connect(node peer, Token&& token) {
    return asio::async_compose<Token, void(std::error_code)>(
        connect_operation(*this, std::move(peer)), token, x_socket);
}

template <class Token>
auto tcp_transport::async_connect(std::vector<endpoint_type> addresses, Token&& token) {
    return asio::async_compose<Token, void(std::error_code)>(
        connect_operation(*this, std::move(addresses)), token, x_socket);
}

static_assert(transport<tcp_transport>);

}  // namespace memring
