#pragma once
// Files written by mcrouter.

#include <span>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

inline constexpr std::span<const known_file> mcrouter_files{};

}  // namespace memring::compat
