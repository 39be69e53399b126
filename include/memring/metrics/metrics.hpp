#pragma once
// A ready-made observer: counters and a latency histogram for each node, readable from any thread.
// What is counted is in node_metrics.hpp, text for a scraper in prometheus.hpp.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/metrics/error_kind.hpp>
#include <memring/metrics/node_metrics.hpp>
#include <memring/node.hpp>
#include <memring/observer.hpp>

namespace memring {

namespace detail {

/// A number that one thread counts and any thread reads. Not a locked addition, which costs some
/// 5 ns each, because nobody else writes.
class shared_counter {
public:
    shared_counter() = default;
    shared_counter(const shared_counter&) = delete;
    shared_counter& operator=(const shared_counter&) = delete;

    operator std::uint64_t() const noexcept {  // NOLINT: stands for its number
        return x_value.load(std::memory_order_acquire);
    }
    shared_counter& operator+=(std::uint64_t more) noexcept {
        return *this = x_value.load(std::memory_order_relaxed) + more;
    }
    shared_counter& operator-=(std::uint64_t less) noexcept {
        return *this = x_value.load(std::memory_order_relaxed) - less;
    }
    shared_counter& operator=(std::uint64_t value) noexcept {
        x_value.store(value, std::memory_order_release);
        return *this;
    }

private:
    std::atomic<std::uint64_t> x_value{0};
};

using shared_node_counters = basic_node_counters<shared_counter>;

/// The counters of live connections, and for each node the sum of those that are gone.
class metrics_registry {
public:
    shared_node_counters& open(const node& where) {
        auto made = std::make_unique<shared_node_counters>();
        const std::lock_guard lock(x_mutex);
        const auto same = [&](const entry& known) { return is_same_node(known.sum.where, where); };
        auto place = std::ranges::find_if(x_entries, same);
        if (place == x_entries.end()) {
            place = x_entries.insert(place, entry{});
            place->sum.where = where;
        }
        place->live.push_back(std::move(made));
        return *place->live.back();
    }

    /// Precondition: `counters` is of `open`, and nobody writes it any more.
    void close(const shared_node_counters& counters) noexcept {
        const std::lock_guard lock(x_mutex);
        for (entry& one : x_entries) {
            const auto place =
                std::ranges::find(one.live, &counters, [](const auto& live) { return live.get(); });
            if (place == one.live.end()) continue;
            one.sum.counts.add(counters);
            one.live.erase(place);
            return;
        }
    }

    [[nodiscard]] metrics_snapshot snapshot() const {
        metrics_snapshot result;
        const std::lock_guard lock(x_mutex);
        result.nodes.reserve(x_entries.size());
        for (const entry& one : x_entries) {
            result.nodes.push_back(one.sum);
            result.nodes.back().is_watched = !one.live.empty();
            for (const auto& live : one.live) result.nodes.back().counts.add(*live);
        }
        return result;
    }

    void forget_departed() noexcept {
        const std::lock_guard lock(x_mutex);
        std::erase_if(x_entries, [](const entry& one) { return one.live.empty(); });
    }

private:
    struct entry {
        node_metrics sum;
        std::vector<std::unique_ptr<shared_node_counters>> live;
    };

    mutable std::mutex x_mutex;
    std::list<entry> x_entries;
};

}  // namespace detail

/// Counts what a client does, for each node. Copies share what they count, so keep one and give the
/// client another:
///
///     memring::metrics seen;
///     memring::client<memring::ketama, memring::tcp_transport, memring::metrics> cache(..., seen);
///     std::cout << memring::to_prometheus(seen.snapshot());
///
/// Several clients, each with its own thread, may share one: the counters of a node are then those
/// of all of them.
///
/// Cost (benchmarks/metrics, AMD EPYC at -O3): 3 ns for a request and its reply; a reading of the
/// clock, which a latency needs, is 20 ns. 7.3 KB for each connection, and for each node ever met
/// until `forget_departed`. Thread-safety: snapshots may be taken by any thread at any time. A
/// mutex guards the list of connections; it is taken when a connection is made or gone and for a
/// snapshot, never for a request or a reply.
class metrics {
public:
    /// What a connection counts with. Used by one thread at a time.
    class recorder {
    public:
        explicit recorder(std::shared_ptr<detail::metrics_registry> registry, const node& where)
            : x_registry(std::move(registry)), x_counters(&x_registry->open(where)) {}
        recorder(recorder&& other) noexcept
            : x_registry(std::move(other.x_registry)),
              x_counters(other.x_counters),
              x_was_connected(other.x_was_connected) {}
        recorder& operator=(recorder&&) = delete;
        ~recorder() {
            if (x_registry) x_registry->close(*x_counters);
        }

        void on_request(const request_event& event) noexcept {
            x_counters->requests += event.requests;
            x_counters->in_flight += event.requests;
            x_counters->bytes_sent += event.bytes;
        }
        void on_reply(const reply_event& event) noexcept;
        void on_node_event(const node_event& event) noexcept;

    private:
        void count_error(const reply_event& event) noexcept;

        std::shared_ptr<detail::metrics_registry> x_registry;
        detail::shared_node_counters* x_counters;
        bool x_was_connected = false;
    };

    /// For the client: counts one connection to `where`.
    [[nodiscard]] recorder watch(const node& where) const { return recorder(x_registry, where); }

    /// What was counted so far. Takes less than a microsecond for each connection.
    [[nodiscard]] metrics_snapshot snapshot() const { return x_registry->snapshot(); }

    /// Drops nodes to which no client has a connection any more. Until then what was counted for
    /// them is kept, so that totals never go back.
    void forget_departed() const noexcept { x_registry->forget_departed(); }

private:
    std::shared_ptr<detail::metrics_registry> x_registry =
        std::make_shared<detail::metrics_registry>();
};

inline void metrics::recorder::on_reply(const reply_event& event) noexcept {
    detail::shared_node_counters& counts = *x_counters;
    counts.in_flight -= event.requests;
    if (event.hits != 0) counts.hits += event.hits;
    if (event.misses != 0) counts.misses += event.misses;
    if (event.bytes != 0) counts.bytes_received += event.bytes;
    if (event.error) return count_error(event);
    counts.latency.record(event.latency, event.requests);
}

inline void metrics::recorder::count_error(const reply_event& event) noexcept {
    const error_kind kind = kind_of(event.error);
    x_counters->errors[static_cast<std::size_t>(kind)] += event.requests;
    switch (kind) {
        case error_kind::timed_out:
        case error_kind::malformed_reply:
        case error_kind::server_error:
        case error_kind::refused: x_counters->latency.record(event.latency, event.requests); return;
        case error_kind::not_sent:
        case error_kind::connection_lost:
        case error_kind::cancelled:
        case error_kind::other: return;  // how long these took says nothing of the node
    }
}

inline void metrics::recorder::on_node_event(const node_event& event) noexcept {
    switch (event.kind) {
        case node_event_kind::connected:
            x_counters->connects += 1;
            if (std::exchange(x_was_connected, true)) x_counters->reconnects += 1;
            return;
        case node_event_kind::connect_failed: x_counters->connect_failures += 1; return;
        case node_event_kind::closed: x_counters->disconnects += 1; return;
        case node_event_kind::connecting:
        case node_event_kind::retired: return;
    }
}

static_assert(observer<metrics>);

}  // namespace memring
