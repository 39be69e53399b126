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

#include <memring/detail/drain_list.hpp>
#include <memring/detail/operation.hpp>
#include <memring/detail/read_buffer.hpp>
#include <memring/detail/wake_timer.hpp>
#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/meta_encoder.hpp>
#include <memring/protocol/pipeline.hpp>
#include <memring/protocol/reply_reader.hpp>
#include <memring/transport/stream_link.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

/// How a connection treats its node.
struct connection_options {
    /// The longest a connect may take.
    std::chrono::milliseconds connect_timeout{1000};
    /// A node that owes an answer past its deadline and has sent nothing for this long is taken
    /// for stuck: the connection is closed and everything on it fails.
    std::chrono::milliseconds stall_timeout{1000};
};

/// A pipelined connection to one node. Starts nothing on its own: it connects (and reconnects)
/// when an operation is waiting, and has no work under way when none is.
///
/// Shared ownership (`std::make_shared`), because handlers run while it may be let go; call
/// `stop()` before letting go. Thread-safety: none, everything on the executor.
template <transport Transport>
class connection final : public std::enable_shared_from_this<connection<Transport>>,
                         public detail::operation_owner {
public:
    using transport_options = typename Transport::options;

    connection(const asio::any_io_executor& executor, node peer,
               const connection_options& options = {}, const transport_options& stream_options = {})
        : x_executor(executor),
          x_peer(std::move(peer)),
          x_options(options),
          x_link(executor, stream_options),
          x_timer(executor) {}

    [[nodiscard]] const node& peer() const noexcept { return x_peer; }

    /// Where the next connect goes: a node may get a new address under its name.
    void set_peer(node peer) { x_peer = std::move(peer); }

    /// Sends `what`; `waiter` gets the answer. Its deadline is set by the caller.
    void submit(detail::operation& waiter, const command& what) {
        enqueue(waiter, reply_shape::meta, what.what,
                [&](std::string& out, std::uint32_t opaque) { encode_meta(what, opaque, out); });
    }

    /// Sends a classic command line (with its CRLF) that is answered by a line or by lines up to
    /// END; the answer's value holds the text.
    void submit(detail::operation& waiter, std::string_view line, reply_shape shape) {
        enqueue(waiter, shape, verb::get,
                [&](std::string& out, std::uint32_t) { out.append(line); });
    }

    /// Connects now, so that the first operation need not wait for it.
    void connect() {
        if (x_link.is_closed() && !x_stopped) start_connect();
    }

    /// Calls `drained` from the executor once all that was submitted so far is answered or failed.
    void when_drained(std::function<void()> drained) {
        x_drains.add(x_pipeline.next_ticket(), std::move(drained));
        x_drains.report(x_pipeline.front_ticket(), x_executor);
    }

    /// Lets what is under way finish, then closes. Nothing may be submitted afterwards.
    void retire() {
        x_retiring = true;
        close_if_retired();
    }

    /// Closes now: everything waiting completes with `operation_aborted`, from the executor.
    void stop() noexcept;

    void cancel(detail::operation& waiter) noexcept override {
        give_up(waiter, asio::error::operation_aborted);
    }

private:
    using queue = pipeline<detail::operation>;
    using time_point = detail::clock::time_point;
    static constexpr time_point never = detail::wake_timer::never;

    template <class Encode>
    void enqueue(detail::operation& waiter, reply_shape shape, verb what, Encode&& encode);
    void give_up(detail::operation& waiter, std::error_code error) noexcept;

    void start_connect();
    void flush_later();
    void flush();
    void start_read();
    void on_read(std::error_code error, std::size_t size);
    void process_replies();
    bool process_reply();
    void lose(std::error_code error);
    void close_stream() noexcept;
    void fail(const std::vector<detail::operation*>& waiters, std::error_code error);
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
    stream_link<Transport> x_link;
    detail::wake_timer x_timer;
    queue x_pipeline;
    reply_reader x_reader;
    detail::read_buffer x_input;
    detail::drain_list x_drains;
    time_point x_connect_deadline = never;
    time_point x_progress_at{};  // the last sign of life from the node
    bool x_flush_posted = false;
    bool x_reads_after_write = false;  // the write under way is small: no reader needed beside it
    bool x_processing = false;         // replies: what is submitted meanwhile leaves in one write
    bool x_retiring = false;
    bool x_stopped = false;
};

