#pragma once
// TLS as a transport, by OpenSSL: in a target of its own (memring::tls) and not in memring.hpp. The
// server and its name are verified unless the context says otherwise.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <openssl/ssl.h>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/compose.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/socket_base.hpp>

#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/transport/tcp.hpp>
#include <memring/transport/tls/channel.hpp>
#include <memring/transport/tls/context.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

/// How connections are made. By default: the system's CAs, no certificate of one's own.
struct tls_options {
    tls_context context = tls_context();
    tcp_options socket = {};
};

/// A TLS connection to one node at a time; satisfies `transport`. A reconnect to the same node
/// offers the session of the connection before, which spares both ends most of the handshake.
///
/// A write, with what it left over for the next, has to begin and end with a command: see
/// `detail::tls_channel::write`. Thread-safety: none, everything on the executor. Lifetime:
/// destroying it is `close()`; handlers under way still run, with `asio::error::operation_aborted`.
class tls_transport {
public:
    using executor_type = asio::any_io_executor;
    using options = tls_options;

    explicit tls_transport(const executor_type& executor, const options& settings = {})
        : x_lower(executor, settings.socket), x_context(settings.context) {}
    tls_transport(const tls_transport&) = delete;
    tls_transport& operator=(const tls_transport&) = delete;
    ~tls_transport() { close(); }

    [[nodiscard]] executor_type get_executor() noexcept { return x_lower.get_executor(); }

    /// Whether the stream is open with nothing to read. Session tickets, which may come at any
    /// time, are taken in. False while it is not connected.
    [[nodiscard]] bool is_idle_and_open() noexcept {
        return x_channel && x_channel->is_established() &&
               x_channel->look() == detail::tls_step::wants_input;
    }

    /// The OpenSSL connection, or null: for looking at it.
    [[nodiscard]] SSL* native_handle() noexcept {
        return x_channel ? x_channel->native_handle() : nullptr;
    }

    /// Connects as `tcp_transport` does and shakes hands. Completes with `void(std::error_code)`:
    /// what `tcp_transport` says, `errc::tls_untrusted` for a certificate that does not verify,
    /// `errc::tls_refused` where the server ends the handshake, because it wants another client
    /// certificate or does not trust the one it gets, and `errc::tls_failed` where TLS is not
    /// spoken or nothing is in common. Has no time limit of its own.
    template <class Token>
    auto async_connect(node peer, Token&& token);

    /// Reads at least one byte. Completes with `void(std::error_code, std::size_t)`. The first
    /// read may say `errc::tls_refused`: then the server has read nothing of what was written.
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token);

    /// Writes at least one byte. Completes with `void(std::error_code, std::size_t)`.
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& from, Token&& token);

    /// Ends the connection, or the attempt at one.
    void close() noexcept;

private:
    using channel = detail::tls_channel;
    using channel_ptr = std::shared_ptr<channel>;
    class connect_operation;
    template <class Buffers>
    class read_operation;
    template <class Buffers>
    class write_operation;

    // A server that asks for a certificate tells what it thinks of it after the handshake, by an
    // alert or by a session ticket. One that sends no tickets is believed after this time.
    static constexpr std::chrono::milliseconds longest_verdict{250};

    channel_ptr begin(const node& peer);

    tcp_transport x_lower;
    tls_context x_context;
    channel_ptr x_channel;
    detail::tls_session_ptr x_session;
    node x_session_peer;
};

inline void tls_transport::close() noexcept {
    if (x_channel) {
        if (auto session = x_channel->close()) x_session = std::move(session);
        x_channel.reset();
    }
    x_lower.close();
}

inline tls_transport::channel_ptr tls_transport::begin(const node& peer) {
    close();
    if (!is_same_node(peer, x_session_peer)) x_session.reset();
    x_session_peer = peer;
    x_channel = std::make_shared<channel>(x_context, x_lower.socket(), peer, x_session.get());
    return x_channel;
}

// ---- connecting -------------------------------------------------------------------------------

class tls_transport::connect_operation {
public:
    connect_operation(tls_transport& stream, node peer)
        : x_stream(&stream), x_peer(std::move(peer)) {}

