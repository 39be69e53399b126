#pragma once
// ch3, also called furc: the consistent hash of mcrouter. Like jump it numbers its buckets and has
// no table; it draws bits from a chain of hashes instead of numbers from a generator.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/text_on_stack.hpp>
#include <memring/hashing/digest/murmur64a.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

/// The most buckets ch3 tells apart.
inline constexpr std::uint32_t ch3_max_buckets = 1U << 23;

namespace detail {

/// How far from one bit to the next that makes up a bucket's number.
inline constexpr std::size_t ch3_stride = 23;

inline constexpr std::uint64_t ch3_seed = 4193360111;

/// The endless row of bits that a key stands for, 64 of them at a time, each word the hash of the
/// one before it; made when asked for. No bit before the anchor may be asked for.
class ch3_bits {
public:
    constexpr explicit ch3_bits(std::string_view key) noexcept
        : x_anchor_word(murmur64a(key, ch3_seed)), x_word(x_anchor_word) {}

    [[nodiscard]] constexpr std::uint32_t operator[](std::size_t place) noexcept {
        if (place / 64 != x_index) seek(place / 64);
        return static_cast<std::uint32_t>(x_word >> (place % 64)) & 1;
    }

    /// 32 bits from `place` on, the first one lowest.
    [[nodiscard]] constexpr std::uint32_t read_32(std::size_t place) noexcept {
        seek(place / 64);
        const std::size_t skipped = place % 64;
        std::uint64_t read = x_word >> skipped;
        if (skipped > 32) {
            seek(place / 64 + 1);
            read |= x_word << (64 - skipped);
        }
        return static_cast<std::uint32_t>(read);
    }

    /// Bits 0 to 63, while the anchor is where it began.
    [[nodiscard]] constexpr std::uint64_t anchor_word() const noexcept { return x_anchor_word; }

    /// Forgets what lies before this bit.
    constexpr void move_anchor(std::size_t place) noexcept {
        if (place / 64 != x_index) seek(place / 64);
        x_anchor = x_index;
        x_anchor_word = x_word;
    }

    /// `murmur64a` of the word's bytes, little-endian.
    [[nodiscard]] static constexpr std::uint64_t word_after(std::uint64_t word) noexcept {
        constexpr std::uint64_t factor = 0xc6a4a7935bd1e995;
        word *= factor;
        word = (word ^ word >> 47) * factor;
        std::uint64_t hash = ((ch3_seed ^ 8 * factor) ^ word) * factor;
        hash = (hash ^ hash >> 47) * factor;
        return hash ^ hash >> 47;
    }

private:
    constexpr void seek(std::size_t index) noexcept {
        if (index < x_index) {
            x_index = x_anchor;
            x_word = x_anchor_word;
        }
        for (; x_index < index; ++x_index) x_word = word_after(x_word);
    }

    std::uint64_t x_anchor_word;
    std::size_t x_anchor = 0;
    std::uint64_t x_word;
    std::size_t x_index = 0;
};

inline constexpr int ch3_tries = 32;

/// Throws `std::system_error` that names the first node there is no room for.
inline void require_at_most(std::size_t most, std::string_view policy,
                            std::span<const node> nodes) {
    if (nodes.size() <= most) return;
    refuse_node(errc::invalid_node, policy, nodes, most,
                "is one more than the " + std::to_string(most) + " it can tell apart");
}

}  // namespace detail

/// The bucket, 0 to `buckets` - 1, of a key, as mcrouter's `furc_hash` has it (commit 9d7f4342).
/// With one bucket more a key stays or moves to the new one. Precondition: `buckets` is 1 to
/// `ch3_max_buckets`.
[[nodiscard]] constexpr std::uint32_t ch3_hash(std::string_view key,
                                               std::uint32_t buckets) noexcept {
    if (buckets <= 1) return 0;
    detail::ch3_bits bits(key);
    auto digits = static_cast<std::size_t>(std::bit_width(buckets - 1));
    std::size_t place = digits;
    for (int i = 0; i < detail::ch3_tries; ++i) {
        if (bits[place] == 0) {
            // The highest bit set below is how many digits the number has.
            const std::uint64_t below = bits.anchor_word() & ((std::uint64_t{1} << digits) - 2);
            if (below == 0) return 0;
            digits = static_cast<std::size_t>(std::bit_width(below)) - 1;
            place = digits;
        }
        place += detail::ch3_stride;
        std::uint32_t bucket = 1;
        for (std::size_t digit = 1; digit < digits; ++digit) {
            bucket = bucket << 1 | bits[place];
            place += detail::ch3_stride;
        }
        if (bucket < buckets) return bucket;
    }
    return 0;
}

/// What goes into the hash besides the key.
struct ch3_options {
    /// Default empty. mcrouter's `salt`: appended to every key.
    std::string salt = {};
};

/// The mapping of mcrouter's hash function `Ch3`, its default (commit 9d7f4342), on whole keys:
/// `compat::mcrouter_ch3` also knows the parts mcrouter does not hash. Weights are ignored, the
/// order of the nodes is the mapping: taking one out of the middle renumbers those behind it.
///
///     memring::ch3 policy{nodes};
///
/// Immutable, safe to read from many threads; a copy is two words.
class ch3 {
public:
    /// No nodes.
    ch3() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, also for the first node past
    /// `ch3_max_buckets`; `errc::duplicate_node`.
    explicit ch3(std::span<const node> nodes, ch3_options options = {})
        : x_node_count(static_cast<std::uint32_t>(nodes.size())), x_salt(std::move(options.salt)) {
        detail::require_at_most(ch3_max_buckets, "mcrouter ch3", nodes);
        detail::require_nodes("mcrouter ch3", nodes);
    }

    /// The same mapping of another list: the salt stays. Throws what the constructor throws.
    [[nodiscard]] ch3 rebuilt(std::span<const node> nodes) const {
        return ch3(nodes, {.salt = std::string(x_salt.text())});
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_node_count; }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_salt.append_to(
            key, [&](std::string_view salted) { return ch3_hash(salted, x_node_count); });
    }

private:
    std::uint32_t x_node_count = 0;
    detail::key_salt x_salt;
};

static_assert(rebuildable_hash_policy<ch3>);

}  // namespace memring
