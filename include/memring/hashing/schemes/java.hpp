#pragma once
// The names of the presets for clients in Java.

#include <span>
#include <tuple>

#include <memring/hashing/compat/aws_java.hpp>
#include <memring/hashing/compat/spymemcached.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/schemes/hashed.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// DefaultHashAlgorithm of spymemcached.
inline constexpr std::tuple spymemcached_hashes{
    hash_choice<hash::md5>{"KETAMA_HASH"}, hash_choice<hash::java_native>{},
    hash_choice<hash::java_crc>{},         hash_choice<hash::java_fnv1_64>{},
    hash_choice<hash::java_fnv1a_64>{},    hash_choice<hash::java_fnv1_32>{},
    hash_choice<hash::java_fnv1a_32>{}};

/// The same of the AWS client from 1.2.0 on.
inline constexpr std::tuple aws_java_hashes{hash_choice<hash::sha384>{"KETAMA_HASH"},
                                            hash_choice<hash::java_native>{},
                                            hash_choice<hash::java_crc>{},
                                            hash_choice<hash::java_fnv1_64>{},
                                            hash_choice<hash::java_fnv1a_64>{},
                                            hash_choice<hash::java_fnv1_32>{},
                                            hash_choice<hash::java_fnv1a_32>{}};

template <class = void>
void add_spymemcached_schemes(scheme_registry& all) {
    all.add(hashed_scheme("compat:spymemcached_arraymod",
                          "spymemcached's default: hash modulo number of servers", "NATIVE_HASH",
                          spymemcached_hashes, [](auto hash, std::span<const node> nodes) {
                              return compat::spymemcached_arraymod<decltype(hash)>(nodes);
                          }));
    all.add(hashed_scheme("compat:spymemcached_ketama",
                          "spymemcached KetamaNodeLocator, servers named host/ip:port or ip:port",
                          "KETAMA_HASH", spymemcached_hashes,
                          [](auto hash, std::span<const node> nodes) {
                              return compat::spymemcached_ketama<decltype(hash)>(nodes);
                          }));
    all.add<compat::spymemcached_ketama_weighted>("compat:spymemcached_ketama_weighted",
                                                  "spymemcached KetamaNodeLocator with weights");
    all.add(hashed_scheme(
        "compat:spymemcached_ketama_libmemcached_format",
        "spymemcached KetamaNodeLocator, names of format LIBMEMCACHED", "KETAMA_HASH",
        spymemcached_hashes, [](auto hash, std::span<const node> nodes) {
            return compat::spymemcached_ketama_libmemcached_format<decltype(hash)>(nodes);
        }));
    all.add<compat::spymemcached_ketama_libmemcached_format_weighted>(
        "compat:spymemcached_ketama_libmemcached_format_weighted",
        "spymemcached, names of format LIBMEMCACHED, with weights");
}

template <class = void>
void add_aws_java_schemes(scheme_registry& all) {
    all.add(hashed_scheme(
        "compat:aws_java_arraymod", "AWS client for Java, default: hash modulo number of servers",
        "NATIVE_HASH", aws_java_hashes, [](auto hash, std::span<const node> nodes) {
            return compat::aws_java_arraymod<decltype(hash)>(nodes);
        }));
    all.add(
        hashed_scheme("compat:aws_java_ketama",
                      "AWS client for Java >= 1.2.0, static mode: SHA-384, host/ip:port or ip:port",
                      "KETAMA_HASH", aws_java_hashes, [](auto hash, std::span<const node> nodes) {
                          return compat::aws_java_ketama<decltype(hash)>(nodes);
                      }));
    all.add(
        hashed_scheme("compat:aws_java_ketama_libmemcached_format",
                      "AWS client for Java >= 1.2.0, names of format LIBMEMCACHED", "KETAMA_HASH",
                      aws_java_hashes, [](auto hash, std::span<const node> nodes) {
                          return compat::aws_java_ketama_libmemcached_format<decltype(hash)>(nodes);
                      }));
    all.add<compat::aws_java_ketama_libmemcached_format_weighted>(
        "compat:aws_java_ketama_libmemcached_format_weighted",
        "AWS client for Java >= 1.2.0, format LIBMEMCACHED, with weights");
    all.add(hashed_scheme(
        "compat:aws_java_dynamic", "AWS client for Java >= 1.2.0, dynamic mode: SHA-384, ip:port",
        "KETAMA_HASH", aws_java_hashes, [](auto hash, std::span<const node> nodes) {
            return compat::aws_java_dynamic<decltype(hash)>(nodes);
        }));
    all.add(
        hashed_scheme("compat:aws_java_dynamic_without_ips",
                      "AWS client for Java >= 1.2.0, dynamic mode that tells no IPs: host/ip:port",
                      "KETAMA_HASH", aws_java_hashes, [](auto hash, std::span<const node> nodes) {
                          return compat::aws_java_dynamic_without_ips<decltype(hash)>(nodes);
                      }));
}

/// Clients in Java.
template <class = void>
void add_java_schemes(scheme_registry& all) {
    add_spymemcached_schemes<>(all);
    add_aws_java_schemes<>(all);
}

}  // namespace memring::detail
