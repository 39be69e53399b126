#pragma once
// Hashes of spymemcached and its descendants that run over the UTF-16 units of a key, not over the
// bytes that go to the server. Keys are UTF-8 here; parts that are not (no Java string becomes such
// a key) count as the U+FFFD that Java reads them as.

#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/fnv.hpp>
#include <memring/hashing/digest/utf16.hpp>

namespace memring {

/// `String.hashCode` of Java, as an unsigned number.
[[nodiscard]] constexpr std::uint32_t java_string_hash(std::string_view utf8) noexcept {
    return detail::fold_utf16(utf8, std::uint32_t{0}, [](std::uint32_t hash, std::uint32_t unit) {
        return hash * 31 + unit;
    });
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
