// Every scheme of the list has the owners of the static type it stands for, under the names of
// hashes that users of the peer write.

#include <memring/hashing/schemes.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/any_policy.hpp>
#include <memring/hashing/bounded_load.hpp>
#include <memring/hashing/ch3.hpp>
#include <memring/hashing/compat/aws_java.hpp>
#include <memring/hashing/compat/aws_libmemcached.hpp>
#include <memring/hashing/compat/emcache.hpp>
#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/compat/mcrouter.hpp>
#include <memring/hashing/compat/memcached_proxy.hpp>
#include <memring/hashing/compat/php_memcached.hpp>
#include <memring/hashing/compat/pylibmc.hpp>
#include <memring/hashing/compat/pymemcache.hpp>
#include <memring/hashing/compat/python_consistent_memcached.hpp>
#include <memring/hashing/compat/python_memcached.hpp>
#include <memring/hashing/compat/rj_ketama.hpp>
#include <memring/hashing/compat/spymemcached.hpp>
#include <memring/hashing/compat/twemproxy.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/key_part.hpp>
#include <memring/hashing/maglev.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/hashing/rendezvous.hpp>
#include <memring/hashing/stable_jump.hpp>
#include <memring/hashing/weighted_ch3.hpp>

#include "sample_nodes.hpp"

MEMRING_DEFINE_SCHEMES;

using namespace memring;

namespace {

constexpr std::size_t keys_per_scheme = 1000;

// Hosts, ports, weights, addresses and names all matter to some peer.
std::vector<node> weighted_fleet() {
    std::vector<node> nodes = sample::nodes(7);
    nodes[2].port = 11300;
    nodes[4].weight = 3;
    nodes[5].name = "five";
    for (node& n : nodes) n.address = n.host;
    return nodes;
}

// Compares policies with the schemes of their names, and remembers which.
class scheme_checker {
public:
    /// The scheme `text` is `expected`, which was built from `nodes`.
    template <class Policy>
    void is_same(const std::string& text, const Policy& expected);

    template <class Policy>
    void is_same(const std::string& text) {
        is_same(text, Policy(std::span<const node>(nodes)));
    }

    /// The scheme of each name with each hash is `make` of that hash, and with none that of the
    /// default.
    template <class Default, class... Hashes, class Make>
    void is_same_by_hash(const std::string& name, Default otherwise, const Make& make,
                         Hashes... hashes) {
        is_same(name, make(otherwise));
        (is_same(name + ":" + std::string(Hashes::name), make(hashes)), ...);
    }

    /// Each with each hash of libmemcached.
    template <class Default, class Make>
    void is_same_by_libmemcached_hash(const std::string& name, Default otherwise,
                                      const Make& make) {
        is_same_by_hash(name, otherwise, make, hash::one_at_a_time{}, hash::md5{}, hash::crc{},
                        hash::fnv1_64{}, hash::fnv1a_64{}, hash::fnv1_32{}, hash::fnv1a_32{},
                        hash::hsieh{}, hash::murmur{}, hash::jenkins{}, hash::murmur3{});
        is_same(name + ":hash=default", make(hash::one_at_a_time{}));
        checked.insert(name + ":default");
    }

