#include "line_channel.hpp"

#include <cstddef>
#include <system_error>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

namespace memring::tool {

line_channel::line_channel(const asio::any_io_executor& executor, int handle)
    : x_socket(executor, asio::local::stream_protocol(), handle) {}

void line_channel::send(std::string_view line) {
    x_queued += line;
    x_queued += '\n';
    if (x_writing.empty()) write();
}

void line_channel::write() {
    x_writing = std::exchange(x_queued, {});
    if (x_writing.empty()) return;
    asio::async_write(x_socket, asio::buffer(x_writing),
                      [this](std::error_code error, std::size_t) {
                          x_writing.clear();
                          if (error) x_queued.clear();
                          write();
                      });
}

asio::awaitable<std::optional<std::string>> line_channel::next_line() {
    std::error_code error;
    const std::size_t size =
        co_await asio::async_read_until(x_socket, asio::dynamic_buffer(x_input), '\n',
                                        asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return std::nullopt;
    std::string line = x_input.substr(0, size - 1);
    x_input.erase(0, size);
    co_return line;
}

void line_channel::close() {
    std::error_code ignored;
    x_socket.shutdown(asio::local::stream_protocol::socket::shutdown_both, ignored);
    x_socket.close(ignored);
}

}  // namespace memring::tool
