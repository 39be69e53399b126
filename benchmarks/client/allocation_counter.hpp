#pragma once
// Counts what this program allocates through the global operator new.

#include <cstdint>

namespace memring::benchmark {

/// Allocations since the program began, of all threads.
[[nodiscard]] std::uint64_t allocation_count() noexcept;

}  // namespace memring::benchmark
