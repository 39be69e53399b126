#pragma once
// The measurements of a run, into figures.

#include <cstddef>

#include "../../support/figures.hpp"
#include "../../support/progress.hpp"

namespace memring::benchmark {

struct run_options {
    double seconds = 0.02;           ///< of one repetition of one benchmark
    int repetitions = 11;            ///< of each benchmark, all in random order
    std::size_t sample = 1'000'000;  ///< keys for balance and disruption
};

/// Bytes a policy takes, balance, disruption. Needs no quiet machine.
void measure_quality(const run_options& options, progress& display, figures& out);

/// Nanoseconds of lookups, milliseconds of builds and updates: of the least disturbed repetition,
/// and the median of them.
void measure_speed(const run_options& options, progress& display, figures& out);

}  // namespace memring::benchmark
