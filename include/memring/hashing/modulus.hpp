#pragma once
// Modulus as python-memcached does it: hash modulo number of buckets, and whom to ask when a
// server is dead.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/basic_modulus.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hash.hpp>
#include <memring/hashing/python_memcached.hpp>

namespace memring {

namespace hash {

/// python-memcached's up to 1.59: 15 bits of CRC-32, where 0 becomes 1. From 1.60 on the peer has
/// `hash::crc`.
struct python_memcached {
    static constexpr std::string_view name = "python_memcached";
    static constexpr std::uint32_t largest = 32767;

    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return python_memcached_hash(key);
    }
};

}  // namespace hash

/// A modulus that also knows whom python-memcached asks while servers are dead: the owner of the
/// hash of the previous hash and the number of the attempt, both written in decimal.
template <modulus_rule Rule, key_hash KeyHash>
class rehashing_modulus : public basic_modulus<Rule, KeyHash> {
public:
    /// The attempts `candidates_of` knows of, the owner included.
    static constexpr std::uint32_t max_attempts = 10;

    using basic_modulus<Rule, KeyHash>::basic_modulus;

    /// The servers the peer tries in turn while each is found dead, the owner first, at most
    /// `max_attempts`. A node may come more than once. Returns how many were written.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        if (this->node_count() == 0) return 0;
        const std::size_t count = std::min<std::size_t>(out.size(), max_attempts);
        hash_value<KeyHash> hash = KeyHash{}(key);
        for (std::uint32_t i = 0; i < count; ++i) {
            out[i] = this->owner_of_hash(hash);
            hash = hash_of_attempt(hash, i);
        }
        return count;
    }

private:
    [[nodiscard]] static hash_value<KeyHash> hash_of_attempt(hash_value<KeyHash> previous,
                                                             std::uint32_t attempt) noexcept {
        char text[32];  // at most twenty digits and one
        char* const middle = std::to_chars(text, text + sizeof text, previous).ptr;
        char* const end = std::to_chars(middle, text + sizeof text, attempt).ptr;
        return KeyHash{}({text, static_cast<std::size_t>(end - text)});
    }
};

/// A node is as many buckets as its weight.
struct weighted_modulus_rule : bucket_rule<bucket_weights::counted> {};

/// The mapping of python-memcached 1.59 (and before): each node is `weight` buckets, in order, and
/// a key's 15-bit hash modulo their number is its bucket. The order of the nodes is the mapping.
///
///     memring::modulus policy{nodes};
///
/// Immutable, safe to read from many threads; copies share the buckets (4 bytes each, at most
/// 32768 of them).
class modulus : public rehashing_modulus<weighted_modulus_rule, hash::python_memcached> {
public:
    using rehashing_modulus::rehashing_modulus;
};

static_assert(ranked_hash_policy<modulus>);

}  // namespace memring
