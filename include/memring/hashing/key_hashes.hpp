#pragma once
// Key hashes as function objects, under the names users of the peers know them by: template
// arguments of policies and presets. What each one computes is told by its digest header.

#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/crc16.hpp>
#include <memring/hashing/digest/crc32.hpp>
#include <memring/hashing/digest/fnv.hpp>
#include <memring/hashing/digest/java_hash.hpp>
#include <memring/hashing/digest/lookup3.hpp>
#include <memring/hashing/digest/murmur2.hpp>
#include <memring/hashing/digest/murmur3.hpp>
#include <memring/hashing/digest/one_at_a_time.hpp>
#include <memring/hashing/digest/sha384.hpp>
#include <memring/hashing/digest/super_fast_hash.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/key_hash.hpp>

namespace memring {

/// The key hashes. `name` is what users of the peer write in their configuration.
namespace hash {

/// 15 bits of CRC-32. twemproxy's users write `crc32` for it.
struct crc {
    static constexpr std::string_view name = "crc";
    static constexpr std::uint32_t largest = 32767;

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
    static constexpr std::uint32_t largest = 32767;

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

static_assert(key_hash<hash::one_at_a_time> && key_hash<hash::xxh3>);

}  // namespace memring