    const std::vector<node> nodes = weighted_fleet();
    std::set<std::string> checked;

private:
    const std::vector<std::string> x_keys = sample::keys(keys_per_scheme);
    const std::vector<std::string_view> x_views{x_keys.begin(), x_keys.end()};
};

template <class Policy>
void scheme_checker::is_same(const std::string& text, const Policy& expected) {
    CAPTURE(text);
    checked.insert(text);
    const any_policy chosen(text, nodes);
    REQUIRE(chosen.node_count() == expected.node_count());
    CHECK(chosen.is_ranked() == ranked_hash_policy<Policy>);
    std::vector<std::uint32_t> owners(x_views.size());
    chosen.owners_of(x_views, owners);
    std::size_t differences = 0;
    for (std::size_t i = 0; i < x_keys.size(); ++i) {
        const std::uint32_t owner = expected.owner_of(x_keys[i]);
        differences += owner != owners[i] || owner != chosen.owner_of(x_keys[i]) ? 1 : 0;
        if constexpr (ranked_hash_policy<Policy>) {
            std::array<std::uint32_t, 3> wanted{};
            std::array<std::uint32_t, 3> found{};
            const std::size_t count = expected.candidates_of(x_keys[i], wanted);
            differences +=
                chosen.candidates_of(x_keys[i], found) != count || found != wanted ? 1 : 0;
        }
    }
    CHECK(differences == 0);
}

void check_general(scheme_checker& check) {
    check.is_same<ketama>("ketama");
    check.is_same<jump>("jump");
    check.is_same("jump:seed=another-pool", jump(check.nodes, {.seed = xxh3("another-pool")}));
    check.is_same<stable_jump>("stable_jump");
    const std::array<std::uint32_t, 2> removed{4, 1};
    check.is_same("stable_jump:removed=4,1", stable_jump(check.nodes, removed));
    check.is_same("stable_jump:seed=x:removed=4,1",
                  stable_jump(check.nodes, removed, {.seed = xxh3("x")}));
    check.is_same<maglev>("maglev");
    check.is_same("maglev:table=1009", maglev(check.nodes, {.table_size = 1009}));
    check.is_same<rendezvous>("rendezvous");
    check.is_same<bounded_load<ketama>>("bounded_load");
    check.is_same<bounded_load<ketama>>("bounded_load:ketama");
    check.is_same<bounded_load<rendezvous>>("bounded_load:rendezvous");
    check.is_same("bounded_load:percent=125",
                  bounded_load<ketama>(check.nodes, bounded_load_options{.percent = 125}));
    check.is_same<rehash_modulus>("rehash_modulus");
    check.is_same<weighted_rehash_modulus>("weighted_rehash_modulus");
    check.is_same<modulus>("modulus");
}

void check_libmemcached(scheme_checker& check) {
    const hash::one_at_a_time one_at_a_time;
    const hash::md5 md5;
    check.is_same_by_libmemcached_hash("compat:libmemcached_modula", one_at_a_time, [&](auto hash) {
        return compat::libmemcached_modula<decltype(hash)>(check.nodes);
    });
    check.is_same_by_libmemcached_hash(
        "compat:libmemcached_modula_sorted_hosts", one_at_a_time, [&](auto hash) {
            return compat::libmemcached_modula_sorted_hosts<decltype(hash)>(check.nodes);
        });
    check.is_same_by_libmemcached_hash("compat:libmemcached_ketama", one_at_a_time, [&](auto hash) {
        return compat::libmemcached_ketama<decltype(hash)>(check.nodes);
    });
    check.is_same_by_libmemcached_hash(
        "compat:libmemcached_ketama_weights_ignored", one_at_a_time, [&](auto hash) {
            return compat::libmemcached_ketama_weights_ignored<decltype(hash)>(check.nodes);
        });
    check.is_same_by_libmemcached_hash("compat:libmemcached_ketama_stale", md5, [&](auto hash) {
        return compat::libmemcached_ketama_stale<decltype(hash)>(check.nodes);
    });
    check.is_same_by_libmemcached_hash(
        "compat:libmemcached_ketama_sorted_hosts", one_at_a_time, [&](auto hash) {
            return compat::libmemcached_ketama_sorted_hosts<decltype(hash)>(check.nodes);
        });
    check.is_same_by_libmemcached_hash("compat:libmemcached_ketama_weighted", md5, [&](auto hash) {
        return compat::libmemcached_ketama_weighted<decltype(hash)>(check.nodes);
    });
    check.is_same_by_libmemcached_hash(
        "compat:libmemcached_ketama_spy", one_at_a_time,
        [&](auto hash) { return compat::libmemcached_ketama_spy<decltype(hash)>(check.nodes); });
    check.is_same_by_libmemcached_hash(
        "compat:libmemcached_ketama_spy_weighted", md5, [&](auto hash) {
            return compat::libmemcached_ketama_spy_weighted<decltype(hash)>(check.nodes);
        });
    check.is_same_by_libmemcached_hash("compat:php_modula", one_at_a_time, [&](auto hash) {
        return compat::php_modula<decltype(hash)>(check.nodes);
    });
    check.is_same_by_libmemcached_hash(
        "compat:php_distribution_consistent", one_at_a_time, [&](auto hash) {
            return compat::php_distribution_consistent<decltype(hash)>(check.nodes);
        });
    check.is_same_by_libmemcached_hash(
        "compat:php_distribution_consistent_servers_first", one_at_a_time, [&](auto hash) {
            return compat::php_distribution_consistent_servers_first<decltype(hash)>(check.nodes);
        });
    check.is_same_by_libmemcached_hash("compat:pylibmc_modula", one_at_a_time, [&](auto hash) {
        return compat::pylibmc_modula<decltype(hash)>(check.nodes);
    });
    check.is_same_by_libmemcached_hash(
        "compat:aws_libmemcached_modula", one_at_a_time,
        [&](auto hash) { return compat::aws_libmemcached_modula<decltype(hash)>(check.nodes); });
    check.is_same_by_libmemcached_hash(
        "compat:aws_libmemcached_ketama", one_at_a_time,
        [&](auto hash) { return compat::aws_libmemcached_ketama<decltype(hash)>(check.nodes); });
    check.is_same_by_libmemcached_hash(
        "compat:aws_libmemcached_ketama_weighted", md5, [&](auto hash) {
            return compat::aws_libmemcached_ketama_weighted<decltype(hash)>(check.nodes);
        });
    check.is_same<compat::php_libketama_compatible>("compat:php_libketama_compatible");
    check.is_same<compat::pylibmc_ketama>("compat:pylibmc_ketama");
    check.is_same<compat::pylibmc_ketama_md5>("compat:pylibmc_ketama_md5");
    check.is_same<compat::pylibmc_ketama_assigned_later>("compat:pylibmc_ketama_assigned_later");
    check.is_same<compat::pylibmc_hash_then_ketama>("compat:pylibmc_hash_then_ketama");
    check.is_same<compat::pylibmc_ketama_then_hash>("compat:pylibmc_ketama_then_hash");
    check.is_same<compat::pylibmc_ketama_weighted>("compat:pylibmc_ketama_weighted");
}

void check_java(scheme_checker& check) {
    check.is_same_by_hash(
        "compat:spymemcached_arraymod", hash::java_native{},
        [&](auto hash) { return compat::spymemcached_arraymod<decltype(hash)>(check.nodes); },
        hash::java_native{}, hash::java_crc{}, hash::java_fnv1_64{}, hash::java_fnv1a_64{},
        hash::java_fnv1_32{}, hash::java_fnv1a_32{});
    check.is_same("compat:spymemcached_arraymod:KETAMA_HASH",
                  compat::spymemcached_arraymod<hash::md5>(check.nodes));
    check.is_same_by_hash(
        "compat:spymemcached_ketama", hash::md5{},
        [&](auto hash) { return compat::spymemcached_ketama<decltype(hash)>(check.nodes); },
        hash::java_native{}, hash::java_crc{}, hash::java_fnv1_64{}, hash::java_fnv1a_64{},
        hash::java_fnv1_32{}, hash::java_fnv1a_32{});
    check.is_same("compat:spymemcached_ketama:KETAMA_HASH",
                  compat::spymemcached_ketama<hash::md5>(check.nodes));
    check.is_same_by_hash(
        "compat:spymemcached_ketama_libmemcached_format", hash::md5{},
        [&](auto hash) {
            return compat::spymemcached_ketama_libmemcached_format<decltype(hash)>(check.nodes);
        },
        hash::java_native{}, hash::java_crc{}, hash::java_fnv1_64{}, hash::java_fnv1a_64{},
        hash::java_fnv1_32{}, hash::java_fnv1a_32{});
    check.is_same("compat:spymemcached_ketama_libmemcached_format:KETAMA_HASH",
                  compat::spymemcached_ketama_libmemcached_format<hash::md5>(check.nodes));
    check.is_same_by_hash(
        "compat:aws_java_arraymod", hash::java_native{},
        [&](auto hash) { return compat::aws_java_arraymod<decltype(hash)>(check.nodes); },
        hash::java_native{}, hash::java_crc{}, hash::java_fnv1_64{}, hash::java_fnv1a_64{},
        hash::java_fnv1_32{}, hash::java_fnv1a_32{});
    check.is_same("compat:aws_java_arraymod:KETAMA_HASH",
                  compat::aws_java_arraymod<hash::sha384>(check.nodes));
    check.is_same_by_hash(
        "compat:aws_java_ketama", hash::sha384{},
        [&](auto hash) { return compat::aws_java_ketama<decltype(hash)>(check.nodes); },
        hash::java_native{}, hash::java_crc{}, hash::java_fnv1_64{}, hash::java_fnv1a_64{},
        hash::java_fnv1_32{}, hash::java_fnv1a_32{});
    check.is_same("compat:aws_java_ketama:KETAMA_HASH",
                  compat::aws_java_ketama<hash::sha384>(check.nodes));
    check.is_same_by_hash(
        "compat:aws_java_ketama_libmemcached_format", hash::sha384{},
        [&](auto hash) {
            return compat::aws_java_ketama_libmemcached_format<decltype(hash)>(check.nodes);
        },
        hash::java_native{}, hash::java_crc{}, hash::java_fnv1_64{}, hash::java_fnv1a_64{},
        hash::java_fnv1_32{}, hash::java_fnv1a_32{});
    check.is_same("compat:aws_java_ketama_libmemcached_format:KETAMA_HASH",
                  compat::aws_java_ketama_libmemcached_format<hash::sha384>(check.nodes));
    check.is_same_by_hash(
        "compat:aws_java_dynamic", hash::sha384{},
        [&](auto hash) { return compat::aws_java_dynamic<decltype(hash)>(check.nodes); },
        hash::java_native{}, hash::java_crc{}, hash::java_fnv1_64{}, hash::java_fnv1a_64{},
        hash::java_fnv1_32{}, hash::java_fnv1a_32{});
    check.is_same("compat:aws_java_dynamic:KETAMA_HASH",
                  compat::aws_java_dynamic<hash::sha384>(check.nodes));
    check.is_same_by_hash(
        "compat:aws_java_dynamic_without_ips", hash::sha384{},
        [&](auto hash) {
            return compat::aws_java_dynamic_without_ips<decltype(hash)>(check.nodes);
        },
        hash::java_native{}, hash::java_crc{}, hash::java_fnv1_64{}, hash::java_fnv1a_64{},
        hash::java_fnv1_32{}, hash::java_fnv1a_32{});
    check.is_same("compat:aws_java_dynamic_without_ips:KETAMA_HASH",
                  compat::aws_java_dynamic_without_ips<hash::sha384>(check.nodes));
    check.is_same<compat::spymemcached_ketama_weighted>("compat:spymemcached_ketama_weighted");
    check.is_same<compat::spymemcached_ketama_libmemcached_format_weighted>(
        "compat:spymemcached_ketama_libmemcached_format_weighted");
    check.is_same<compat::aws_java_ketama_libmemcached_format_weighted>(
        "compat:aws_java_ketama_libmemcached_format_weighted");
}

void check_python(scheme_checker& check) {
    check.is_same<compat::python_memcached_1_59>("compat:python_memcached_1_59");
    check.is_same<compat::python_memcached_1_60>("compat:python_memcached_1_60");
    check.is_same<compat::pymemcache_rendezvous>("compat:pymemcache_rendezvous");
    check.is_same<compat::pymemcache_rendezvous_bytes>("compat:pymemcache_rendezvous_bytes");
    check.is_same<compat::pymemcache4_rendezvous>("compat:pymemcache4_rendezvous");
    check.is_same<compat::pymemcache4_rendezvous_bytes>("compat:pymemcache4_rendezvous_bytes");
    check.is_same<compat::emcache>("compat:emcache");
    check.is_same<compat::rj_ketama>("compat:rj_ketama");
    check.is_same<compat::python_consistent_memcached<>>("compat:python_consistent_memcached");
    check.is_same<compat::python_consistent_memcached<>>(
        "compat:python_consistent_memcached:host_and_port");
    check.is_same<compat::python_consistent_memcached<host_only>>(
        "compat:python_consistent_memcached:host_only");
    check.is_same<compat::python_consistent_memcached_weighted<>>(
        "compat:python_consistent_memcached_weighted");
    check.is_same<compat::python_consistent_memcached_weighted<>>(
        "compat:python_consistent_memcached_weighted:host_and_port");
    check.is_same<compat::python_consistent_memcached_weighted<host_only>>(
        "compat:python_consistent_memcached_weighted:host_only");
}

void check_proxies(scheme_checker& check) {
    check.is_same_by_hash(
        "compat:twemproxy_ketama", hash::fnv1a_64{},
        [&](auto hash) { return compat::twemproxy_ketama<decltype(hash)>(check.nodes); },
        hash::one_at_a_time{}, hash::md5{}, hash::crc16{}, hash::crc32{}, hash::fnv1_64{},
        hash::fnv1a_64{}, hash::fnv1_32{}, hash::fnv1a_32{}, hash::hsieh{}, hash::murmur{},
        hash::jenkins{});
    check.is_same("compat:twemproxy_ketama:crc32",
                  compat::twemproxy_ketama<hash::crc>(check.nodes));
    check.is_same_by_hash(
        "compat:twemproxy_modula", hash::fnv1a_64{},
        [&](auto hash) { return compat::twemproxy_modula<decltype(hash)>(check.nodes); },
        hash::one_at_a_time{}, hash::md5{}, hash::crc16{}, hash::crc32{}, hash::fnv1_64{},
        hash::fnv1a_64{}, hash::fnv1_32{}, hash::fnv1a_32{}, hash::hsieh{}, hash::murmur{},
        hash::jenkins{});
    check.is_same("compat:twemproxy_modula:crc32",
                  compat::twemproxy_modula<hash::crc>(check.nodes));
    check.is_same("compat:twemproxy_ketama:hash_tag={}:md5",
                  hash_tagged<compat::twemproxy_ketama<hash::md5>>(check.nodes));
    check.is_same("compat:twemproxy_modula:hash_tag=e0",
                  hash_tagged<compat::twemproxy_modula<>, 'e', '0'>(check.nodes));
    check.is_same_by_hash(
        "compat:memcached_proxy_ring_default", hash::xxh3{},
        [&](auto hash) {
            return compat::memcached_proxy_ring_default<decltype(hash)>(check.nodes);
        },
        hash::xxh3{}, hash::md5{});
    check.is_same_by_hash(
        "compat:memcached_proxy_ring_ketama", hash::xxh3{},
        [&](auto hash) { return compat::memcached_proxy_ring_ketama<decltype(hash)>(check.nodes); },
        hash::xxh3{}, hash::md5{});
    check.is_same_by_hash(
        "compat:memcached_proxy_ring_twemproxy", hash::xxh3{},
        [&](auto hash) {
            return compat::memcached_proxy_ring_twemproxy<decltype(hash)>(check.nodes);
        },
        hash::xxh3{}, hash::md5{});
    check.is_same_by_hash(
        "compat:memcached_proxy_ring_evcache", hash::xxh3{},
        [&](auto hash) {
            return compat::memcached_proxy_ring_evcache<decltype(hash)>(check.nodes);
        },
        hash::xxh3{}, hash::md5{});
    check.is_same<compat::memcached_proxy_jump>("compat:memcached_proxy_jump");
    check.is_same("compat:memcached_proxy_jump:seed=x",
                  compat::memcached_proxy_jump(check.nodes, "x"));
    check.is_same<compat::mcrouter_ch3>("compat:mcrouter_ch3");
    check.is_same<compat::mcrouter_crc32>("compat:mcrouter_crc32");
    check.is_same<compat::mcrouter_weighted_ch3>("compat:mcrouter_weighted_ch3");
    check.is_same<compat::mcrouter_weighted_furc>("compat:mcrouter_weighted_furc");
    const ch3_options salted{.salt = "s"};
    check.is_same("compat:mcrouter_ch3:salt=s", compat::mcrouter_ch3(check.nodes, salted));
    const weighted_ch3_options weighted{.weights = {1, 0.5, 1, 0.25, 1, 0, 1}, .salt = "s"};
    check.is_same("compat:mcrouter_weighted_ch3:weights=1,0.5,1,0.25,1,0,1:salt=s",
                  compat::mcrouter_weighted_ch3(check.nodes, weighted));
}

}  // namespace

TEST_CASE("every scheme of the list has the owners of its static type") {
    scheme_checker check;
    check_general(check);
    check_libmemcached(check);
    check_java(check);
    check_python(check);
    check_proxies(check);
    for (const scheme& entry : builtin_schemes().schemes()) {
        CAPTURE(entry.name);
        CHECK(check.checked.contains(entry.name));
        for (const scheme_option& option : entry.options) {
            for (const std::string& choice : option.choices) {
                CAPTURE(choice);
                CHECK(check.checked.contains(entry.name + ":" + choice));
            }
        }
    }
}
