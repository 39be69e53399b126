#pragma once
// The hash of Fowler, Noll and Vo: the real functions, and the dialect libmemcached and twemproxy
// speak, which reads bytes as signed and gives 32 bits whatever the name says.

#include <concepts>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

namespace detail {

template <std::unsigned_integral Number>
struct fnv;

template <>
struct fnv<std::uint32_t> {
    static constexpr std::uint32_t offset = 2166136261;
    static constexpr std::uint32_t prime = 16777619;
};

template <>
struct fnv<std::uint64_t> {
    static constexpr std::uint64_t offset = 0xcbf29ce484222325;
    static constexpr std::uint64_t prime = 0x100000001b3;
};

/// One unit of text (a byte, for Java a UTF-16 unit) more in an FNV-1 hash.
template <std::unsigned_integral Number>
[[nodiscard]] constexpr Number fnv1_step(Number hash, Number unit) noexcept {
    return (hash * fnv<Number>::prime) ^ unit;
}

/// The same for FNV-1a.
template <std::unsigned_integral Number>
[[nodiscard]] constexpr Number fnv1a_step(Number hash, Number unit) noexcept {
    return (hash ^ unit) * fnv<Number>::prime;
}

}  // namespace detail

/// FNV-1, 32 bits (draft-eastlake-fnv).
[[nodiscard]] constexpr std::uint32_t fnv1_32(std::string_view text) noexcept {
    std::uint32_t hash = detail::fnv<std::uint32_t>::offset;
    for (const char c : text) hash = detail::fnv1_step(hash, detail::byte_value(c));
    return hash;
}

/// FNV-1a, 32 bits.
[[nodiscard]] constexpr std::uint32_t fnv1a_32(std::string_view text) noexcept {
    std::uint32_t hash = detail::fnv<std::uint32_t>::offset;
    for (const char c : text) hash = detail::fnv1a_step(hash, detail::byte_value(c));
    return hash;
}

/// FNV-1, 64 bits.
[[nodiscard]] constexpr std::uint64_t fnv1_64(std::string_view text) noexcept {
    std::uint64_t hash = detail::fnv<std::uint64_t>::offset;
    for (const char c : text) hash = detail::fnv1_step(hash, detail::byte_value<std::uint64_t>(c));
    return hash;
}

/// FNV-1a, 64 bits.
[[nodiscard]] constexpr std::uint64_t fnv1a_64(std::string_view text) noexcept {
    std::uint64_t hash = detail::fnv<std::uint64_t>::offset;
    for (const char c : text) hash = detail::fnv1a_step(hash, detail::byte_value<std::uint64_t>(c));
    return hash;
}

// The dialect of libmemcached 1.1.4 and twemproxy 0.5.0 as they run on x86: bytes from 0x80 on are
// sign-extended first. For ASCII the first two are the real functions and the other two the low
// 32 bits of the real ones.

/// libmemcached's and twemproxy's hash `fnv1_32`.
[[nodiscard]] constexpr std::uint32_t libmemcached_fnv1_32(std::string_view text) noexcept {
    std::uint32_t hash = detail::fnv<std::uint32_t>::offset;
    for (const char c : text) {
        hash = detail::fnv1_step(hash, detail::signed_byte_value<std::uint32_t>(c));
    }
    return hash;
}

/// libmemcached's and twemproxy's hash `fnv1a_32`.
[[nodiscard]] constexpr std::uint32_t libmemcached_fnv1a_32(std::string_view text) noexcept {
    std::uint32_t hash = detail::fnv<std::uint32_t>::offset;
    for (const char c : text) {
        hash = detail::fnv1a_step(hash, detail::signed_byte_value<std::uint32_t>(c));
    }
    return hash;
}

/// libmemcached's and twemproxy's hash `fnv1_64`: the low half of a 64-bit hash.
[[nodiscard]] constexpr std::uint32_t libmemcached_fnv1_64(std::string_view text) noexcept {
    std::uint64_t hash = detail::fnv<std::uint64_t>::offset;
    for (const char c : text) {
        hash = detail::fnv1_step(hash, detail::signed_byte_value<std::uint64_t>(c));
    }
    return static_cast<std::uint32_t>(hash);
}

/// libmemcached's and twemproxy's hash `fnv1a_64`: 32-bit arithmetic on the low halves of the
/// 64-bit offset and prime.
[[nodiscard]] constexpr std::uint32_t libmemcached_fnv1a_64(std::string_view text) noexcept {
    constexpr auto prime = static_cast<std::uint32_t>(detail::fnv<std::uint64_t>::prime);
    auto hash = static_cast<std::uint32_t>(detail::fnv<std::uint64_t>::offset);
    for (const char c : text) hash = (hash ^ detail::signed_byte_value<std::uint32_t>(c)) * prime;
    return hash;
}

}  // namespace memring
