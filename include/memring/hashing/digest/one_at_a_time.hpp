#pragma once
// Bob Jenkins's one-at-a-time hash, the default of libmemcached.

#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

/// One-at-a-time (Bob Jenkins, "Hash Functions", Dr. Dobb's Journal, September 1997), started from
/// 0. Bytes from 0x80 on are sign-extended first, as libmemcached 1.1.4 and twemproxy 0.5.0 do on
/// x86; for ASCII there is only one reading.
[[nodiscard]] constexpr std::uint32_t one_at_a_time(std::string_view text) noexcept {
    std::uint32_t hash = 0;
    for (const char c : text) {
        hash += detail::signed_byte_value<std::uint32_t>(c);
        hash += hash << 10;
        hash ^= hash >> 6;
    }
    hash += hash << 3;
    hash ^= hash >> 11;
    hash += hash << 15;
    return hash;
}

}  // namespace memring
