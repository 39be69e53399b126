#pragma once
// The weighted furc of mcrouter: ch3 proposes a node, which accepts the key with a probability that
// is its weight; if it does not, ch3 goes on further down the same row of bits.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <memring/hashing/ch3.hpp>
#include <memring/hashing/detail/accepting_nodes.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

namespace detail {

/// The ch3 walk over the bits behind `base`. Returns the bucket and moves `base` one stride past
/// the last bit read for it.
[[nodiscard]] inline std::uint32_t walk_furc(ch3_bits& bits, std::size_t& base,
                                             std::uint32_t buckets) noexcept {
    bits.move_anchor(base + 1);
    std::size_t top = base + static_cast<std::size_t>(std::bit_width(buckets - 1));
    std::size_t place = top;
    for (int i = 0; i < ch3_tries; ++i) {
        while (bits[place] == 0) {
            if (--top == base) {
                base = place + ch3_stride;
                return 0;
            }
            place = top;
        }
        place += ch3_stride;
        std::uint32_t bucket = 1;
        for (std::size_t digit = base + 1; digit < top; ++digit) {
            bucket = bucket << 1 | bits[place];
            place += ch3_stride;
        }
        if (bucket < buckets) {
            base = place;
            return bucket;
        }
    }
    base = place;
    return 0;
}

/// The bucket of a key. Precondition: there are acceptances.
[[nodiscard]] inline std::uint32_t weighted_furc_hash(
    std::string_view key, std::span<const std::uint32_t> acceptances) noexcept {
    constexpr std::uint32_t always = 0xffffffff;
    const auto buckets = static_cast<std::uint32_t>(acceptances.size());
    if (buckets <= 1) return 0;
    ch3_bits bits(key);
    std::size_t base = 0;
    std::uint32_t draw = 0;
    for (int i = 0; i < ch3_tries; ++i) {
        const std::uint32_t bucket = walk_furc(bits, base, buckets);
        if (acceptances[bucket] == always) return bucket;
        draw = bits.read_32(base);  // bits that the next walk reads again
        if (draw < acceptances[bucket]) return bucket;
    }
    return draw % buckets;
}

}  // namespace detail

/// The mapping of mcrouter's `weightedFurcHash` (commit 9d7f4342; `WeightedCh4`), on whole keys:
/// `compat::mcrouter_weighted_furc` also knows the parts mcrouter does not hash. The order of the
/// nodes is the mapping. Lowering one weight moves keys of that node only, to all others. A key
/// that is refused 32 times over goes to any node, even one of weight 0.
///
///     memring::weighted_furc policy{nodes, {.weights = {1, 1, 0.5}}};
///
/// Immutable, safe to read from many threads; copies share the weights, 4 bytes a node.
class weighted_furc {
public:
    /// No nodes.
    weighted_furc() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, also for the first node past
    /// `ch3_max_buckets`, without a weight, or with one that is not 0 to 1;
    /// `errc::duplicate_node`.
    explicit weighted_furc(std::span<const node> nodes, weighted_ch3_options options = {})
        : x_nodes("mcrouter weighted furc", nodes, std::move(options)) {}

    /// The same mapping of another list: salt and options stay, so where weights were given the
    /// list must have as many nodes. Throws what the constructor throws.
    [[nodiscard]] weighted_furc rebuilt(std::span<const node> nodes) const {
        return weighted_furc(nodes, x_nodes.options());
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_nodes.size(); }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_nodes.apply(key, detail::weighted_furc_hash);
    }

private:
    detail::accepting_nodes x_nodes;
};

static_assert(rebuildable_hash_policy<weighted_furc>);

}  // namespace memring
