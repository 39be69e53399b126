#pragma once
// What a program that uses memring takes to compile.

#include "../support/figures.hpp"

namespace memring::benchmark {

/// Compiles the programs of `compiled/` in turns, without any cache, `rounds` times each, and adds
/// the medians and their ratios to Asio alone: processor time, which hardly depends on what else
/// the machine does.
void measure_compile_time(int rounds, figures& out);

}  // namespace memring::benchmark
