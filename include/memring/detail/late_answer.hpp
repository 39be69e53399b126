#pragma once
// The way back from a function of the application that answers later.

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/post.hpp>

namespace memring::detail {

/// Takes one answer, from any thread, to the executor of who asked; none once that has withdrawn.
template <class Value>
class late_answer : public std::enable_shared_from_this<late_answer<Value>> {
public:
    using taker = std::function<void(Value&&)>;

    /// `take` is called on `io`.
    late_answer(asio::any_io_executor io, taker take)
        : x_io(std::move(io)), x_take(std::move(take)) {}

    /// From any thread. Every call but the first does nothing.
    void deliver(Value value) {
        const std::lock_guard lock(x_mutex);
        if (std::exchange(x_is_over, true)) return;
        asio::post(x_io, [self = this->shared_from_this(), value = std::move(value)]() mutable {
            if (const taker take = std::exchange(self->x_take, nullptr)) take(std::move(value));
        });
    }

    /// On `io`, or when that is gone: nobody is there any more.
    void withdraw() noexcept {
        const std::lock_guard lock(x_mutex);
        x_is_over = true;
        x_take = nullptr;
    }

private:
    asio::any_io_executor x_io;
    std::mutex x_mutex;
    bool x_is_over = false;
    taker x_take;  // touched on `x_io` only
};

}  // namespace memring::detail
