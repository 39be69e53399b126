#pragma once
// An operation on one key that takes several commands, one after the other: what all of these have
// in common. What is sent when is up to each.

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <memring/detail/idle_list.hpp>
#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/protocol/command.hpp>

namespace memring::detail {

/// Lives from its creation until its waiter has been completed or destroyed, and keeps the core
/// alive meanwhile. Commands go through `Core::execute`, so that each finds the key's owner of its
/// own time.
template <class Core>
class composed_operation : public operation, public operation_owner, private idle_list::member {
public:
    void cancel(operation&) noexcept final {
        if (owner && !outlives_its_waiter()) return owner->cancel(*this);
        x_is_cancelled = true;
        if (x_is_waiting) {
            x_timer.cancel();
        } else {
            cancelled_between();
        }
    }

protected:
    composed_operation(std::shared_ptr<Core> core, operation& waiter, std::string server_key)
        : operation(&composed_operation::take),
          x_core(std::move(core)),
          x_timer(x_core->executor()),
          x_waiter(&waiter),
          x_server_key(std::move(server_key)) {
        deadline = waiter.deadline;
        waiter.owner = this;
    }
    virtual ~composed_operation() { this->leave(); }  // while the core is sure to live

    friend std::default_delete<composed_operation>;

    /// The answer to the last command.
    virtual void next(answer&& got) = 0;
    /// The end of a pause, or of a wait for the application.
    virtual void resume() = 0;
    /// Cancelled while no command is under way and no pause, or one that goes on.
    virtual void cancelled_between() noexcept {}
    /// Whether the command under way is not given up with the waiter.
    [[nodiscard]] virtual bool outlives_its_waiter() const noexcept { return false; }

    /// The client has stopped meanwhile.
    void stopped() noexcept override { cancel(*this); }

    /// Whether anybody is still to be told of the result.
    [[nodiscard]] bool has_waiter() const noexcept { return x_waiter != nullptr; }
    [[nodiscard]] Core& core() const noexcept { return *x_core; }
    [[nodiscard]] const std::string& server_key() const noexcept { return x_server_key; }
    [[nodiscard]] bool is_late() const noexcept { return clock::now() >= deadline; }

    void execute(command&& what) {
        this->leave();
        keeps_win = what.what == verb::lease || is_plain_read(what.what);
        x_key = what.key;
        read_key = keeps_win ? x_key.view() : std::string_view();
        x_core->execute(*this, std::move(what), x_server_key);
    }

    /// Waits for something else than an answer, until the next `execute` or the client's end.
    void wait_idle() noexcept { this->join(x_core->idle()); }

    /// Somebody else is at the key: waits, longer each time, then `resume`.
    void pause() {
        x_is_waiting = true;
        wait_idle();
        x_timer.expires_at(std::min(clock::now() + x_pause, deadline));
        x_pause = std::min(x_pause * 2, std::chrono::milliseconds(20));
        x_timer.async_wait(
            [self = owned_pointer(this)](std::error_code) mutable { self.release()->end_pause(); });
    }

    /// Leaves the next step to the application: until `come_back`, then `resume`. The timer keeps
    /// the executor busy, and drops this operation with it.
    void wait_outside() {
        wait_idle();
        x_timer.expires_at(asio::steady_timer::time_point::max());
        x_timer.async_wait(
            [self = owned_pointer(this)](std::error_code) mutable { self.release()->resume(); });
    }
    void come_back() { x_timer.cancel(); }

    /// Completes the waiter; this operation is gone afterwards.
    void finish(answer&& result) {
        const std::unique_ptr<composed_operation> self(this);
        complete_waiter(std::move(result));
    }
    void finish(std::error_code error) { finish(failed(error)); }

    /// Completes the waiter, but stays.
    void complete_waiter(answer&& result) {
        operation* const waiter = std::exchange(x_waiter, nullptr);
        if (!waiter) return;
        waiter->owner = nullptr;
        waiter->complete(std::move(result));
    }

    /// As above, from the executor's queue.
    void complete_waiter_later(std::error_code error) {
        if (operation* const waiter = std::exchange(x_waiter, nullptr))
            complete_later(x_core->executor(), *waiter, error);
    }

    /// Owns the operation in a handler: destroys it with the handler.
    struct destroyer {
        void operator()(composed_operation* dropped) const noexcept { dropped->destroy(); }
    };
    using owned_pointer = std::unique_ptr<composed_operation, destroyer>;

private:
    static void take(operation* base, answer* got) {
        auto* const self = static_cast<composed_operation*>(base);
        if (got) {
            got->own();  // it outlives the buffer
            return self->next(std::move(*got));
        }
        const std::unique_ptr<composed_operation> dropped(self);
        if (self->x_waiter) self->x_waiter->destroy();
    }

    void end_pause() {
        x_is_waiting = false;
        if (x_is_cancelled) return finish(asio::error::operation_aborted);
        if (is_late()) return finish(errc::contended);
        resume();
    }

    std::shared_ptr<Core> x_core;
    asio::steady_timer x_timer;
    operation* x_waiter;
    std::string x_server_key;
    key_buffer x_key;  // of the command under way
    std::chrono::milliseconds x_pause{1};
    bool x_is_waiting = false;
    bool x_is_cancelled = false;
};

}  // namespace memring::detail
