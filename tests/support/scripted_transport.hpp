#pragma once
// A transport whose other end is played by the test, byte by byte: it decides when a connect or a
// write ends and what comes in, and sees each write as it was made.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <memring/node.hpp>
#include <memring/transport/transport.hpp>

namespace memring::testing {

/// One stream as both of its ends see it.
struct scripted_stream {
    explicit scripted_stream(asio::any_io_executor where) : executor(std::move(where)) {}

    void complete_connect(std::error_code error) {
        if (!on_connect) return;
        is_open = !error;
        asio::post(executor, [done = std::exchange(on_connect, nullptr), error] { done(error); });
    }
    void complete_write(std::error_code error) {
        if (!on_write) return;
        const std::size_t size = error ? 0 : write_size;
        asio::post(executor,
                   [done = std::exchange(on_write, nullptr), error, size] { done(error, size); });
    }
    void complete_read(std::error_code error) {
        const std::size_t size = asio::buffer_copy(into, asio::buffer(inbox));
        inbox.erase(0, size);
        asio::post(executor,
                   [done = std::exchange(on_read, nullptr), error, size] { done(error, size); });
    }
    void look_for_input() {
        if (on_read && !inbox.empty()) return complete_read({});
        if (on_read && has_ended) complete_read(asio::error::eof);
    }
    void close() {
        is_open = false;
        inbox.clear();
        complete_connect(asio::error::operation_aborted);
        complete_write(asio::error::operation_aborted);
        if (on_read) complete_read(asio::error::operation_aborted);
    }

    asio::any_io_executor executor;
    std::function<void(std::error_code)> on_connect;
    std::function<void(std::error_code, std::size_t)> on_read;
    std::function<void(std::error_code, std::size_t)> on_write;
    asio::mutable_buffer into;
    std::size_t write_size = 0;
    std::string inbox;
    bool has_ended = false;
    bool is_open = false;
};

/// The test's end of all streams of a client with one node. What it is told to hold waits for the
/// call that lets it go on.
class scripted_peer {
public:
    bool holds_connects = false;
    bool holds_writes = false;
    std::size_t connects = 0;
    std::vector<std::string> writes;

    /// Ends a held connect.
    void accept(std::error_code error = {}) { x_newest->complete_connect(error); }
    /// Ends a held write.
    void take_write(std::error_code error = {}) { x_newest->complete_write(error); }
    /// Sends bytes over the newest stream.
    void deliver(std::string_view bytes) {
        x_newest->inbox += bytes;
        x_newest->look_for_input();
    }
    /// Closes the newest stream, behind what was delivered.
    void end() {
        x_newest->has_ended = true;
        x_newest->look_for_input();
    }
    [[nodiscard]] bool is_open() const noexcept { return x_newest && x_newest->is_open; }

    /// The command lines written so far, without their CRLF, payloads left out.
    [[nodiscard]] std::vector<std::string> commands() const {
        std::string all;
        for (const auto& bytes : writes) all += bytes;
        std::vector<std::string> lines;
        for (std::size_t end = 0; (end = all.find("\r\n")) != std::string::npos;) {
            const std::string line = all.substr(0, end);
            if (line.find(" O") != std::string::npos) lines.push_back(line);
            all.erase(0, end + 2);
        }
        return lines;
    }
    /// The opaque of the n-th command, as it stands on the wire.
    [[nodiscard]] std::string opaque(std::size_t index) const {
        const std::string line = commands().at(index);
        return line.substr(line.rfind(" O") + 1);
    }
    /// Answers the n-th command, a get, with a value.
    void deliver_value(std::size_t index, std::string_view value) {
        deliver(value_reply(index, value));
    }
    [[nodiscard]] std::string value_reply(std::size_t index, std::string_view value) const {
        return "VA " + std::to_string(value.size()) + " f0 c1 " + opaque(index) + "\r\n" +
               std::string(value) + "\r\n";
    }

private:
    friend class scripted_transport;
    std::shared_ptr<scripted_stream> x_newest;
};

struct scripted_options {
    std::shared_ptr<scripted_peer> peer = nullptr;
};

class scripted_transport {
public:
    using options = scripted_options;

    explicit scripted_transport(const asio::any_io_executor& executor, const options& settings = {})
        : x_executor(executor), x_peer(settings.peer) {}
    scripted_transport(const scripted_transport&) = delete;
    scripted_transport& operator=(const scripted_transport&) = delete;
    ~scripted_transport() { close(); }

    [[nodiscard]] asio::any_io_executor get_executor() const noexcept { return x_executor; }
    [[nodiscard]] bool is_idle_and_open() const noexcept {
        return x_stream && x_stream->is_open && x_stream->inbox.empty() && !x_stream->has_ended;
    }

    template <class Handler>
    void async_connect(const node&, Handler&& handler) {
        ++x_peer->connects;
        x_stream = x_peer->x_newest = std::make_shared<scripted_stream>(x_executor);
        x_stream->on_connect = std::forward<Handler>(handler);
        if (!x_peer->holds_connects) x_stream->complete_connect({});
    }
    template <class Handler>
    void async_read_some(asio::mutable_buffer into, Handler&& handler) {
        x_stream->into = into;
        x_stream->on_read = std::forward<Handler>(handler);
        x_stream->look_for_input();
    }
    template <class Handler>
    void async_write_some(asio::const_buffer from, Handler&& handler) {
        x_peer->writes.emplace_back(static_cast<const char*>(from.data()), from.size());
        x_stream->write_size = from.size();
        x_stream->on_write = std::forward<Handler>(handler);
        if (!x_peer->holds_writes) x_stream->complete_write({});
    }
    void close() noexcept {
        if (x_stream) x_stream->close();
        x_stream.reset();
    }

private:
    asio::any_io_executor x_executor;
    std::shared_ptr<scripted_peer> x_peer;
    std::shared_ptr<scripted_stream> x_stream;
};

static_assert(transport<scripted_transport>);

}  // namespace memring::testing
