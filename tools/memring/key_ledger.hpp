#pragma once
// What an application knows of its keys, and the judgement of everything it reads: is this exactly
// what the last acknowledged write left? No I/O.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "load_counters.hpp"

namespace memring::tool {

/// One key. At most one operation on it at a time.
struct key_record {
    std::string key;
    bool is_counter = false;           ///< holds a number, changed by increments
    std::optional<std::string> value;  ///< left by the last acknowledged write; nothing if deleted
    /// What writes that failed on the way may have left instead.
    std::vector<std::optional<std::string>> maybe;
    std::uint64_t writes = 0;  ///< numbers the writes, also the failed ones
    bool takes_part = false;   ///< in a drain or fill; a miss would be the library's fault
    bool is_lost = false;      ///< the node that held it has died

    [[nodiscard]] bool is_stored() const noexcept { return value.has_value(); }
};

namespace detail {

inline constexpr std::size_t counter_every = 50;

// Reproducible, so that a value can be checked byte by byte: 40 to 199 letters behind the header.
[[nodiscard]] inline std::string value_of(std::string_view key, std::uint64_t write) {
    std::string value(key);
    value += ' ';
    value += std::to_string(write);
    value += ' ';
    const auto letters = static_cast<std::size_t>(40 + write * 37 % 160);
    for (std::size_t i = 0; i < letters; ++i) {
        value += static_cast<char>('a' + (write + i) % 26);
    }
    return value;
}

// Takes a number off the front of `text`; nothing if there is none.
[[nodiscard]] inline std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return number;
}

// Whether some series of this key's writes can have left the value: a set, then appends.
[[nodiscard]] inline bool is_of(const key_record& record, std::string_view value) {
    std::string_view rest = value;
    if (record.is_counter) return take_number(rest) && rest.empty();
    if (!rest.starts_with(record.key + " ")) return false;
    rest.remove_prefix(record.key.size() + 1);
    const auto write = take_number(rest);
    if (!write || *write > record.writes) return false;
    const std::string whole = value_of(record.key, *write);
    if (!value.starts_with(whole)) return false;
    rest = value.substr(whole.size());
    std::uint64_t last = *write;
    while (rest.starts_with(" +")) {
        rest.remove_prefix(2);
        const auto appended = take_number(rest);
        if (!appended || *appended <= last || *appended > record.writes) return false;
        last = *appended;
    }
    return rest.empty();
}

[[nodiscard]] inline bool is_older_number(std::string_view found, std::string_view expected) {
    return take_number(found).value_or(0) < take_number(expected).value_or(0);
}

}  // namespace detail

/// An application's keys and its verdict on them.
class key_ledger {
public:
    /// Keys `<prefix>0` to `<prefix><count - 1>`; every fiftieth is a counter.
    key_ledger(std::string prefix, std::size_t count);

    [[nodiscard]] std::vector<key_record>& records() noexcept { return x_records; }
    [[nodiscard]] load_counters& counters() noexcept { return x_counters; }
    [[nodiscard]] bool is_changing() const noexcept { return x_is_changing; }
    [[nodiscard]] bool owns(std::string_view key) const noexcept {
        return key.starts_with(x_prefix);
    }

    /// A value for the next write: it names its key and the number of the write.
    [[nodiscard]] static std::string next_value(key_record& record);
    [[nodiscard]] static std::string next_suffix(key_record& record);

    /// A write was acknowledged; this is what it left.
    void wrote(key_record& record, std::optional<std::string> left);
    /// A write failed and may have been applied all the same.
    static void may_have_written(key_record& record, std::optional<std::string> left);

    /// A get was answered.
    void read(key_record& record, const std::optional<std::string>& found);
    /// A get failed.
    void could_not_read(const key_record& record);
    /// Another operation told whether the key was there.
    void found_present(key_record& record, bool is_present);

    /// While a planned change is under way, keys that take part stay marked; afterwards until
    /// they are written again.
    void begin_change() noexcept { x_is_changing = true; }
    void end_change() noexcept { x_is_changing = false; }

private:
    void settle(key_record& record, std::optional<std::string> value);
    void count_miss(key_record& record);
    void count_bad_value(const key_record& record, std::string_view found);

    std::string x_prefix;
    std::vector<key_record> x_records;
    load_counters x_counters;
    bool x_is_changing = false;
};

inline key_ledger::key_ledger(std::string prefix, std::size_t count)
    : x_prefix(std::move(prefix)), x_records(count) {
    for (std::size_t i = 0; i < count; ++i) {
        x_records[i].key = x_prefix + std::to_string(i);
        x_records[i].is_counter = i % detail::counter_every == detail::counter_every - 1;
    }
}

inline std::string key_ledger::next_value(key_record& record) {
    ++record.writes;
    return record.is_counter ? std::to_string(record.writes)
                             : detail::value_of(record.key, record.writes);
}

inline std::string key_ledger::next_suffix(key_record& record) {
    return " +" + std::to_string(++record.writes);
}

inline void key_ledger::settle(key_record& record, std::optional<std::string> value) {
    record.value = std::move(value);
    record.maybe.clear();
}

inline void key_ledger::wrote(key_record& record, std::optional<std::string> left) {
    settle(record, std::move(left));
    record.is_lost = false;
    if (!x_is_changing) record.takes_part = false;
}

inline void key_ledger::may_have_written(key_record& record, std::optional<std::string> left) {
    record.maybe.push_back(std::move(left));
    // A failed write during a change may cost the key itself, never an acknowledged value.
    record.maybe.push_back(std::nullopt);
}

inline void key_ledger::read(key_record& record, const std::optional<std::string>& found) {
    if (record.is_stored()) ++x_counters.gets;
    if (record.is_stored() && found) ++x_counters.hits;
    if (found == record.value || std::ranges::find(record.maybe, found) != record.maybe.end()) {
        return settle(record, found);
    }
    if (found) {
        count_bad_value(record, *found);
    } else {
        count_miss(record);
    }
    settle(record, found);
}

inline void key_ledger::could_not_read(const key_record& record) {
    if (record.is_stored()) ++x_counters.gets;
}

inline void key_ledger::found_present(key_record& record, bool is_present) {
    if (!record.maybe.empty() || is_present == record.is_stored()) return;
    if (is_present) {
        ++x_counters.stale;  // deleted, and the delete was acknowledged
    } else {
        count_miss(record);
    }
}

inline void key_ledger::count_miss(key_record& record) {
    if (std::exchange(record.is_lost, false)) {
        ++x_counters.unplanned_misses;
    } else if (record.takes_part) {
        ++x_counters.planned_misses;
    } else {
        ++x_counters.unexplained_misses;
    }
}

inline void key_ledger::count_bad_value(const key_record& record, std::string_view found) {
    const bool is_newer = record.is_counter && record.value && record.maybe.empty() &&
                          !detail::is_older_number(found, *record.value);
    ++(detail::is_of(record, found) && !is_newer ? x_counters.stale : x_counters.wrong);
}

}  // namespace memring::tool
