#pragma once
// The items of the in-process memcached: storing, expiry, cas numbers, arithmetic, flushing, as
// memcached 1.6.18 does them. Knows no protocol, no thread and no limit but an item's size.

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <memring/protocol/command.hpp>
#include <memring/testing/slab_classes.hpp>

namespace memring::testing {

/// An item as the server keeps it. Times are Unix times in seconds.
struct stored_item {
    std::string value = {};
    std::uint32_t flags = 0;
    std::int64_t expires_at = 0;  ///< 0 for never
    std::int64_t used_at = 0;
    std::uint64_t cas = 0;
    bool is_fetched = false;     ///< read since it was stored
    bool is_stale = false;       ///< invalidated by `md I`, or stored with a lower cas
    bool is_token_sent = false;  ///< somebody won the right to renew it
    /// Stored by `ms` under a base64 key: mg and me give it back so. Like memcached's, it is lost
    /// when the item is extended, and not set by a lease or a counter that makes the item.
    bool has_binary_key = false;
};

enum class store_mode { set, add, replace, append, prepend, cas };
enum class store_outcome { stored, not_stored, exists, not_found };

/// A store command whose value has arrived.
struct store_request {
    std::string key = {};
    std::string value = {};
    std::uint32_t flags = 0;
    std::int64_t expires_at = 0;
    store_mode mode = store_mode::set;
    std::uint64_t compare = 0;  ///< `store_mode::cas`; append and prepend unless 0
    bool may_be_stale = false;  ///< a compare with a lower cas stores the value as stale
    bool has_binary_key = false;
};

/// A number as memcached reads it out of a value or a command: blanks first and behind are fine.
[[nodiscard]] inline std::optional<std::uint64_t> parse_counter(std::string_view text) {
    const std::string copy(text);
    char* end = nullptr;
    errno = 0;
    const unsigned long long number = std::strtoull(copy.c_str(), &end, 10);
    if (errno == ERANGE || end == copy.c_str()) return std::nullopt;
    const std::string_view blanks = " \t\n\v\f\r";
    if (*end != '\0' && blanks.find(*end) == std::string_view::npos) return std::nullopt;
    if (static_cast<long long>(number) < 0 && copy.find('-') != std::string::npos) {
        return std::nullopt;
    }
    return number;
}

/// Arithmetic on a value.
struct delta_request {
    bool is_up = true;
    std::uint64_t delta = 1;
    std::uint64_t compare = 0;  ///< only over this cas; 0 for any
};

enum class delta_outcome { ok, not_found, not_numeric, exists };
struct delta_result {
    delta_outcome outcome = delta_outcome::ok;
    std::uint64_t number = 0;
    stored_item* item = nullptr;  ///< when ok: as it is now
};

/// What becomes of items, counted.
struct store_counters {
    std::uint64_t stored = 0;   ///< new ones, those in the place of others included
    std::uint64_t expired = 0;  ///< met by a command after their time
    std::uint64_t flushed = 0;  ///< met by a command after a flush
};

/// Key to item. Thread-safety: none.
class item_store {
public:
    using clock = std::function<std::int64_t()>;

    item_store(clock now, std::size_t size_limit)
        : x_now(std::move(now)), x_size_limit(size_limit) {}

    [[nodiscard]] std::int64_t now() const { return x_now() + x_advanced; }
    void advance(std::int64_t seconds) noexcept { x_advanced += seconds; }

    /// The Unix time an expiry of the text protocols stands for: 0 never, negative at once, up to
    /// 30 days relative, above that absolute. Like memcached's, it has 32 bits.
    [[nodiscard]] std::int64_t expiry_time(std::int64_t wire) const;
    /// The same for the binary protocol, where nothing is negative: all ones are the year 2106.
    [[nodiscard]] std::int64_t unsigned_expiry_time(std::uint32_t wire) const;

    /// The item if it is there, neither expired nor flushed; else nullptr. Valid until the next
    /// store or erase of the same key.
    [[nodiscard]] stored_item* find(std::string_view key);
    /// Marks a read: what `mg` without `u`, `get` and `gat` do.
    void touch_read(stored_item& item) const;

    [[nodiscard]] std::size_t size_limit() const noexcept { return x_size_limit; }
    [[nodiscard]] bool is_too_large(std::string_view key, std::size_t value_size,
                                    std::uint32_t flags) const noexcept {
        return stored_size(key, value_size, flags) > x_size_limit;
    }

    /// Carries out `request`; `cas` gets the new item's number where one was stored.
    store_outcome store(store_request request, std::uint64_t& cas);
    /// An item of this value under a new cas number, whatever was there before.
    stored_item& put(std::string_view key, stored_item item);
    bool erase(std::string_view key);
    void give_new_cas(stored_item& item) noexcept { item.cas = ++x_cas; }

    /// Adds to a number or subtracts from it. The value never gets shorter: blanks fill it up.
    delta_result apply_delta(std::string_view key, const delta_request& request);

    /// Invalidates everything there is, at a Unix time: `now()`, or later.
    void flush(std::int64_t at);

    [[nodiscard]] const store_counters& counters() const noexcept { return x_counters; }
    void reset_counters() noexcept { x_counters = {}; }
    /// The slab classes that have ever held an item: memcached never gives their memory back.
    [[nodiscard]] const std::set<int>& slab_classes() const noexcept { return x_slab_classes; }

    /// Calls `visit(key, item)` for every item that `find` would find.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const auto& [key, item] : x_items) {
            if (!is_gone(item)) visit(std::string_view(key), item);
        }
    }
    [[nodiscard]] std::size_t size() const;

