#pragma once
// What a connection tells its observer: that commands were queued, and what became of each, once.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <type_traits>
#include <utility>

#include <memring/node.hpp>
#include <memring/observer.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/pipeline.hpp>

namespace memring::detail {

/// When a command was queued, for who wants to know.
struct queued_time {
    std::chrono::steady_clock::time_point at{};
};
struct no_queued_time {};

/// Empty, and all its members do nothing, where the observer is silent. Commands to nodes as a
/// whole are not told of.
template <observer Observer>
class connection_watch {
    using watch_type = node_watch<Observer>;
    using clock = std::chrono::steady_clock;

public:
    static constexpr bool is_silent = watch_type::is_silent;
    /// Of a command that has no place in the pipeline.
    static constexpr std::uint32_t no_opaque = 0xffffffff;
    /// What each command in the pipeline carries.
    using stamp = std::conditional_t<watch_type::wants_latency, queued_time, no_queued_time>;

    /// `peer` outlives this.
    connection_watch(const Observer& watched_by, const node& peer) : x_watch(watched_by, peer) {}

    [[nodiscard]] static stamp now() noexcept {
        if constexpr (watch_type::wants_latency) {
            return {clock::now()};
        } else {
            return {};
        }
    }

    void queued(const owed_reply& owed, std::size_t bytes) noexcept {
        if constexpr (watch_type::wants_requests) {
            if (owed.shape != reply_shape::admin)
                x_watch.on_request({owed.what, owed.count, bytes});
        }
    }

    /// A part of the burst that is being answered, or a reply's bytes, at the pipeline's front.
    template <class Entry>
    void heard(const Entry& front, const answer* got, std::size_t bytes,
               [[maybe_unused]] clock::time_point at) noexcept {
        if constexpr (watch_type::wants_replies) {
            // Of one that was given up meanwhile nobody is told.
            if (x_tally.opaque != front.owed.opaque) x_tally = {.opaque = front.owed.opaque};
            const bool is_too_many = x_tally.parts + x_tally.errors == front.owed.count;
            const bool is_part = got != nullptr && !is_too_many;
            if (is_part && got->error && front.waiter != nullptr) {
                ++x_tally.errors;
                return tell(front, 1, got->error, bytes, at);
            }
            x_tally.bytes += bytes;
            if (!is_part) return;
            ++x_tally.parts;
            if (got->what == status::ok) ++x_tally.hits;
        }
    }

    /// A command, or what is left of a burst, is done with; `answered_at` matters only if it was
    /// answered. `Entry` is the pipeline's.
    template <class Entry>
    void ended(const Entry& done, std::error_code error, status what,
               clock::time_point answered_at) noexcept {
        if constexpr (watch_type::wants_replies) {
            // What was heard belongs to the front of the pipeline: this may be behind it.
            const bool is_heard =
                x_tally.opaque == done.owed.opaque && done.owed.opaque != no_opaque;
            auto tally = is_heard ? std::exchange(x_tally, {}) : reply_tally{};
            if (done.owed.shape == reply_shape::admin) return;
            const bool is_one =
                done.owed.shape == reply_shape::single || done.owed.shape == reply_shape::classic;
            if (is_one && !error) {
                tally.parts = 1;
                tally.hits = what == status::ok ? 1 : 0;
            }
            const bool is_whole_burst = !error && !is_one;
            if (is_whole_burst) tally.parts = done.owed.count - tally.errors;
            reply_event event{done.owed.what, tally.parts};
            if (is_read(done.owed.what)) {
                event.hits = tally.hits;
                event.misses = tally.parts - tally.hits;
            }
            event.bytes = tally.bytes;
            if constexpr (watch_type::wants_latency) event.latency = answered_at - done.stamp.at;
            if (tally.parts != 0) x_watch.on_reply(event);
            const std::uint32_t left = done.owed.count - tally.parts - tally.errors;
            const std::size_t bytes = tally.parts == 0 ? tally.bytes : 0;
            if (error && left != 0) tell(done, left, error, bytes, answered_at);
        }
    }

    void node(node_event_kind kind, std::error_code error = {}) noexcept {
        if constexpr (watch_type::wants_node_events) x_watch.on_node_event({kind, error});
    }

private:
    struct reply_tally {
        std::uint32_t opaque = 0;  // of the entry it belongs to
        std::uint32_t parts = 0;   // answered
        std::uint32_t errors = 0;  // refused, and told of
        std::uint32_t hits = 0;
        std::size_t bytes = 0;
    };
    struct no_tally {};

    template <class Entry>
    void tell(const Entry& failed, std::uint32_t count, std::error_code error, std::size_t bytes,
              [[maybe_unused]] clock::time_point at) noexcept {
        if constexpr (watch_type::wants_replies) {
            reply_event event{failed.owed.what, count};
            event.error = error;
            event.bytes = bytes;
            if constexpr (watch_type::wants_latency) event.latency = at - failed.stamp.at;
            x_watch.on_reply(event);
        }
    }

    [[nodiscard]] static constexpr bool is_read(verb what) noexcept {
        return what == verb::get || what == verb::get_and_touch || what == verb::lease;
    }

    [[no_unique_address]] watch_type x_watch;
    [[no_unique_address]] std::conditional_t<watch_type::wants_replies, reply_tally, no_tally>
        x_tally;
};

}  // namespace memring::detail
