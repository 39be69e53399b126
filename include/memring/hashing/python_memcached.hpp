#pragma once
// How python-memcached hashes a key, and how it goes on when a server is dead.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/crc32.hpp>

namespace memring {

/// The key hash of python-memcached up to 1.59: 15 bits of CRC-32, where 0 becomes 1, so 1 to
/// 32767. (From 1.60 on the peer keeps the 0.)
[[nodiscard]] constexpr std::uint32_t python_memcached_hash(std::string_view key) noexcept {
    const std::uint32_t hash = memcached_crc(key);
    return hash == 0 ? 1 : hash;
}

/// The hash python-memcached 1.59 tries after attempt number `attempt` (from 0) went to a dead
/// server: that of the previous hash and the attempt, both written in decimal.
[[nodiscard]] inline std::uint32_t next_python_memcached_hash(std::uint32_t previous,
                                                              std::uint32_t attempt) noexcept {
    char text[20];  // two numbers of at most ten digits
    char* const middle = std::to_chars(text, text + sizeof text, previous).ptr;
    char* const end = std::to_chars(middle, text + sizeof text, attempt).ptr;
    return python_memcached_hash({text, static_cast<std::size_t>(end - text)});
}

}  // namespace memring
