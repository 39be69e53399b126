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
#include <memring/key.hpp>
#include <memring/observer.hpp>
#include <memring/protocol/admin_command.hpp>
#include <memring/protocol/classic_encoder.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/pipeline.hpp>
#include <memring/protocol/reply_reader.hpp>
#include <memring/protocol/wire.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

template <transport Transport, observer Observer>
void connection<Transport, Observer>::submit(detail::operation& waiter, const command& what) {
    if (speaks() == protocol::automatic) {
        return hold(waiter, {reply_shape::single, what.what},
                    [this, &waiter, what] { submit(waiter, what); });
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
        const auto count = static_cast<std::uint32_t>(asked.which.size());
        return hold(waiter, {reply_shape::replies, asked.batch->shared().what, count},
                    [this, &waiter, asked] { submit(waiter, asked); });
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
        return hold(waiter, {reply_shape::admin}, [this, &waiter, what] { submit(waiter, what); });
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
    if (is_pulled()) return;
    wake_at(waiter.deadline);
    flush_later();
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::hold(detail::operation& waiter, owed_reply owed,
                                           std::function<void()> submit_again) {
    if (x_stopped)
        return detail::complete_later(x_executor, waiter, asio::error::operation_aborted);
    waiter.owner = this;
    x_held.add({&waiter, owed}, std::move(submit_again));
    wake_at(waiter.deadline);
    flush_later();
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::give_up(detail::operation& waiter,
                                              std::error_code error) noexcept {
    if (detail::held_list::is_held(waiter.ticket)) {
        fail(x_held.remove(waiter), error);
    } else {
        if (x_pipeline.is_written(waiter.ticket)) remember(x_pipeline.at(waiter.ticket));
        tell_failed(x_pipeline.at(waiter.ticket), error);
        x_pipeline.abandon(waiter.ticket);
        detail::complete_later(x_executor, waiter, error);
    }
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
    for (const auto& each : x_held.drop_all()) fail(each, error);
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
                     [](connection& self, std::error_code error) { self.on_read(error); });
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::on_read(std::error_code error) {
    if (error) return lose(errc::connection_lost);
    x_progress_at = detail::clock::now();
    x_has_answered = x_is_heard = true;
    x_backoff.succeeded();
    process_replies();
}

template <transport Transport, observer Observer>
bool connection<Transport, Observer>::pull() {
    if constexpr (reads_waiting<Transport>) {
        if (!x_link.is_open() || x_link.is_reading() || x_link.is_writing()) return false;
        if (!x_pipeline.has_written() || !x_pipeline.front().waiter) return false;
        // What was given back for somebody (`give_back`) has more time than who waits behind it.
        time_point until = x_pipeline.front().waiter->deadline;
        const auto& last = x_pipeline.at(x_pipeline.next_ticket() - 1);
        if (last.waiter) until = std::min(until, last.waiter->deadline);
        std::error_code error;
        if (!x_link.read_waiting(x_reader.missing(), until, error)) return false;
        const auto self = this->shared_from_this();
        on_read(error);
        return true;
    } else {
        return false;
    }
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
    if (front.waiter) {
        return static_cast<detail::burst*>(front.waiter)->take(x_reader.part(), std::move(result));
    }
    give_back_unheard(x_pipeline.front_ticket(), x_reader.part(), result);
    return true;
}

template <transport Transport, observer Observer>
void connection<Transport, Observer>::end_front(answer&& result) {
    const auto ticket = x_pipeline.front_ticket();
    const auto done = x_pipeline.pop_front();
    detail::operation* const waiter = done.waiter;
    if (!waiter) {
        give_back_unheard(ticket, 0, result);
        return x_unheard.forget(ticket);
    }
    // It may be the placeholder of a lease, made since the meta answer.
    if (done.owed.shape == reply_shape::classic && result.bytes().empty())
        result.what = status::miss;
    x_watch.ended(done, result.error, result.what, x_progress_at);
    waiter->owner = nullptr;
    if (result.won && !waiter->read_key.empty() && !waiter->keeps_win) {
        give_back(waiter->read_key, result);
        result.cas = 0;  // the item has another one now
        const bool has_value = done.owed.what != verb::touch && !result.bytes().empty();
        if (has_value && is_valid_key(waiter->read_key)) return read_again(*waiter);
    }
    waiter->complete(std::move(result));
}

// A lease's placeholder is removed: nobody has to wait for its end.
template <transport Transport, observer Observer>
void connection<Transport, Observer>::give_back(std::string_view key, const answer& won) {
    command back;
    back.what = won.stale ? verb::invalidate : verb::remove;
    back.key.assign(key);
    back.compare = won.cas;
    detail::operation& nobody = detail::unheard_operation::create();
    nobody.deadline = detail::later(detail::clock::now(), x_options.stall_timeout);
    submit(nobody, back);
}

// Whoever asked is gone. A good item that was won to be renewed early stays good.
template <transport Transport, observer Observer>
void connection<Transport, Observer>::give_back_unheard(std::uint64_t ticket, std::uint32_t part,
                                                        const answer& result) {
    if (!result.won || !(result.stale || result.is_placeholder())) return;
    const std::string_view key = x_unheard.key_of(ticket, part);
    if (!key.empty()) give_back(key, result);
}

// Giving back changes the item's cas, of which the server does not tell. A classic get tells value
// and cas together, and wins nothing.
template <transport Transport, observer Observer>
void connection<Transport, Observer>::read_again(detail::operation& waiter) {
    command again;
    again.key.assign(waiter.read_key);
    owed_reply owed{reply_shape::classic, again.what};
    owed.key_sum = key_sum_of(again.key.view());
    enqueue(waiter, owed, [&](std::string& out, std::uint32_t) { encode_classic(again, out); });
}

// Of what is given up after it was written: the keys of reads.
template <transport Transport, observer Observer>
void connection<Transport, Observer>::remember(const typename queue::entry& given_up) {
    if (speaks() != protocol::meta) return;
    const detail::operation& waiter = *given_up.waiter;
    if (given_up.owed.shape == reply_shape::single)
        x_unheard.add(waiter.ticket, 0, waiter.read_key);
    if (given_up.owed.shape != reply_shape::replies) return;
    const auto& whole = static_cast<const detail::burst&>(waiter);
    for (std::uint32_t i = 0; i < given_up.owed.count; ++i) {
        x_unheard.add(waiter.ticket, i, whole.read_key_of(i));
    }
}

}  // namespace memring
