#pragma once
// Files written by pymemcache and emcache.

#include <span>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

inline constexpr std::span<const known_file> rendezvous_files{};

}  // namespace memring::compat
