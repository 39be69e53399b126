#include "measure.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "../heap_use.hpp"
#include "../measured_schemes.hpp"
#include "../quality.hpp"
#include "../sample.hpp"
#include "../speed.hpp"

namespace memring::benchmark {

namespace {

template <class Scheme>
std::string stem_of(std::uint32_t count) {
    return "routing." + std::string(Scheme::facts.name) + "." + std::to_string(count) + ".";
}

template <class Scheme>
std::size_t memory_of(std::uint32_t count) {
    const auto nodes = sample_nodes(count);
    const std::size_t before = heap_use();
    const auto policy = Scheme::make(nodes);
    return sizeof policy + heap_use() - before;
}

template <class Scheme>
void measure_quality_of(std::uint32_t count, std::span<const std::string_view> keys, figures& out) {
    const std::string stem = stem_of<Scheme>(count);
    out.set(stem + "memory_bytes", static_cast<double>(memory_of<Scheme>(count)));
    const quality measured = quality_of<Scheme>(count, keys);
    out.set(stem + "balance.most", measured.balance.most);
    out.set(stem + "balance.least", measured.balance.least);
    out.set(stem + "balance.deviation", measured.balance.deviation);
    out.set(stem + "disruption.middle_leaves", measured.moved.middle_leaves);
    out.set(stem + "disruption.last_leaves", measured.moved.last_leaves);
    out.set(stem + "disruption.joins", measured.moved.joins);
}

/// Takes the runs as Google Benchmark hands them out and prints nothing.
class collector final : public ::benchmark::BenchmarkReporter {
public:
    explicit collector(figures& out) : x_out(out) {}

    bool ReportContext(const Context&) override { return true; }

    void ReportRuns(const std::vector<Run>& runs) override {
        std::vector<double> seconds;  // of one item
        for (const Run& run : runs) {
            const auto rate = run.counters.find("items_per_second");
            if (run.run_type == Run::RT_Iteration && rate != run.counters.end()) {
                seconds.push_back(1 / rate->second.value);
            }
        }
        if (seconds.empty()) return;
        std::ranges::sort(seconds);
        const std::string name = runs.front().run_name.function_name;
        const bool is_lookup = !name.ends_with(".build") && !name.ends_with(".update");
        const double scale = is_lookup ? 1e9 : 1e3;
        const std::string unit = is_lookup ? "_ns" : "_ms";
        x_out.set(name + unit, seconds.front() * scale);
        x_out.set(name + "_median" + unit, seconds[seconds.size() / 2] * scale);
    }

private:
    figures& x_out;
};

}  // namespace

void measure_quality(const run_options& options, progress& display, figures& out) {
    int steps = 0;
    measured_schemes::for_each(
        [&]<class Scheme>() { steps += static_cast<int>(node_counts.size()); });
    display.begin("quality", steps);
    const sample_keys sample(options.sample);
    for (const std::uint32_t count : node_counts) {
        const std::string stem = "routing.unavoidable." + std::to_string(count) + ".";
        out.set(stem + "leaves", 1.0 / count);
        out.set(stem + "joins", 1.0 / (count + 1));
        out.set("routing.chance." + std::to_string(count) + ".balance.deviation",
                deviation_of_chance(options.sample, count));
        measured_schemes::for_each([&]<class Scheme>() {
            display.step(stem_of<Scheme>(count));
            measure_quality_of<Scheme>(count, sample.keys(), out);
        });
    }
    display.end();
}

void measure_speed(const run_options& options, progress& display, figures& out) {
    std::string program = "memring_hashing_report";
    std::string interleaving = "--benchmark_enable_random_interleaving=true";
    std::vector<char*> words{program.data(), interleaving.data(), nullptr};
    int count = 2;
    ::benchmark::Initialize(&count, words.data());
    const int benchmarks =
        register_speed_benchmarks({options.seconds, options.repetitions,
                                   [&](const std::string& name) { display.step(name); }});
    display.begin("speed", benchmarks * options.repetitions);
    collector reporter(out);
    ::benchmark::RunSpecifiedBenchmarks(&reporter);
    ::benchmark::Shutdown();
    display.end();
}

}  // namespace memring::benchmark
