#pragma once
// Byte-compatible with HashClient of pymemcache, the one of Pinterest (3.5.2 and 4.0.0, which route
// alike): its default hasher RendezvousHash with its own murmur3_32.
//
// Traps: the same key as `str` and as `bytes` lives on different servers, so ask which one the
// application passes. A key_prefix is not hashed. A server found dead is taken out of the hasher
// until it is tried again: the keys are then at the next of `candidates_of`.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/hashing/detail/murmur3_prefixes.hpp>
#include <memring/hashing/detail/python_text.hpp>
#include <memring/hashing/detail/text_on_stack.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/peer_rendezvous.hpp>
#include <memring/node.hpp>

namespace memring::compat {

/// `host:port`, always with the port, no brackets around IPv6; of a UNIX socket the path.
struct pymemcache_name {
    [[nodiscard]] std::string operator()(const node& n) const {
        return is_unix_socket(n) ? n.host : host_and_port{}(n);
    }
};

/// What both kinds of keys have in common: MurmurHash3 of `name-key`; of equal scores the larger
/// name wins.
struct pymemcache_rule {
    static constexpr std::string_view peer = "pymemcache";
    static constexpr bool hashes_prefix = false;
    using naming = pymemcache_name;

    class scorers : public detail::murmur3_prefixes {
    public:
        explicit scorers(std::span<const std::string> names)
            : murmur3_prefixes(beginnings(names)) {}

    private:
        static std::vector<std::string> beginnings(std::span<const std::string> names) {
            std::vector<std::string> all;
            for (const std::string& name : names) {
                std::string text = name + "-";
                text.resize(detail::write_low_bytes(name + "-", text.data()));
                all.push_back(std::move(text));
            }
            return all;
        }
    };

    [[nodiscard]] static std::vector<std::uint32_t> ranks(const std::vector<std::string>& names) {
        return detail::ranks_by(
            names.size(), [&](std::uint32_t a, std::uint32_t b) { return names[a] < names[b]; });
    }
};

/// Keys passed as `str`.
struct pymemcache_str_rule : pymemcache_rule {
    template <class Use>
    [[nodiscard]] static auto with_text(std::string_view key, Use use) noexcept {
        if (detail::is_ascii(key)) return use(key);
        return detail::with_text<512>(
            key.size(), [&](char* out) { return detail::write_low_bytes(key, out); }, use);
    }
};

/// Keys passed as `bytes`.
struct pymemcache_bytes_rule : pymemcache_rule {
    template <class Use>
    [[nodiscard]] static auto with_text(std::string_view key, Use use) noexcept {
        return detail::with_text<1024>(
            4 * key.size() + 3, [&](char* out) { return detail::write_bytes_repr(key, out); }, use);
    }
};

/// `HashClient(servers)` and keys of type `str`. The key here is its UTF-8 text; of a key that is
/// not ASCII (allow_unicode_keys=True), pymemcache hashes the low 8 bits of each code point.
/// Invalid UTF-8, which no `str` encodes to, is read as U+FFFD.
using pymemcache_rendezvous = peer_rendezvous<pymemcache_str_rule>;

/// `HashClient(servers)` and keys of type `bytes`: pymemcache hashes what Python prints for them,
/// as `b'user:1'`.
using pymemcache_rendezvous_bytes = peer_rendezvous<pymemcache_bytes_rule>;

/// pymemcache 4.0.0 routes as 3.5.2.
using pymemcache4_rendezvous = pymemcache_rendezvous;

/// pymemcache 4.0.0 routes as 3.5.2.
using pymemcache4_rendezvous_bytes = pymemcache_rendezvous_bytes;

static_assert(ranked_hash_policy<pymemcache_rendezvous> &&
              ranked_hash_policy<pymemcache_rendezvous_bytes>);

}  // namespace memring::compat
