#pragma once
// The way back from a function of the application that answers later, and the list of the
// operations that wait for one.

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

namespace memring::detail {

/// Takes one answer, from any thread, to the executor of who asked; none once that has withdrawn.
class late_answer : public std::enable_shared_from_this<late_answer> {
public:
    using taker = std::function<void(std::error_code, std::string&&)>;

    /// `take` is called on `io`.
    late_answer(asio::any_io_executor io, taker take)
        : x_io(std::move(io)), x_take(std::move(take)) {}

    /// From any thread. Every call but the first does nothing.
    void deliver(std::error_code error, std::string value) {
        const std::lock_guard lock(x_mutex);
        if (std::exchange(x_is_over, true)) return;
        asio::post(x_io,
                   [self = this->shared_from_this(), error, value = std::move(value)]() mutable {
                       if (const taker take = std::exchange(self->x_take, nullptr))
                           take(error, std::move(value));
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

/// What the function is given, `done(error, value)`: to be called once. Dropped without a call it
/// is an abort. Copies are the same.
class answer_later {
public:
    explicit answer_later(std::shared_ptr<late_answer> to)
        : x_last(std::make_shared<abort_at_end>(std::move(to))) {}

    void operator()(std::error_code error, std::string value) const {
        x_last->to->deliver(error, std::move(value));
    }

private:
    struct abort_at_end {
        explicit abort_at_end(std::shared_ptr<late_answer> whom) noexcept : to(std::move(whom)) {}
        abort_at_end(const abort_at_end&) = delete;
        abort_at_end& operator=(const abort_at_end&) = delete;
        ~abort_at_end() { to->deliver(asio::error::operation_aborted, {}); }
        std::shared_ptr<late_answer> to;
    };
    std::shared_ptr<abort_at_end> x_last;
};

/// An operation that waits for the application.
class outside_operation {
public:
    /// The client stops: completes without the application.
    virtual void abandon() noexcept = 0;

protected:
    ~outside_operation() = default;
};

/// Those of one client. Not thread-safe.
class outside_list {
public:
    void add(outside_operation& each) { x_waiting.push_back(&each); }
    void remove(const outside_operation& each) noexcept { std::erase(x_waiting, &each); }
    void abandon_all() noexcept {
        for (outside_operation* const each : std::exchange(x_waiting, {})) each->abandon();
    }

private:
    std::vector<outside_operation*> x_waiting;
};

}  // namespace memring::detail
