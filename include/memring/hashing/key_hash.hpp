#pragma once
// What a hash of keys is, and MD5 as one. All others: hashing/key_hashes.hpp.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include <memring/hashing/digest/md5.hpp>
#include <memring/hashing/digest/md5_lanes.hpp>

namespace memring {

/// A function object from keys to unsigned numbers, usually stateless.
///
/// What the compiler cannot check: total, equal keys give equal numbers in every process and on
/// every platform, and it may be called from many threads at once. A hash that is faster on many
/// keys at a time has a static `hash_many(keys, out)` besides, which gives the same numbers; one of
/// fewer bits than its type says so by a static `largest`.
template <class Hash>
concept key_hash = std::semiregular<Hash> && requires(const Hash& hash, std::string_view key) {
    { hash(key) }
    noexcept->std::unsigned_integral;
};

template <key_hash Hash>
using hash_value = decltype(Hash{}(std::string_view()));

/// The largest number a hash gives.
template <key_hash Hash>
inline constexpr hash_value<Hash> largest_hash = [] {
    if constexpr (requires { Hash::largest; }) {
        return hash_value<Hash>{Hash::largest};
    } else {
        return std::numeric_limits<hash_value<Hash>>::max();
    }
}();

namespace hash {

/// Word 0 of MD5.
struct md5 {
    static constexpr std::string_view name = "md5";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memring::md5(key)[0];
    }

    static void hash_many(std::span<const std::string_view> keys,
                          std::span<std::uint32_t> out) noexcept {
        md5_first_words(keys, out);
    }
};

}  // namespace hash

namespace detail {

/// Writes the low 32 bits of each key's hash. Precondition: `out.size() >= keys.size()`.
template <key_hash Hash>
void hash_many(const Hash& hash, std::span<const std::string_view> keys,
               std::span<std::uint32_t> out) noexcept {
    if constexpr (requires { Hash::hash_many(keys, out); }) {
        Hash::hash_many(keys, out);
    } else {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            out[i] = static_cast<std::uint32_t>(hash(keys[i]));
        }
    }
}

}  // namespace detail

static_assert(key_hash<hash::md5>);

}  // namespace memring
