#pragma once
// Lists the keys of one node over a connection of its own. Reads as fast as the node writes,
// whatever becomes of the keys: memcached 1.6.19 to 1.6.43 crashes when a dump's reader stalls.

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/steady_timer.hpp>

#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/protocol/classic.hpp>
#include <memring/protocol/key_dump.hpp>
#include <memring/transport/stream_link.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

/// How long a crawl may be kept waiting.
struct crawl_options {
    std::chrono::milliseconds stall_timeout{10000};  ///< for a connect, or for the next bytes
    std::chrono::milliseconds busy_pause{100};       ///< before asking a busy crawler again
    std::chrono::milliseconds busy_timeout{30000};   ///< then give up with `errc::crawler_busy`
};

/// One listing of a node's keys with `lru_crawler metadump`. Kept alive by its own handlers.
/// Thread-safety: none, everything on the executor.
template <transport Transport>
class key_crawl final : public std::enable_shared_from_this<key_crawl<Transport>> {
public:
    using on_key_function = std::function<void(const key_dump_entry&)>;
    using on_end_function = std::function<void(std::error_code)>;

    key_crawl(const asio::any_io_executor& executor, node peer, const crawl_options& options,
              const typename Transport::options& stream_options)
        : x_peer(std::move(peer)),
          x_options(options),
          x_link(executor, stream_options),
          x_timer(executor) {}

    /// Calls `on_key` for every key, some twice when the crawler had to be asked again, then
    /// `on_end` once: `errc::crawler_busy`, `errc::crawler_unavailable`, `errc::malformed_reply`,
    /// `errc::timed_out`, `errc::connection_lost` or what the connect failed with. Both are called
    /// from the executor, never inside this call.
    void start(on_key_function on_key, on_end_function on_end) {
        x_on_key = std::move(on_key);
        x_on_end = std::move(on_end);
        x_give_up_at = detail::later(clock::now(), x_options.busy_timeout);
        connect();
    }

    /// Gives up without calling anything any more.
    void stop() noexcept {
        x_on_end = nullptr;
        end_attempt();
    }

private:
    using clock = std::chrono::steady_clock;

    void end_attempt() noexcept {
        x_link.close();
        x_timer.cancel();
    }

    void finish(std::error_code error) {
        end_attempt();
        if (const auto on_end = std::exchange(x_on_end, nullptr)) on_end(error);
    }

    void expect_life() {
        x_timer.expires_at(detail::later(clock::now(), x_options.stall_timeout));
        x_timer.async_wait(
            x_link.guard(this->shared_from_this(), [](key_crawl& self, std::error_code error) {
                if (!error) self.finish(errc::timed_out);
            }));
    }

    void connect() {
        x_dump = {};
        expect_life();
        x_link.connect(x_peer, this->shared_from_this(),
                       [](key_crawl& self, std::error_code error) {
                           if (error) return self.finish(error);
                           self.ask();
                       });
    }

    void ask() {
        const auto question = x_by_class ? encoded_key_dump_by_class : encoded_key_dump;
        x_link.write_all(question, this->shared_from_this(),
                         [](key_crawl& self, std::error_code error) {
                             if (error) return self.finish(errc::connection_lost);
                             self.read();
                         });
    }

    void read() {
        x_link.read_some(asio::buffer(x_bytes), this->shared_from_this(),
                         [](key_crawl& self, std::error_code error, std::size_t size) {
                             if (error) return self.finish(errc::connection_lost);
                             self.take({self.x_bytes.data(), size});
                         });
    }

    void take(std::string_view bytes) {
        const auto state = x_dump.feed(bytes, [&](const key_dump_entry& found) {
            if (x_link.is_open()) x_on_key(found);
        });
        if (!x_link.is_open()) return;  // stopped by `on_key`
        switch (state) {
            case dump_state::running: expect_life(); return read();
            case dump_state::finished: return finish({});
            case dump_state::busy: return ask_again_later();
            case dump_state::no_class:
                if (std::exchange(x_by_class, true)) return finish(errc::crawler_unavailable);
                end_attempt();
                return connect();
            case dump_state::unavailable:
            case dump_state::malformed: return finish(x_dump.error());
        }
    }

    void ask_again_later() {
        if (clock::now() >= x_give_up_at) return finish(errc::crawler_busy);
        end_attempt();
        x_timer.expires_at(detail::later(clock::now(), x_options.busy_pause));
        x_timer.async_wait(
            x_link.guard(this->shared_from_this(), [](key_crawl& self, std::error_code error) {
                if (!error) self.connect();
            }));
    }

    node x_peer;
    crawl_options x_options;
    stream_link<Transport> x_link;
    asio::steady_timer x_timer;
    on_key_function x_on_key;
    on_end_function x_on_end;
    clock::time_point x_give_up_at{};
    key_dump_parser x_dump;
    bool x_by_class = false;  // `hash` is not known before memcached 1.6.9
    std::array<char, 64 * 1024> x_bytes;
};

}  // namespace memring
