#pragma once
// One question to a configuration endpoint, over a connection of its own.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <memring/detail/operation.hpp>
#include <memring/detail/read_buffer.hpp>
#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/protocol/classic.hpp>
#include <memring/protocol/reply_parser.hpp>
#include <memring/transport/stream_link.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

/// Asks once with `config get cluster`; where the endpoint does not know that (or has nothing to
/// say), once more with the key that servers before 1.4.14 keep. Kept alive by its own handlers.
/// Thread-safety: none, everything on the executor.
template <transport Transport>
class config_poll final : public std::enable_shared_from_this<config_poll<Transport>> {
public:
    using on_end_function = std::function<void(std::error_code, std::string body)>;

    config_poll(const asio::any_io_executor& executor, node endpoint,
                std::chrono::milliseconds timeout, const typename Transport::options& stream)
        : x_endpoint(std::move(endpoint)),
          x_timeout(timeout),
          x_link(executor, stream),
          x_timer(executor) {}

    /// Calls `on_end` once, from the executor: with the body, or with `errc::no_config`,
    /// `timed_out`, `connection_lost`, `malformed_reply`, or what the connect failed with.
    void start(on_end_function on_end) {
        x_on_end = std::move(on_end);
        x_timer.expires_at(detail::later(detail::clock::now(), x_timeout));
        x_timer.async_wait(
            x_link.guard(this->shared_from_this(), [](config_poll& self, std::error_code error) {
                if (!error) self.finish(errc::timed_out);
            }));
        x_link.connect(x_endpoint, this->shared_from_this(),
                       [](config_poll& self, std::error_code error) {
                           if (error) return self.finish(error);
                           self.ask(encoded_config);
                       });
    }

    /// Gives up without calling anything any more.
    void stop() noexcept {
        x_on_end = nullptr;
        x_link.close();
        x_timer.cancel();
    }

private:
    void finish(std::error_code error, std::string body = {}) {
        const auto on_end = std::exchange(x_on_end, nullptr);
        stop();
        if (on_end) on_end(error, std::move(body));
    }

    void ask(std::string_view question) {
        x_reply = {};
        x_parser.reset();
        x_link.write_all(question, this->shared_from_this(),
                         [](config_poll& self, std::error_code error) {
                             if (error) return self.finish(errc::connection_lost);
                             self.read();
                         });
    }

    void read() {
        x_link.read_some(x_input.prepare(x_parser.missing()), this->shared_from_this(),
                         [](config_poll& self, std::error_code error, std::size_t size) {
                             if (error) return self.finish(errc::connection_lost);
                             self.x_input.commit(size);
                             self.take_lines();
                         });
    }

    void take_lines() {
        reply line;
        for (;;) {
            switch (x_parser.parse(x_input.view(), line)) {
                case parse_state::need_more: return read();
                case parse_state::malformed: return finish(errc::malformed_reply);
                case parse_state::complete: break;
            }
            const auto state = x_reply.add(line);
            x_input.consume(line.size);
            if (state == lines_state::malformed) return finish(errc::malformed_reply);
            if (state == lines_state::done) return take_reply();
        }
    }

    void take_reply() {
        const auto error = x_reply.error();
        if (error == errc::no_config && !std::exchange(x_asked_for_key, true)) {
            return ask(encoded_config_key);
        }
        finish(error, error ? std::string() : x_reply.take());
    }

    node x_endpoint;
    std::chrono::milliseconds x_timeout;
    stream_link<Transport> x_link;
    asio::steady_timer x_timer;
    on_end_function x_on_end;
    detail::read_buffer x_input;
    // A body of any length is read by its length; what is too long for a node list is malformed.
    reply_parser x_parser{reply_limits{.line = 2048, .value = 1u << 20}};
    config_reply x_reply;
    bool x_asked_for_key = false;
};

}  // namespace memring
