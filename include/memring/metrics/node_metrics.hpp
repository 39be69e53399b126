#pragma once
// What is counted for a node, as values: what a snapshot consists of.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <memring/metrics/error_kind.hpp>
#include <memring/metrics/histogram.hpp>
#include <memring/node.hpp>

namespace memring {

/// Everything counted since the beginning. `Counter` as for `basic_latency_histogram`.
template <class Counter>
struct basic_node_counters {
    Counter requests{};        ///< commands handed to the node's connections
    Counter in_flight{};       ///< of these, queued, or written and not answered: goes back to 0
    Counter hits{};            ///< of reads
    Counter misses{};          ///< of reads
    Counter bytes_sent{};      ///< of commands, as encoded
    Counter bytes_received{};  ///< of replies
    Counter connects{};        ///< connections established
    Counter reconnects{};      ///< of these, in place of one that was established before
    Counter connect_failures{};
    Counter disconnects{};  ///< established connections closed, for whatever reason
    std::array<Counter, all_error_kinds.size()> errors{};  ///< commands failed, by `error_kind`
    /// Of commands that were answered, and of those that were sent and timed out.
    basic_latency_histogram<Counter> latency;

    [[nodiscard]] std::uint64_t errors_of(error_kind kind) const noexcept {
        return errors[static_cast<std::size_t>(kind)];
    }
    [[nodiscard]] std::uint64_t all_errors() const noexcept {
        std::uint64_t total = 0;
        for (const Counter& count : errors) total += count;
        return total;
    }
    /// Established connections open.
    [[nodiscard]] std::uint64_t connections() const noexcept {
        return connects - std::min<std::uint64_t>(connects, disconnects);
    }
    /// Hits among the reads that were answered, 0 to 1; 0 if there were none.
    [[nodiscard]] double hit_rate() const noexcept {
        const auto found = static_cast<double>(std::uint64_t{hits});
        const auto absent = static_cast<double>(std::uint64_t{misses});
        return found + absent > 0 ? found / (found + absent) : 0;
    }

    /// Adds what `other` has counted.
    template <class Other>
    void add(const basic_node_counters<Other>& other) noexcept {
        requests += other.requests;
        in_flight += other.in_flight;
        hits += other.hits;
        misses += other.misses;
        bytes_sent += other.bytes_sent;
        bytes_received += other.bytes_received;
        // What is subtracted is read first: read while it is counted, it is not the larger one.
        disconnects += other.disconnects;
        connects += other.connects;
        reconnects += other.reconnects;
        connect_failures += other.connect_failures;
        for (std::size_t i = 0; i < errors.size(); ++i) errors[i] += other.errors[i];
        latency.merge(other.latency);
    }
};

using node_counters = basic_node_counters<std::uint64_t>;

/// One node's share of a snapshot.
struct node_metrics {
    node where;
    bool is_watched = false;  ///< a client has a connection, open or not, to the node
    node_counters counts;
};

/// What was counted up to one moment, in the order in which the nodes were first met.
struct metrics_snapshot {
    std::vector<node_metrics> nodes;

    /// All nodes together.
    [[nodiscard]] node_counters total() const noexcept {
        node_counters sum;
        for (const node_metrics& one : nodes) sum.add(one.counts);
        return sum;
    }
};

}  // namespace memring
