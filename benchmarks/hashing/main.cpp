// The cost of every hash scheme, as a plain program of Google Benchmark with its usual options:
//
//     memring_hashing_benchmark --benchmark_filter='ketama.40'
//
// Items are keys, for `build` and `update` policies. Page and pictures: tools/report.

#include <cstdio>
#include <string>

#include <benchmark/benchmark.h>

#include "../support/machine.hpp"
#include "speed.hpp"

int main(int argc, char** argv) {
    namespace mb = memring::benchmark;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    if (!mb::why_no_libmemcached().empty()) {
        std::fprintf(stderr, "Not compared: %s\n", std::string(mb::why_no_libmemcached()).c_str());
    }
    const auto cores = mb::usable_cores();
    if (!cores.empty()) mb::run_on_core(cores.back());
    mb::register_speed_benchmarks({.seconds = 0.05, .repetitions = 1});
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
