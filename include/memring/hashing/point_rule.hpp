#pragma once
// How nodes become points of a ring. What is called "ketama" is a dozen rings that differ in these
// rules only; each is a type, so that two of them are never taken for one another.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/digest/md5.hpp>
#include <memring/hashing/digest/md5_lanes.hpp>
#include <memring/hashing/key_hash.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/node_order.hpp>
#include <memring/node.hpp>

namespace memring {

/// A digest of point texts: each of the words it gives for a text is a point. It may have a static
/// `digest_many(texts, digests)` that is faster on many texts and gives the same.
template <class Digest>
concept point_digest = std::semiregular<Digest> &&
    requires(const Digest& digest, std::string_view text) {
    { digest(text)[0] } -> std::convertible_to<std::uint32_t>;
    requires std::tuple_size<decltype(digest(text))>::value != 0;
};

/// Four points a text: the words of its MD5.
struct md5_points {
    [[nodiscard]] md5_digest operator()(std::string_view text) const noexcept { return md5(text); }

    static void digest_many(std::span<const std::string_view> texts,
                            std::span<md5_digest> digests) noexcept {
        md5_many(texts, digests);
    }
};

/// One point a text: its hash, the low 32 bits of a longer one.
template <key_hash Hash>
struct hash_points {
    [[nodiscard]] std::array<std::uint32_t, 1> operator()(std::string_view text) const noexcept {
        return {static_cast<std::uint32_t>(Hash{}(text))};
    }
};

/// How many texts a node puts on the ring: of its weight, the sum of all weights and their number.
template <class Texts>
concept text_count = std::semiregular<Texts> &&
    requires(const Texts& texts, std::uint32_t weight, std::uint64_t total, std::size_t nodes) {
    { texts(weight, total, nodes) }
    noexcept->std::same_as<std::uint32_t>;
};

/// As many for every node, whatever its weight.
template <std::uint32_t Count>
struct equal_texts {
    [[nodiscard]] constexpr std::uint32_t operator()(std::uint32_t, std::uint64_t,
                                                     std::size_t) const noexcept {
        return Count;
    }
};

/// `Points` / `Words` for a node of average weight, where a text gives `Words` points. The steps
/// are those of libmemcached 1.1.4, each rounded to single precision: for 160 points of 4 words
/// and equal weights that makes it 39 texts instead of 40 where the product falls short (25, 47,
/// 50, 55, 61, 71, 94 and 100 nodes of up to 100).
template <std::uint32_t Points = 160, std::uint32_t Words = 4>
struct texts_by_weight {
    [[nodiscard]] constexpr std::uint32_t operator()(std::uint32_t weight, std::uint64_t total,
                                                     std::size_t nodes) const noexcept {
        const float share = static_cast<float>(weight) / static_cast<float>(total);
        const float portion = share * static_cast<float>(Points) / static_cast<float>(Words);
        return static_cast<std::uint32_t>(portion * static_cast<float>(nodes));
    }
};

/// To whom a value belongs that points of two nodes have, in the order of the rule.
enum class shared_value {
    to_first,  ///< libmemcached, twemproxy
    to_last    ///< spymemcached: the last writer wins
};

/// A point digest with its type erased.
struct point_maker {
    std::size_t points_per_text = 0;
    /// Writes the points of all texts one after the other.
    void (*make)(std::span<const std::string_view> texts, std::uint32_t* values) = nullptr;

    friend bool operator==(const point_maker&, const point_maker&) = default;
};

/// The points of one list of nodes: which digest makes them, and how many texts each node has.
/// The texts of a node are its name, a hyphen and a number from 0 on.
struct point_plan {
    point_maker maker;
    std::vector<std::uint32_t> texts;
};

namespace detail {

template <point_digest Digest>
void make_points(std::span<const std::string_view> texts, std::uint32_t* values) {
    using words = decltype(Digest{}(std::string_view()));
    if constexpr (requires(std::span<words> out) { Digest::digest_many(texts, out); }) {
        std::vector<words> digests(texts.size());
        Digest::digest_many(texts, std::span<words>(digests));
        for (const words& digest : digests) values = std::ranges::copy(digest, values).out;
    } else {
        for (const std::string_view text : texts) {
            values = std::ranges::copy(Digest{}(text), values).out;
        }
    }
}

/// The plan that has one digest and one count for all lists.
template <point_digest Digest, text_count Texts>
[[nodiscard]] point_plan plan_points(std::span<const node> nodes) {
    using words = decltype(Digest{}(std::string_view()));
    std::uint64_t total = 0;
    for (const node& n : nodes) total += n.weight;
    point_plan plan{{std::tuple_size_v<words>, make_points<Digest>}, {}};
    plan.texts.reserve(nodes.size());
    for (const node& n : nodes) plan.texts.push_back(Texts{}(n.weight, total, nodes.size()));
    return plan;
}

}  // namespace detail

/// A rule put together from its parts; the defaults are libmemcached's KETAMA_WEIGHTED. Derive
/// from it to give it a name of its own:
///
///     struct my_rule : memring::ring_rule<memring::md5_points, memring::host_and_port> {
///         static constexpr std::string_view name = "my ring";
///     };
///     using my_ring = memring::ring<my_rule>;
template <point_digest Digest = md5_points, node_naming Naming = host_and_unusual_port,
          text_count Texts = texts_by_weight<>, node_order Order = as_listed,
          shared_value Shared = shared_value::to_first>
struct ring_rule {
    using naming = Naming;
    using order = Order;
    static constexpr std::string_view name = "ring";  ///< for error messages
    static constexpr shared_value shared = Shared;

    [[nodiscard]] static point_plan plan(std::span<const node> nodes) {
        return detail::plan_points<Digest, Texts>(nodes);
    }
};

/// What a ring asks of its rule. What the compiler cannot check: equal lists give equal plans,
/// and at least one node of a list has a text.
template <class Rule>
concept point_rule = node_naming<typename Rule::naming> && node_order<typename Rule::order> &&
    requires(std::span<const node> nodes) {
    { Rule::name } -> std::convertible_to<std::string_view>;
    { Rule::shared } -> std::convertible_to<shared_value>;
    { Rule::plan(nodes) } -> std::same_as<point_plan>;
};

}  // namespace memring