private:
    struct key_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const noexcept {
            return std::hash<std::string_view>{}(key);
        }
    };

    [[nodiscard]] bool is_flushed(const stored_item& item) const;
    [[nodiscard]] bool is_gone(const stored_item& item) const;

    std::unordered_map<std::string, stored_item, key_hash, std::equal_to<>> x_items;
    clock x_now;
    std::size_t x_size_limit;
    std::int64_t x_advanced = 0;
    std::uint64_t x_cas = 0;
    std::int64_t x_flushed_until = 0;  // items last used up to then are gone, once it has come
    std::uint64_t x_flushed_cas = 0;
    store_counters x_counters;
    std::set<int> x_slab_classes;
};

inline std::int64_t item_store::expiry_time(std::int64_t wire) const {
    const auto seconds = static_cast<std::int32_t>(wire);
    if (seconds == 0) return 0;
    if (seconds < 0) return 1;
    return seconds > max_relative_expiry ? seconds : now() + seconds;
}

inline std::int64_t item_store::unsigned_expiry_time(std::uint32_t wire) const {
    if (wire == 0) return 0;
    return wire > max_relative_expiry ? wire : now() + wire;
}

inline bool item_store::is_flushed(const stored_item& item) const {
    if (x_flushed_until == 0 || x_flushed_until > now()) return false;
    return item.used_at <= x_flushed_until || item.cas <= x_flushed_cas;
}

inline bool item_store::is_gone(const stored_item& item) const {
    return is_flushed(item) || (item.expires_at != 0 && item.expires_at <= now());
}

inline stored_item* item_store::find(std::string_view key) {
    const auto place = x_items.find(key);
    if (place == x_items.end()) return nullptr;
    if (is_gone(place->second)) {
        ++(is_flushed(place->second) ? x_counters.flushed : x_counters.expired);
        x_items.erase(place);
        return nullptr;
    }
    return &place->second;
}

inline void item_store::touch_read(stored_item& item) const {
    if (item.is_fetched) item.used_at = now();  // the first read leaves the time alone
    item.is_fetched = true;
}

inline stored_item& item_store::put(std::string_view key, stored_item item) {
    item.used_at = now();
    give_new_cas(item);
    ++x_counters.stored;
    x_slab_classes.insert(slab_class_of(stored_size(key, item.value.size(), item.flags)));
    return x_items.insert_or_assign(std::string(key), std::move(item)).first->second;
}

inline bool item_store::erase(std::string_view key) {
    if (find(key) == nullptr) return false;
    x_items.erase(x_items.find(key));
    return true;
}

inline store_outcome item_store::store(store_request request, std::uint64_t& cas) {
    const stored_item* const old = find(request.key);
    stored_item fresh{.value = std::move(request.value),
                      .flags = request.flags,
                      .expires_at = request.expires_at,
                      .has_binary_key = request.has_binary_key};
    switch (request.mode) {
        case store_mode::set: break;
        case store_mode::add:
            if (old != nullptr) return store_outcome::not_stored;
            break;
        case store_mode::replace:
            if (old == nullptr) return store_outcome::not_stored;
            break;
        case store_mode::append:
        case store_mode::prepend:
            if (old == nullptr) return store_outcome::not_stored;
            if (request.compare != 0 && request.compare != old->cas) return store_outcome::exists;
            fresh.value = request.mode == store_mode::append ? old->value + fresh.value
                                                             : fresh.value + old->value;
            fresh.flags = old->flags;
            fresh.expires_at = old->expires_at;
            fresh.has_binary_key = false;
            if (is_too_large(request.key, fresh.value.size(), fresh.flags)) {
                return store_outcome::not_stored;
            }
            break;
        case store_mode::cas:
            if (old == nullptr) return store_outcome::not_found;
            if (request.compare == old->cas) break;
            if (!request.may_be_stale || request.compare > old->cas) return store_outcome::exists;
            fresh.expires_at = old->expires_at;
            fresh.is_stale = true;
            fresh.is_token_sent = old->is_token_sent;
            break;
    }
    cas = put(request.key, std::move(fresh)).cas;
    return store_outcome::stored;
}

inline delta_result item_store::apply_delta(std::string_view key, const delta_request& request) {
    stored_item* const item = find(key);
    if (item == nullptr) return {.outcome = delta_outcome::not_found};
    const auto size = stored_size(key, item->value.size(), item->flags);
    if (item->value.empty() || size > largest_slab_chunk) {
        return {.outcome = delta_outcome::not_numeric};
    }
    if (request.compare != 0 && request.compare != item->cas) {
        return {.outcome = delta_outcome::exists};
    }
    const auto number = parse_counter(item->value);
    if (!number) return {.outcome = delta_outcome::not_numeric};
    const std::uint64_t lowered = request.delta > *number ? 0 : *number - request.delta;
    const std::uint64_t result = request.is_up ? *number + request.delta : lowered;
    std::string digits = std::to_string(result);
    if (digits.size() > item->value.size()) {
        auto& longer =
            put(key,
                {.value = std::move(digits), .flags = item->flags, .expires_at = item->expires_at});
        return {.number = result, .item = &longer};
    }
    digits.resize(item->value.size(), ' ');
    item->value = std::move(digits);
    give_new_cas(*item);
    return {.number = result, .item = item};
}

inline void item_store::flush(std::int64_t at) {
    x_flushed_until = at - 1;
    if (x_flushed_until <= now()) x_flushed_cas = x_cas;
}

inline std::size_t item_store::size() const {
    std::size_t count = 0;
    for_each([&](std::string_view, const stored_item&) { ++count; });
    return count;
}

}  // namespace memring::testing
