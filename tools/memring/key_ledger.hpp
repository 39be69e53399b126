#pragma once
// What an application knows of its keys, and the judgement of everything it reads: is this exactly
// what the last acknowledged write left? No I/O.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

}  // namespace memring::tool
