#pragma once
// What an operation leaves behind when the client itself, not a server, carries it out on an item
// it took from a key's old owner: the arithmetic of memcached, and what an expiry becomes when an
// item changes its server.

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <memring/error.hpp>
#include <memring/protocol/command.hpp>

namespace memring {

/// The wire form of the expiry that keeps an item alive for its remaining `ttl` seconds, as a
/// read reported it (-1: for ever). An item in its last second gets one, because 0 on the wire
/// would make it immortal. `now` is the Unix time in seconds.
[[nodiscard]] constexpr std::int64_t remaining_expiry(std::int64_t ttl, std::int64_t now) noexcept {
    if (ttl == -1) return 0;
    return encode_expiry(ttl < 1 ? 1 : ttl, now);
}

namespace detail {

/// A decimal number as memcached 1.6 reads it for incr and decr: digits, perhaps after spaces and a
/// plus, and before the spaces that a shrinking decr leaves behind.
[[nodiscard]] inline bool parse_counter(std::string_view text, std::uint64_t& number) noexcept {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return false;
    text = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
    if (text.front() == '+') text.remove_prefix(1);
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end && !text.empty();
}

}  // namespace detail

/// What an operation makes of an item.
struct modification {
    std::error_code error;  ///< the operation cannot be carried out on this item
    command store;          ///< the set that leaves the new item; its `compare` is still to be set
    answer result;          ///< what the application is told once that is stored
};

/// Carries out `request` on the item `taken` (read with its value, flags and remaining time).
/// Counters wrap at 2^64 and stop at 0, as on the server; `errc::not_a_number` where the value is
/// none. Appended, prepended and counted values keep flags and expiry; everything else takes what
/// the request says.
[[nodiscard]] inline modification modify(const command& request, const answer& taken,
                                         std::int64_t now) {
    modification made;
    made.result.what = status::ok;
    made.store.what = verb::set;
    made.store.key = request.key;
    made.store.flags = taken.flags;
    made.store.expiry = remaining_expiry(taken.ttl, now);
    switch (request.what) {
        case verb::append: made.store.value = std::string(taken.bytes()) + request.value; break;
        case verb::prepend: made.store.value = request.value + std::string(taken.bytes()); break;
        case verb::increment:
        case verb::decrement: {
            std::uint64_t number = 0;
            if (!detail::parse_counter(taken.bytes(), number)) {
                made.error = errc::not_a_number;
                break;
            }
            const bool is_up = request.what == verb::increment;
            if (is_up) number += request.delta;
            if (!is_up) number -= number < request.delta ? number : request.delta;
            made.store.value = std::to_string(number);
            made.result.number = number;
            break;
        }
        case verb::touch:
        case verb::get_and_touch:
            made.store.value = taken.bytes();
            made.store.expiry = request.expiry;
            if (request.what == verb::get_and_touch) {
                made.result.value = taken.bytes();
                made.result.flags = taken.flags;
            }
            break;
        case verb::get:
        case verb::set:
        case verb::add:
        case verb::replace:
        case verb::remove:
        case verb::lease:
        case verb::invalidate:
        case verb::inspect:
            made.store.value = request.value;
            made.store.flags = request.flags;
            made.store.expiry = request.expiry;
            break;
    }
    return made;
}

/// What the application is told when there is no item to carry `what` out on.
[[nodiscard]] constexpr status absent_status(verb what) noexcept {
    switch (what) {
        case verb::replace:
        case verb::append:
        case verb::prepend: return status::not_stored;
        case verb::set:  // with a compare
        case verb::remove:
        case verb::invalidate: return status::not_found;
        case verb::get:
        case verb::add:
        case verb::touch:
        case verb::get_and_touch:
        case verb::increment:
        case verb::decrement:
        case verb::lease:
        case verb::inspect: return status::miss;
    }
    return status::miss;
}

}  // namespace memring
