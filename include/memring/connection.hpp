#pragma once
// One node's connection: connects when there is something to send, writes what is queued, reads
// replies, keeps deadlines, and closes the stream as soon as it cannot be trusted any more. What
// order things have is the pipeline's business, what bytes mean the protocol's.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <memring/connection_options.hpp>
#include <memring/detail/backoff.hpp>
#include <memring/detail/burst_group.hpp>
#include <memring/detail/connection_watch.hpp>
#include <memring/detail/drain_list.hpp>
#include <memring/detail/held_list.hpp>
#include <memring/detail/node_link.hpp>
#include <memring/detail/operation.hpp>
#include <memring/detail/unheard_reads.hpp>
#include <memring/detail/wake_timer.hpp>
#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/observer.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/pipeline.hpp>
#include <memring/protocol/reply_reader.hpp>
#include <memring/protocol/wire.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

/// A pipelined connection to one node. Starts nothing on its own: it connects (and reconnects)
/// when an operation is waiting, and has no work under way when none is.
///
/// Shared ownership (`std::make_shared`), because handlers run while it may be let go; call
/// `stop()` before letting go. Thread-safety: none, everything on the executor.
template <transport Transport, observer Observer = no_observer>
class connection final : public std::enable_shared_from_this<connection<Transport, Observer>>,
                         public detail::operation_owner,
                         public detail::burst_target {
public:
    using transport_options = typename Transport::options;

    connection(const asio::any_io_executor& executor, node peer,
               const connection_options& options = {}, const transport_options& stream_options = {},
               const Observer& watched_by = {})
        : x_executor(executor),
          x_peer(std::move(peer)),
          x_options(options),
          x_link(executor, options, stream_options),
          x_backoff(options.backoff, reinterpret_cast<std::uintptr_t>(this) >> 4),
          x_timer(executor),
          x_encoded_for(options.speaks),
          x_watch(watched_by, x_peer) {}

    [[nodiscard]] const node& peer() const noexcept { return x_peer; }

    /// Where the next connect goes: a node may get a new address under its name.
    void set_peer(node peer) { x_peer = std::move(peer); }

    /// Sends `what`; `waiter` gets the answer. Its deadline is set by the caller.
    void submit(detail::operation& waiter, const command& what);

    /// Sends many commands of a kind; their deadline is that of `waiter`.
    void submit(detail::burst& waiter, const burst_commands& asked) override;

    /// Sends a command to the node as a whole; the answer's value holds the text of its reply.
    void submit(detail::operation& waiter, const admin_command& what);

    [[nodiscard]] bool has_queued() const noexcept { return x_pipeline.has_queued(); }
    /// Whether it owes anybody an answer.
    [[nodiscard]] bool is_busy() const noexcept { return !x_pipeline.empty() || !x_held.empty(); }

    /// Waits for bytes in the calling thread, up to the deadline of the oldest operation, and does
    /// what they make possible. False if that cannot be: somebody reads already, or nothing came.
    /// See `connection_options::is_pulled`.
    bool pull();

    /// Leaves flushing, reading and deadlines to the executor again.
    void stop_pulling() {
        time_out_waiters(detail::clock::now());
        flush_now();
    }

    void flush_now() override {
        if (!x_processing && !x_link.is_writing() && !x_link.is_connecting()) settle();
    }

    void give_back(std::string_view key, const answer& won) override;

    [[nodiscard]] protocol speaks() const noexcept override { return x_link.speaks(); }

    /// Connects now, so that the first operation need not wait for it.
    void connect() {
        if (x_link.is_closed() && !x_stopped) start_connect();
    }

    /// Calls `drained` from the executor once all that was submitted so far is answered or failed.
    void when_drained(std::function<void()> drained) {
        if (!x_held.empty()) {  // their turn comes first
            return x_held.add_mark([this, drained] { when_drained(drained); });
        }
        x_drains.add(x_pipeline.next_ticket(), std::move(drained));
        x_drains.report(x_pipeline.front_ticket(), x_executor);
    }

    /// Lets what is under way finish, then closes. Nothing may be submitted afterwards.
    void retire() {
        x_watch.node(node_event_kind::retired);
        x_retiring = true;
        close_if_retired();
    }

    /// Closes now: everything waiting completes with `operation_aborted`, from the executor.
    void stop() noexcept;

    void cancel(detail::operation& waiter) noexcept override {
        give_up(waiter, asio::error::operation_aborted);
    }

private:
    using watch = detail::connection_watch<Observer>;
    using queue = pipeline<detail::operation, typename watch::stamp>;
    using time_point = detail::clock::time_point;
    static constexpr time_point never = detail::wake_timer::never;

    template <class Encode>
    void enqueue(detail::operation& waiter, const owed_reply& owed, Encode&& encode);
    void hold(detail::operation& waiter, owed_reply owed, std::function<void()> submit_again);
    void give_up(detail::operation& waiter, std::error_code error) noexcept;

    void start_connect();
    void on_connected(std::error_code error);
    void on_ready();
    void flush_later();
    void flush();
    [[nodiscard]] bool is_pulled() const noexcept {
        return detail::reads_waiting_v<Transport> && x_options.is_pulled && *x_options.is_pulled;
    }
    void start_read();
    void on_read(std::error_code error);
    void process_replies();
    bool process_reply();
    bool hand_over(const typename queue::entry& front, answer&& result);
    void end_front(answer&& result);
    void give_back_unheard(std::uint64_t ticket, std::uint32_t part, const answer& result);
    void read_again(detail::operation& waiter);
    void remember(const typename queue::entry& given_up);
    void lose(std::error_code error);
    void fail_unsent(std::error_code error);
    [[nodiscard]] static bool may_repeat(const typename queue::entry& lost) noexcept;
    void close_stream() noexcept;
    [[nodiscard]] static std::error_code as_told(const typename queue::entry& each,
                                                 std::error_code error) noexcept;
    void fail(const detail::held_list::held& each, std::error_code error) noexcept;
    void fail(const std::vector<typename queue::entry>& waiting, std::error_code error);
    void tell_failed(const typename queue::entry& each, std::error_code error) noexcept;
    void drop_waiters() noexcept;
    void wake_at(time_point when);
    void on_timer();
    void time_out_waiters(time_point now);
    [[nodiscard]] time_point stalled_at() const noexcept {
        return detail::later(x_progress_at, x_options.stall_timeout);
    }
    void settle();
    void close_if_retired() noexcept;

    asio::any_io_executor x_executor;
    node x_peer;
    connection_options x_options;
    detail::node_link<Transport> x_link;
    detail::backoff x_backoff;
    detail::wake_timer x_timer;
    queue x_pipeline;
    detail::held_list x_held;
    detail::unheard_reads x_unheard;
    reply_reader x_reader;
    protocol x_encoded_for;  // what is queued
    detail::drain_list x_drains;
    std::error_code x_connect_error;  // of the last attempt
    time_point x_connect_deadline = never;
    time_point x_progress_at{};  // the last sign of life from the node
    [[no_unique_address]] watch x_watch;
    bool x_flush_posted = false;
    bool x_has_answered = false;       // anything on this stream
    bool x_is_heard = false;           // anything since the last write began
    bool x_reads_after_write = false;  // the write under way is small: no reader needed beside it
    bool x_processing = false;         // replies: what is submitted meanwhile leaves in one write
    bool x_retiring = false;
    bool x_stopped = false;
};

}  // namespace memring

#include <memring/detail/connection_failing.hpp>
#include <memring/detail/connection_impl.hpp>
