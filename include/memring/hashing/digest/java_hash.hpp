#pragma once
// Hashes of spymemcached and its descendants that run over the UTF-16 units of a key, not over the
// bytes that go to the server. Keys are UTF-8 here; parts that are not (no Java string becomes such
// a key) count as the U+FFFD that Java reads them as.

#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>
#include <memring/hashing/digest/fnv.hpp>
#include <memring/hashing/digest/utf16.hpp>

namespace memring {

namespace detail {

/// `String.hashCode` of eight characters below 256, the first in the low byte: neighbours are
/// joined to pairs, pairs to fours, fours to the whole, all of a kind in one multiplication.
[[nodiscard]] constexpr std::uint32_t java_hash_of_eight(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t every_second = 0x00ff00ff00ff00ff;
    constexpr std::uint64_t every_second_pair = 0x0000ffff0000ffff;
    const std::uint64_t pairs = (bytes & every_second) * 31 + (bytes >> 8 & every_second);
    const std::uint64_t fours =
        (pairs & every_second_pair) * (31 * 31) + (pairs >> 16 & every_second_pair);
    return static_cast<std::uint32_t>(fours) * (31 * 31 * 31 * 31) +
           static_cast<std::uint32_t>(fours >> 32);
}

}  // namespace detail

/// `String.hashCode` of Java, as an unsigned number.
[[nodiscard]] constexpr std::uint32_t java_string_hash(std::string_view utf8) noexcept {
    constexpr std::uint32_t power_of_eight = 0x94446f01;  // 31 to the eighth
    std::uint32_t hash = 0;
    // ASCII, which is all of most keys.
    for (; utf8.size() >= 8; utf8.remove_prefix(8)) {
        const std::uint64_t bytes = detail::load_64(utf8.data());
        if ((bytes & 0x8080808080808080) != 0) break;
        hash = hash * power_of_eight + detail::java_hash_of_eight(bytes);
    }
    return detail::fold_utf16(
        utf8, hash, [](std::uint32_t before, std::uint32_t unit) { return before * 31 + unit; });
}

/// spymemcached's `FNV1_32_HASH` (2.12.3).
[[nodiscard]] constexpr std::uint32_t java_fnv1_32(std::string_view utf8) noexcept {
    return detail::fold_utf16(utf8, detail::fnv<std::uint32_t>::offset,
                              detail::fnv1_step<std::uint32_t>);
}

/// spymemcached's `FNV1A_32_HASH` (2.12.3).
[[nodiscard]] constexpr std::uint32_t java_fnv1a_32(std::string_view utf8) noexcept {
    return detail::fold_utf16(utf8, detail::fnv<std::uint32_t>::offset,
                              detail::fnv1a_step<std::uint32_t>);
}

/// spymemcached's `FNV1_64_HASH` (2.12.3): the low half of the 64-bit hash.
[[nodiscard]] constexpr std::uint32_t java_fnv1_64(std::string_view utf8) noexcept {
    return static_cast<std::uint32_t>(detail::fold_utf16(utf8, detail::fnv<std::uint64_t>::offset,
                                                         detail::fnv1_step<std::uint64_t>));
}

/// spymemcached's `FNV1A_64_HASH` (2.12.3): the low half of the 64-bit hash. For ASCII that is
/// what `libmemcached_fnv1a_64` gives, too.
[[nodiscard]] constexpr std::uint32_t java_fnv1a_64(std::string_view utf8) noexcept {
    return static_cast<std::uint32_t>(detail::fold_utf16(utf8, detail::fnv<std::uint64_t>::offset,
                                                         detail::fnv1a_step<std::uint64_t>));
}

}  // namespace memring
