#pragma once
// Many commands, one completion: in bursts, one for each node, or as an operation for each where
// every command goes its own way. Results in the order they were asked.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <memring/detail/burst_group.hpp>
#include <memring/detail/operation.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/command_batch.hpp>

namespace memring::detail {

/// What a batch is, whatever its results and handler. Owned by its parts and groups: the last one
/// to be answered (or destroyed) ends it.
class batch_core : public group_owner {
public:
    batch_core(const batch_core&) = delete;
    batch_core& operator=(const batch_core&) = delete;

    [[nodiscard]] const command_batch& commands() const noexcept { return x_commands; }

    /// An operation of its own for the command at `place`.
    [[nodiscard]] operation& part(std::size_t place) {
        ++x_waiting;
        return x_parts.emplace_back(*this, place);
    }

    /// Adds a group for the commands `which`, places that must stay where they are (see `places`).
    void add_group(std::shared_ptr<burst_target> target, std::span<const std::uint32_t> which,
                   bool one_by_one) {
        ++x_waiting;
        x_groups.emplace_back(*this, x_commands, std::move(target), which, one_by_one);
    }

    /// Room for the groups' places, kept as long as the batch.
    [[nodiscard]] std::vector<std::uint32_t>& places() noexcept { return x_places; }

    /// Starts the groups that were made.
    void start_groups(clock::time_point deadline) {
        for (burst_group& each : x_groups) {
            each.deadline = deadline;
            each.start();
        }
        for (burst_group& each : x_groups) each.flush();
    }

    /// Completes a batch without parts, from the executor. `error` is that of the whole, `refusal`
    /// that of every command, if it is set.
    void finish_later(const asio::any_io_executor& io, std::error_code error,
                      std::error_code refusal) {
        x_error = error;
        x_refusal = refusal;
        asio::post(io, [owned = std::unique_ptr<batch_core, deleter>(this)]() mutable {
            owned.release()->finish(false);
        });
    }

protected:
    batch_core() = default;
    explicit batch_core(command_batch&& commands) : x_commands(std::move(commands)) {}
    ~batch_core() = default;

    virtual void finish(bool is_dropped) = 0;

    void cancel_all() noexcept {
        x_error = asio::error::operation_aborted;
        for (operation& each : x_parts) cancel(each);
        for (operation& each : x_groups) cancel(each);
    }

    std::error_code x_error;
    std::error_code x_refusal;  // of all: no command was sent
    command_batch x_commands{command{}};

private:
    struct deleter {
        void operator()(batch_core* dropped) const noexcept { dropped->finish(true); }
    };

    class one final : public operation {
    public:
        one(batch_core& whole, std::size_t place) noexcept
            : operation(&one::end), x_whole(whole), x_place(place) {}

    private:
        static void end(operation* base, answer* got) {
            auto& self = *static_cast<one*>(base);
            if (got) self.x_whole.take(self.x_place, std::move(*got));
            self.x_whole.group_ended(!got);
        }

        batch_core& x_whole;
        std::size_t x_place;
    };

    static void cancel(operation& each) noexcept {
        if (operation_owner* const owner = each.owner) owner->cancel(each);
    }

    void group_ended(bool is_dropped) final {
        if (is_dropped) x_is_dropped = true;
        if (--x_waiting == 0) finish(x_is_dropped);
    }

    std::vector<std::uint32_t> x_places;
    std::deque<one> x_parts;
    std::deque<burst_group> x_groups;
    std::size_t x_waiting = 0;
    bool x_is_dropped = false;
};

/// A batch that ends in a user's handler. `Sink` gathers: `take(place, answer&&)` for each of its
/// `size()` commands, then `finish()` makes what the handler gets.
template <class Sink, class Handler>
class batch final : public batch_core {
public:
    static batch& create(Handler&& handler, const asio::any_io_executor& io, Sink&& sink,
                         command_batch&& commands = command_batch{command{}}) {
        return *new batch(std::move(handler), io, std::move(sink), std::move(commands));
    }

    void listen_for_cancellation() {
        auto slot = asio::get_associated_cancellation_slot(x_deliver.handler());
        if (!slot.is_connected()) return;
        slot.assign([this](asio::cancellation_type) { cancel_all(); });
    }

private:
    batch(Handler&& handler, const asio::any_io_executor& io, Sink&& sink, command_batch&& commands)
        : batch_core(std::move(commands)),
          x_sink(std::move(sink)),
          x_deliver(std::move(handler), io) {}
    ~batch() = default;

    friend std::default_delete<batch>;

    void take(std::size_t place, answer&& got) override { x_sink.take(place, std::move(got)); }

    void finish(bool is_dropped) override {
        std::unique_ptr<batch> self(this);
        if (is_dropped) return;
        auto slot = asio::get_associated_cancellation_slot(x_deliver.handler());
        if (slot.is_connected()) slot.clear();
        const std::size_t count = x_refusal ? x_sink.size() : x_commands.size();
        for (std::size_t place = 0; place < count; ++place) {
            const auto error = x_refusal ? x_refusal : x_commands.error(place);
            if (error) x_sink.take(place, failed(error));
        }
        auto deliver = std::move(x_deliver);
        auto result = std::move(x_sink).finish();
        const auto error = x_error;
        self.reset();
        deliver(error, std::move(result));
    }

    Sink x_sink;
    delivery<Handler> x_deliver;
};

/// Gathers one result for each command; `Convert` makes its value.
template <class Convert, class Result>
class result_list {
public:
    explicit result_list(std::size_t size) : x_results(size) {}
    explicit result_list(std::vector<Result> initial) : x_results(std::move(initial)) {}

    [[nodiscard]] std::size_t size() const noexcept { return x_results.size(); }

    void take(std::size_t place, answer&& got) {
        Result& result = x_results[place];
        result.error = got.error;
        result.value = Convert::convert(std::move(got), result.error);
    }

    [[nodiscard]] std::vector<Result> finish() && { return std::move(x_results); }

private:
    std::vector<Result> x_results;
};

}  // namespace memring::detail
