#pragma once
// Follows the configuration endpoint of a cluster: polls, parses, reports changes. Knows no hash
// policy and no client; `follow` connects it to one.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <memring/detail/operation.hpp>
#include <memring/discovery/cluster_config.hpp>
#include <memring/discovery/config_poll.hpp>
#include <memring/discovery/config_tracker.hpp>
#include <memring/error.hpp>
#include <memring/node.hpp>
#include <memring/transport/tcp.hpp>
#include <memring/transport/transport.hpp>

namespace memring {

/// How a watcher polls.
struct watcher_options {
    /// From one poll to the next. Default 60 s, as ElastiCache's own clients; at least 1 ms.
    std::chrono::milliseconds interval{60000};
    /// Each pause is shortened by a random share of the interval up to this one, so that a fleet
    /// does not ask in step. Default 0.1; 0 for none, at most 1.
    double jitter = 0.1;
    /// For one poll, from resolving the name to the last byte. Default 5 s.
    std::chrono::milliseconds timeout{5000};
};

/// Polls a configuration endpoint with `config get cluster` (and, where that is not known, the
/// older `get AmazonElastiCache:cluster`), and reports the configuration whenever it is news.
///
///     memring::watcher<> watch(executor, {"cfg.example", 11211});
///     watch.async_run(memring::follow(cache), asio::detached);
///
/// Each poll resolves the name and connects afresh: the endpoint's name moves. Whatever goes wrong
/// (no connection, an error, a body that cannot be trusted, an older version), the last good
/// configuration stays in use and the next poll tries again; `last_error` tells.
///
/// Thread-safety: none, everything on the executor. Lifetime: destroying it ends the run.
template <transport Transport = tcp_transport>
class watcher {
public:
    using executor_type = asio::any_io_executor;
    using on_change_function = std::function<void(const cluster_config&)>;

    watcher(executor_type executor, node endpoint, const watcher_options& options = {},
            const typename Transport::options& stream = {})
        : x_core(
              std::make_shared<core>(std::move(executor), std::move(endpoint), options, stream)) {}
    watcher(watcher&&) noexcept = default;
    watcher& operator=(watcher&&) = delete;
    ~watcher() {
        if (x_core) x_core->end(asio::error::operation_aborted);
    }

    [[nodiscard]] executor_type get_executor() const noexcept { return x_core->executor; }

    /// Polls at once and then at every interval, until cancelled or destroyed. `on_change` gets
    /// each configuration that is news, the first one included, on the executor.
    ///
    /// Completes with `void(std::error_code)`: `operation_aborted`, nothing else ends it.
    /// Cancellation: all types. Only one run at a time: one more is refused with
    /// `asio::error::already_started`.
    template <class Token>
    auto async_run(on_change_function on_change, Token&& token) {
        return asio::async_initiate<Token, void(std::error_code)>(initiate_run{x_core}, token,
                                                                  std::move(on_change));
    }

    /// Polls now instead of at the end of the interval, if a run is pausing.
    void poll_now() { x_core->timer.cancel(); }

    /// The configuration in use, if any has been read yet.
    [[nodiscard]] const std::optional<cluster_config>& current() const noexcept {
        return x_core->tracker.current();
    }
    /// What went wrong with the last poll; clear if it was good.
    [[nodiscard]] std::error_code last_error() const noexcept { return x_core->last_error; }
    /// The same for people, naming the place in a malformed body; empty if it was good.
    [[nodiscard]] const std::string& last_problem() const noexcept { return x_core->last_problem; }
    /// Polls that have ended, good or not.
    [[nodiscard]] std::uint64_t polls() const noexcept { return x_core->polls; }

private:
    struct core;

    struct initiate_run {
        using executor_type = asio::any_io_executor;
        std::shared_ptr<core> state;
        [[nodiscard]] executor_type get_executor() const noexcept { return state->executor; }

        template <class Handler>
        void operator()(Handler&& handler, on_change_function on_change) const;
    };

