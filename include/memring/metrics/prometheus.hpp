#pragma once
// A snapshot as text for Prometheus. Opens no port: what a program answers to its scraper is its
// own business.

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/metrics/error_kind.hpp>
#include <memring/metrics/node_metrics.hpp>
#include <memring/node.hpp>

namespace memring {

/// What an HTTP answer with the text of `to_prometheus` says it is.
inline constexpr std::string_view prometheus_content_type =
    "text/plain; version=0.0.4; charset=utf-8";

namespace detail {

// Of the histogram's series. Its own buckets are 30 times finer, and none is cut by more than 3 %.
inline constexpr std::array<std::chrono::microseconds, 16> prometheus_bounds{
    {std::chrono::microseconds(50), std::chrono::microseconds(100), std::chrono::microseconds(200),
     std::chrono::microseconds(500), std::chrono::milliseconds(1), std::chrono::milliseconds(2),
     std::chrono::milliseconds(5), std::chrono::milliseconds(10), std::chrono::milliseconds(20),
     std::chrono::milliseconds(50), std::chrono::milliseconds(100), std::chrono::milliseconds(200),
     std::chrono::milliseconds(500), std::chrono::seconds(1), std::chrono::seconds(2),
     std::chrono::seconds(5)}};

inline void append_number(std::string& out, std::uint64_t number) {
    out.append(std::to_string(number));
}
// Without an exponent, which servers before Prometheus 3 would keep in a label as it is spelled.
inline void append_number(std::string& out, double seconds) {
    std::array<char, 64> text;
    const auto result =
        std::to_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
    out.append(text.data(), result.ptr);
}

class prometheus_writer {
public:
    explicit prometheus_writer(const metrics_snapshot& from) : x_from(from) {
        for (const node_metrics& one : from.nodes) {
            x_labels.push_back("node=\"" + escaped(to_string(one.where)) + '"');
        }
    }

    void family(std::string_view name, std::string_view type, std::string_view help) {
        x_out.append("# HELP ").append(name).append(" ").append(help).append("\n");
        x_out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
    }

    template <class Number>
    void sample(std::string_view name, std::size_t place, std::string_view more_labels,
                Number value) {
        x_out.append(name).append("{").append(x_labels[place]).append(more_labels).append("} ");
        append_number(x_out, value);
        x_out.push_back('\n');
    }

    /// A family with one sample for each node, `value_of(counts)`.
    template <class ValueOf>
    void for_each_node(std::string_view name, std::string_view type, std::string_view help,
                       const ValueOf& value_of) {
        family(name, type, help);
        for (std::size_t i = 0; i < x_from.nodes.size(); ++i) {
            sample(name, i, {}, std::uint64_t{value_of(x_from.nodes[i].counts)});
        }
    }

    void errors() {
        constexpr std::string_view name = "memring_errors_total";
        family(name, "counter", "Commands that failed, by kind of error.");
        for (std::size_t i = 0; i < x_from.nodes.size(); ++i) {
            for (const error_kind kind : all_error_kinds) {
                const std::string label = ",kind=\"" + std::string(to_string(kind)) + '"';
                sample(name, i, label, x_from.nodes[i].counts.errors_of(kind));
            }
        }
    }

    void latencies() {
        family("memring_request_duration_seconds", "histogram",
               "Time from submission to the answer.");
        for (std::size_t i = 0; i < x_from.nodes.size(); ++i) {
            const latency_histogram& latency = x_from.nodes[i].counts.latency;
            constexpr std::string_view bucket = "memring_request_duration_seconds_bucket";
            for (const auto bound : prometheus_bounds) {
                std::string label = ",le=\"";
                append_number(label, std::chrono::duration<double>(bound).count());
                sample(bucket, i, label + '"', latency.count_up_to(bound));
            }
            sample(bucket, i, ",le=\"+Inf\"", latency.count());
            sample("memring_request_duration_seconds_sum", i, {},
                   std::chrono::duration<double>(latency.sum()).count());
            sample("memring_request_duration_seconds_count", i, {}, latency.count());
        }
    }

    [[nodiscard]] std::string take() && { return std::move(x_out); }

private:
    [[nodiscard]] static std::string escaped(std::string_view text) {
        std::string result;
        for (const char c : text) {
            if (c == '\n') {
                result += "\\n";
                continue;
            }
            if (c == '\\' || c == '"') result += '\\';
            result += c;
        }
        return result;
    }

    const metrics_snapshot& x_from;
    std::vector<std::string> x_labels;  // of each node
    std::string x_out;
};

}  // namespace detail

/// `from` in the text exposition format of Prometheus, version 0.0.4 (prometheus.io/docs/
/// instrumenting/exposition_formats): counters, gauges and a latency histogram for each node, which
/// the label `node` names. The histogram's bounds run from 50 us to 5 s; the counts at a bound
/// leave out latencies up to 3 % below it.
[[nodiscard]] inline std::string to_prometheus(const metrics_snapshot& from) {
    using counts = const node_counters&;
    detail::prometheus_writer text(from);
    text.for_each_node("memring_requests_total", "counter", "Commands handed to the node.",
                       [](counts of) { return of.requests; });
    text.for_each_node("memring_hits_total", "counter", "Reads that found their key.",
                       [](counts of) { return of.hits; });
    text.for_each_node("memring_misses_total", "counter", "Reads that did not find their key.",
                       [](counts of) { return of.misses; });
    text.errors();
    text.for_each_node("memring_sent_bytes_total", "counter", "Bytes of commands.",
                       [](counts of) { return of.bytes_sent; });
    text.for_each_node("memring_received_bytes_total", "counter", "Bytes of replies.",
                       [](counts of) { return of.bytes_received; });
    text.for_each_node("memring_requests_in_flight", "gauge", "Commands that wait for an answer.",
                       [](counts of) { return of.in_flight; });
    text.for_each_node("memring_connections", "gauge", "Connections that are established.",
                       [](counts of) { return of.connections(); });
    text.for_each_node("memring_connects_total", "counter", "Connections that were established.",
                       [](counts of) { return of.connects; });
    text.for_each_node("memring_reconnects_total", "counter",
                       "Connections that were established in place of an earlier one.",
                       [](counts of) { return of.reconnects; });
    text.for_each_node("memring_connect_failures_total", "counter", "Connects that failed.",
                       [](counts of) { return of.connect_failures; });
    text.latencies();
    return std::move(text).take();
}

}  // namespace memring
