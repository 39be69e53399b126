#pragma once
// What operations hand back: an item, the outcome of a store, and a result that stands for one
// key or one node of a batch.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace memring {

/// A value as it was stored.
struct item {
    std::string value;
    std::uint32_t flags = 0;  ///< the client flags given when it was stored
    /// Compare-and-swap number; belongs to the server that gave it. 0 where it is not known: of a
    /// stale item (see invalidate) whose key is no text, or that get_and_touch_many found.
    std::uint64_t cas = 0;

    friend bool operator==(const item&, const item&) = default;
};

/// A value where it was read: valid for as long as whoever hands it out says.
struct item_view {
    std::string_view value;
    std::uint32_t flags = 0;
    std::uint64_t cas = 0;  ///< as in `item`
};

/// What a node knows of an item beside its value.
struct item_metadata {
    /// The time left, or nothing for ever. memcached 1.6.18 does not tell an item in its last
    /// second from one that stays for ever.
    std::optional<std::chrono::seconds> expires_in{};
    std::chrono::seconds idle{0};  ///< since the last access
    bool hit_before = false;       ///< whether it was read since it was stored
    std::uint64_t size = 0;        ///< bytes of memory, with key and header
    std::uint64_t cas = 0;         ///< as in `item`

    friend bool operator==(const item_metadata&, const item_metadata&) = default;
};

/// Where a value came from.
enum class value_source : std::uint8_t {
    hit,      ///< the cache had it
    stale,    ///< the cache had it, marked stale: somebody else renews it
    computed  ///< this caller computed it
};

/// What get-or-compute hands back.
struct cached_value {
    std::string value;
    std::uint32_t flags = 0;
    value_source source = value_source::hit;
    /// Whether the cache has it now. A computed value is not stored if the key was written or
    /// invalidated meanwhile, if it is too large, or if its node failed.
    bool is_stored = true;
};

/// What became of a store. Only `stored` means that the value is there now.
enum class store_result {
    stored,      ///< done
    not_stored,  ///< add: the key exists; replace, append, prepend: it does not
    exists,      ///< compare-and-swap: somebody else has changed the item since
    not_found    ///< compare-and-swap: the item is gone
};

[[nodiscard]] constexpr const char* to_string(store_result result) noexcept {
    switch (result) {
        case store_result::stored: return "stored";
        case store_result::not_stored: return "not stored";
        case store_result::exists: return "exists";
        case store_result::not_found: return "not found";
    }
    return "unknown";
}

/// One key's (or node's) share of a batch: a value, or the error that stands in its place.
/// `value` is meaningful only while `error` is clear.
template <class T>
struct outcome {
    std::error_code error;
    T value{};

    [[nodiscard]] bool has_value() const noexcept { return !error; }
    explicit operator bool() const noexcept { return !error; }
};

}  // namespace memring
