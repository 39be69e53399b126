#pragma once
// A transport's stream as its owners use it: whole writes, and handlers that fall silent once the
// stream they belong to has been closed. Everything that talks to a node is built on it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>

#include <memring/node.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

/// One stream at a time to one node. Each operation keeps `owner` alive and calls
/// `then(owner, error...)` on the executor, unless the link was closed in between: then nothing is
/// called. Thread-safety: none. Lifetime: a member of its owner.
template <transport Transport>
class stream_link {
public:
    stream_link(const asio::any_io_executor& executor, const typename Transport::options& options)
        : x_stream(executor, options) {}

    [[nodiscard]] bool is_closed() const noexcept { return x_state == state::closed; }
    [[nodiscard]] bool is_connecting() const noexcept { return x_state == state::connecting; }
    [[nodiscard]] bool is_open() const noexcept { return x_state == state::open; }
    [[nodiscard]] bool is_writing() const noexcept { return x_is_writing; }
    [[nodiscard]] bool is_reading() const noexcept { return x_is_reading; }

    /// See `transport`: whether an open stream that nothing is asked of is still good.
    [[nodiscard]] bool is_idle_and_open() noexcept { return x_stream.is_idle_and_open(); }

    /// `then(owner, error)`; after an error the link is closed. Precondition: closed.
    template <class Owner, class Then>
    void connect(const node& peer, std::shared_ptr<Owner> owner, Then then) {
        x_state = state::connecting;
        x_stream.async_connect(
            peer, guard(std::move(owner), [this, then](Owner& self, std::error_code error) {
                if (error) {
                    close();
                } else {
                    x_state = state::open;
                }
                then(self, error);
            }));
    }

    /// `then(owner, error)` once all of `bytes`, which must stay where they are, are written; at
    /// once, inside this call, where the transport takes them without waiting.
    /// Precondition: open, not writing.
    template <class Owner, class Then>
    void write_all(std::string_view bytes, std::shared_ptr<Owner> owner, Then then) {
        x_is_writing = true;
        if constexpr (writes_now<Transport>) {
            std::error_code error;
            bytes.remove_prefix(
                x_stream.write_now(asio::const_buffer(bytes.data(), bytes.size()), error));
            if (error || bytes.empty()) {
                x_is_writing = false;
                return then(*owner, error);
            }
        }
        x_stream.async_write_some(
            asio::const_buffer(bytes.data(), bytes.size()),
            guard(owner, [this, bytes, then](Owner& self, std::error_code error, std::size_t size) {
                if (!error && size < bytes.size()) {
                    return write_all(bytes.substr(size), self.shared_from_this(), then);
                }
                x_is_writing = false;
                then(self, error);
            }));
    }

    /// `then(owner, error, size)`. Precondition: open, not reading.
    template <class Owner, class Then>
    void read_some(asio::mutable_buffer into, std::shared_ptr<Owner> owner, Then then) {
        x_is_reading = true;
        x_stream.async_read_some(
            into, guard(std::move(owner),
                        [this, then](Owner& self, std::error_code error, std::size_t size) {
                            x_is_reading = false;
                            then(self, error, size);
                        }));
    }

    /// Reads in the calling thread; see `reads_waiting`. Precondition: open, not reading.
    [[nodiscard]] std::size_t read_waiting(
        asio::mutable_buffer into, std::chrono::steady_clock::time_point until,
        std::error_code& error) requires reads_waiting<Transport> {
        return x_stream.read_waiting(into, until, error);
    }

    /// Wraps a handler of something else (a timer, a post) that belongs to this stream.
    template <class Owner, class Then>
    [[nodiscard]] auto guard(std::shared_ptr<Owner> owner, Then then) {
        return [this, owner = std::move(owner), stream = x_number, then](auto... results) {
            if (x_number == stream) then(*owner, results...);
        };
    }

    void close() noexcept {
        ++x_number;
        x_stream.close();
        x_state = state::closed;
        x_is_writing = false;
        x_is_reading = false;
    }

private:
    enum class state : std::uint8_t { closed, connecting, open };

    Transport x_stream;
    std::uint64_t x_number = 0;  // of the stream: what belongs to an older one is not heard
    state x_state = state::closed;
    bool x_is_writing = false;
    bool x_is_reading = false;
};

}  // namespace memring
