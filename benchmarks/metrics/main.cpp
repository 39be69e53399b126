// What it costs to count: a request and its reply with `metrics`, a latency alone, a snapshot, the
// text for Prometheus; and how much less that is than with additions that other threads may make,
// too.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <memring/metrics/metrics.hpp>
#include <memring/metrics/prometheus.hpp>

#include "../support/machine.hpp"

namespace {

using namespace memring;

// Latencies of all lengths, so that neither the cache nor the branch predictor knows the bucket.
class latencies {
public:
    latencies() {
        std::uint64_t state = 88172645463325252;
        for (auto& latency : x_all) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            latency = std::chrono::nanoseconds(20'000 + (state >> (40 + state % 20)));
        }
    }
    [[nodiscard]] std::chrono::nanoseconds operator[](std::size_t i) const {
        return x_all[i % x_all.size()];
    }

private:
    std::array<std::chrono::nanoseconds, 4096> x_all;
};

// The median over rounds of nanoseconds for one call.
template <class Call>
double cost_of(std::size_t calls, Call&& call) {
    std::vector<double> rounds;
    for (int round = 0; round < 15; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < calls; ++i) call(i);
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - start;
        rounds.push_back(took.count() / static_cast<double>(calls));
    }
    std::ranges::nth_element(rounds, rounds.begin() + 7);
    return rounds[7];
}

void print(const char* what, double ns) { std::printf("%-46s %10.1f ns\n", what, ns); }

}  // namespace

int main() {
    std::printf("\nCost of counting: %s, %s\n\n", benchmark::machine_name().c_str(),
                benchmark::compiler_name().c_str());
    const latencies latency;
    constexpr std::size_t many = 1'000'000;
    const metrics seen;
    node_watch<metrics> watch(seen, node{"10.0.0.1"});
    print("one latency recorded in a histogram",
          cost_of(many, [&, one = latency_histogram()](std::size_t i) mutable {
              one.record(latency[i]);
              asm volatile("" : : "r"(&one) : "memory");
          }));
    print("a request counted", cost_of(many, [&](std::size_t) {
              watch.on_request({.what = verb::get, .bytes = 30});
              asm volatile("" : : : "memory");
          }));
    print("a reply counted, its latency recorded", cost_of(many, [&](std::size_t i) {
              watch.on_reply({.hits = 1, .latency = latency[i], .bytes = 130});
              asm volatile("" : : : "memory");
          }));
    std::array<std::atomic<std::uint64_t>, 8> locked{};
    print("eight locked additions, for comparison", cost_of(many, [&](std::size_t) {
              for (auto& one : locked) one.fetch_add(1, std::memory_order_relaxed);
          }));
    std::uint64_t sink = 0;
    print("reading the clock once, for comparison", cost_of(many, [&](std::size_t) {
              sink += static_cast<std::uint64_t>(
                  std::chrono::steady_clock::now().time_since_epoch().count());
          }));
    print("a snapshot of one node",
          cost_of(1000, [&](std::size_t) { sink += seen.snapshot().nodes.size(); }));
    const metrics_snapshot now = seen.snapshot();
    print("three percentiles of a node", cost_of(1000, [&](std::size_t) {
              const latency_histogram& all = now.nodes[0].counts.latency;
              sink += static_cast<std::uint64_t>((all.p50() + all.p99() + all.p999()).count());
          }));
    print("the text of one node for Prometheus",
          cost_of(1000, [&](std::size_t) { sink += to_prometheus(now).size(); }));
    std::printf("\n%zu bytes for each connection%s\n", sizeof(detail::shared_node_counters),
                sink == 0 ? "." : "");
}
