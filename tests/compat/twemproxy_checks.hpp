#pragma once
// Files written by twemproxy.

#include <span>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

inline constexpr std::span<const known_file> twemproxy_files{};

}  // namespace memring::compat
