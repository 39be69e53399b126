#pragma once
// The text a mapping hashes for a node. Two clients agree on where keys live only if they spell
// their servers alike, so each spelling is a type that becomes part of the policy's type.

#include <concepts>
#include <string>

#include <memring/node.hpp>

namespace memring {

/// A spelling of nodes. What the compiler cannot check: equal nodes give equal texts, everywhere.
template <class Naming>
concept node_naming = std::copyable<Naming> && requires(const Naming& naming, const node& n) {
    { naming(n) } -> std::same_as<std::string>;
};

/// `host:port`, always with the port, no brackets around IPv6.
struct host_and_port {
    [[nodiscard]] std::string operator()(const node& n) const {
        return n.host + ":" + std::to_string(n.port);
    }
};

/// `host` on port 11211, else `host:port`; no brackets around IPv6. The way of libmemcached.
struct host_and_unusual_port {
    [[nodiscard]] std::string operator()(const node& n) const {
        return n.port == default_port ? n.host : host_and_port{}(n);
    }
};

/// The bare `host`, whatever the port.
struct host_only {
    [[nodiscard]] std::string operator()(const node& n) const { return n.host; }
};

static_assert(node_naming<host_and_port> && node_naming<host_and_unusual_port> &&
              node_naming<host_only>);

}  // namespace memring
