#pragma once
// What an application counts, and how the counts travel on a control channel: as plain words.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace memring::tool {

/// Totals since the load began. A get counts as such when the application had stored the key and
/// not deleted it since; so the hit rate of a cluster that loses nothing is 1.
struct load_counters {
    std::uint64_t operations = 0;          ///< answered or failed, of all kinds
    std::uint64_t gets = 0;                ///< of keys that the application had stored
    std::uint64_t hits = 0;                ///< of those
    std::uint64_t planned_misses = 0;      ///< the key took part in a drain or a fill
    std::uint64_t unplanned_misses = 0;    ///< the key's node had died
    std::uint64_t unexplained_misses = 0;  ///< neither
    std::uint64_t stale = 0;               ///< an older value than the last acknowledged one
    std::uint64_t wrong = 0;               ///< another key's value, or none that was ever written
    std::uint64_t errors = 0;              ///< operations that failed

    [[nodiscard]] double hit_rate() const noexcept;
    [[nodiscard]] std::uint64_t bad_values() const noexcept { return stale + wrong; }

    load_counters& operator+=(const load_counters& other) noexcept;
    load_counters& operator-=(const load_counters& other) noexcept;
};

/// What became of one drain or fill in one application.
struct change_result {
    std::uint64_t changed_owner = 0;  ///< keys of the application
    std::uint64_t moved = 0;
    std::uint64_t failed = 0;
    std::uint64_t leftovers = 0;
    std::uint64_t moving_us = 0;  ///< duration of the move itself
    std::uint64_t total_us = 0;

    change_result& operator+=(const change_result& other) noexcept;
    [[nodiscard]] double keys_per_second() const noexcept;
};

/// How far an application's drain or fill has come.
struct change_progress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
};

/// The words of a line.
[[nodiscard]] std::vector<std::string> split(std::string_view line);

/// Numbers in the order of the members, and back. Reading throws `std::runtime_error` on anything
/// but as many numbers as the type has.
[[nodiscard]] std::string to_words(const load_counters& counters);
[[nodiscard]] std::string to_words(const change_result& result);
[[nodiscard]] load_counters load_counters_from(std::span<const std::string> words);
[[nodiscard]] change_result change_result_from(std::span<const std::string> words);
[[nodiscard]] std::uint64_t number_from(std::string_view word);

}  // namespace memring::tool
