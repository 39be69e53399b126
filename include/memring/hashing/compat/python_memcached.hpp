#pragma once
// Byte-compatible with python-memcached: 1.59 and before, and 1.60 (commit 91bbf73).
//
// The order of the servers is the mapping, each is as many buckets as its weight. str keys count
// as their UTF-8. The `key_prefix` of get_multi and others is part of what is hashed, so ask for
// the owner of the whole key, as a client with that prefix does. Of a `(number, key)` tuple the
// number is the hash: `owner_of_hash`.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/basic_modulus.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/node.hpp>

namespace memring::compat {

/// A server is as many buckets as its weight.
struct python_memcached_rule : bucket_rule<bucket_weights::counted> {
    static constexpr std::string_view name = "python-memcached";
    static constexpr bool hashes_prefix = true;
};

/// What the versions have in common. `KeyHash` is the peer's `serverHashFunction`.
template <key_hash KeyHash>
class basic_python_memcached : public rehashing_modulus<python_memcached_rule, KeyHash> {
    using base = rehashing_modulus<python_memcached_rule, KeyHash>;

public:
    /// No nodes.
    basic_python_memcached() noexcept = default;

    /// Throws what `basic_modulus` throws.
    explicit basic_python_memcached(std::span<const node> nodes) : base(nodes) {
        for (const node& n : nodes) x_bucket_count += n.weight;
    }

    /// The index of the node that owns the tuples `(number, key)`, whatever the key. Python's
    /// remainder of a negative number is positive; of a number beyond 64 bits give the remainder by
    /// the sum of the weights. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of_hash(std::int64_t number) const noexcept {
        std::int64_t bucket = number % x_bucket_count;
        if (bucket < 0) bucket += x_bucket_count;
        // Buckets past 32 bits are of the last node, as the last that has 32 bits.
        constexpr std::int64_t largest = 0xffffffff;
        return base::owner_of_hash(static_cast<std::uint32_t>(std::min(bucket, largest)));
    }

    /// The servers the peer tries in turn for a tuple `(number, key)`: as `candidates_of`.
    std::size_t candidates_of_hash(std::int64_t number,
                                   std::span<std::uint32_t> out) const noexcept {
        if (this->node_count() == 0) return 0;
        const std::size_t count = std::min<std::size_t>(out.size(), base::max_attempts);
        for (std::size_t i = 0; i < count; ++i) {
            out[i] = owner_of_hash(number);
            char text[32];  // at most twenty characters and one
            char* const middle = std::to_chars(text, text + sizeof text, number).ptr;
            char* const end = std::to_chars(middle, text + sizeof text, i).ptr;
            number = KeyHash{}({text, static_cast<std::size_t>(end - text)});
        }
        return count;
    }

private:
    std::int64_t x_bucket_count = 0;
};

/// python-memcached up to 1.59 (Debian's 1.59-5 was asked, which calls itself 1.58): 15 bits of
/// CRC-32, where 0 becomes 1. The same mapping as `memring::modulus`.
using python_memcached_1_59 = basic_python_memcached<hash::python_memcached>;

/// python-memcached from 1.60 on: 15 bits of CRC-32, where 0 stays 0. One key in 32768 differs
/// from 1.59; the owner of such a key is bucket 0 here and bucket 1 there.
using python_memcached_1_60 = basic_python_memcached<hash::crc>;

static_assert(ranked_hash_policy<python_memcached_1_59> &&
              ranked_hash_policy<python_memcached_1_60>);

}  // namespace memring::compat
