#pragma once
// Files written by RJ's ketama and by the rings of memcached's proxy.

#include <span>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

inline constexpr std::span<const known_file> ring_files{};

}  // namespace memring::compat