    template <class Self>
    void operator()(Self& self, std::error_code error = {}, std::size_t size = 0) {
        if (x_step == step::start) return start(self);
        if (x_channel->is_closed()) return self.complete(asio::error::operation_aborted);
        switch (x_step) {
            case step::start: break;
            case step::unusable: return finish(self, errc::tls_failed);
            case step::connecting:
                if (error) return finish(self, error);
                return shake_hands(self);
            case step::sending:
                if (error) return finish(self, errc::tls_failed);
                x_channel->sent(size);
                return shake_hands(self);
            case step::receiving:
                if (error) return finish(self, error);
                return shake_hands(self);
            case step::awaiting_verdict:
                if (!x_channel->awaits_verdict()) return finish(self, {});
                if (error) return finish(self, error);
                return look_for_verdict(self);
        }
    }

private:
    enum class step { start, unusable, connecting, sending, receiving, awaiting_verdict };

    template <class Self>
    void start(Self& self) {
        auto& stream = *x_stream;  // `self`, and with it this object, is moved from below
        x_channel = stream.begin(x_peer);
        if (!x_channel->is_usable()) {
            x_step = step::unusable;
            return asio::post(stream.get_executor(), std::move(self));
        }
        x_step = step::connecting;
        const node peer = x_peer;
        stream.x_lower.async_connect(peer, std::move(self));
    }

    template <class Self>
    void shake_hands(Self& self) {
        const auto channel = x_channel;
        const auto result = channel->handshake();
        if (result == detail::tls_step::failed) return give_up(self);
        if (channel->has_output()) {
            x_step = step::sending;
            return channel->socket().async_write_some(channel->output(), std::move(self));
        }
        if (result == detail::tls_step::wants_input) {
            x_step = step::receiving;
            return channel->socket().async_wait(asio::socket_base::wait_read, std::move(self));
        }
        if (!channel->awaits_verdict()) return finish(self, {});
        x_step = step::awaiting_verdict;
        channel->timer().expires_after(longest_verdict);
        channel->timer().async_wait([channel](std::error_code error) {
            if (error || channel->is_closed()) return;
            channel->stop_waiting_for_verdict();
            channel->socket().cancel(error);
        });
        look_for_verdict(self);
    }

    template <class Self>
    void look_for_verdict(Self& self) {
        const auto channel = x_channel;
        const auto result = channel->look();
        if (result == detail::tls_step::failed) return give_up(self);
        if (result == detail::tls_step::done || !channel->awaits_verdict()) return finish(self, {});
        channel->socket().async_wait(asio::socket_base::wait_read, std::move(self));
    }

    // A server may refuse a session instead of going on without: memcached that asks for client
    // certificates and has no session cache does.
    template <class Self>
    void give_up(Self& self) {
        const auto error = x_channel->error();
        if (!x_channel->has_offered_session() || error == errc::tls_untrusted) {
            return finish(self, error);
        }
        x_stream->close();
        x_stream->x_session.reset();
        start(self);
    }

    template <class Self>
    void finish(Self& self, std::error_code error) {
        if (error) {
            x_stream->close();
        } else {
            x_channel->timer().cancel();
        }
        self.complete(detail::standard_system_error(error));
    }

    tls_transport* x_stream;  // while the channel is not closed
    node x_peer;
    channel_ptr x_channel;
    step x_step = step::start;
};

// ---- reading and writing ----------------------------------------------------------------------

template <class Buffers>
class tls_transport::read_operation {
public:
    read_operation(tls_transport& stream, const Buffers& into)
        : x_executor(stream.get_executor()), x_channel(stream.x_channel), x_into(into) {}

    template <class Self>
    void operator()(Self& self, std::error_code error = {}) {
        if (x_step == step::start) return start(self);
        if (x_channel && x_channel->is_closed()) error = asio::error::operation_aborted;
        if (error) return self.complete(detail::standard_system_error(error), 0);
        if (x_step == step::over || !read()) return self.complete(x_error, x_size);
        wait(self);
    }

private:
    enum class step { start, waiting, over };

