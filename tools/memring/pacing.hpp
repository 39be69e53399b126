#pragma once
// A steady rate for one coroutine among many.

#include <chrono>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace memring::tool {

/// Waits so that its turns come once in an interval. Turns that were missed by more than a tenth
/// of a second are not made up for.
class pacing {
public:
    using clock = std::chrono::steady_clock;

    /// `first` is when the first turn is due: coroutines that share a rate start one after another.
    pacing(const asio::any_io_executor& executor, clock::duration interval, clock::time_point first)
        : x_timer(executor), x_interval(interval), x_due(first) {}

    [[nodiscard]] asio::awaitable<void> turn() {
        const auto now = clock::now();
        if (x_due < now - std::chrono::milliseconds(100)) x_due = now;
        if (x_due > now) {
            x_timer.expires_at(x_due);
            co_await x_timer.async_wait(asio::use_awaitable);
        }
        x_due += x_interval;
    }

private:
    asio::steady_timer x_timer;
    clock::duration x_interval;
    clock::time_point x_due;
};

}  // namespace memring::tool
