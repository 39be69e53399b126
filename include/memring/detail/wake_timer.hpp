#pragma once
// One timer for many deadlines: set to the earliest, and set again by whoever it wakes.

#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

namespace memring::detail {

class wake_timer {
public:
    using time_point = std::chrono::steady_clock::time_point;
    static constexpr time_point never = time_point::max();

    explicit wake_timer(const asio::any_io_executor& executor) : x_timer(executor) {}

    /// Calls `wake(owner)` at `when`, unless an earlier time is set already. A wait that is
    /// destroyed before it ended tells that the execution context is gone, and with it everybody
    /// who could be answered: then `lose(owner)`.
    template <class Owner, class Wake, class Lose>
    void wake_at(time_point when, std::shared_ptr<Owner> owner, Wake wake, Lose lose) {
        if (when >= x_when) return;
        x_when = when;
        x_timer.expires_at(when);
        x_timer.async_wait([this, wait = guarded_wait<Owner, Lose>(std::move(owner), lose),
                            wake](std::error_code error) mutable {
            const auto self = std::exchange(wait.owner, nullptr);
            if (error) return;
            x_when = never;
            wake(*self);
        });
    }

    /// The time it is set to.
    [[nodiscard]] time_point when() const noexcept { return x_when; }

    /// Wakes nobody any more, so that io_context::run() can return.
    void rest() noexcept {
        x_when = never;
        x_timer.cancel();
    }

private:
    template <class Owner, class Lose>
    struct guarded_wait {
        guarded_wait(std::shared_ptr<Owner> waiting, Lose on_loss) noexcept
            : owner(std::move(waiting)), lose(on_loss) {}
        guarded_wait(guarded_wait&&) noexcept = default;
        ~guarded_wait() {
            if (owner) lose(*owner);
        }

        std::shared_ptr<Owner> owner;
        Lose lose;
    };

    asio::steady_timer x_timer;
    time_point x_when = never;
};

}  // namespace memring::detail
