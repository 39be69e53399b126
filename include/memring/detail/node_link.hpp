#pragma once
// A stream to a node that is ready for commands: connected and, where the node wants it, told who
// this is and asked what it speaks.

#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>

#include <memring/connection_options.hpp>
#include <memring/detail/read_buffer.hpp>
#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/protocol/protocol.hpp>
#include <memring/transport/stream_link.hpp>
#include <memring/transport/transport.hpp>

namespace memring::detail {

/// One stream at a time. Handlers are called as `stream_link` calls them. Thread-safety: none.
/// Lifetime: a member of its owner.
template <transport Transport>
class node_link {
public:
    node_link(const asio::any_io_executor& executor, const connection_options& options,
              const typename Transport::options& stream_options)
        : x_link(executor, stream_options), x_spoken(options.speaks) {}

    [[nodiscard]] bool is_closed() const noexcept { return x_link.is_closed(); }
    [[nodiscard]] bool is_connecting() const noexcept { return x_link.is_connecting(); }
    [[nodiscard]] bool is_open() const noexcept { return x_link.is_open(); }
    [[nodiscard]] bool is_writing() const noexcept { return x_link.is_writing(); }
    [[nodiscard]] bool is_reading() const noexcept { return x_link.is_reading(); }

    /// Whether an open stream that nothing is asked of is still good.
    [[nodiscard]] bool is_idle_and_open() noexcept {
        return x_input.view().empty() && x_link.is_idle_and_open();
    }

    /// What the node speaks, as far as it is known.
    [[nodiscard]] protocol speaks() const noexcept { return x_spoken; }

    /// What was read and is not used up.
    [[nodiscard]] read_buffer& input() noexcept { return x_input; }

    /// `then(owner, error)`; after an error the link is closed. Precondition: closed.
    template <class Owner, class Then>
    void connect(const node& peer, std::shared_ptr<Owner> owner, Then then) {
        x_link.connect(peer, std::move(owner), then);
    }

    /// `then(owner, error)` once all of `bytes`, which must stay where they are, are written.
    template <class Owner, class Then>
    void write_all(std::string_view bytes, std::shared_ptr<Owner> owner, Then then) {
        x_link.write_all(bytes, std::move(owner), then);
    }

    /// Reads at least one byte into `input()`, with room for `missing`; `then(owner, error)`.
    template <class Owner, class Then>
    void read_some(std::size_t missing, std::shared_ptr<Owner> owner, Then then) {
        x_link.read_some(x_input.prepare(missing), std::move(owner),
                         [this, then](Owner& self, std::error_code error, std::size_t size) {
                             if (!error) x_input.commit(size);
                             then(self, error);
                         });
    }

    void close() noexcept {
        x_link.close();
        x_input.clear();
    }

private:
    stream_link<Transport> x_link;
    read_buffer x_input;
    protocol x_spoken;
};

}  // namespace memring::detail