    std::shared_ptr<core> x_core;
};

/// What `follow(client)` returns: gives each configuration's nodes to the client.
template <class Client>
class follower {
public:
    explicit follower(Client& target) noexcept : x_target(&target) {}
    void operator()(const cluster_config& config) const { x_target->update(config.nodes); }

private:
    Client* x_target;
};

/// Makes `target` follow a watcher: connects to new nodes, finishes and closes old ones. The client
/// must outlive the run. This changes the node list without moving keys; see `client::update`. An
/// endpoint tells no weights: all nodes get weight 1. A list that the client's policy refuses
/// changes nothing.
template <class Client>
[[nodiscard]] follower<Client> follow(Client& target) noexcept {
    return follower<Client>(target);
}

template <transport Transport>
struct watcher<Transport>::core : std::enable_shared_from_this<core> {
    core(executor_type on, node peer, const watcher_options& settings,
         const typename Transport::options& stream)
        : executor(std::move(on)),
          endpoint(std::move(peer)),
          options(settings),
          stream_options(stream),
          timer(executor),
          random(std::random_device{}()) {}

    /// Begins a run and returns its number, or 0 if it is refused.
    std::uint64_t run(on_change_function changed, std::function<void(std::error_code)> ended) {
        if (on_end) {
            asio::post(executor,
                       [ended = std::move(ended)] { ended(asio::error::already_started); });
            return 0;
        }
        on_change = std::move(changed);
        on_end = std::move(ended);
        poll();
        return ++runs;
    }
    [[nodiscard]] bool is_running(std::uint64_t number) const noexcept {
        return on_end && runs == number;
    }

    void poll() {
        running_poll = std::make_shared<config_poll<Transport>>(executor, endpoint, options.timeout,
                                                                stream_options);
        running_poll->start(
            [self = this->shared_from_this()](std::error_code error, std::string body) {
                if (self->on_end) self->take(error, body);
            });
    }

    void take(std::error_code error, std::string_view body) {
        running_poll.reset();
        ++polls;
        last_problem.clear();
        cluster_config config;
        if (!error) config = parse_cluster_config(body, error, &last_problem);
        last_error = error;
        if (error && last_problem.empty()) last_problem = error.message();
        pause();
        if (error || tracker.observe(config) != config_verdict::changed) return;
        const auto changed = on_change;  // it may end this run and begin another one
        changed(config);
    }

    void pause() {
        std::uniform_real_distribution<double> share(0.0, std::clamp(options.jitter, 0.0, 1.0));
        const std::chrono::duration<double> whole = std::clamp<std::chrono::milliseconds>(
            options.interval, std::chrono::milliseconds(1), std::chrono::hours(24 * 365));
        timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            whole * (1.0 - share(random))));
        // Cancelled it polls at once, unless that was the end of the run.
        timer.async_wait([self = this->shared_from_this(), number = runs](std::error_code) {
            if (self->is_running(number)) self->poll();
        });
    }

    void end(std::error_code error) {
        if (running_poll) std::exchange(running_poll, nullptr)->stop();
        timer.cancel();
        if (const auto ended = std::exchange(on_end, nullptr)) {
            asio::post(executor, [ended, error] { ended(error); });
        }
    }

    executor_type executor;
    node endpoint;
    watcher_options options;
    typename Transport::options stream_options;
    asio::steady_timer timer;
    std::minstd_rand random;
    config_tracker tracker;
    std::shared_ptr<config_poll<Transport>> running_poll;
    on_change_function on_change;
    std::function<void(std::error_code)> on_end;  // set while a run is under way
    std::error_code last_error;
    std::string last_problem;
    std::uint64_t polls = 0;
    std::uint64_t runs = 0;
};

template <transport Transport>
template <class Handler>
void watcher<Transport>::initiate_run::operator()(Handler&& handler,
                                                  on_change_function on_change) const {
    using delivery_type = detail::delivery<std::decay_t<Handler>>;
    const auto deliver =
        std::make_shared<delivery_type>(std::forward<Handler>(handler), state->executor);
    auto slot = asio::get_associated_cancellation_slot(deliver->handler());
    const auto number = state->run(std::move(on_change), [deliver](std::error_code error) {
        auto own = asio::get_associated_cancellation_slot(deliver->handler());
        if (own.is_connected()) own.clear();
        (*deliver)(error);
    });
    if (number == 0 || !slot.is_connected()) return;
    slot.assign([weak = std::weak_ptr<core>(state), number](asio::cancellation_type) {
        const auto alive = weak.lock();
        if (alive && alive->is_running(number)) alive->end(asio::error::operation_aborted);
    });
}

}  // namespace memring
