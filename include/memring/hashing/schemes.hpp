#pragma once
// The names of all policies memring has. Templates for one reason only: a file that includes them
// compiles the policies, half a minute, if it asks for the table and not before.

#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/schemes/general.hpp>
#include <memring/hashing/schemes/java.hpp>
#include <memring/hashing/schemes/libmemcached.hpp>
#include <memring/hashing/schemes/proxies.hpp>
#include <memring/hashing/schemes/python.hpp>

namespace memring {

/// Every policy and preset of memring, by name. The same table for the whole program, made at the
/// first call. Thread-safe. Called as `builtin_schemes()`. A program of many files compiles it in
/// one of them with MEMRING_DECLARE_SCHEMES, below.
template <class = void>
[[nodiscard]] const scheme_registry& builtin_schemes() {
    static const scheme_registry schemes = [] {
        scheme_registry all;
        detail::add_general_schemes<>(all);
        detail::add_libmemcached_schemes<>(all);
        detail::add_java_schemes<>(all);
        detail::add_python_schemes<>(all);
        detail::add_proxy_schemes<>(all);
        return all;
    }();
    return schemes;
}

}  // namespace memring

/// `MEMRING_DECLARE_SCHEMES;` at global scope of a header: the files that include it leave the
/// policies of `builtin_schemes()` to the one file that has `MEMRING_DEFINE_SCHEMES;`. Without such
/// a file the program does not link. separate.hpp has the same for clients.
#define MEMRING_DECLARE_SCHEMES extern MEMRING_DEFINE_SCHEMES
#define MEMRING_DEFINE_SCHEMES \
    template const ::memring::scheme_registry& ::memring::builtin_schemes<void>()
