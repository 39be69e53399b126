#pragma once
// What waits for the answer to a command, with its type erased: everything below the client's
// initiating functions is compiled once, whatever the completion token. (Asio 1.22.1 has no
// any_completion_handler; this one also costs a single allocation, and that one recycled.)

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/dispatch.hpp>
#include <asio/error.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/recycling_allocator.hpp>

#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/protocol/command.hpp>

namespace memring::detail {

using clock = std::chrono::steady_clock;

/// `wait` after `from`. A century stands for anything longer, which the clock could not count.
[[nodiscard]] constexpr clock::time_point later(clock::time_point from,
                                                std::chrono::milliseconds wait) noexcept {
    constexpr std::chrono::milliseconds century = std::chrono::hours(24 * 365 * 100);
    return from + std::min(wait, century);
}

class operation;

/// Whoever has an operation under way and can give it up.
class operation_owner {
public:
    /// Completes the operation with `operation_aborted`, not before this returns.
    virtual void cancel(operation& waiter) noexcept = 0;

protected:
    ~operation_owner() = default;
};

/// Waits for one answer. Completed exactly once, or destroyed unanswered with its io_context.
class operation {
public:
    operation(const operation&) = delete;
    operation& operator=(const operation&) = delete;

    /// Hands over the answer; the operation is gone afterwards. User code may run inside.
    void complete(answer&& result) { x_complete(this, &result); }
    void destroy() noexcept { x_complete(this, nullptr); }

    operation_owner* owner = nullptr;  ///< who has it under way; set by the owner
    std::uint64_t ticket = 0;          ///< the owner's name for it
    clock::time_point deadline = clock::time_point::max();
    /// Of what may win a stale item (meta): its key, else empty. What nobody hears of any more is
    /// given back, and what a plain read wins in any case.
    std::string_view read_key;
    bool keeps_win = false;  ///< it reads in order to renew the item

protected:
    using complete_function = void (*)(operation*, answer*);

    explicit operation(complete_function finish) noexcept : x_complete(finish) {}
    ~operation() = default;

private:
    complete_function x_complete;
};

/// Waits for the answers to many commands of one kind that went to one node together.
class burst : public operation {
public:
    /// Hands over one of them: that of the command `index` places behind the first or, where the
    /// answer names its key, that of this key. False if no such command was sent or it has had its
    /// answer: then the connection is out of step. `complete` ends the burst; an error there is
    /// that of all commands without an answer.
    [[nodiscard]] bool take(std::uint32_t index, answer&& result) {
        return x_take(*this, index, std::move(result));
    }

    /// As `read_key`, of the command `index` places behind the first.
    [[nodiscard]] std::string_view read_key_of(std::uint32_t index) const {
        return x_read_key(*this, index);
    }

protected:
    using take_function = bool (*)(burst&, std::uint32_t, answer&&);
    using key_function = std::string_view (*)(const burst&, std::uint32_t);

    burst(complete_function finish, take_function take_part, key_function key_of_part) noexcept
        : operation(finish), x_take(take_part), x_read_key(key_of_part) {}
    ~burst() = default;

private:
    take_function x_take;
    key_function x_read_key;
};

/// For a command whose answer nobody wants.
class unheard_operation final : public operation {
public:
    [[nodiscard]] static operation& create() { return *new unheard_operation(); }

private:
    unheard_operation() noexcept : operation(&unheard_operation::finish) {}
    ~unheard_operation() = default;
    static void finish(operation* base, answer*) { delete static_cast<unheard_operation*>(base); }
};

struct operation_deleter {
    void operator()(operation* given_up) const noexcept { given_up->destroy(); }
};
using operation_ptr = std::unique_ptr<operation, operation_deleter>;

[[nodiscard]] inline answer failed(std::error_code error) {
    answer result;
    result.error = error;
    return result;
}

/// The error of a command, as that of an operation that has sent another one before.
[[nodiscard]] inline std::error_code as_sent(std::error_code error) noexcept {
    if (error != condition::not_sent) return error;
    return error == std::errc::timed_out ? errc::timed_out : errc::connection_lost;
}

/// Completes `waiter` with an error from the executor's queue: never inside the caller.
inline void complete_later(const asio::any_io_executor& executor, operation& waiter,
                           std::error_code error) {
    waiter.owner = nullptr;
    asio::post(executor, [owned = operation_ptr(&waiter), error]() mutable {
        owned.release()->complete(failed(error));
    });
}

/// Hands a handler its results on its own executor: at once when that is the executor we are
/// running on anyway (saves a type-erased dispatch, about a tenth of a pipelined get), else by
/// dispatch, keeping that executor busy until then.
template <class Handler>
class delivery {
public:
    using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;
    using work_type = asio::executor_work_guard<executor_type>;

