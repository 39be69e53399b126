#pragma once
// What memring asks of a connectable byte stream: a TCP or UNIX socket, TLS, an in-memory pipe.

#include <chrono>
#include <concepts>
#include <cstddef>
#include <system_error>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>

#include <memring/node.hpp>

namespace memring {

namespace detail {

struct connect_handler_archetype {
    void operator()(std::error_code) const {}
};
struct transfer_handler_archetype {
    void operator()(std::error_code, std::size_t) const {}
};

}  // namespace detail

/// A byte stream to one node at a time, built from an executor and its own `options`.
///
/// What the compiler cannot check: at most one connect, one read and one write are under way at a
/// time (a read and a write together are fine); no handler runs inside its initiating function;
/// `close()` completes everything under way with `asio::error::operation_aborted`, and a new
/// connect may follow it; `async_connect` resolves names afresh each time; a read at the end of
/// the stream gives `asio::error::eof`. `is_idle_and_open()` says, without blocking, whether an
/// idle stream is still good: false after the peer closed it or sent bytes nobody asked for.
/// What is written, with what one write leaves over for the next, begins and ends with a command.
/// Everything is called on the executor.
///
/// A transport may have `write_now(asio::const_buffer, std::error_code&)`: writes as much as goes
/// without waiting and returns how much that was; 0 with a clear code means: none now. It saves a
/// trip through the executor for each write.
template <class Transport>
concept transport = std::constructible_from<Transport, const asio::any_io_executor&,
                                            const typename Transport::options&> &&
    requires(Transport stream, const node& peer, asio::mutable_buffer in, asio::const_buffer out,
             detail::connect_handler_archetype on_connect,
             detail::transfer_handler_archetype on_transfer) {
    stream.async_connect(peer, on_connect);
    stream.async_read_some(in, on_transfer);
    stream.async_write_some(out, on_transfer);
    { stream.close() }
    noexcept;
    { stream.is_idle_and_open() }
    noexcept->std::same_as<bool>;
    { stream.get_executor() } -> std::convertible_to<asio::any_io_executor>;
};

/// A transport whose owner may wait for it without the executor: `read_waiting(into, until, error)`
/// reads at least one byte, waiting until then at the longest; 0 with a clear code means: nothing
/// came. For blocking calls, which it brings to the latency of a plain socket.
template <class Transport>
concept reads_waiting = transport<Transport> &&
    requires(Transport stream, asio::mutable_buffer in, std::chrono::steady_clock::time_point until,
             std::error_code error) {
    { stream.read_waiting(in, until, error) } -> std::same_as<std::size_t>;
};

namespace detail {

template <class Transport>
inline constexpr bool reads_waiting_v = reads_waiting<Transport>;

}  // namespace detail

/// A transport that can write without waiting.
template <class Transport>
concept writes_now = transport<Transport> &&
    requires(Transport stream, asio::const_buffer out, std::error_code error) {
    { stream.write_now(out, error) } -> std::same_as<std::size_t>;
};

}  // namespace memring
