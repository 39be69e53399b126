#pragma once
// Key hashes as function objects, under the names users of the peers know them by: template
// arguments of policies and presets. What each one computes is told by its digest header.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/digest/crc16.hpp>
#include <memring/hashing/digest/crc32.hpp>
#include <memring/hashing/digest/fnv.hpp>
#include <memring/hashing/digest/java_hash.hpp>
#include <memring/hashing/digest/lookup3.hpp>
#include <memring/hashing/digest/md5.hpp>
#include <memring/hashing/digest/md5_lanes.hpp>
#include <memring/hashing/digest/murmur2.hpp>
#include <memring/hashing/digest/murmur3.hpp>
#include <memring/hashing/digest/one_at_a_time.hpp>
#include <memring/hashing/digest/sha384.hpp>
#include <memring/hashing/digest/super_fast_hash.hpp>
#include <memring/hashing/digest/xxh3.hpp>

namespace memring {

/// A function object from keys to unsigned numbers, usually stateless.
///
/// What the compiler cannot check: total, equal keys give equal numbers in every process and on
/// every platform, and it may be called from many threads at once. A hash that is faster on many
/// keys at a time has a static `hash_many(keys, out)` besides, which gives the same numbers.
template <class Hash>
concept key_hash = std::semiregular<Hash> && requires(const Hash& hash, std::string_view key) {
    { hash(key) }
    noexcept->std::unsigned_integral;
};

/// The key hashes. `name` is what users of the peer write in their configuration.
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

/// 15 bits of CRC-32. twemproxy's users write `crc32` for it.
struct crc {
    static constexpr std::string_view name = "crc";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memcached_crc(key);
    }
};

/// The whole CRC-32, as zlib's function. Its name is that of twemproxy's hash, where `crc32` means
/// the 15 bits of `hash::crc`.
struct crc32 {
    static constexpr std::string_view name = "crc32a";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memring::crc32(key);
    }
};

/// twemproxy's crc16, which is wider than 16 bits.
struct crc16 {
    static constexpr std::string_view name = "crc16";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return twemproxy_crc16(key);
    }
};

/// libmemcached's and twemproxy's dialect.
struct fnv1_32 {
    static constexpr std::string_view name = "fnv1_32";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return libmemcached_fnv1_32(key);
    }
};

/// libmemcached's and twemproxy's dialect.
struct fnv1a_32 {
    static constexpr std::string_view name = "fnv1a_32";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return libmemcached_fnv1a_32(key);
    }
};

/// libmemcached's and twemproxy's dialect: 32 bits.
struct fnv1_64 {
    static constexpr std::string_view name = "fnv1_64";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return libmemcached_fnv1_64(key);
    }
};

/// libmemcached's and twemproxy's dialect: 32 bits. The default of twemproxy.
struct fnv1a_64 {
    static constexpr std::string_view name = "fnv1a_64";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return libmemcached_fnv1a_64(key);
    }
};

/// Jenkins's one-at-a-time. The default of libmemcached, whose users call it `default`.
struct one_at_a_time {
    static constexpr std::string_view name = "one_at_a_time";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memring::one_at_a_time(key);
    }
};

/// MurmurHash2 with the seed libmemcached and twemproxy make of the key's length.
struct murmur {
    static constexpr std::string_view name = "murmur";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return murmur2(key, 0xdeadbeef * static_cast<std::uint32_t>(key.size()));
    }
};

/// MurmurHash3_x86_32 with the seed libmemcached makes of the key's length.
struct murmur3 {
    static constexpr std::string_view name = "murmur3";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return murmur3_32(key, 0xdeadbeef * static_cast<std::uint32_t>(key.size()));
    }
};

/// lookup3, started from 13 as libmemcached and twemproxy do.
struct jenkins {
    static constexpr std::string_view name = "jenkins";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return lookup3(key, 13);
    }
};

/// SuperFastHash.
struct hsieh {
    static constexpr std::string_view name = "hsieh";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return super_fast_hash(key);
    }
};

/// XXH3, 64 bits, seed 0: the key hash of the proxy built into memcached.
struct xxh3 {
    static constexpr std::string_view name = "xxh3";

    [[nodiscard]] std::uint64_t operator()(std::string_view key) const noexcept {
        return memring::xxh3(key);
    }
};

/// Word 0 of SHA-384: what the AWS ElastiCache client for Java calls KETAMA_HASH from 1.2.0 on.
struct sha384 {
    static constexpr std::string_view name = "sha384";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memring::sha384(key)[0];
    }
};

/// spymemcached's NATIVE_HASH, its default: Java's `String.hashCode`.
struct java_native {
    static constexpr std::string_view name = "NATIVE_HASH";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return java_string_hash(key);
    }
};

/// spymemcached's CRC_HASH: the same as `hash::crc`.
struct java_crc {
    static constexpr std::string_view name = "CRC_HASH";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memcached_crc(key);
    }
};

/// spymemcached's FNV1_32_HASH.
struct java_fnv1_32 {
    static constexpr std::string_view name = "FNV1_32_HASH";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memring::java_fnv1_32(key);
    }
};

/// spymemcached's FNV1A_32_HASH.
struct java_fnv1a_32 {
    static constexpr std::string_view name = "FNV1A_32_HASH";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memring::java_fnv1a_32(key);
    }
};

/// spymemcached's FNV1_64_HASH: 32 bits.
struct java_fnv1_64 {
    static constexpr std::string_view name = "FNV1_64_HASH";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memring::java_fnv1_64(key);
    }
};

/// spymemcached's FNV1A_64_HASH: 32 bits.
struct java_fnv1a_64 {
    static constexpr std::string_view name = "FNV1A_64_HASH";

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return memring::java_fnv1a_64(key);
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

static_assert(key_hash<hash::md5> && key_hash<hash::xxh3>);

}  // namespace memring