template <transport Transport>
template <class Encode>
void connection<Transport>::enqueue(detail::operation& waiter, reply_shape shape, verb what,
                                    Encode&& encode) {
    if (x_stopped)
        return detail::complete_later(x_executor, waiter, asio::error::operation_aborted);
    waiter.owner = this;
    waiter.ticket = x_pipeline.push(waiter, shape, what, std::forward<Encode>(encode));
    wake_at(waiter.deadline);
    flush_later();
}

template <transport Transport>
void connection<Transport>::give_up(detail::operation& waiter, std::error_code error) noexcept {
    x_pipeline.abandon(waiter.ticket);
    detail::complete_later(x_executor, waiter, error);
    if (!x_processing) settle();
}

// ---- connecting -------------------------------------------------------------------------------

template <transport Transport>
void connection<Transport>::start_connect() {
    x_connect_deadline = detail::later(detail::clock::now(), x_options.connect_timeout);
    wake_at(x_connect_deadline);
    x_link.connect(x_peer, this->shared_from_this(), [](connection& self, std::error_code error) {
        self.x_connect_deadline = never;
        if (error) {
            self.fail(self.x_pipeline.drop_all(), error);
        } else if (self.x_pipeline.has_queued() && !self.x_link.is_idle_and_open()) {
            // Closed again at once, or the server speaks first: another connect does no better.
            self.close_stream();
            self.fail(self.x_pipeline.drop_all(), errc::connection_lost_unsent);
        }
        self.settle();
    });
}

// ---- writing ----------------------------------------------------------------------------------

template <transport Transport>
void connection<Transport>::flush_later() {
    if (x_processing || x_flush_posted || x_link.is_writing() || x_link.is_connecting()) return;
    x_flush_posted = true;
    asio::post(x_executor, [self = this->shared_from_this()] {
        self->x_flush_posted = false;
        self->settle();
    });
}

template <transport Transport>
void connection<Transport>::flush() {
    if (x_link.is_open() && !x_pipeline.has_written()) {
        const bool is_in_step = x_input.view().empty() && x_link.is_idle_and_open();
        if (!is_in_step) close_stream();  // nothing is lost by a new connect
    }
    if (x_link.is_closed()) start_connect();
    if (!x_link.is_open() || x_link.is_writing()) return;
    const bool is_first = !x_pipeline.has_written();
    if (is_first) x_progress_at = detail::clock::now();
    const std::string_view bytes = x_pipeline.begin_write();
    // A server whose replies nobody reads stops reading commands. A short burst to an idle server
    // cannot get there, and a read started before its reply is due is a wasted system call.
    constexpr std::size_t short_burst = 16 * 1024;
    x_reads_after_write = is_first && bytes.size() <= short_burst;
    x_link.write_all(bytes, this->shared_from_this(), [](connection& self, std::error_code error) {
        if (error) return self.lose(errc::connection_lost);
        self.settle();
    });
}

// ---- reading ----------------------------------------------------------------------------------

template <transport Transport>
void connection<Transport>::start_read() {
    x_link.read_some(x_input.prepare(x_reader.missing()), this->shared_from_this(),
                     [](connection& self, std::error_code error, std::size_t size) {
                         self.on_read(error, size);
                     });
}

template <transport Transport>
void connection<Transport>::on_read(std::error_code error, std::size_t size) {
    if (error) return lose(errc::connection_lost);
    x_input.commit(size);
    x_progress_at = detail::clock::now();
    process_replies();
}

template <transport Transport>
void connection<Transport>::process_replies() {
    struct resume_on_throw {  // a handler's exception leaves through run(); the rest must go on
        connection& self;
        int exceptions = std::uncaught_exceptions();
        ~resume_on_throw() {
            self.x_processing = false;
            if (std::uncaught_exceptions() == exceptions) return;
            asio::post(self.x_executor,
                       [again = self.shared_from_this()] { again->process_replies(); });
        }
    };
    {
        const resume_on_throw guard{*this};
        x_processing = true;
        while (x_link.is_open() && x_pipeline.has_written() && process_reply()) {
        }
    }
    settle();
}

