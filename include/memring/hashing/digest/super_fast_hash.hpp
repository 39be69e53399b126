#pragma once
// SuperFastHash, which memcached clients call hsieh.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

namespace detail {

/// The last 0 to 3 bytes of a text.
[[nodiscard]] constexpr std::uint32_t super_fast_hash_tail(std::uint32_t hash, const char* bytes,
                                                           std::size_t size) noexcept {
    switch (size) {
        case 3:
            hash += load_16(bytes);
            hash ^= hash << 16;
            hash ^= signed_byte_value<std::uint32_t>(bytes[2]) << 18;
            return hash + (hash >> 11);
        case 2:
            hash += load_16(bytes);
            hash ^= hash << 11;
            return hash + (hash >> 17);
        case 1:
            hash += byte_value(bytes[0]);
            hash ^= hash << 10;
            return hash + (hash >> 1);
        default: return hash;
    }
}

}  // namespace detail

/// Paul Hsieh's SuperFastHash as twemproxy 0.5.0 computes it on x86 (hash `hsieh`): it starts from
/// 0 where the original starts from the length, and the last byte of a tail of three is signed. The
/// hash of an empty text from 0 is 0.
[[nodiscard]] constexpr std::uint32_t super_fast_hash(std::string_view text,
                                                      std::uint32_t start = 0) noexcept {
    std::uint32_t hash = start;
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left >= 4; left -= 4, rest += 4) {
        hash += detail::load_16(rest);
        hash = (hash << 16) ^ (detail::load_16(rest + 2) << 11) ^ hash;
        hash += hash >> 11;
    }
    hash = detail::super_fast_hash_tail(hash, rest, left);
    hash ^= hash << 3;
    hash += hash >> 5;
    hash ^= hash << 4;
    hash += hash >> 17;
    hash ^= hash << 25;
    return hash + (hash >> 6);
}

}  // namespace memring
