#pragma once
// The names of the presets for libmemcached, its bindings and its fork. Where these take a hash
// they are built as libmemcached's own types, which are the same mappings: a third of the compile
// time.

#include <span>
#include <tuple>

#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/compat/php_memcached.hpp>
#include <memring/hashing/compat/pylibmc.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/schemes/hashed.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// What MEMCACHED_BEHAVIOR_HASH can be set to.
inline constexpr std::tuple libmemcached_hashes{hash_choice<hash::one_at_a_time>{"default"},
                                                hash_choice<hash::one_at_a_time>{},
                                                hash_choice<hash::md5>{},
                                                hash_choice<hash::crc>{},
                                                hash_choice<hash::fnv1_64>{},
                                                hash_choice<hash::fnv1a_64>{},
                                                hash_choice<hash::fnv1_32>{},
                                                hash_choice<hash::fnv1a_32>{},
                                                hash_choice<hash::hsieh>{},
                                                hash_choice<hash::murmur>{},
                                                hash_choice<hash::jenkins>{},
                                                hash_choice<hash::murmur3>{}};

template <class = void>
void add_libmemcached_modula_schemes(scheme_registry& all) {
    all.add(hashed_scheme("compat:libmemcached_modula",
                          "libmemcached's default: hash modulo number of servers", "default",
                          libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_modula<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme(
        "compat:libmemcached_modula_sorted_hosts", "libmemcached's default with SORT_HOSTS",
        "default", libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
            return compat::libmemcached_modula_sorted_hosts<decltype(hash)>(nodes);
        }));
}

template <class = void>
void add_libmemcached_ketama_schemes(scheme_registry& all) {
    all.add(hashed_scheme("compat:libmemcached_ketama",
                          "libmemcached KETAMA or CONSISTENT, HASH set before servers are added",
                          "default", libmemcached_hashes,
                          [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_ketama<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme("compat:libmemcached_ketama_weights_ignored",
                          "libmemcached: servers first, then HASH, then KETAMA", "default",
                          libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_ketama_weights_ignored<decltype(hash)>(
                                  nodes);
                          }));
    all.add(hashed_scheme(
        "compat:libmemcached_ketama_stale",
        "libmemcached: servers, KETAMA, then HASH, which the points of the ring miss", "md5",
        libmemcached_hashes,
        [](auto hash, std::span<const node> nodes) {
            return compat::libmemcached_ketama_stale<decltype(hash)>(nodes);
        },
        short_hash_trap("crc")));
    all.add(hashed_scheme(
        "compat:libmemcached_ketama_sorted_hosts", "libmemcached KETAMA with SORT_HOSTS", "default",
        libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
            return compat::libmemcached_ketama_sorted_hosts<decltype(hash)>(nodes);
        }));
    all.add(hashed_scheme(
        "compat:libmemcached_ketama_weighted",
        "libmemcached KETAMA_WEIGHTED, as ketama; HASH if set again after it", "md5",
        libmemcached_hashes,
        [](auto hash, std::span<const node> nodes) {
            return compat::libmemcached_ketama_weighted<decltype(hash)>(nodes);
        },
        short_hash_trap("crc")));
    all.add(hashed_scheme("compat:libmemcached_ketama_spy",
                          "libmemcached CONSISTENT_KETAMA_SPY (it is not spymemcached's ring)",
                          "default", libmemcached_hashes,
                          [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_ketama_spy<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme(
        "compat:libmemcached_ketama_spy_weighted",
        "libmemcached KETAMA_WEIGHTED, then CONSISTENT_KETAMA_SPY", "md5", libmemcached_hashes,
        [](auto hash, std::span<const node> nodes) {
            return compat::libmemcached_ketama_spy_weighted<decltype(hash)>(nodes);
        },
        short_hash_trap("crc")));
}

template <class = void>
void add_php_memcached_schemes(scheme_registry& all) {
    all.add(hashed_scheme("compat:php_modula",
                          "php-memcached's default: hash modulo number of servers", "default",
                          libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_modula<decltype(hash)>(nodes);
                          }));
    all.add<compat::php_libketama_compatible>("compat:php_libketama_compatible",
                                              "php-memcached OPT_LIBKETAMA_COMPATIBLE, as ketama");
    all.add(hashed_scheme("compat:php_distribution_consistent",
                          "php-memcached DISTRIBUTION_CONSISTENT, set before the servers",
                          "default", libmemcached_hashes,
                          [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_ketama<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme("compat:php_distribution_consistent_servers_first",
                          "php-memcached: servers, then DISTRIBUTION_CONSISTENT", "default",
                          libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_ketama_weights_ignored<decltype(hash)>(
                                  nodes);
                          }));
}

template <class = void>
void add_pylibmc_schemes(scheme_registry& all) {
    all.add(hashed_scheme("compat:pylibmc_modula",
                          "pylibmc's default: hash modulo number of servers", "default",
                          libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_modula<decltype(hash)>(nodes);
                          }));
    all.add<compat::pylibmc_ketama>("compat:pylibmc_ketama",
                                    "pylibmc behaviors={\"ketama\": True}: not MD5");
    all.add<compat::pylibmc_ketama_md5>("compat:pylibmc_ketama_md5",
                                        "pylibmc behaviors={\"ketama\": True, \"hash\": \"md5\"}");
    all.add<compat::pylibmc_ketama_assigned_later>(
        "compat:pylibmc_ketama_assigned_later",
        "pylibmc: behaviors = {\"ketama\": True} assigned later, weights ignored");
    all.add<compat::pylibmc_hash_then_ketama>(
        "compat:pylibmc_hash_then_ketama",
        "pylibmc: behaviors[\"hash\"] = \"md5\" set later, then [\"ketama\"] = True");
    all.add<compat::pylibmc_ketama_then_hash>(
        "compat:pylibmc_ketama_then_hash",
        "pylibmc: behaviors[\"ketama\"] = True set later, then [\"hash\"] = \"md5\"");
    all.add<compat::pylibmc_ketama_weighted>(
        "compat:pylibmc_ketama_weighted",
        "pylibmc behaviors={\"ketama_weighted\": True}, as ketama");
}

template <class = void>
void add_aws_libmemcached_schemes(scheme_registry& all) {
    all.add(hashed_scheme("compat:aws_libmemcached_modula",
                          "AWS client for C, default: hash modulo number of servers", "default",
                          libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_modula<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme("compat:aws_libmemcached_ketama",
                          "AWS client for C, KETAMA, HASH set before it", "default",
                          libmemcached_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::libmemcached_ketama<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme(
        "compat:aws_libmemcached_ketama_weighted", "AWS client for C, KETAMA_WEIGHTED, as ketama",
        "md5", libmemcached_hashes,
        [](auto hash, std::span<const node> nodes) {
            return compat::libmemcached_ketama_weighted<decltype(hash)>(nodes);
        },
        short_hash_trap("crc")));
}

/// libmemcached, its bindings and its fork.
template <class = void>
void add_libmemcached_schemes(scheme_registry& all) {
    add_libmemcached_modula_schemes<>(all);
    add_libmemcached_ketama_schemes<>(all);
    add_php_memcached_schemes<>(all);
    add_pylibmc_schemes<>(all);
    add_aws_libmemcached_schemes<>(all);
}

}  // namespace memring::detail
