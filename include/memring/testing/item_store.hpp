#pragma once
// The items of the in-process memcached: storing, expiry, cas numbers, arithmetic, flushing, as
// memcached 1.6.18 does them. Knows no protocol, no thread and no limit but an item's size.

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <memring/protocol/command.hpp>

namespace memring::testing {

/// An item as the server keeps it. Times are Unix times in seconds.
struct stored_item {
    std::string value = {};
    std::uint32_t flags = 0;
    std::int64_t expires_at = 0;  ///< 0 for never
    std::int64_t used_at = 0;
    std::uint64_t cas = 0;
    bool is_fetched = false;      ///< read since it was stored
    bool is_stale = false;        ///< invalidated by `md I`, or stored with a lower cas
    bool is_token_sent = false;   ///< somebody won the right to renew it
    bool has_binary_key = false;  ///< stored under a base64 key: meta commands give it back so
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

/// What memcached counts as an item's size: header, cas, key, client flags, value and line end.
[[nodiscard]] inline std::size_t stored_size(std::string_view key, std::size_t value_size,
                                             std::uint32_t flags) noexcept {
    return 48 + 8 + key.size() + 1 + (flags != 0 ? 4 : 0) + value_size + 2;
}

/// The slab class of an item under memcached's default settings (factor 1.25, chunks of 48).
[[nodiscard]] inline int slab_class_of(std::size_t size) noexcept {
    constexpr std::size_t largest_chunk = 512 * 1024;
    int id = 1;
    for (std::size_t chunk = 96; chunk <= largest_chunk * 4 / 5; ++id) {
        if (size <= chunk) return id;
        chunk = chunk * 5 / 4;
        chunk += (8 - chunk % 8) % 8;
    }
    return id;
}

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

/// Key to item. Thread-safety: none.
class item_store {
public:
    using clock = std::function<std::int64_t()>;

    item_store(clock now, std::size_t size_limit)
        : x_now(std::move(now)), x_size_limit(size_limit) {}

    [[nodiscard]] std::int64_t now() const { return x_now() + x_advanced; }
    void advance(std::int64_t seconds) noexcept { x_advanced += seconds; }

    /// The Unix time an expiry on the wire stands for: 0 never, negative at once, up to 30 days
    /// relative, above that absolute. Like memcached's, it has 32 bits.
    [[nodiscard]] std::int64_t expiry_time(std::int64_t wire) const;

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

    /// Adds or subtracts; the result, or nothing if the value is no number. The value never gets
    /// shorter: blanks fill it up.
    std::optional<std::uint64_t> apply_delta(std::string_view key, stored_item& item, bool is_up,
                                             std::uint64_t delta);

    /// Invalidates everything there is, now (0 or negative) or at a time on the wire.
    void flush(std::int64_t wire_delay);

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

    [[nodiscard]] bool is_gone(const stored_item& item) const;

    std::unordered_map<std::string, stored_item, key_hash, std::equal_to<>> x_items;
    clock x_now;
    std::size_t x_size_limit;
    std::int64_t x_advanced = 0;
    std::uint64_t x_cas = 0;
    std::int64_t x_flushed_until = 0;  // items last used up to then are gone, once it has come
    std::uint64_t x_flushed_cas = 0;
};

inline std::int64_t item_store::expiry_time(std::int64_t wire) const {
    const auto seconds = static_cast<std::int32_t>(wire);
    if (seconds == 0) return 0;
    if (seconds < 0) return 1;
    return seconds > max_relative_expiry ? seconds : now() + seconds;
}

inline bool item_store::is_gone(const stored_item& item) const {
    if (item.expires_at != 0 && item.expires_at <= now()) return true;
    if (x_flushed_until == 0 || x_flushed_until > now()) return false;
    return item.used_at <= x_flushed_until || item.cas <= x_flushed_cas;
}

inline stored_item* item_store::find(std::string_view key) {
    const auto place = x_items.find(key);
    if (place == x_items.end()) return nullptr;
    if (is_gone(place->second)) {
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

inline std::optional<std::uint64_t> item_store::apply_delta(std::string_view key, stored_item& item,
                                                            bool is_up, std::uint64_t delta) {
    constexpr std::size_t longest = 20;
    if (item.value.size() > longest) return std::nullopt;
    const auto number = parse_counter(item.value);
    if (!number) return std::nullopt;
    const std::uint64_t lowered = delta > *number ? 0 : *number - delta;
    const std::uint64_t result = is_up ? *number + delta : lowered;
    std::string digits = std::to_string(result);
    if (digits.size() <= item.value.size()) {
        digits.resize(item.value.size(), ' ');
        item.value = std::move(digits);
        give_new_cas(item);
    } else {
        put(key, {.value = std::move(digits), .flags = item.flags, .expires_at = item.expires_at});
    }
    return result;
}

inline void item_store::flush(std::int64_t wire_delay) {
    x_flushed_until = (wire_delay > 0 ? expiry_time(wire_delay) : now()) - 1;
    if (x_flushed_until <= now()) x_flushed_cas = x_cas;
}

inline std::size_t item_store::size() const {
    std::size_t count = 0;
    for_each([&](std::string_view, const stored_item&) { ++count; });
    return count;
}

}  // namespace memring::testing
