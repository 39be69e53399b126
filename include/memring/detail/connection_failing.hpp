#pragma once
// How a connection ends: streams that are lost, deadlines, and what is looked at after every event.
// Part of connection.hpp, which includes this.

#include <algorithm>
#include <chrono>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/error.hpp>

#include <memring/connection.hpp>
#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/observer.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/pipeline.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

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
    x_unheard.clear();
    x_connect_deadline = never;
    x_has_answered = x_is_heard = false;
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::fail(const detail::held_list::held& each,
                                           std::error_code error) noexcept {
    if constexpr (!watch::is_silent) {  // it never was in the pipeline
        typename queue::entry told{each.waiter, 0, each.owed, watch::now()};
        told.owed.opaque = watch::no_opaque;
        x_watch.queued(told.owed, 0);
        tell_failed(told, error);
    }
    detail::complete_later(x_executor, *each.waiter, error);
}

// What is read again (`read_again`) has been sent once.
template <transport Transport, observer Observer>
std::error_code connection<Transport, Observer>::as_told(const typename queue::entry& each,
                                                         std::error_code error) noexcept {
    return each.owed.shape == reply_shape::classic ? detail::as_sent(error) : error;
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::fail(const std::vector<typename queue::entry>& waiting,
                                           std::error_code error) {
    for (const auto& each : waiting) {
        const auto told = as_told(each, error);
        tell_failed(each, told);
        detail::complete_later(x_executor, *each.waiter, told);
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
    for (const auto& each : x_held.drop_all()) each.waiter->destroy();
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
    x_held.abandon_if(is_late, [&](const auto& late) { fail(late, errc::timed_out_unsent); });
    x_pipeline.abandon_if(is_late, [&](const auto& late, bool is_unsent) {
        const auto error = as_told(late, is_unsent ? errc::timed_out_unsent : errc::timed_out);
        if (!is_unsent) remember(late);
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
        const bool waits_for_write = x_link.is_writing() && x_reads_after_write;
        if (!x_link.is_reading() && !waits_for_write && !is_pulled()) start_read();
        if (!x_pipeline.front().waiter) wake_at(stalled_at());
    } else if (x_pipeline.empty() && x_held.empty() && !x_link.is_connecting()) {
        x_timer.rest();
        if (!x_link.input().view().empty()) {  // bytes that nobody asked for
            x_watch.node(node_event_kind::closed, errc::malformed_reply);
            close_stream();
        }
        if (!x_link.is_reading()) x_link.input().clear();
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
