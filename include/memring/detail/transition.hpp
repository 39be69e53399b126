#pragma once
// What a client needs while one topology replaces another: who is still in which phase, and the
// operation that carries a plan's commands to a key's two owners, one after the other.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/protocol/command.hpp>
#include <memring/reshard/phase.hpp>
#include <memring/reshard/plan.hpp>

namespace memring::detail {

[[nodiscard]] inline std::int64_t unix_time() noexcept {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// What applications' gets of moving keys found, while a transition lasts.
struct transition_counts {
    std::uint64_t hits_on_next = 0;
    std::uint64_t hits_on_old = 0;
    std::uint64_t misses = 0;
    std::uint64_t failures = 0;  ///< operations that may have left a lease behind
};

/// Shared by the operations of one phase: the last one to let go reports.
class phase_guard {
public:
    phase_guard() = default;
    explicit phase_guard(std::shared_ptr<transition_counts> shared) : counts(std::move(shared)) {}
    phase_guard(const phase_guard&) = delete;
    phase_guard& operator=(const phase_guard&) = delete;
    ~phase_guard() {
        if (x_report) asio::post(x_executor, std::move(x_report));
    }

    void on_release(const asio::any_io_executor& executor, std::function<void()> report) {
        x_executor = executor;
        x_report = std::move(report);
    }

    std::shared_ptr<transition_counts> counts;  ///< of the whole transition

private:
    asio::any_io_executor x_executor;
    std::function<void()> x_report;
};

/// Calls `drained` once nothing submitted so far to any of the connections is under way.
template <class Connections>
void call_when_all_drained(const asio::any_io_executor& executor, const Connections& lines,
                           std::function<void()> drained) {
    const auto all = std::make_shared<phase_guard>();
    all->on_release(executor, std::move(drained));
    for (const auto& line : lines) {
        line->when_drained([all] {});
    }
}

/// Where in a transition an operation starts.
struct plan_place {
    phase in = phase::steady_old;
    std::int64_t lease_seconds = 10;
};

/// An application's operation on a key whose owners differ: sends what the plan asks for, step by
/// step, then completes the application's waiter.
template <class Connection>
class plan_operation final : public operation, public operation_owner {
public:
    using connection_ptr = std::shared_ptr<Connection>;

    static void start(const asio::any_io_executor& executor, operation& waiter, command&& request,
                      const plan_place& place, connection_ptr from, connection_ptr to,
                      std::shared_ptr<phase_guard> guard) {
        auto* const made = new plan_operation(
            executor, waiter,
            operation_plan(std::move(request), place.in,
                           {.now = unix_time(), .lease_seconds = place.lease_seconds}),
            place.lease_seconds);
        made->x_from = std::move(from);
        made->x_to = std::move(to);
        made->x_guard = std::move(guard);
        made->obey(made->x_plan.start());
    }

    void cancel(operation&) noexcept override {
        if (owner) {
            owner->cancel(*this);
        } else {  // between two commands
            x_cancelled = true;
            x_timer.cancel();
        }
    }

private:
    plan_operation(const asio::any_io_executor& executor, operation& waiter, operation_plan plan,
                   std::int64_t lease_seconds)
        : operation(&plan_operation::take),
          x_timer(executor),
          x_waiter(&waiter),
          x_plan(std::move(plan)) {
        // A lease must not expire under its holder, who needs two commands to fill it.
        deadline =
            std::min(waiter.deadline, clock::now() + std::chrono::seconds(lease_seconds) / 2);
        waiter.owner = this;
    }
    ~plan_operation() = default;

    friend std::default_delete<plan_operation>;

    static void take(operation* base, answer* got) {
        auto* const self = static_cast<plan_operation*>(base);
        if (got) {
            got->own();  // the plan keeps answers
            if (got->error != condition::not_sent) self->x_has_sent = true;
            return self->obey(self->x_plan.next(std::move(*got)));
        }
        operation* const waiter = self->x_waiter;
        delete self;
        waiter->destroy();
    }

    void obey(step next) {
        switch (next.what) {
            case step::action::send:
                if (std::exchange(x_cancelled, false)) {  // too late for the command before
                    return obey(x_plan.next(failed(asio::error::operation_aborted)));
                }
                // Not of what the plan looks at for itself: it compares with that cas.
                read_key = next.cmd.what == x_plan.request().what ? x_waiter->read_key
                                                                  : std::string_view();
                keeps_win = x_waiter->keeps_win;
                (next.to == role::old_owner ? x_from : x_to)->submit(*this, next.cmd);
                return;
            case step::action::wait: return wait();
            case step::action::done: break;
        }
        count();
        if (next.result.error) ++x_guard->counts->failures;
        // The last command's error speaks of that command; the operation had others before it.
        if (x_has_sent) next.result.error = as_sent(next.result.error);
        finish(std::move(next.result));
    }

    void count() noexcept {
        if (x_plan.request().what != verb::get) return;
        transition_counts& counts = *x_guard->counts;
        switch (x_plan.served()) {
            case served_by::nobody: ++counts.misses; return;
            case served_by::old_owner: ++counts.hits_on_old; return;
            case served_by::next_owner: ++counts.hits_on_next; return;
        }
    }

    // Somebody holds the key's lease: three round trips, as a rule. Waits longer each time.
    void wait() {
        x_timer.expires_at(std::min(clock::now() + x_pause, deadline));
        x_pause = std::min(x_pause * 2, std::chrono::milliseconds(20));
        x_timer.async_wait([self = std::unique_ptr<plan_operation, waiting_deleter>(this)](
                               std::error_code) mutable { self.release()->on_waited(); });
    }

    void on_waited() {
        if (x_cancelled) return finish(failed(asio::error::operation_aborted));
        if (clock::now() >= deadline) return finish(failed(errc::contended));
        obey(x_plan.start());
    }

    struct waiting_deleter {
        void operator()(plan_operation* waiting) const noexcept { waiting->destroy(); }
    };

    void finish(answer&& result) {
        const std::unique_ptr<plan_operation> self(this);
        operation* const waiter = x_waiter;
        waiter->owner = nullptr;
        waiter->complete(std::move(result));
    }

    asio::steady_timer x_timer;
    operation* x_waiter;
    operation_plan x_plan;
    connection_ptr x_from;
    connection_ptr x_to;
    std::shared_ptr<phase_guard> x_guard;
    std::chrono::milliseconds x_pause{1};
    bool x_cancelled = false;  // while it has no command under way
    bool x_has_sent = false;   // any command
};

}  // namespace memring::detail