    delivery(Handler&& handler, const asio::any_io_executor& io)
        : x_handler(std::move(handler)), x_executor(asio::get_associated_executor(x_handler, io)) {
        if (!is_same(x_executor, io)) x_work = std::make_unique<work_type>(x_executor);
    }

    template <class... Results>
    void operator()(Results&&... results) {
        if (!x_work) {
            std::move(x_handler)(std::forward<Results>(results)...);
            return;
        }
        asio::dispatch(x_executor, [handler = std::move(x_handler), work = std::move(x_work),
                                    ... values = std::forward<Results>(results)]() mutable {
            std::move(handler)(std::move(values)...);
        });
    }

    [[nodiscard]] const Handler& handler() const noexcept { return x_handler; }

private:
    // Some executors (that of use_future) are no any_io_executor, and so never the one here.
    template <class Executor>
    [[nodiscard]] static bool is_same(const Executor& executor,
                                      const asio::any_io_executor& io) noexcept {
        if constexpr (std::is_convertible_v<const Executor&, asio::any_io_executor>) {
            return asio::any_io_executor(executor) == io;
        } else {
            return false;
        }
    }

    Handler x_handler;
    executor_type x_executor;
    std::unique_ptr<work_type> x_work;  // only where the executor is another one
};

/// The memory an operation lives in: the handler's allocator, or Asio's recycled blocks.
template <class Handler, class T>
using operation_allocator = typename std::allocator_traits<asio::associated_allocator_t<
    Handler, asio::recycling_allocator<void>>>::template rebind_alloc<T>;

/// An operation that ends in a user's handler. `Convert` turns the answer into what the handler
/// takes: `static T convert(answer&&, std::error_code&)`.
template <class Convert, class Handler>
class handler_operation final : public operation {
public:
    static handler_operation* create(Handler&& handler, const asio::any_io_executor& io) {
        allocator memory(allocator_of(handler));
        auto* const place = std::allocator_traits<allocator>::allocate(memory, 1);
        return new (place) handler_operation(std::move(handler), io);
    }

    /// Makes it a plain read of `key`.
    void set_read_key(const key_buffer& key) noexcept {
        x_key = key;
        this->read_key = x_key.view();
    }

    /// Lets the handler's cancellation slot give the operation up. Called once it has an owner.
    void listen_for_cancellation() {
        auto slot = asio::get_associated_cancellation_slot(x_deliver.handler());
        if (!slot.is_connected()) return;
        slot.assign([this](asio::cancellation_type) {
            if (operation_owner* const under_way = this->owner) under_way->cancel(*this);
        });
    }

private:
    using allocator = operation_allocator<Handler, handler_operation>;

    handler_operation(Handler&& handler, const asio::any_io_executor& io)
        : operation(&handler_operation::finish), x_deliver(std::move(handler), io) {}
    ~handler_operation() = default;

    static auto allocator_of(const Handler& handler) noexcept {
        return asio::get_associated_allocator(handler, asio::recycling_allocator<void>());
    }

    static void finish(operation* base, answer* result) {
        auto* const self = static_cast<handler_operation*>(base);
        auto slot = asio::get_associated_cancellation_slot(self->x_deliver.handler());
        if (slot.is_connected() && result) slot.clear();
        allocator memory(allocator_of(self->x_deliver.handler()));
        auto deliver = std::move(self->x_deliver);
        self->~handler_operation();
        std::allocator_traits<allocator>::deallocate(memory, self, 1);
        if (!result) return;
        std::error_code error = result->error;
        auto value = Convert::convert(std::move(*result), error);
        deliver(error, std::move(value));
    }

    delivery<Handler> x_deliver;
    key_buffer x_key;
};

}  // namespace memring::detail
