#pragma once
// Keys to be moved or removed: so many and so many bytes of them under way at once, and another
// try for those that are leased or failed. What is to be done with which key is not decided here.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <memring/connection.hpp>
#include <memring/detail/operation.hpp>
#include <memring/detail/transition.hpp>
#include <memring/error.hpp>
#include <memring/protocol/command.hpp>
#include <memring/reshard/mover.hpp>
#include <memring/transport/transport.hpp>

namespace memring::detail {

/// One key to be moved between two nodes, or removed from one; nodes are places in a list.
struct key_job {
    enum class kind : std::uint8_t { remove, move };

    std::string key;
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    kind what = kind::move;
    std::uint8_t attempts = 0;
    std::size_t size = 0;  ///< bytes that have to be carried
};

/// Who hears of the jobs. Nothing is called after `key_jobs::stop`.
class key_jobs_owner {
public:
    /// `error` is set when the key could not be removed, or not moved at any attempt.
    virtual void job_ended(const key_job& job, const key_mover& mover, std::error_code error) = 0;
    /// A node failed under a job: it may have left a lease behind.
    virtual void job_failed() = 0;
    /// Something has ended; ask `is_idle`.
    virtual void jobs_went_on() = 0;
    /// Only jobs that need another try are left: a pause begins.
    virtual void jobs_pause() = 0;
    /// Keeps the owner, and so the jobs, alive while commands are under way.
    virtual std::shared_ptr<void> keep_alive() = 0;

protected:
    ~key_jobs_owner() = default;
};

struct key_jobs_limits {
    std::size_t keys = 1000;
    std::size_t bytes = 4 * 1024 * 1024;
    std::chrono::seconds lease{10};
    std::chrono::milliseconds timeout{1000};  ///< of each command
};

/// A member of its owner. Thread-safety: none, everything on the executor.
template <class Connection>
class key_jobs {
public:
    using connection_ptr = std::shared_ptr<Connection>;

    key_jobs(const asio::any_io_executor& executor, const key_jobs_limits& limits,
             key_jobs_owner& owner)
        : x_limits(limits), x_owner(owner), x_timer(executor) {}

    /// The nodes that jobs speak of by place. Precondition: no job yet.
    void set_lines(std::vector<connection_ptr> lines) { x_lines = std::move(lines); }

    void push(key_job job) {
        x_waiting.push_back(std::move(job));
        start();
    }

    /// Whether every job has ended.
    [[nodiscard]] bool is_idle() const noexcept {
        return x_under_way == 0 && x_waiting.empty() && x_again.empty();
    }

    /// Starts nothing more and says nothing more; commands under way end unheard.
    void stop() noexcept {
        x_stopped = true;
        x_waiting.clear();
        x_again.clear();
        x_timer.cancel();
    }

private:
    class one;

    void start();
    void ended(key_job&& job, const key_mover& mover, std::error_code error);
    void settle(key_job&& job, const key_mover& mover);
    void try_again_later(key_job&& job, const key_mover& mover, std::error_code error);
    void go_on();
    void pause();

    key_jobs_limits x_limits;
    key_jobs_owner& x_owner;
    asio::steady_timer x_timer;
    std::vector<connection_ptr> x_lines;
    std::deque<key_job> x_waiting;
    std::vector<key_job> x_again;  // after a pause
    std::size_t x_under_way = 0;
    std::size_t x_bytes_under_way = 0;
    bool x_pausing = false;
    bool x_stopped = false;
};

/// One job under way.
template <class Connection>
class key_jobs<Connection>::one final : public operation {
public:
    static void start(key_jobs& jobs, key_job&& job) {
        auto* const made = new one(jobs, std::move(job));
        if (made->x_job.what == key_job::kind::move) return made->obey(made->x_mover.start());
        command remove;
        remove.what = verb::remove;
        remove.key = key_buffer(made->x_job.key);
        made->submit(made->x_job.from, remove);
    }

private:
    one(key_jobs& jobs, key_job&& job)
        : operation(&one::take),
          x_jobs(jobs),
          x_alive(jobs.x_owner.keep_alive()),
          x_job(std::move(job)),
          x_mover(x_job.key, {.now = unix_time(), .lease_seconds = jobs.x_limits.lease.count()}) {}

