#pragma once
// Byte-compatible with RJ's libketama, the first ketama (commit 18cf9a7).

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/key_hash.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/point_rule.hpp>
#include <memring/hashing/ring.hpp>
#include <memring/node.hpp>

namespace memring::compat {

/// 40 texts for a server of average memory. Unlike libmemcached it multiplies in double precision
/// and rounds to single only then: with equal memory that makes it 39 texts for 61 servers, and
/// for no other number up to 100.
struct rj_ketama_texts {
    [[nodiscard]] constexpr std::uint32_t operator()(std::uint32_t weight, std::uint64_t total,
                                                     std::size_t nodes) const noexcept {
        const float share = static_cast<float>(weight) / static_cast<float>(total);
        const double texts = static_cast<double>(share) * 40.0 * static_cast<double>(nodes);
        return static_cast<std::uint32_t>(static_cast<float>(texts));
    }
};

struct rj_ketama_rule : ring_rule<md5_points, host_and_port, rj_ketama_texts> {
    static constexpr std::string_view name = "RJ's ketama";
    static constexpr std::size_t max_name_size = 21;  ///< the peer stores no more of `host:port`

    /// Refuses a name the peer cannot hold: `errc::invalid_node`.
    [[nodiscard]] static point_plan plan(std::span<const node> nodes) {
        for (std::size_t place = 0; place < nodes.size(); ++place) {
            if (host_and_port{}(nodes[place]).size() <= max_name_size) continue;
            detail::refuse_node(errc::invalid_node, name, nodes, place,
                                "has a name of more than " + std::to_string(max_name_size) +
                                    " characters, which the peer cannot hold");
        }
        return detail::plan_points<md5_points, rj_ketama_texts>(nodes);
    }
};

/// RJ's libketama: 160 points for a server of average memory. `host:port` is the address in its
/// server file, always with the port, and `weight` the memory behind it (in any unit: only the
/// shares count).
///
/// Traps: a server file whose last line does not end in a newline loses the last digit of that
/// line's memory, so say 10 for a 100 at its end. Not the mapping of libmemcached: names, and
/// rounding where memory differs, are others.
using rj_ketama = ring<rj_ketama_rule, hash::md5>;

static_assert(ranked_hash_policy<rj_ketama>);

}  // namespace memring::compat
