#pragma once
// How an asynchronous operation is carried out on the calling thread. The operations themselves are
// in the headers beside this one.

#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include <memring/client_options.hpp>
#include <memring/node.hpp>

namespace memring {

namespace detail {

/// Leaves an operation's results in the frame of the call that waits for them.
template <class Result>
struct blocking_handler {
    std::error_code* error;
    std::optional<Result>* got;

    void operator()(std::error_code failure, Result result) const {
        *error = failure;
        got->emplace(std::move(result));
    }
};

}  // namespace detail

template <class Client>
class blocking_base {
public:
    using client_type = Client;
    using transport_options = typename Client::transport_options;

    blocking_base(const blocking_base&) = delete;
    blocking_base& operator=(const blocking_base&) = delete;

    /// The client underneath, for what is only asynchronous; its handlers run inside the calls.
    [[nodiscard]] Client& async() noexcept { return x_client; }
    [[nodiscard]] asio::io_context& context() noexcept { return x_context; }

    /// Does what is due (a watcher's timer, a reshard started on `async()`), without waiting.
    void poll() {
        x_context.restart();
        x_context.poll();
    }

protected:
    template <class... Arguments>
    explicit blocking_base(std::vector<node> nodes, const Arguments&... arguments)
        : x_client(x_context.get_executor(), std::move(nodes), arguments...) {}
    template <class Topology, class... Arguments>
    explicit blocking_base(std::shared_ptr<Topology> nodes, const Arguments&... arguments)
        : x_client(x_context.get_executor(), std::move(nodes), arguments...) {}
    ~blocking_base() = default;

    /// Starts an operation by `start(client, handler)` and runs until it has completed.
    template <class Result, class Start>
    Result run(std::error_code& error, Start start) {
        if (x_is_running) {
            error = std::make_error_code(std::errc::resource_deadlock_would_occur);
            return {};
        }
        const running_mark mark(x_is_running);
        std::optional<Result> got;
        // One answer to wait for can be read where it is waited for, without the reactor: see
        // docs/performance.md. Now and then what else is due gets its turn.
        const auto begin = [&] { start(x_client, detail::blocking_handler<Result>{&error, &got}); };
        // Another operation's handler may throw out of here, or stop the context: not before this
        // call's own has run, because that writes to this frame.
        std::exception_ptr thrown;
        const auto step = [&](auto work) {
            try {
                work();
            } catch (...) {
                if (!thrown) thrown = std::current_exception();
            }
        };
        if (++x_calls % 64 != 0) {
            auto& core = *x_client.core();
            const pulling_mark<std::remove_cvref_t<decltype(core)>> under_way(core);
            begin();
            step([&] { core.pull([&] { return got.has_value(); }); });
        } else {
            begin();
        }
        while (!got) {
            x_context.restart();
            step([&] { x_context.run_one(); });
        }
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*got);
    }

private:
    struct running_mark {
        explicit running_mark(bool& flag) noexcept : is_running(flag) { is_running = true; }
        running_mark(const running_mark&) = delete;
        running_mark& operator=(const running_mark&) = delete;
        ~running_mark() { is_running = false; }
        bool& is_running;
    };

    template <class Core>
    struct pulling_mark {
        explicit pulling_mark(Core& puller) : core(puller) { core.set_pulled(true); }
        pulling_mark(const pulling_mark&) = delete;
        pulling_mark& operator=(const pulling_mark&) = delete;
        ~pulling_mark() { core.set_pulled(false); }
        Core& core;
    };

    asio::io_context x_context{1};
    unsigned x_calls = 0;
    bool x_is_running = false;
    Client x_client;
};

}  // namespace memring
