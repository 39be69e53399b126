#pragma once
// Files written by spymemcached and by AWS's client for Java.

#include <span>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

inline constexpr std::span<const known_file> java_files{};

}  // namespace memring::compat
