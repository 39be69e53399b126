#include "key_ledger.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace memring::tool {

namespace {

constexpr std::size_t counter_every = 50;

// Reproducible, so that a value can be checked byte by byte: 40 to 199 letters behind the header.
std::string value_of(std::string_view key, std::uint64_t write) {
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
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return number;
}

// Whether some series of this key's writes can have left the value: a set, then appends.
bool is_of(const key_record& record, std::string_view value) {
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

bool is_older_number(std::string_view found, std::string_view expected) {
    return take_number(found).value_or(0) < take_number(expected).value_or(0);
}

}  // namespace

key_ledger::key_ledger(std::string prefix, std::size_t count)
    : x_prefix(std::move(prefix)), x_records(count) {
    for (std::size_t i = 0; i < count; ++i) {
        x_records[i].key = x_prefix + std::to_string(i);
        x_records[i].is_counter = i % counter_every == counter_every - 1;
    }
}

std::string key_ledger::next_value(key_record& record) {
    ++record.writes;
    return record.is_counter ? std::to_string(record.writes) : value_of(record.key, record.writes);
}

std::string key_ledger::next_suffix(key_record& record) {
    return " +" + std::to_string(++record.writes);
}

void key_ledger::settle(key_record& record, std::optional<std::string> value) {
    record.value = std::move(value);
    record.maybe.clear();
}

void key_ledger::wrote(key_record& record, std::optional<std::string> left) {
    settle(record, std::move(left));
    record.is_lost = false;
    if (!x_is_changing) record.takes_part = false;
}

void key_ledger::may_have_written(key_record& record, std::optional<std::string> left) {
    record.maybe.push_back(std::move(left));
    // A failed write during a change may cost the key itself, never an acknowledged value.
    record.maybe.push_back(std::nullopt);
}

void key_ledger::read(key_record& record, const std::optional<std::string>& found) {
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

void key_ledger::could_not_read(const key_record& record) {
    if (record.is_stored()) ++x_counters.gets;
}

void key_ledger::found_present(key_record& record, bool is_present) {
    if (!record.maybe.empty() || is_present == record.is_stored()) return;
    if (is_present) {
        ++x_counters.stale;  // deleted, and the delete was acknowledged
    } else {
        count_miss(record);
    }
}

void key_ledger::count_miss(key_record& record) {
    if (std::exchange(record.is_lost, false)) {
        ++x_counters.unplanned_misses;
    } else if (record.takes_part) {
        ++x_counters.planned_misses;
    } else {
        ++x_counters.unexplained_misses;
    }
}

void key_ledger::count_bad_value(const key_record& record, std::string_view found) {
    const bool is_newer = record.is_counter && record.value && record.maybe.empty() &&
                          !is_older_number(found, *record.value);
    ++(is_of(record, found) && !is_newer ? x_counters.stale : x_counters.wrong);
}

}  // namespace memring::tool
