#pragma once
// Many commands, one completion: an operation for each, results in the order they were asked.

#include <cstddef>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <memring/detail/operation.hpp>

namespace memring::detail {

/// `Result` has the members `error` and `value`; `Convert` makes the value. Owned by its parts:
/// the last one to be answered (or destroyed) ends it.
template <class Convert, class Result, class Handler>
class batch final {
public:
    using results = std::vector<Result>;

    static batch& create(Handler&& handler, const asio::any_io_executor& io, results initial) {
        return *new batch(std::move(handler), io, std::move(initial));
    }

    [[nodiscard]] std::size_t size() const noexcept { return x_results.size(); }

    /// The part that waits for the answer to command `index`. Each must be given an owner.
    [[nodiscard]] operation& part(std::size_t index) noexcept { return x_parts[index]; }

    void listen_for_cancellation() {
        auto slot = asio::get_associated_cancellation_slot(x_deliver.handler());
        if (!slot.is_connected()) return;
        slot.assign([this](asio::cancellation_type) {
            x_error = asio::error::operation_aborted;
            for (std::size_t i = 0; i < size(); ++i) {
                if (operation_owner* const owner = x_parts[i].owner) owner->cancel(x_parts[i]);
            }
        });
    }

    /// Completes a batch of no parts, or one that could not be started, from the executor.
    void finish_later(const asio::any_io_executor& io, std::error_code error) {
        x_error = error;
        for (Result& result : x_results) result.error = error;
        asio::post(io,
                   [owned = std::unique_ptr<batch>(this)]() mutable { owned.release()->finish(); });
    }

private:
    class one final : public operation {
    public:
        one() noexcept : operation(&one::take) {}
        ~one() = default;
        batch* whole = nullptr;

    private:
        static void take(operation* base, answer* got) {
            auto* const self = static_cast<one*>(base);
            batch* const whole = self->whole;
            if (got) {
                Result& result =
                    whole->x_results[static_cast<std::size_t>(self - whole->x_parts.get())];
                result.error = got->error;
                result.value = Convert::convert(std::move(*got), result.error);
            } else {
                whole->x_dropped = true;
            }
            if (--whole->x_waiting == 0) whole->finish();
        }
    };

    batch(Handler&& handler, const asio::any_io_executor& io, results initial)
        : x_results(std::move(initial)),
          x_parts(std::make_unique<one[]>(x_results.size())),
          x_waiting(x_results.size()),
          x_deliver(std::move(handler), io) {
        for (std::size_t i = 0; i < size(); ++i) x_parts[i].whole = this;
    }

    void finish() {
        std::unique_ptr<batch> self(this);
        if (x_dropped) return;
        auto slot = asio::get_associated_cancellation_slot(x_deliver.handler());
        if (slot.is_connected()) slot.clear();
        auto deliver = std::move(x_deliver);
        auto all = std::move(x_results);
        const auto error = x_error;
        self.reset();
        deliver(error, std::move(all));
    }

    friend std::default_delete<batch>;
    ~batch() = default;

    results x_results;
    std::unique_ptr<one[]> x_parts;
    std::size_t x_waiting;
    std::error_code x_error;
    bool x_dropped = false;
    delivery<Handler> x_deliver;
};

}  // namespace memring::detail
