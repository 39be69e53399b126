#pragma once
// One reshard under way, as live-resharding asks for it: what to do in each phase and when to go
// on. The phase table itself is plan.hpp, the lease protocol mover.hpp.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <memring/detail/client_core.hpp>
#include <memring/error.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/key_dump.hpp>
#include <memring/reshard/diff.hpp>
#include <memring/reshard/key_crawl.hpp>
#include <memring/reshard/key_jobs.hpp>
#include <memring/reshard/mover.hpp>
#include <memring/reshard/report.hpp>

namespace memring::detail {

/// prepare: list every node; remove leftovers of earlier changes from keys' next owners (nobody
/// reads there yet); count what has to move. Can still be rolled back.
/// move: list the old owners again and move their keys.
/// settle: remove moved keys from nodes that stay, so that they cannot come back one day.
template <class Core>
class reshard_run : public std::enable_shared_from_this<reshard_run<Core>>, private key_jobs_owner {
public:
    using core_type = Core;
    using policy_type = typename Core::policy_type;

    reshard_run(std::shared_ptr<core_type> core, const reshard_options& options)
        : x_core(std::move(core)),
          x_options(options),
          x_lease(bounded_lease(options.lease, x_core->options().timeout)),
          x_timer(x_core->executor()),
          x_jobs(x_core->executor(),
                 {.keys = options.keys_in_flight,
                  .bytes = options.bytes_in_flight,
                  .lease = x_lease,
                  .timeout = std::min(x_core->options().timeout, longest_command)},
                 *this) {}
    virtual ~reshard_run() = default;

    /// Completes later, whatever happens; at once with `error` if there is one already.
    void start(std::vector<node> next, std::error_code error);

    /// Rolls back if nothing has been moved yet; ignored afterwards, for a move that stops half
    /// way loses keys.
    void cancel() noexcept { x_cancelled = true; }

protected:
    virtual void deliver(std::error_code error, reshard_report report) = 0;

private:
    using clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds longest_command{30000};
    using connection_ptr = typename core_type::connection_ptr;
    using crawl_type = key_crawl<typename Core::transport_type>;

    /// A lease must not expire under its holder, who may need two commands to fill it; servers
    /// count in whole seconds, so a second more or less. After a failure it has to be waited for,
    /// so it is never longer for a long timeout's sake. What is over 30 days is a date.
    [[nodiscard]] static std::chrono::seconds bounded_lease(std::chrono::seconds wanted,
                                                            std::chrono::milliseconds timeout) {
        const auto longest_use = std::chrono::ceil<std::chrono::seconds>(
            2 * std::min<std::chrono::milliseconds>(timeout, longest_command));
        return std::clamp(wanted, longest_use + std::chrono::seconds(2),
                          std::chrono::seconds(max_relative_expiry));
    }

    void survey();
    void move();
    void move_keys();
    void settle();
    void clean();
    void outlast_leases();
    void leave();
    void end(std::error_code error);
    void complete(std::error_code error);
    void abandon();

    void crawl_all(const std::vector<std::uint32_t>& places,
                   void (reshard_run::*on_key)(const key_dump_entry&, std::uint32_t),
                   void (reshard_run::*then)());
    void survey_key(const key_dump_entry& found, std::uint32_t at);
    void move_key(const key_dump_entry& found, std::uint32_t at);
    void clean_key(const key_dump_entry& found, std::uint32_t at);
    void remove(const key_dump_entry& found, std::uint32_t at);
    void job_ended(const key_job& job, const key_mover& mover, std::error_code error) override;
    void job_failed() override { x_any_move_failed = true; }
    void jobs_went_on() override { go_on_if_idle(); }
    void jobs_pause() override { report_progress(); }
    std::shared_ptr<void> keep_alive() override { return this->shared_from_this(); }
    [[nodiscard]] std::uint64_t& count_of(move_outcome outcome) noexcept;
    void note_error(std::uint32_t at, std::error_code error);
    void go_on_if_idle();
    void report_progress();
    [[nodiscard]] std::vector<std::uint32_t> places_of(const std::vector<connection_ptr>& lines);
    /// For callbacks of the core: they may come after the run has been abandoned.
    [[nodiscard]] std::function<void()> later(void (reshard_run::*then)()) {
        return [self = this->shared_from_this(), then] {
            if (!self->x_ended) ((*self).*then)();
        };
    }

