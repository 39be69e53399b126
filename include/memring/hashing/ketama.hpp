#pragma once
// Ketama: consistent hashing over a ring of MD5 points, in the flavour that libmemcached calls
// KETAMA_WEIGHTED. Needs no Asio and no xxHash.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/point_ring.hpp>
#include <memring/hashing/digest/md5.hpp>
#include <memring/hashing/digest/md5_lanes.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/node.hpp>

namespace memring {

namespace detail {

/// How many texts of four points each a node of `weight` puts on the ring. The steps are those of
/// libmemcached 1.1.4, each rounded to single precision: that makes it 39 instead of 40 for equal
/// weights where the product falls short (25, 47, 50, 55, 61, 71, 94 and 100 nodes).
[[nodiscard]] constexpr std::uint32_t ketama_text_count(std::uint32_t weight,
                                                        std::uint64_t total_weight,
                                                        std::size_t nodes) noexcept {
    const float share = static_cast<float>(weight) / static_cast<float>(total_weight);
    const float quarter = share * 160.0F / 4.0F;
    const float texts = quarter * static_cast<float>(nodes);
    return static_cast<std::uint32_t>(texts);
}

}  // namespace detail

/// The mapping of libmemcached's KETAMA_WEIGHTED (1.1.4; the same in php-memcached with
/// OPT_LIBKETAMA_COMPATIBLE and in pylibmc with ketama_weighted): 160 points a node, scaled by
/// weight, key and points hashed with MD5.
///
///     memring::ketama policy{nodes};
///     const memring::node& owner = nodes[policy.owner_of("user:1")];
///
/// A node is named `host` on port 11211, else `host:port`, as the application wrote it: never
/// resolved, no brackets around IPv6. Order matters only where two points collide. A node of far
/// less weight than the others (under about 1/40 of the average) gets no point and so no key; it
/// is accepted because its weight still shapes the ring, and libmemcached's fleet counts it too.
/// Immutable, safe to read from many threads; copies share the ring.
class ketama {
public:
    /// No nodes.
    ketama() noexcept = default;

    /// Throws `std::system_error`: `errc::invalid_node`, or `errc::duplicate_node` also for two
    /// nodes of one name (an IPv6 literal without brackets can read as another one with a port).
    explicit ketama(std::span<const node> nodes);

    [[nodiscard]] std::uint32_t node_count() const noexcept {
        return x_shared ? x_shared->node_count : 0;
    }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        // libmemcached does not hash for a single server either.
        return x_shared->node_count == 1 ? 0 : x_shared->ring.owner_of(md5(key)[0]);
    }

    /// The owners of many keys, in about half the time: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept;

    /// The owner and the nodes that follow it clockwise on the ring, each once: where a key would
    /// go if those before were taken out (exactly so with equal weights, but for the points a
    /// changed number of nodes adds or takes). Returns how many were written.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out) const noexcept {
        return x_shared ? x_shared->ring.walk(md5(key)[0], out) : 0;
    }

private:
    struct shared_ring {
        std::uint32_t node_count;
        detail::point_ring ring;
    };

    static void require_names(std::span<const node> nodes, std::span<const std::string> names);
    static std::vector<detail::ring_point> make_points(std::span<const node> nodes,
                                                       std::span<const std::string> names);

    std::shared_ptr<const shared_ring> x_shared;
};

inline ketama::ketama(std::span<const node> nodes) {
    detail::require_nodes("ketama", nodes);
    if (nodes.empty()) return;
    std::vector<std::string> names(nodes.size());
    std::ranges::transform(nodes, names.begin(), host_and_unusual_port{});
    require_names(nodes, names);
    x_shared = std::make_shared<const shared_ring>(shared_ring{
        static_cast<std::uint32_t>(nodes.size()), detail::point_ring(make_points(nodes, names))});
}

inline void ketama::owners_of(std::span<const std::string_view> keys,
                              std::span<std::uint32_t> owners) const noexcept {
    owners = owners.first(keys.size());
    if (node_count() == 1) {
        std::ranges::fill(owners, 0U);
        return;
    }
    md5_first_words(keys, owners);
    for (std::uint32_t& owner : owners) owner = x_shared->ring.owner_of(owner);
}

inline void ketama::require_names(std::span<const node> nodes, std::span<const std::string> names) {
    const std::size_t again = detail::find_duplicate(
        nodes, [&](std::size_t place) { return std::string_view(names[place]); });
    if (again == nodes.size()) return;
    detail::refuse_node(errc::duplicate_node, "ketama", nodes, again,
                        "has the name of another node, \"" + names[again] + "\"");
}

inline std::vector<detail::ring_point> ketama::make_points(std::span<const node> nodes,
                                                           std::span<const std::string> names) {
    std::uint64_t total_weight = 0;
    for (const node& n : nodes) total_weight += n.weight;
    std::vector<detail::ring_point> points;
    points.reserve(nodes.size() * 160);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        std::string text = names[i] + "-";
        const std::size_t stem = text.size();
        const auto texts = detail::ketama_text_count(nodes[i].weight, total_weight, nodes.size());
        for (std::uint32_t number = 0; number < texts; ++number) {
            text.resize(stem);
            text += std::to_string(number);
            for (const std::uint32_t word : md5(text)) {
                points.push_back({word, static_cast<std::uint32_t>(i)});
            }
        }
    }
    return points;
}

static_assert(ranked_hash_policy<ketama>);

}  // namespace memring