    template <class Self>
    void start(Self& self) {
        if (!x_channel || !x_channel->is_established()) x_error = asio::error::not_connected;
        if (!x_error && read()) return wait(self);
        x_step = step::over;
        const auto executor = x_executor;
        asio::post(executor, std::move(self));
    }

    template <class Self>
    void wait(Self& self) {
        x_step = step::waiting;
        const auto channel = x_channel;
        channel->socket().async_wait(asio::socket_base::wait_read, std::move(self));
    }

    // Whether it has to be tried again.
    bool read() {
        asio::mutable_buffer into;
        for (auto i = asio::buffer_sequence_begin(x_into);
             i != asio::buffer_sequence_end(x_into) && into.size() == 0; ++i) {
            into = *i;
        }
        if (into.size() == 0) return false;
        const auto result = x_channel->read(into, x_size);
        if (result == detail::tls_step::failed) x_error = x_channel->error();
        return result == detail::tls_step::wants_input;
    }

    executor_type x_executor;
    channel_ptr x_channel;
    Buffers x_into;
    std::error_code x_error;
    std::size_t x_size = 0;
    step x_step = step::start;
};

template <class Buffers>
class tls_transport::write_operation {
public:
    write_operation(tls_transport& stream, const Buffers& from)
        : x_executor(stream.get_executor()), x_channel(stream.x_channel), x_from(from) {}

    template <class Self>
    void operator()(Self& self, std::error_code error = {}, std::size_t size = 0) {
        if (x_step == step::start) return start(self);
        if (x_channel && x_channel->is_closed()) error = asio::error::operation_aborted;
        if (error) return self.complete(detail::standard_system_error(error), 0);
        if (x_step == step::over) return self.complete(x_error, x_size);
        x_channel->sent(size);
        if (!x_channel->has_output()) return self.complete({}, x_size);
        send(self);
    }

private:
    enum class step { start, sending, over };

    template <class Self>
    void start(Self& self) {
        if (!x_channel || !x_channel->is_established()) {
            x_error = asio::error::not_connected;
        } else if (asio::buffer_size(x_from) != 0) {
            x_size = encrypt();
            if (x_size != 0) return send(self);
            x_error = x_channel->error();
        }
        x_step = step::over;
        const auto executor = x_executor;
        asio::post(executor, std::move(self));
    }

    template <class Self>
    void send(Self& self) {
        x_step = step::sending;
        const auto channel = x_channel;
        channel->socket().async_write_some(channel->output(), std::move(self));
    }

    std::size_t encrypt() {
        if constexpr (std::is_convertible_v<const Buffers&, asio::const_buffer>) {
            const asio::const_buffer from = x_from;
            return x_channel->write({static_cast<const char*>(from.data()), from.size()});
        } else {
            // Small buffers as records of their own would cost more than being copied together.
            // One byte over the limit tells that this is not the end.
            std::string bytes(std::min(asio::buffer_size(x_from), channel::write_limit + 1), '\0');
            asio::buffer_copy(asio::buffer(bytes), x_from);
            return x_channel->write(bytes);
        }
    }

    executor_type x_executor;
    channel_ptr x_channel;
    Buffers x_from;
    std::error_code x_error;
    std::size_t x_size = 0;
    step x_step = step::start;
};

template <class Token>
auto tls_transport::async_connect(node peer, Token&& token) {
    return asio::async_compose<Token, void(std::error_code)>(
        connect_operation(*this, std::move(peer)), token, x_lower.socket());
}

template <class Buffers, class Token>
auto tls_transport::async_read_some(const Buffers& into, Token&& token) {
    return asio::async_compose<Token, void(std::error_code, std::size_t)>(
        read_operation<Buffers>(*this, into), token, x_lower.socket());
}

template <class Buffers, class Token>
auto tls_transport::async_write_some(const Buffers& from, Token&& token) {
    return asio::async_compose<Token, void(std::error_code, std::size_t)>(
        write_operation<Buffers>(*this, from), token, x_lower.socket());
}

static_assert(transport<tls_transport>);

}  // namespace memring