    void submit(std::uint32_t place, const command& what) {
        deadline = later(clock::now(), x_jobs.x_limits.timeout);
        x_jobs.x_lines[place]->submit(*this, what);
    }

    void obey(step next) {
        if (next.what == step::action::send) {
            return submit(next.to == role::old_owner ? x_job.from : x_job.to, next.cmd);
        }
        const std::unique_ptr<one> self(this);
        x_jobs.ended(std::move(x_job), x_mover, x_mover.error());
    }

    static void take(operation* base, answer* got) {
        auto* const self = static_cast<one*>(base);
        if (got && self->x_job.what == key_job::kind::move) {
            return self->obey(self->x_mover.next(std::move(*got)));
        }
        const std::unique_ptr<one> owned(self);
        if (got) self->x_jobs.ended(std::move(self->x_job), self->x_mover, got->error);
    }

    key_jobs& x_jobs;
    std::shared_ptr<void> x_alive;
    key_job x_job;
    key_mover x_mover;
};

template <class Connection>
void key_jobs<Connection>::start() {
    const std::size_t limit = std::max<std::size_t>(1, x_limits.keys);
    while (x_under_way < limit && !x_waiting.empty()) {
        const std::size_t bytes = x_bytes_under_way + x_waiting.front().size;
        if (x_under_way != 0 && bytes > x_limits.bytes) return;
        key_job next = std::move(x_waiting.front());
        x_waiting.pop_front();
        ++x_under_way;
        x_bytes_under_way = bytes;
        one::start(*this, std::move(next));
    }
}

template <class Connection>
void key_jobs<Connection>::ended(key_job&& job, const key_mover& mover, std::error_code error) {
    --x_under_way;
    x_bytes_under_way -= job.size;
    if (x_stopped) return;
    if (job.what == key_job::kind::move) {
        settle(std::move(job), mover);
    } else {
        x_owner.job_ended(job, mover, error);
    }
    if (!x_stopped) go_on();
}

template <class Connection>
void key_jobs<Connection>::settle(key_job&& job, const key_mover& mover) {
    switch (mover.outcome()) {
        case move_outcome::moved:
        case move_outcome::already_there:
        case move_outcome::vanished:
        case move_outcome::left_stale: return x_owner.job_ended(job, mover, {});
        case move_outcome::lost_race:
            // Written, deleted, or the lease was evicted: only another look can tell.
            if (++job.attempts >= 5) return x_owner.job_ended(job, mover, {});
            return x_waiting.push_back(std::move(job));
        case move_outcome::leased: return try_again_later(std::move(job), mover, errc::contended);
        case move_outcome::failed:
            x_owner.job_failed();
            return try_again_later(std::move(job), mover, mover.error());
    }
}

template <class Connection>
void key_jobs<Connection>::try_again_later(key_job&& job, const key_mover& mover,
                                           std::error_code error) {
    // A lease is held by an operation of the application for a moment, or by one that died for as
    // long as it lasts.
    const auto lease_pauses = static_cast<std::size_t>(x_limits.lease.count() + 1) * 10;
    const std::size_t limit =
        error == errc::contended ? std::min<std::size_t>(lease_pauses, 255) : 5;
    if (++job.attempts >= limit) return x_owner.job_ended(job, mover, error);
    x_again.push_back(std::move(job));
}

template <class Connection>
void key_jobs<Connection>::go_on() {
    start();
    if (x_under_way == 0 && !x_again.empty() && !x_pausing) pause();
    if (!x_stopped) x_owner.jobs_went_on();
}

template <class Connection>
void key_jobs<Connection>::pause() {
    x_pausing = true;
    x_timer.expires_after(std::chrono::milliseconds(100));
    x_timer.async_wait([this, alive = x_owner.keep_alive()](std::error_code) {
        x_pausing = false;
        if (x_stopped) return;
        for (key_job& again : std::exchange(x_again, {})) x_waiting.push_back(std::move(again));
        go_on();
    });
    x_owner.jobs_pause();
}

}  // namespace memring::detail
