#pragma once
// Several coroutines at once, and one that waits for all of them.

#include <cstddef>
#include <exception>
#include <system_error>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace memring::tool {

/// Runs the coroutines `start(0)` to `start(count - 1)` at the same time and returns when every one
/// has ended; then throws what one of them threw.
template <class Start>
[[nodiscard]] asio::awaitable<void> run_all(std::size_t count, const Start& start) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer all_done(executor, asio::steady_timer::time_point::max());
    std::size_t running = count;
    std::exception_ptr problem;
    for (std::size_t i = 0; i < count; ++i) {
        asio::co_spawn(executor, start(i), [&](std::exception_ptr thrown) {
            if (thrown) problem = thrown;
            if (--running == 0) all_done.cancel();
        });
    }
    std::error_code cancelled;
    if (running > 0) {
        co_await all_done.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    if (problem) std::rethrow_exception(problem);
}

}  // namespace memring::tool
