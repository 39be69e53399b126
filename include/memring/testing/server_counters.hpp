#pragma once
// What a server counts for `stats`.

#include <cstdint>
#include <map>

namespace memring::testing {

/// What memcached counts for each slab class.
struct class_counters {
    std::uint64_t get_hits = 0;
    std::uint64_t sets = 0;
    std::uint64_t delete_hits = 0;
    std::uint64_t increment_hits = 0;
    std::uint64_t decrement_hits = 0;
    std::uint64_t cas_hits = 0;
    std::uint64_t cas_mismatches = 0;
    std::uint64_t touch_hits = 0;
};

/// Counters since the start, or since `stats reset`.
struct server_counters {
    std::uint64_t gets = 0;  ///< keys asked for; not by a get-and-touch, which is a touch
    std::uint64_t sets = 0;  ///< values that have arrived, stored or not
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t deletes = 0;
    std::uint64_t flushes = 0;
    std::uint64_t touches = 0;
    std::uint64_t commands = 0;
    std::uint64_t connections = 0;  ///< made so far
    std::uint64_t inspections = 0;  ///< me
    std::uint64_t delete_misses = 0;
    std::uint64_t increment_misses = 0;
    std::uint64_t decrement_misses = 0;
    std::uint64_t cas_misses = 0;
    std::uint64_t touch_misses = 0;
    std::uint64_t too_large = 0;  ///< text protocols only, as memcached counts
    std::uint64_t logins = 0;     ///< attempts
    std::uint64_t failed_logins = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    std::map<int, class_counters> classes = {};  ///< by the number of the slab class
};

}  // namespace memring::testing
