#pragma once
// What the client keeps: heap for each idle connection, and growth under load.

#include <cstddef>
#include <vector>

#include <memring/node.hpp>

#include "../support/figures.hpp"

namespace memring::benchmark {

/// Opens `connections` (a multiple of the nodes' number) at once, uses and leaves each, and counts
/// what the heap and the process have grown by. Runs in a child, so that nothing is measured that
/// was there before.
void measure_idle_connections(const std::vector<node>& nodes, std::size_t connections,
                              figures& out);

/// How much more heap is in use after `gets` than before, once everything has its size.
void measure_heap_growth(const std::vector<node>& nodes, std::size_t gets, figures& out);

}  // namespace memring::benchmark
