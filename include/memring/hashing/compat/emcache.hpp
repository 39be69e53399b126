#pragma once
// Byte-compatible with emcache, the client for Python's asyncio (commit f931e60): rendezvous
// hashing, the only way it knows.
//
// Traps: an accident of operator precedence leaves 640 different scores instead of 2^32, so equal
// ones are frequent and decide where keys live; an ordinary rendezvous hash on MurmurHash3 does not
// match. Where emcache leaves unhealthy nodes out
// (purge_unhealthy_nodes), their keys are at the next of `candidates_of`.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <memring/hashing/detail/text_on_stack.hpp>
#include <memring/hashing/digest/murmur3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/peer_rendezvous.hpp>

namespace memring::compat {

/// emcache's 32 bits of MurmurHash3_x64_128, seed 0: of the bytes meant to follow the first one
/// only the sign is left, spread over all above.
[[nodiscard]] constexpr std::uint32_t emcache_hash(std::string_view text) noexcept {
    const auto bytes = static_cast<std::uint32_t>(murmur3_128(text)[0]);
    std::uint32_t hash = bytes & 0xff;
    if ((bytes & 0x80) != 0) hash |= 0xffffff00;
    if ((bytes & 0x8000) != 0) hash |= 0xffffff00;
    if ((bytes & 0x800000) != 0) hash |= 0xffff0000;
    if ((bytes & 0x80000000) != 0) hash |= 0xff000000;
    return hash;
}

/// The hash of the key and at once `host` and port, without anything between them; of equal
/// scores the node with the larger hash of its own text wins, then the earlier one.
struct emcache_rule {
    static constexpr std::string_view peer = "emcache";
    using naming = host_joined_port;

    class scorer {
    public:
        explicit scorer(std::string name) : x_name(std::move(name)) {}

        [[nodiscard]] std::uint32_t score(std::string_view key) const noexcept {
            return detail::with_text<512>(
                key.size() + x_name.size(),
                [&](char* out) {
                    std::ranges::copy(x_name, std::ranges::copy(key, out).out);
                    return key.size() + x_name.size();
                },
                emcache_hash);
        }

    private:
        std::string x_name;
    };

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
