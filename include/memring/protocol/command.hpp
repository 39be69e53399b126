#pragma once
// One command to one node and the answer to it, as values: what every protocol encodes and
// parses, what a resharding plan is made of. No bytes here.

#include <cstdint>
#include <string>
#include <system_error>

#include <memring/key.hpp>

namespace memring {

/// What a command does to its key.
enum class verb : std::uint8_t {
    get,            ///< read value, flags and cas
    set,            ///< store always (or only over `compare`)
    add,            ///< store only if absent
    replace,        ///< store only if present
    append,         ///< extend at the end, if present
    prepend,        ///< extend at the front, if present
    remove,         ///< delete (the word is taken in C++)
    touch,          ///< set a new expiry
    get_and_touch,  ///< read and set a new expiry
    increment,      ///< add `delta` to a decimal number, wraps at 2^64
    decrement,      ///< subtract `delta`, stops at 0
    lease           ///< read; if absent, put a placeholder there that only its taker may fill
};

/// A command to one node. The key is valid (`is_valid_key`).
struct command {
    verb what = verb::get;
    bool keeps_lru = false;     ///< get: leave the item's place in the LRU and its access time
    bool wants_ttl = false;     ///< get: ask for the remaining time to live
    std::uint32_t flags = 0;    ///< client flags of a store
    std::int64_t expiry = 0;    ///< wire form: 0 never, up to 2,592,000 relative, else Unix time
    std::uint64_t compare = 0;  ///< carry out only if the item's cas is this; 0 for always
    std::uint64_t delta = 1;    ///< increment, decrement
    key_buffer key;
    std::string value;  ///< of a store
};

/// How a node answered.
enum class status : std::uint8_t {
    ok,          ///< a hit, stored, deleted, touched
    miss,        ///< get, lease (never), touch, incr: nothing there
    not_stored,  ///< add: exists; replace, append, prepend: absent
    exists,      ///< the compare failed
    not_found    ///< compare or remove: nothing there
};

/// The answer to a command, or the error that stands in its place.
struct answer {
    std::error_code error;
    status what = status::miss;
    bool won = false;     ///< W: the asker holds the lease (or the recache token)
    bool leased = false;  ///< Z: somebody else holds it
    bool stale = false;   ///< X: marked stale by an invalidation
    std::uint32_t flags = 0;
    std::int64_t ttl = -1;  ///< seconds left; -1 for none, or not asked
    std::uint64_t cas = 0;
    std::uint64_t number = 0;  ///< increment, decrement
    std::string value;

    /// Whether a read met an empty placeholder that a lease put there: no value yet.
    [[nodiscard]] bool is_placeholder() const noexcept {
        return what == status::ok && (won || leased) && value.empty();
    }
};

/// The longest relative expiry memcached takes, in seconds: anything above is a Unix time.
inline constexpr std::int64_t max_relative_expiry = 60 * 60 * 24 * 30;

/// The wire form of an expiry `seconds` from now; 0 means never, negative is the caller's error.
/// `now` is the Unix time in seconds.
[[nodiscard]] constexpr std::int64_t encode_expiry(std::int64_t seconds,
                                                   std::int64_t now) noexcept {
    return seconds > max_relative_expiry ? now + seconds : seconds;
}

}  // namespace memring
