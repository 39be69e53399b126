#pragma once
// Lines both ways between the scaler and one application, over a pair of local sockets.

#include <optional>
#include <string>
#include <string_view>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/local/stream_protocol.hpp>

namespace memring::tool {

/// One end of a control channel. Lives until nobody runs its executor any more.
class line_channel {
public:
    /// Takes over the connected socket `handle`.
    line_channel(const asio::any_io_executor& executor, int handle);

    /// Queues a line; lines to an end that has gone are dropped.
    void send(std::string_view line);
    /// The next line without its end, or nothing when the other end has gone.
    [[nodiscard]] asio::awaitable<std::optional<std::string>> next_line();
    /// Ends `next_line` here and at the other end.
    void close();

private:
    void write();

    asio::local::stream_protocol::socket x_socket;
    std::string x_input;
    std::string x_writing;
    std::string x_queued;
};

}  // namespace memring::tool
