#pragma once
// The version of memring: the one place where it is written. CMake and the packages read it from
// here.

#define MEMRING_VERSION_MAJOR 0
#define MEMRING_VERSION_MINOR 1
#define MEMRING_VERSION_PATCH 0

namespace memring {

/// The library's version, major * 10000 + minor * 100 + patch.
inline constexpr int version_number =
    MEMRING_VERSION_MAJOR * 10000 + MEMRING_VERSION_MINOR * 100 + MEMRING_VERSION_PATCH;

}  // namespace memring
