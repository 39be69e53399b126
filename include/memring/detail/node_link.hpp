#pragma once
// A stream to a node that is ready for commands: connected and, where the node wants it, told who
// this is and asked what it speaks.

#include <chrono>
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
#include <memring/protocol/handshake.hpp>
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
        : x_link(executor, stream_options),
          x_wanted(options.speaks),
          x_spoken(options.speaks),
          x_login(options.login) {}

    [[nodiscard]] bool is_closed() const noexcept { return x_link.is_closed(); }
    [[nodiscard]] bool is_connecting() const noexcept {
        return x_link.is_connecting() || x_handshake;
    }
    [[nodiscard]] bool is_open() const noexcept { return x_link.is_open() && !x_handshake; }
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
        x_link.connect(peer, std::move(owner), [this, then](Owner& self, std::error_code error) {
            if (error) return then(self, error);
            x_handshake = std::make_unique<handshake>(handshake_options{
                .wanted = x_wanted, .user = x_login.user, .password = x_login.password});
            shake_hands(x_handshake->start(), self, then);
        });
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

    /// Reads into `input()` in the calling thread; false if nothing came until then.
    [[nodiscard]] bool read_waiting(std::size_t missing,
                                    std::chrono::steady_clock::time_point until,
                                    std::error_code& error) requires reads_waiting<Transport> {
        const std::size_t size = x_link.read_waiting(x_input.prepare(missing), until, error);
        x_input.commit(size);
        return size != 0 || error;
    }

    void close() noexcept {
        x_link.close();
        x_input.clear();
        x_handshake.reset();
    }

private:
    template <class Owner, class Then>
    void shake_hands(handshake_state state, Owner& self, Then then) {
        switch (state) {
            case handshake_state::ready: {
                x_spoken = x_handshake->spoken();
                x_handshake.reset();
                return then(self, {});
            }
            case handshake_state::failed: return give_up(x_handshake->error(), self, then);
            case handshake_state::send:
                return write_all(x_handshake->to_send(), self.shared_from_this(),
                                 [this, then](Owner& owner, std::error_code error) {
                                     if (error) return give_up(error, owner, then);
                                     listen(owner, then);
                                 });
            case handshake_state::need_more: return listen(self, then);
        }
    }

    template <class Owner, class Then>
    void listen(Owner& self, Then then) {
        read_some(x_handshake->missing(), self.shared_from_this(),
                  [this, then](Owner& owner, std::error_code error) {
                      if (error) return give_up(error, owner, then);
                      std::size_t used = 0;
                      const auto state = x_handshake->feed(x_input.view(), used);
                      x_input.consume(used);
                      shake_hands(state, owner, then);
                  });
    }

    // No command has been sent: whatever broke, it may be sent again.
    template <class Owner, class Then>
    void give_up(std::error_code error, Owner& self, Then then) {
        if (error != condition::not_sent && error != errc::unsupported)
            error = errc::connection_lost_unsent;
        close();
        then(self, error);
    }

    stream_link<Transport> x_link;
    read_buffer x_input;
    std::unique_ptr<handshake> x_handshake;  // while one is under way
    protocol x_wanted;
    protocol x_spoken;
    credentials x_login;
};

}  // namespace memring::detail
