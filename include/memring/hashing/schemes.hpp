#pragma once
// The names of all policies memring has. Including it compiles them all.

#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/schemes/general.hpp>
#include <memring/hashing/schemes/java.hpp>
#include <memring/hashing/schemes/libmemcached.hpp>
#include <memring/hashing/schemes/proxies.hpp>
#include <memring/hashing/schemes/python.hpp>

namespace memring {

/// Every policy and preset of memring, by name. The same table for the whole program, made at the
/// first call. Thread-safe.
[[nodiscard]] inline const scheme_registry& builtin_schemes() {
    static const scheme_registry schemes = [] {
        scheme_registry all;
        detail::add_general_schemes(all);
        detail::add_libmemcached_schemes(all);
        detail::add_java_schemes(all);
        detail::add_python_schemes(all);
        detail::add_proxy_schemes(all);
        return all;
    }();
    return schemes;
}

}  // namespace memring
