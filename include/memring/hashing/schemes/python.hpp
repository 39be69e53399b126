#pragma once
// The names of the presets for clients in Python (pylibmc is with libmemcached), and for RJ's
// ketama.

#include <span>
#include <string>
#include <utility>

#include <memring/hashing/compat/emcache.hpp>
#include <memring/hashing/compat/pymemcache.hpp>
#include <memring/hashing/compat/python_consistent_memcached.hpp>
#include <memring/hashing/compat/python_memcached.hpp>
#include <memring/hashing/compat/rj_ketama.hpp>
#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// A table whose peer hashes whatever string its caller has for a server.
template <hash_policy ByHostAndPort, hash_policy ByHost>
[[nodiscard]] scheme slot_table_scheme(std::string name, std::string description) {
    return {.name = std::move(name),
            .description = std::move(description),
            .options = {{.name = "server",
                         .choices = {"host_and_port", "host_only"},
                         .meaning = "the string that is hashed for a server"}},
            .make = [](std::span<const node> nodes, const scheme_arguments& arguments) {
                return arguments["server"] == "host_only" ? erase_policy(ByHost(nodes))
                                                          : erase_policy(ByHostAndPort(nodes));
            }};
}

/// Clients in Python, and RJ's ketama.
template <class = void>
void add_python_schemes(scheme_registry& all) {
    using compat::python_consistent_memcached;
    using compat::python_consistent_memcached_weighted;
    all.add<compat::python_memcached_1_59>("compat:python_memcached_1_59",
                                           "python-memcached up to 1.59, as modulus");
    all.add<compat::python_memcached_1_60>("compat:python_memcached_1_60",
                                           "python-memcached from 1.60 on: a hash of 0 stays 0");
    all.add(
        slot_table_scheme<python_consistent_memcached<>, python_consistent_memcached<host_only>>(
            "compat:python_consistent_memcached",
            "python_consistent_memcached make_consistent_buckets, as rehash_modulus"));
    all.add(slot_table_scheme<python_consistent_memcached_weighted<>,
                              python_consistent_memcached_weighted<host_only>>(
        "compat:python_consistent_memcached_weighted",
        "python_consistent_memcached make_consistent_weighted_buckets"));
    all.add<compat::pymemcache_rendezvous>("compat:pymemcache_rendezvous",
                                           "pymemcache HashClient, keys of type str");
    all.add<compat::pymemcache_rendezvous_bytes>("compat:pymemcache_rendezvous_bytes",
                                                 "pymemcache HashClient, keys of type bytes");
    all.add<compat::pymemcache4_rendezvous>("compat:pymemcache4_rendezvous",
                                            "pymemcache 4 HashClient, keys of type str");
    all.add<compat::pymemcache4_rendezvous_bytes>("compat:pymemcache4_rendezvous_bytes",
                                                  "pymemcache 4 HashClient, keys of type bytes");
    all.add<compat::emcache>("compat:emcache", "emcache's rendezvous");
    all.add<compat::rj_ketama>("compat:rj_ketama",
                               "RJ's libketama, the first ketama; weight is its memory");
}

}  // namespace memring::detail