    std::shared_ptr<core_type> x_core;
    reshard_options x_options;
    std::chrono::seconds x_lease;
    asio::steady_timer x_timer;
    key_jobs<typename Core::connection_type> x_jobs;
    std::unique_ptr<placement_change<policy_type>> x_change;
    std::vector<connection_ptr> x_lines;  // in the order of x_change->nodes()
    std::vector<std::uint32_t> x_old_places;
    std::vector<std::uint32_t> x_next_places;
    std::vector<std::uint64_t> x_given;  // keys moved away, by place
    std::vector<std::shared_ptr<crawl_type>> x_crawls;
    std::size_t x_crawling = 0;
    void (reshard_run::*x_then)() = nullptr;  // once no crawl and no job is left
    reshard_report x_report;
    reshard_progress x_progress;
    std::shared_ptr<transition_counts> x_counts;
    clock::time_point x_started{};
    clock::time_point x_move_started{};
    clock::time_point x_settled_at{};
    std::error_code x_crawl_error;
    bool x_any_move_failed = false;
    bool x_cancelled = false;
    bool x_ended = false;
};

// ---- the phases -------------------------------------------------------------------------------

template <class Core>
void reshard_run<Core>::start(std::vector<node> next, std::error_code error) {
    x_started = clock::now();
    if (!error)
        error = x_core->begin(std::move(next), x_lease.count(), later(&reshard_run::survey));
    if (error) {
        asio::post(x_core->executor(),
                   [self = this->shared_from_this(), error] { self->end(error); });
        return;
    }
    x_core->on_stop([self = this->shared_from_this()] { self->abandon(); });
    x_counts = x_core->counts();
    x_change = std::make_unique<placement_change<policy_type>>(*x_core->now().nodes,
                                                               *x_core->next().nodes);
    x_lines = x_core->everywhere();
    x_jobs.set_lines(x_lines);
    x_given.resize(x_lines.size());
    x_old_places = places_of(x_core->now().firsts());
    x_next_places = places_of(x_core->next().firsts());
}

template <class Core>
void reshard_run<Core>::survey() {
    report_progress();
    if (x_ended) return;
    std::vector<std::uint32_t> all(x_lines.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
    crawl_all(all, &reshard_run::survey_key, &reshard_run::move);
}

template <class Core>
void reshard_run<Core>::survey_key(const key_dump_entry& found, std::uint32_t at) {
    ++x_report.keys_listed;
    switch (x_change->fate_of(x_core->routed_part(found.key), at)) {
        case key_fate::stays: return;
        case key_fate::moves: ++x_progress.keys_to_move; return;
        case key_fate::orphan: break;
    }
    // It would be taken for the key's newest value as soon as its owner is asked.
    if (x_change->next_owner_of(x_core->routed_part(found.key)) == at) remove(found, at);
}

template <class Core>
void reshard_run<Core>::move() {
    if (x_crawl_error || x_cancelled) {
        const std::error_code error =
            x_crawl_error ? x_crawl_error : std::error_code(asio::error::operation_aborted);
        x_core->on_stop(nullptr);
        x_core->roll_back([self = this->shared_from_this(), error] { self->end(error); });
        return;
    }
    x_report.keys_to_move = x_progress.keys_to_move;
    x_report.leftovers = std::exchange(x_report.cleaned, 0);
    x_move_started = clock::now();
    // The mover must not pass a key that an operation of `prepare` is still to write behind it.
    x_core->advance(later(&reshard_run::move_keys));
    x_progress.stage = phase::move;
    report_progress();
}

template <class Core>
void reshard_run<Core>::move_keys() {
    crawl_all(x_old_places, &reshard_run::move_key, &reshard_run::settle);
}

template <class Core>
void reshard_run<Core>::move_key(const key_dump_entry& found, std::uint32_t at) {
    if (x_change->fate_of(x_core->routed_part(found.key), at) != key_fate::moves) return;
    x_jobs.push({.key = std::string(found.key),
                 .from = at,
                 .to = x_change->next_owner_of(x_core->routed_part(found.key)),
                 .size = static_cast<std::size_t>(found.size)});
}

template <class Core>
void reshard_run<Core>::settle() {
    x_report.moving = clock::now() - x_move_started;
    x_core->advance(later(&reshard_run::clean));
    x_progress.stage = phase::settle;
    report_progress();
}

template <class Core>
void reshard_run<Core>::clean() {
    x_settled_at = clock::now();  // no lease is taken any more
    std::vector<std::uint32_t> givers = x_old_places;
    std::erase_if(givers, [&](std::uint32_t place) { return x_given[place] == 0; });
    crawl_all(givers, &reshard_run::clean_key, &reshard_run::outlast_leases);
}

// A lease that outlives the transition would look like an item to an append: where anything failed
// that may have left one behind, the phase outlasts it.
template <class Core>
void reshard_run<Core>::outlast_leases() {
    if (x_counts->failures == 0 && !x_any_move_failed) return leave();
    x_timer.expires_at(x_settled_at + x_lease + std::chrono::seconds(1));
    x_timer.async_wait([self = this->shared_from_this()](std::error_code error) {
        if (!error && !self->x_ended) self->leave();
    });
}

template <class Core>
void reshard_run<Core>::clean_key(const key_dump_entry& found, std::uint32_t at) {
    if (x_change->next_owner_of(x_core->routed_part(found.key)) != at) remove(found, at);
}

template <class Core>
void reshard_run<Core>::leave() {
    x_core->on_stop(nullptr);
    x_core->advance([self = this->shared_from_this()] { self->end(self->x_crawl_error); });
    x_progress.stage = phase::steady_next;
    report_progress();
}

template <class Core>
void reshard_run<Core>::end(std::error_code error) {
    if (!std::exchange(x_ended, true)) complete(error);
}

template <class Core>
void reshard_run<Core>::complete(std::error_code error) {
    x_report.total = clock::now() - x_started;
    if (x_counts) {
        x_report.hits_on_next = x_counts->hits_on_next;
        x_report.hits_on_old = x_counts->hits_on_old;
        x_report.misses = x_counts->misses;
    }
    deliver(error, x_report);
}

// The client stops: its connections complete the jobs under way, nothing new is started, also by
// handlers that are queued already. Its user may be calling from within `report_progress`.
template <class Core>
void reshard_run<Core>::abandon() {
    x_ended = true;
    for (const auto& crawl : std::exchange(x_crawls, {})) crawl->stop();
    x_timer.cancel();
    x_jobs.stop();
    x_then = nullptr;
    asio::post(x_core->executor(), [self = this->shared_from_this()] {
        self->complete(asio::error::operation_aborted);
    });
}

// ---- crawls and jobs --------------------------------------------------------------------------

template <class Core>
void reshard_run<Core>::crawl_all(const std::vector<std::uint32_t>& places,
                                  void (reshard_run::*on_key)(const key_dump_entry&, std::uint32_t),
                                  void (reshard_run::*then)()) {
    x_then = then;
    x_crawls.clear();
    x_crawling = places.size();
    for (const std::uint32_t at : places) {
        x_crawls.push_back(std::make_shared<crawl_type>(x_core->executor(), x_lines[at]->peer(),
                                                        x_options.crawl, x_core->stream_options()));
        x_crawls.back()->start(
            [this, on_key, at](const key_dump_entry& found) {
                if (!x_options.owns || x_options.owns(found.key)) (this->*on_key)(found, at);
            },
            [self = this->shared_from_this(), at](std::error_code error) {
                if (error) self->note_error(at, error);
                --self->x_crawling;
                self->go_on_if_idle();
            });
    }
    if (places.empty()) asio::post(x_core->executor(), later(&reshard_run::go_on_if_idle));
}

template <class Core>
void reshard_run<Core>::remove(const key_dump_entry& found, std::uint32_t at) {
    x_jobs.push({.key = std::string(found.key), .from = at, .what = key_job::kind::remove});
}

template <class Core>
void reshard_run<Core>::job_ended(const key_job& job, const key_mover& mover,
                                  std::error_code error) {
    if (job.what == key_job::kind::remove) {
        if (!error) ++x_report.cleaned;
        // A leftover that stays may be read as the newest value: better no change than that.
        if (error) note_error(job.from, error);
        return;
    }
    if (error) {
        if (x_report.failed++ == 0) x_report.first_failure = error;
    } else {
        ++count_of(mover.outcome());
        ++x_given[job.from];
        x_progress.bytes_moved = x_report.bytes_moved += mover.moved_bytes();
    }
    if (++x_progress.keys_done % 512 == 0) report_progress();
}

template <class Core>
void reshard_run<Core>::note_error(std::uint32_t at, std::error_code error) {
    // Whether a node that leaves can still be cleaned is no longer this cluster's business.
    const bool is_leaving = std::ranges::find(x_next_places, at) == x_next_places.end();
    if (x_progress.stage == phase::settle && is_leaving) return;
    if (!x_crawl_error) x_crawl_error = error;
}

template <class Core>
std::uint64_t& reshard_run<Core>::count_of(move_outcome outcome) noexcept {
    switch (outcome) {
        case move_outcome::moved: return x_report.moved;
        case move_outcome::already_there: return x_report.already_there;
        case move_outcome::vanished: return x_report.vanished;
        case move_outcome::left_stale: return x_report.left_stale;
        case move_outcome::lost_race: return x_report.lost_race;
        case move_outcome::leased:
        case move_outcome::failed: break;
    }
    return x_report.failed;
}

template <class Core>
void reshard_run<Core>::go_on_if_idle() {
    if (x_ended || x_crawling != 0 || !x_then || !x_jobs.is_idle()) return;
    report_progress();
    if (!x_ended) ((*this).*std::exchange(x_then, nullptr))();
}

template <class Core>
void reshard_run<Core>::report_progress() {
    if (x_options.on_progress) x_options.on_progress(x_progress);
}

template <class Core>
auto reshard_run<Core>::places_of(const std::vector<connection_ptr>& lines)
    -> std::vector<std::uint32_t> {
    std::vector<std::uint32_t> places;
    for (const connection_ptr& line : lines) places.push_back(*x_change->index_of(line->peer()));
    return places;
}

}  // namespace memring::detail
