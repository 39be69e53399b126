#pragma once
// What a value keeps on the heap.

#include <cstddef>

namespace memring::benchmark {

/// Bytes that this program holds through the global operator new now, counted as the allocator
/// rounds them. For a program with one thread.
[[nodiscard]] std::size_t heap_use() noexcept;

}  // namespace memring::benchmark
