#pragma once
// What a connection does, as told in connection.hpp, which includes this.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <memring/connection.hpp>
#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/observer.hpp>
#include <memring/protocol/admin_command.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/pipeline.hpp>
#include <memring/protocol/reply_reader.hpp>
#include <memring/protocol/wire.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

template <transport Transport, observer Observer>
void connection<Transport, Observer>::submit(detail::operation& waiter, const command& what) {
    if (speaks() == protocol::automatic) {
        return hold(waiter, [this, &waiter, what] { submit(waiter, what); });
    }
    if (const auto error = wire_refusal(speaks(), what)) {
        return detail::complete_later(x_executor, waiter, error);
    }
    owed_reply owed{reply_shape::single, what.what};
    if (speaks() == protocol::classic) owed.key_sum = key_sum_of(what.key.view());
    enqueue(waiter, owed, [&](std::string& out, std::uint32_t opaque) {
        encode_command(speaks(), what, opaque, out);
    });
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::submit(detail::burst& waiter, const burst_commands& asked) {
    if (speaks() == protocol::automatic) {
        return hold(waiter, [this, &waiter, asked] { submit(waiter, asked); });
    }
    const verb what = asked.looks ? verb::inspect : asked.batch->shared().what;
    // One speaks for all: they differ in their keys, all of which are text, or none.
    if (const auto error = wire_refusal(speaks(), asked.batch->make(asked.which.front()))) {
        return detail::complete_later(x_executor, waiter, error);
    }
    enqueue(waiter,
            {burst_shape(speaks(), asked), what, static_cast<std::uint32_t>(asked.which.size())},
            [&](std::string& out, std::uint32_t opaque) {
                encode_burst(speaks(), asked, opaque, out);
            });
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::submit(detail::operation& waiter, const admin_command& what) {
    if (speaks() == protocol::automatic) {
        return hold(waiter, [this, &waiter, what] { submit(waiter, what); });
    }
    if (const auto error = admin_refusal(what, speaks())) {
        return detail::complete_later(x_executor, waiter, error);
    }
    owed_reply owed;
    owed.shape = reply_shape::admin;
    owed.admin = what.what;
    enqueue(waiter, owed, [&](std::string& out, std::uint32_t opaque) {
        encode_admin_command(speaks(), what, opaque, out);
    });
}

template <transport Transport, observer Observer>
template <class Encode>
void connection<Transport, Observer>::enqueue(detail::operation& waiter, const owed_reply& owed,
                                              Encode&& encode) {
    if (x_stopped)
        return detail::complete_later(x_executor, waiter, asio::error::operation_aborted);
    waiter.owner = this;
    waiter.ticket = x_pipeline.push(waiter, owed, std::forward<Encode>(encode), watch::now());
    x_watch.queued(owed, x_pipeline.at(waiter.ticket).length);
    wake_at(waiter.deadline);
    flush_later();
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::hold(detail::operation& waiter,
                                           std::function<void()> submit_again) {
    if (x_stopped)
        return detail::complete_later(x_executor, waiter, asio::error::operation_aborted);
    waiter.owner = this;
    x_held.add(waiter, std::move(submit_again));
    wake_at(waiter.deadline);
    flush_later();
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::give_up(detail::operation& waiter,
                                              std::error_code error) noexcept {
    if (detail::held_list::is_held(waiter.ticket)) {
        x_held.remove(waiter);
    } else {
        tell_failed(x_pipeline.at(waiter.ticket), error);
        x_pipeline.abandon(waiter.ticket);
    }
    detail::complete_later(x_executor, waiter, error);
    if (!x_processing) settle();
}

// ---- connecting -------------------------------------------------------------------------------

template <transport Transport, observer Observer>
void connection<Transport, Observer>::start_connect() {
    const auto now = detail::clock::now();
    if (x_backoff.is_pausing(now)) return fail_unsent(x_connect_error);
    x_watch.node(node_event_kind::connecting);
    x_connect_deadline = detail::later(now, x_options.connect_timeout);
    wake_at(x_connect_deadline);
    x_link.connect(x_peer, this->shared_from_this(),
                   [](connection& self, std::error_code error) { self.on_connected(error); });
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::on_connected(std::error_code error) {
    x_connect_deadline = never;
    if (!error && x_pipeline.has_queued() && !x_link.is_idle_and_open()) {
        // Closed again at once, or the server speaks first: another connect does no better.
        close_stream();
        error = errc::connection_lost_unsent;
    }
    x_watch.node(error ? node_event_kind::connect_failed : node_event_kind::connected, error);
    if (error) {
        x_connect_error = error;
        x_backoff.failed(detail::clock::now());
        fail_unsent(error);
    } else {
        on_ready();
    }
    settle();
}

// What was queued for another protocol, before the server was replaced by one that speaks this one,
// cannot be sent any more.
template <transport Transport, observer Observer>
void connection<Transport, Observer>::on_ready() {
    if (std::exchange(x_encoded_for, speaks()) != speaks()) {
        fail(x_pipeline.drop_all(), errc::connection_lost_unsent);
    }
    x_reader = reply_reader(speaks());
    x_held.release();
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::fail_unsent(std::error_code error) {
    fail(x_pipeline.drop_all(), error);
    fail(x_held.drop_all(), error);
}

// ---- writing ----------------------------------------------------------------------------------

template <transport Transport, observer Observer>
void connection<Transport, Observer>::flush_later() {
    if (x_processing || x_flush_posted || x_link.is_writing() || x_link.is_connecting()) return;
    x_flush_posted = true;
    asio::post(x_executor, [self = this->shared_from_this()] {
        self->x_flush_posted = false;
        self->settle();
    });
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::flush() {
    const bool is_first = !x_pipeline.has_written();
    if (x_link.is_open() && is_first && !x_link.is_idle_and_open()) {
        x_watch.node(node_event_kind::closed, errc::connection_lost_unsent);
        close_stream();  // nothing is lost by a new connect
    }
    if (x_link.is_closed()) start_connect();
    if (!x_link.is_open() || x_link.is_writing() || !x_pipeline.has_queued()) return;
    if (is_first) x_progress_at = detail::clock::now();
    x_is_heard = false;
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

template <transport Transport, observer Observer>
void connection<Transport, Observer>::start_read() {
    x_link.read_some(x_reader.missing(), this->shared_from_this(),
                     [](connection& self, std::error_code error) {
                         if (error) return self.lose(errc::connection_lost);
                         self.x_progress_at = detail::clock::now();
                         self.x_has_answered = self.x_is_heard = true;
                         self.x_backoff.succeeded();
                         self.process_replies();
                     });
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::process_replies() {
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

template <transport Transport, observer Observer>
bool connection<Transport, Observer>::process_reply() {
    const auto front = x_pipeline.front();
    const auto ticket = x_pipeline.front_ticket();
    answer result;
    std::size_t size = 0;
    const reading got = x_reader.read(x_link.input().view(), front.owed, result, size);
    x_link.input().consume(size);
    switch (got) {
        case reading::need_more: return false;
        case reading::continues: x_watch.heard(front, nullptr, size, x_progress_at); return true;
        case reading::part:
        case reading::last_part:
            x_watch.heard(front, &result, size, x_progress_at);
            if (!hand_over(front, std::move(result))) break;
            if (!x_link.is_open() || x_pipeline.front_ticket() != ticket) return true;  // stopped
            if (got == reading::last_part) end_front({});
            return true;
        case reading::malformed: break;
        case reading::answered:
            x_watch.heard(front, nullptr, size, x_progress_at);
            end_front(std::move(result));
            return true;
        case reading::answered_out_of_step:
            if (front.owed.shape == reply_shape::sparse) {
                result = detail::failed(errc::connection_lost);  // whose error it is, is unknown
            } else if (front.owed.shape == reply_shape::replies) {
                if (!hand_over(front, std::move(result))) break;
                if (x_stopped) return false;
                result = detail::failed(errc::connection_lost);  // of those behind it
            }
            x_pipeline.pop_front();
            if (front.waiter) tell_failed(front, result.error);
            lose(errc::connection_lost);
            if (front.waiter) front.waiter->complete(std::move(result));
            return true;
    }
    x_pipeline.pop_front();
    if (front.waiter) tell_failed(front, errc::malformed_reply);
    if (front.waiter) detail::complete_later(x_executor, *front.waiter, errc::malformed_reply);
    lose(errc::connection_lost);
    return false;
}

// A burst that nobody waits for swallows its answers.
template <transport Transport, observer Observer>
bool connection<Transport, Observer>::hand_over(const typename queue::entry& front,
                                                answer&& result) {
    if (!front.waiter) return true;
    return static_cast<detail::burst*>(front.waiter)->take(x_reader.part(), std::move(result));
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::end_front(answer&& result) {
    const auto done = x_pipeline.pop_front();
    detail::operation* const waiter = done.waiter;
    if (!waiter) return;
    x_watch.ended(done, result.error, result.what, x_progress_at);
    waiter->owner = nullptr;
    waiter->complete(std::move(result));
}

// ---- failing ----------------------------------------------------------------------------------

template <transport Transport, observer Observer>
void connection<Transport, Observer>::lose(std::error_code error) {
    // A server may close an idle stream in the moment it is used again. What did not change
    // anything is then asked once more.
    const bool was_stale = x_has_answered && !x_is_heard && x_pipeline.is_untouched();
    x_watch.node(node_event_kind::closed, error);
    close_stream();
    fail(was_stale ? x_pipeline.requeue_written(may_repeat) : x_pipeline.drop_written(), error);
    if (!x_processing) settle();  // what never left is sent again over a new connection
}

template <transport Transport, observer Observer>
bool connection<Transport, Observer>::may_repeat(const typename queue::entry& lost) noexcept {
    if (lost.owed.shape == reply_shape::admin) {
        return lost.owed.admin == admin_command::kind::version ||
               lost.owed.admin == admin_command::kind::stats;
    }
    return lost.owed.what == verb::get || lost.owed.what == verb::inspect;
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::close_stream() noexcept {
    x_link.close();
    x_connect_deadline = never;
    x_has_answered = x_is_heard = false;
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::fail(const std::vector<detail::operation*>& waiters,
                                           std::error_code error) {
    for (detail::operation* const waiter : waiters) {
        detail::complete_later(x_executor, *waiter, error);
    }
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::fail(const std::vector<typename queue::entry>& waiting,
                                           std::error_code error) {
    for (const auto& each : waiting) {
        tell_failed(each, error);
        detail::complete_later(x_executor, *each.waiter, error);
    }
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::tell_failed(const typename queue::entry& each,
                                                  std::error_code error) noexcept {
    if constexpr (!watch::is_silent) {
        x_watch.ended(each, error, status::miss, detail::clock::now());
    }
}

// Without an answer. What waits may own the client, and with it all there is here.
template <transport Transport, observer Observer>
void connection<Transport, Observer>::drop_waiters() noexcept {
    x_stopped = true;
    for (const auto& waiting : x_pipeline.drop_all()) waiting.waiter->destroy();
    for (detail::operation* const waiter : x_held.drop_all()) waiter->destroy();
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::stop() noexcept {
    x_stopped = true;
    if (x_link.is_open()) x_watch.node(node_event_kind::closed);
    close_stream();
    x_timer.rest();
    fail_unsent(asio::error::operation_aborted);
    x_drains.report(x_pipeline.front_ticket(), x_executor);
}

// ---- time -------------------------------------------------------------------------------------

template <transport Transport, observer Observer>
void connection<Transport, Observer>::wake_at(time_point when) {
    x_timer.wake_at(
        when, this->shared_from_this(), [](connection& self) { self.on_timer(); },
        [](connection& self) { self.drop_waiters(); });
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::on_timer() {
    const auto now = detail::clock::now();
    if (x_link.is_connecting() && now >= x_connect_deadline) {
        close_stream();
        on_connected(errc::connect_timed_out);
    } else {
        time_out_waiters(now);
        const bool is_overdue = x_pipeline.has_written() && !x_pipeline.front().waiter;
        if (is_overdue && now >= stalled_at()) return lose(errc::connection_lost);
    }
    wake_at(x_connect_deadline);
    settle();
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::time_out_waiters(time_point now) {
    time_point next = never;
    const auto is_late = [&](const detail::operation& waiter) {
        if (waiter.deadline <= now) return true;
        next = std::min(next, waiter.deadline);
        return false;
    };
    x_held.abandon_if(is_late, [&](detail::operation& waiter) {
        detail::complete_later(x_executor, waiter, errc::timed_out_unsent);
    });
    x_pipeline.abandon_if(is_late, [&](const auto& late, bool is_unsent) {
        const errc error = is_unsent ? errc::timed_out_unsent : errc::timed_out;
        tell_failed(late, error);
        detail::complete_later(x_executor, *late.waiter, error);
    });
    wake_at(next);
}

// ---- after every event ------------------------------------------------------------------------

template <transport Transport, observer Observer>
void connection<Transport, Observer>::settle() {
    if (x_stopped) return;
    if (x_pipeline.has_queued() || !x_held.empty()) flush();
    if (x_pipeline.has_written()) {
        if (!x_link.is_reading() && !(x_link.is_writing() && x_reads_after_write)) start_read();
        if (!x_pipeline.front().waiter) wake_at(stalled_at());
    } else if (x_pipeline.empty() && x_held.empty() && !x_link.is_connecting()) {
        x_timer.rest();
        if (!x_link.input().view().empty()) {  // bytes that nobody asked for
            x_watch.node(node_event_kind::closed, errc::malformed_reply);
            close_stream();
        }
        x_link.input().clear();
        x_pipeline.shrink();
        close_if_retired();
    }
    x_drains.report(x_pipeline.front_ticket(), x_executor);
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::close_if_retired() noexcept {
    if (!x_retiring || !x_pipeline.empty() || !x_held.empty()) return;
    if (!x_link.is_closed()) {
        x_watch.node(node_event_kind::closed);
        close_stream();
    }
    x_timer.rest();
}

}  // namespace memring