template <transport Transport>
bool connection<Transport>::process_reply() {
    const auto front = x_pipeline.front();
    const auto opaque = queue::opaque_of(x_pipeline.front_ticket());
    answer result;
    std::size_t size = 0;
    const reading got =
        x_reader.read(x_input.view(), front.shape, front.what, opaque, result, size);
    x_input.consume(size);
    switch (got) {
        case reading::need_more: return false;
        case reading::continues: return true;
        case reading::malformed:
            x_pipeline.pop_front();
            if (front.waiter)
                detail::complete_later(x_executor, *front.waiter, errc::malformed_reply);
            lose(errc::connection_lost);
            return false;
        case reading::answered: x_pipeline.pop_front(); break;
        case reading::answered_out_of_step:
            x_pipeline.pop_front();
            lose(errc::connection_lost);
            break;
    }
    if (front.waiter) {
        front.waiter->owner = nullptr;
        front.waiter->complete(std::move(result));
    }
    return true;
}

// ---- failing ----------------------------------------------------------------------------------

template <transport Transport>
void connection<Transport>::lose(std::error_code error) {
    close_stream();
    fail(x_pipeline.drop_written(), error);
    if (!x_processing) settle();  // what never left is sent again over a new connection
}

template <transport Transport>
void connection<Transport>::close_stream() noexcept {
    x_link.close();
    x_connect_deadline = never;
    x_input.clear();
    x_reader = {};
}

template <transport Transport>
void connection<Transport>::fail(const std::vector<detail::operation*>& waiters,
                                 std::error_code error) {
    for (detail::operation* const waiter : waiters) {
        detail::complete_later(x_executor, *waiter, error);
    }
}

// Without an answer. What waits may own the client, and with it all there is here.
template <transport Transport>
void connection<Transport>::drop_waiters() noexcept {
    x_stopped = true;
    for (detail::operation* const waiter : x_pipeline.drop_all()) waiter->destroy();
}

template <transport Transport>
void connection<Transport>::stop() noexcept {
    x_stopped = true;
    close_stream();
    x_timer.rest();
    fail(x_pipeline.drop_all(), asio::error::operation_aborted);
    x_drains.report(x_pipeline.front_ticket(), x_executor);
}

// ---- time -------------------------------------------------------------------------------------

template <transport Transport>
void connection<Transport>::wake_at(time_point when) {
    x_timer.wake_at(
        when, this->shared_from_this(), [](connection& self) { self.on_timer(); },
        [](connection& self) { self.drop_waiters(); });
}

template <transport Transport>
void connection<Transport>::on_timer() {
    const auto now = detail::clock::now();
    if (x_link.is_connecting() && now >= x_connect_deadline) {
        close_stream();
        fail(x_pipeline.drop_all(), errc::connect_timed_out);
    } else {
        time_out_waiters(now);
        const bool is_overdue = x_pipeline.has_written() && !x_pipeline.front().waiter;
        if (is_overdue && now >= stalled_at()) return lose(errc::connection_lost);
    }
    wake_at(x_connect_deadline);
    settle();
}

template <transport Transport>
void connection<Transport>::time_out_waiters(time_point now) {
    time_point next = never;
    x_pipeline.abandon_if(
        [&](const detail::operation& waiter) {
            if (waiter.deadline <= now) return true;
            next = std::min(next, waiter.deadline);
            return false;
        },
        [&](detail::operation& waiter, bool is_unsent) {
            detail::complete_later(x_executor, waiter,
                                   is_unsent ? errc::timed_out_unsent : errc::timed_out);
        });
    wake_at(next);
}

// ---- after every event ------------------------------------------------------------------------

template <transport Transport>
void connection<Transport>::settle() {
    if (x_stopped) return;
    if (x_pipeline.has_queued()) flush();
    if (x_pipeline.has_written()) {
        if (!x_link.is_reading() && !(x_link.is_writing() && x_reads_after_write)) start_read();
        if (!x_pipeline.front().waiter) wake_at(stalled_at());
    } else if (x_pipeline.empty() && !x_link.is_connecting()) {
        x_timer.rest();
        if (!x_input.view().empty()) close_stream();  // bytes that nobody asked for
        close_if_retired();
    }
    x_drains.report(x_pipeline.front_ticket(), x_executor);
}

template <transport Transport>
void connection<Transport>::close_if_retired() noexcept {
    if (!x_retiring || !x_pipeline.empty()) return;
    if (!x_link.is_closed()) close_stream();
    x_timer.rest();
}

}  // namespace memring
