#pragma once
// One command to one node and the answer to it, as values: what every protocol encodes and
// parses, what a resharding plan is made of. No bytes here.

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

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
    lease,          ///< read; if absent, put a placeholder there that only its taker may fill
    invalidate,     ///< mark stale: still readable, but its next reader is asked to renew it
    inspect         ///< what is known of the item beside its value; leaves its LRU as it is
};

/// A command to one node. The key has 1 to 250 bytes; where it is no valid key of the text
/// protocols
/// (`is_valid_key`), meta sends it in base64 and classic cannot send it at all.
struct command {
    verb what = verb::get;
    bool keeps_lru = false;     ///< get: leave the item's place in the LRU and its access time
    bool wants_ttl = false;     ///< reads: ask for the remaining time to live
    bool has_initial = false;   ///< increment, decrement: an absent key is made, with `initial`
    std::uint32_t flags = 0;    ///< client flags of a store
    std::int64_t expiry = 0;    ///< wire form: 0 never, up to 2,592,000 relative, else Unix time;
                                ///< of a counter, what it gets where it is made
    std::int64_t recache = 0;   ///< lease: also win the item if it has less than these seconds left
    std::uint64_t compare = 0;  ///< carry out only if the item's cas is this; 0 for always
    std::uint64_t delta = 1;    ///< increment, decrement
    std::uint64_t initial = 0;  ///< see `has_initial`
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

/// The answer to a command, or the error that stands in its place. A decoder leaves the value where
/// it was read (`view`): whoever keeps the answer longer than that buffer calls `own()`.
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
    std::uint64_t size = 0;    ///< inspect: bytes of the whole item, with key and header
    std::int64_t idle = 0;     ///< inspect: seconds since the last access
    bool hit_before = false;   ///< inspect: whether anybody has read it since it was stored
    std::string_view key;      ///< of a reply that names it, in the buffer it was read into
    std::string_view view;     ///< the value in the buffer it was read into; see `own`
    std::string value;         ///< the value, where the answer owns it

    /// The value, wherever it is.
    [[nodiscard]] std::string_view bytes() const noexcept {
        return view.data() ? view : std::string_view(value);
    }

    /// Copies the value out of the buffer it was read into.
    void own() {
        if (view.data()) value.assign(view);
        view = {};
    }

    /// The value as a string of its own; the answer's is gone.
    [[nodiscard]] std::string take_value() {
        return view.data() ? std::string(view) : std::move(value);
    }

    /// Whether a read met an empty placeholder that a lease put there: no value yet.
    [[nodiscard]] bool is_placeholder() const noexcept {
        return what == status::ok && (won || leased) && bytes().empty();
    }
};

/// Whether a `what` reads an item without a wish to renew it: over meta it gets the win token of a
/// stale one all the same.
[[nodiscard]] constexpr bool is_plain_read(verb what) noexcept {
    return what == verb::get || what == verb::touch || what == verb::get_and_touch;
}

/// The longest relative expiry memcached takes, in seconds: anything above is a Unix time.
inline constexpr std::int64_t max_relative_expiry = 60 * 60 * 24 * 30;

/// The wire form of an expiry `seconds` from now; 0 means never, negative is the caller's error.
/// `now` is the Unix time in seconds.
[[nodiscard]] constexpr std::int64_t encode_expiry(std::int64_t seconds,
                                                   std::int64_t now) noexcept {
    return seconds > max_relative_expiry ? now + seconds : seconds;
}

}  // namespace memring
