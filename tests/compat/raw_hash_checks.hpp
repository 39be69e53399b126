#pragma once
// Digests of single keys.

#include <span>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

inline constexpr std::span<const known_file> raw_hash_files{};

}  // namespace memring::compat
