// What each preset says of the prefixes of its peer, and what goes over a policy makes of it.

#include <memring/hashing/prefix_hashing.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat.hpp>
#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/key_part.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/hashing/rendezvous.hpp>
#include <memring/node.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

template <class... Policies>
bool all_say(std::optional<bool> expected) {
    return ((hashes_prefix(Policies()) == expected &&
             erase_policy(Policies())->hashes_prefix() == expected) &&
            ...);
}

// Three policies of somebody's own, that say it, say it at run time, and know nothing.
struct first_node {
    first_node() = default;
    explicit first_node(std::span<const node> nodes)
        : count(static_cast<std::uint32_t>(nodes.size())) {}
    [[nodiscard]] std::uint32_t owner_of(std::string_view) const noexcept { return 0; }
    [[nodiscard]] std::uint32_t node_count() const noexcept { return count; }
    std::uint32_t count = 0;
};

struct stating_policy : first_node {
    using first_node::first_node;
    static constexpr bool hashes_prefix = true;
};

struct telling_policy : first_node {
    using first_node::first_node;
    [[nodiscard]] std::optional<bool> hashes_prefix() const noexcept { return answer; }
    std::optional<bool> answer;
};

static_assert(states_prefix_hashing<stating_policy> && !tells_prefix_hashing<stating_policy>);
static_assert(tells_prefix_hashing<telling_policy> && !states_prefix_hashing<telling_policy>);
static_assert(!states_prefix_hashing<first_node> && !tells_prefix_hashing<first_node>);
static_assert(states_prefix_hashing<compat::libmemcached_modula<>::rule_type>);

}  // namespace

TEST_CASE("libmemcached and what is built on it hash the key without its prefix") {
    using namespace compat;
    CHECK(all_say<libmemcached_modula<>, libmemcached_modula_sorted_hosts<>, libmemcached_ketama<>,
                  libmemcached_ketama_weights_ignored<>, libmemcached_ketama_stale<hash::md5>,
                  libmemcached_ketama_sorted_hosts<>, libmemcached_ketama_weighted<>,
                  libmemcached_ketama_spy<>, libmemcached_ketama_spy_weighted<>>(false));
    CHECK(all_say<aws_libmemcached_modula<>, aws_libmemcached_ketama<>,
                  aws_libmemcached_ketama_weighted<>>(false));
    CHECK(
        all_say<pylibmc_modula<>, pylibmc_ketama, pylibmc_ketama_md5, pylibmc_ketama_assigned_later,
                pylibmc_hash_then_ketama, pylibmc_ketama_then_hash, pylibmc_ketama_weighted>(
            false));
    CHECK(all_say<php_modula<>, php_libketama_compatible, php_distribution_consistent<>,
                  php_distribution_consistent_servers_first<>>(false));
}

TEST_CASE("pymemcache hashes the key without its prefix, python-memcached with it") {
    using namespace compat;
    CHECK(all_say<pymemcache_rendezvous, pymemcache_rendezvous_bytes, pymemcache4_rendezvous,
                  pymemcache4_rendezvous_bytes>(false));
    CHECK(all_say<python_memcached_1_59, python_memcached_1_60>(true));
}

TEST_CASE("clients without prefixes hash what an application puts before its keys") {
    using namespace compat;
    CHECK(all_say<emcache>(true));
    CHECK(
        all_say<spymemcached_arraymod<>, spymemcached_ketama<>, spymemcached_ketama<hash::java_crc>,
                spymemcached_ketama_weighted, spymemcached_ketama_libmemcached_format<>,
                spymemcached_ketama_libmemcached_format_weighted>(true));
    CHECK(
        all_say<aws_java_arraymod<>, aws_java_ketama<>, aws_java_ketama<hash::java_crc>,
                aws_java_ketama_libmemcached_format<>, aws_java_ketama_libmemcached_format_weighted,
                aws_java_dynamic<>, aws_java_dynamic_without_ips<>>(true));
}

TEST_CASE("proxies hash what clients put before their keys") {
    using namespace compat;
    CHECK(all_say<twemproxy_ketama<>, twemproxy_modula<>, hash_tagged<twemproxy_ketama<>>>(true));
    CHECK(all_say<mcrouter_crc32, mcrouter_ch3, mcrouter_weighted_ch3, mcrouter_weighted_furc,
                  mcrouter_weighted_ch4>(true));
    CHECK(
        all_say<memcached_proxy_jump, memcached_proxy_ring_default<>, memcached_proxy_ring_ketama<>,
                memcached_proxy_ring_twemproxy<>, memcached_proxy_ring_evcache<>>(true));
}

TEST_CASE("where nothing is known nothing is said") {
    using namespace compat;
    CHECK(all_say<rj_ketama, python_consistent_memcached<>, python_consistent_memcached_weighted<>>(
        std::nullopt));
    CHECK(all_say<ketama, jump, modulus, rehash_modulus, rendezvous, ch3, weighted_ch3,
                  weighted_furc, routing_part<ch3>, hash_tagged<ketama>, first_node>(std::nullopt));
}

TEST_CASE("a policy of one's own says it by a constant or by a member") {
    CHECK(all_say<stating_policy, hash_tagged<stating_policy>, prefixed<stating_policy>>(true));
    telling_policy policy;
    CHECK_FALSE(hashes_prefix(policy));
    policy.answer = true;
    CHECK(hashes_prefix(policy) == true);
    CHECK(hashes_prefix(routing_part<telling_policy>(policy)) == true);
    policy.answer = false;
    CHECK(hashes_prefix(policy) == false);
    CHECK(erase_policy(policy)->hashes_prefix() == false);
}

TEST_CASE("a policy that adds a prefix itself wants no other before the key") {
    const std::vector<node> nodes = sample::nodes(3);
    CHECK(hashes_prefix(prefixed<stating_policy>(nodes, "app:")) == false);
    CHECK(hashes_prefix(prefixed<ketama>(nodes, "app:")) == false);
    CHECK_FALSE(hashes_prefix(prefixed<ketama>(nodes)));
}

TEST_CASE("another list changes nothing about it") {
    const std::vector<node> nodes = sample::nodes(3);
    CHECK(hashes_prefix(rebuilt(compat::twemproxy_ketama<>(), nodes)) == true);
    CHECK(hashes_prefix(rebuilt(compat::mcrouter_ch3(), nodes)) == true);
    CHECK(hashes_prefix(rebuilt(prefixed<stating_policy>(nodes, "app:"), nodes)) == false);
    CHECK(erase_policy(compat::pymemcache_rendezvous())->rebuilt(nodes)->hashes_prefix() == false);
}
