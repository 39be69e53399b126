// The cost of every hash scheme, as a plain program of Google Benchmark with its usual options:
//
//     memring_hashing_benchmark --benchmark_filter='ketama.40'
//
// Items are keys, for `build` and `update` policies. Page and pictures: tools/report.

#include <cstdio>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "../support/machine.hpp"
#include "speed.hpp"

int main(int argc, char** argv) {
    namespace mb = memring::benchmark;
    // Enough for these benchmarks; what the command line says comes later and wins.
    std::string length = "--benchmark_min_time=0.05";
    std::vector<char*> words{argv, argv + argc};
    words.insert(words.begin() + 1, length.data());
    int count = static_cast<int>(words.size());
    words.push_back(nullptr);
    benchmark::Initialize(&count, words.data());
    if (benchmark::ReportUnrecognizedArguments(count, words.data())) return 2;
    if (!mb::why_no_libmemcached().empty()) {
        std::fprintf(stderr, "Not compared: %s\n", std::string(mb::why_no_libmemcached()).c_str());
    }
    const auto cores = mb::usable_cores();
    if (!cores.empty()) mb::run_on_core(cores.back());
    mb::register_speed_benchmarks({});
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
