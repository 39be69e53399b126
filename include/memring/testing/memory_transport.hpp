#pragma once
// A transport to in-process servers: no socket, no port, no other thread. What it carries is
// decided by the memory_network it is given.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/compose.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <memring/node.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/transport/transport.hpp>

namespace memring::testing {

/// Where a `memory_transport` connects to.
struct memory_options {
    std::shared_ptr<memory_network> network = nullptr;  ///< none: every connect is refused
    std::size_t write_limit = 0;  ///< bytes a single write takes at most; 0 for no limit
};

/// Satisfies `transport`: completions are posted, reads wait until there is something to read.
/// A node nobody added, or one that is stopped, is `connection_refused`.
///
/// Thread-safety: none, everything on the executor. Destroying it is `close()`.
class memory_transport {
public:
    using executor_type = asio::any_io_executor;
    using options = memory_options;

    explicit memory_transport(const executor_type& executor, const options& settings = {})
        : x_executor(executor), x_options(settings) {}
    memory_transport(const memory_transport&) = delete;
    memory_transport& operator=(const memory_transport&) = delete;
    ~memory_transport() { close(); }

    [[nodiscard]] executor_type get_executor() const noexcept { return x_executor; }
    [[nodiscard]] bool is_idle_and_open() const noexcept {
        return x_link && x_link->session && !x_link->session->has_reply() &&
               !x_link->session->has_ended();
    }

    /// Completes with `void(std::error_code)`.
    template <class Token>
    auto async_connect(node peer, Token&& token);
    /// Completes with `void(std::error_code, std::size_t)`.
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token);
    /// Completes with `void(std::error_code, std::size_t)`.
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& from, Token&& token);

    void close() noexcept {
        if (x_link) x_link->close();
        x_link.reset();
    }

private:
    using link = detail::memory_link;
    struct connect_operation;
    template <class Buffers>
    struct read_operation;
    template <class Buffers>
    struct write_operation;

    executor_type x_executor;
    options x_options;
    std::shared_ptr<link> x_link;
};

struct memory_transport::connect_operation {
    memory_transport* stream;  // used by the start only
    node peer;
    std::shared_ptr<memory_network> network;
    std::shared_ptr<link> state = nullptr;

    template <class Self>
    void operator()(Self& self) {
        if (!state) {
            stream->close();
            state = stream->x_link = std::make_shared<link>(stream->x_executor);
            const auto executor = stream->x_executor;
            return asio::post(executor, std::move(self));
        }
        if (state->is_closed) return self.complete(asio::error::operation_aborted);
        std::error_code error = std::make_error_code(std::errc::connection_refused);
        if (network) error = network->take_step();
        if (network && !error) error = network->connect(peer, state);
        self.complete(error);
    }
};

template <class Buffers>
struct memory_transport::write_operation {
    executor_type executor;
    Buffers from;
    std::size_t limit;
    std::shared_ptr<memory_network> network;
    std::shared_ptr<link> state;
    bool has_started = false;

    template <class Self>
    void operator()(Self& self) {
        if (!has_started) {
            has_started = true;
            const auto where = executor;
            return asio::post(where, std::move(self));
        }
        if (!state) return self.complete(asio::error::not_connected, 0);
        if (state->is_closed) return self.complete(asio::error::operation_aborted, 0);
        if (!state->session) return self.complete(asio::error::not_connected, 0);
        if (const auto error = network->take_step()) {
            state->cut();
            return self.complete(error, 0);
        }
        if (state->session->has_ended()) {
            return self.complete(std::make_error_code(std::errc::connection_reset), 0);
        }
        std::string bytes(asio::buffer_size(from), '\0');
        asio::buffer_copy(asio::buffer(bytes), from);
        if (limit != 0 && bytes.size() > limit) bytes.resize(limit);
        state->session->receive(bytes);
        if (state->session->has_reply() || state->session->has_ended()) state->wake.cancel();
        self.complete({}, bytes.size());
    }
};

template <class Buffers>
struct memory_transport::read_operation {
    enum class step { start, first_look, waiting, late };

    executor_type executor;
    Buffers into;
    std::shared_ptr<memory_network> network;
    std::shared_ptr<link> state;
    step at = step::start;

    template <class Self>
    void operator()(Self& self, std::error_code error = {}) {
        if (at == step::start) {
            at = step::first_look;
            const auto where = executor;
            return asio::post(where, std::move(self));
        }
        if (!state) return self.complete(asio::error::not_connected, 0);
        if (state->is_closed) return self.complete(asio::error::operation_aborted, 0);
        if (!state->session) return self.complete(asio::error::not_connected, 0);
        if (at == step::first_look) {
            if (const auto failure = network->take_step()) {
                state->cut();
                return self.complete(failure, 0);
            }
        }
        if (state->session->has_reply()) return deliver(self, error);
        if (state->session->has_ended()) return self.complete(asio::error::eof, 0);
        if (asio::buffer_size(into) == 0) return self.complete({}, 0);
        // The wait ends by being cancelled; with nothing to look at, through a slot.
        if (at == step::waiting) return self.complete(asio::error::operation_aborted, 0);
        at = step::waiting;
        const auto keep = state;
        keep->wake.async_wait(std::move(self));
    }

    template <class Self>
    void deliver(Self& self, std::error_code error) {
        const auto delay = state->server->current_faults().delay;
        if (at == step::late && error) return self.complete(error, 0);
        if (at != step::late && delay.count() > 0) {
            at = step::late;
            const auto keep = state;
            keep->late.expires_after(delay);
            return keep->late.async_wait(std::move(self));
        }
        const auto part = state->session->take_part(asio::buffer_size(into));
        asio::buffer_copy(into, asio::buffer(part));
        self.complete({}, part.size());
    }
};

template <class Token>
auto memory_transport::async_connect(node peer, Token&& token) {
    return asio::async_compose<Token, void(std::error_code)>(
        connect_operation{this, std::move(peer), x_options.network}, token, x_executor);
}

template <class Buffers, class Token>
auto memory_transport::async_read_some(const Buffers& into, Token&& token) {
    return asio::async_compose<Token, void(std::error_code, std::size_t)>(
        read_operation<Buffers>{x_executor, into, x_options.network, x_link}, token, x_executor);
}

template <class Buffers, class Token>
auto memory_transport::async_write_some(const Buffers& from, Token&& token) {
    return asio::async_compose<Token, void(std::error_code, std::size_t)>(
        write_operation<Buffers>{x_executor, from, x_options.write_limit, x_options.network,
                                 x_link},
        token, x_executor);
}

static_assert(transport<memory_transport>);

}  // namespace memring::testing
