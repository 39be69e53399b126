#pragma once
// The weighted ch3 of mcrouter: ch3 proposes a node, which accepts the key with a probability that
// is its weight; if it does not, ch3 is asked again under another key.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <memring/hashing/ch3.hpp>
#include <memring/hashing/detail/accepting_nodes.hpp>
#include <memring/hashing/detail/text_on_stack.hpp>
#include <memring/hashing/digest/spooky.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>

namespace memring {

namespace detail {

struct ch3_proposal {
    std::uint32_t bucket;
    bool is_accepted;
};

[[nodiscard]] inline ch3_proposal propose_ch3(std::string_view key,
                                              std::span<const std::uint32_t> acceptances) noexcept {
    constexpr std::uint32_t seed = 0xface2014;
    const std::uint32_t bucket = ch3_hash(key, static_cast<std::uint32_t>(acceptances.size()));
    return {bucket, spooky_32(key, seed) < acceptances[bucket]};
}

/// The key with the decimal digits of `retry` behind it, last digit first.
[[nodiscard]] inline std::size_t write_retry(std::string_view key, int retry, char* out) noexcept {
    char* end = std::ranges::copy(key, out).out;
    *end++ = static_cast<char>('0' + retry % 10);
    if (retry >= 10) *end++ = static_cast<char>('0' + retry / 10);
    return static_cast<std::size_t>(end - out);
}

/// The bucket of a key. Precondition: there are acceptances.
[[nodiscard]] inline std::uint32_t weighted_ch3_hash(
    std::string_view key, std::span<const std::uint32_t> acceptances) noexcept {
    ch3_proposal proposal = propose_ch3(key, acceptances);
    for (int retry = 0; !proposal.is_accepted && retry < ch3_tries - 1; ++retry) {
        proposal = with_text<512>(
            key.size() + 2, [&](char* out) { return write_retry(key, retry, out); },
            [&](std::string_view text) { return propose_ch3(text, acceptances); });
    }
    return proposal.bucket;
}

}  // namespace detail

/// The mapping of mcrouter's hash function `WeightedCh3`, the default of a pool with `weights`
/// (commit 9d7f4342), on whole keys: `compat::mcrouter_weighted_ch3` also knows the parts mcrouter
/// does not hash. The order of the nodes is the mapping. Lowering one weight moves keys of that
/// node only, to all others. When all nodes refuse a key 32 times over, it stays where it was
/// proposed last: with small weights everywhere, shares come out more even than the weights.
///
///     memring::weighted_ch3 policy{nodes, {.weights = {1, 1, 0.5}}};
///
/// Immutable, safe to read from many threads; copies share the weights, 4 bytes a node.
class weighted_ch3 {
public:
    /// No nodes.
    weighted_ch3() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, also for the first node past
    /// `ch3_max_buckets`, without a weight, or with one that is not 0 to 1;
    /// `errc::duplicate_node`.
    explicit weighted_ch3(std::span<const node> nodes, weighted_ch3_options options = {})
        : x_nodes("mcrouter weighted ch3", nodes, std::move(options)) {}

    /// The same mapping of another list: salt and options stay, so where weights were given the
    /// list must have as many nodes. Throws what the constructor throws.
    [[nodiscard]] weighted_ch3 rebuilt(std::span<const node> nodes) const {
        return weighted_ch3(nodes, x_nodes.options());
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_nodes.size(); }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_nodes.apply(key, detail::weighted_ch3_hash);
    }

private:
    detail::accepting_nodes x_nodes;
};

static_assert(rebuildable_hash_policy<weighted_ch3>);

}  // namespace memring
