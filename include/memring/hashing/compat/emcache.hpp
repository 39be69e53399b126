#pragma once
// Byte-compatible with emcache, the client for Python's asyncio (commit f931e60): rendezvous
// hashing, the only way it knows.
//
// Traps: an accident of operator precedence leaves 640 different scores instead of 2^32, so equal
// ones are frequent and decide where keys live; an ordinary rendezvous hash on MurmurHash3 does not
// match. There is no prefix: what an application puts before its keys is hashed. Where emcache
// leaves unhealthy nodes out (purge_unhealthy_nodes), their keys are at the next of
// `candidates_of`.

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <memring/hashing/detail/murmur3_suffixes.hpp>
#include <memring/hashing/digest/murmur3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/peer_rendezvous.hpp>

namespace memring::compat {

/// What emcache makes of a hash: of the bytes meant to follow the lowest one only the sign is left,
/// spread over all above.
struct emcache_score {
    /// Of the low 32 bits of the word, or of each word of a vector.
    template <class Word>
    [[gnu::always_inline]] static constexpr void make(Word& word) noexcept {
        Word signs = word & 0x80808080U;
        signs |= signs << 8;
        signs |= signs << 16;
        signs = (signs & 0x80808000U) >> 7;
        word = (word & 0xff) | ((signs << 8) - signs);
    }
};

/// emcache's 32 bits of MurmurHash3_x64_128, seed 0.
[[nodiscard]] constexpr std::uint32_t emcache_hash(std::string_view text) noexcept {
    std::uint64_t word = murmur3_128(text)[0];
    emcache_score::make(word);
    return static_cast<std::uint32_t>(word);
}

/// The hash of the key and at once `host` and port, without anything between them; of equal
/// scores the node with the larger hash of its own text wins, then the earlier one.
struct emcache_rule {
    static constexpr std::string_view peer = "emcache";
    static constexpr bool hashes_prefix = true;
    using naming = host_joined_port;
    using scorers = detail::murmur3_suffixes<emcache_score>;

    [[nodiscard]] static std::vector<std::uint32_t> ranks(const std::vector<std::string>& names) {
        return detail::ranks_by(names.size(), [&](std::uint32_t a, std::uint32_t b) {
            return std::tuple(emcache_hash(names[a]), b) < std::tuple(emcache_hash(names[b]), a);
        });
    }

    template <class Use>
    [[nodiscard]] static auto with_text(std::string_view key, Use use) noexcept {
        return use(key);
    }
};

/// `emcache.create_client(nodes)`. Weights are ignored; the order of the nodes counts where all
/// else is equal.
using emcache = peer_rendezvous<emcache_rule>;

static_assert(ranked_hash_policy<emcache>);

}  // namespace memring::compat
