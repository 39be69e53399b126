#pragma once
// For programs of many files: what is behind a client, compiled in one of them only. A file that
// makes a client and has one get and one set then takes about a third of the time to compile.

#include <memring/connection.hpp>
#include <memring/detail/client_core.hpp>

/// `MEMRING_DECLARE_CONNECTION(Transport)` or `(Transport, Observer)`, at namespace scope of a
/// header: the files that include it leave the connections over this transport, protocols included,
/// to the one file that has `MEMRING_DEFINE_CONNECTION` of the same. Without such a file the
/// program does not link.
///
///     // cache.hpp, for every file
///     #include <memring/client.hpp>
///     #include <memring/separate.hpp>
///     MEMRING_DECLARE_CONNECTION(memring::tcp_transport);
///     MEMRING_DECLARE_CLIENT(memring::ketama, memring::tcp_transport);
///
///     // cache.cpp, once
///     #include "cache.hpp"
///     MEMRING_DEFINE_CONNECTION(memring::tcp_transport);
///     MEMRING_DEFINE_CLIENT(memring::ketama, memring::tcp_transport);
///
/// Types with a comma in their name need a `using` first. Every form of a client has the same
/// inside: blocking, typed, one for each thread.
#define MEMRING_DECLARE_CONNECTION(...) extern MEMRING_DEFINE_CONNECTION(__VA_ARGS__)
#define MEMRING_DEFINE_CONNECTION(...) template class ::memring::connection<__VA_ARGS__>

/// `MEMRING_DECLARE_CLIENT(Policy, Transport)` or `(Policy, Transport, Observer)`: the same for the
/// inside of a client, the mapping included; the definition is `MEMRING_DEFINE_CLIENT`. Clients
/// with several policies share the connections of a transport, which are declared once.
#define MEMRING_DECLARE_CLIENT(...) extern MEMRING_DEFINE_CLIENT(__VA_ARGS__)
#define MEMRING_DEFINE_CLIENT(...) template class ::memring::detail::client_core<__VA_ARGS__>
