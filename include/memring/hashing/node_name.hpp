#pragma once
// The text a mapping hashes for a node. Two clients agree on where keys live only if they spell
// their servers alike, so each spelling is a type that becomes part of the policy's type.

#include <concepts>
#include <string>

#include <memring/hashing/detail/java_address.hpp>
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

/// The node's `name` if it has one, else `host` on port 11211, `host:port` on another and `path:`
/// for a UNIX socket. The way of twemproxy 0.5.0 (the UNIX socket by its source).
struct twemproxy_name {
    [[nodiscard]] std::string operator()(const node& n) const {
        if (!n.name.empty()) return n.name;
        return is_unix_socket(n) ? n.host + ":" : host_and_unusual_port{}(n);
    }
};

/// `host/host:port`: EVCache's, as the proxy built into memcached writes it.
struct evcache_name {
    [[nodiscard]] std::string operator()(const node& n) const {
        return n.host + "/" + host_and_port{}(n);
    }
};

/// `host` and at once the digits of the port, without a colon; of a UNIX socket the path. The way
/// of emcache.
struct host_joined_port {
    [[nodiscard]] std::string operator()(const node& n) const {
        return is_unix_socket(n) ? n.host : n.host + std::to_string(n.port);
    }
};

/// What JDK 14 and later write for an `InetSocketAddress`, without the slash it may begin with:
/// `ip:port` for a host that is an IP literal, `host/ip:port` for one that is not and whose
/// `address` is known, else `host/<unresolved>:port`. IPv6 in full:
/// `cache-1/[2001:db8:0:0:0:0:0:1]:11211`. (Before JDK 14 there are no brackets, and unresolved
/// is `host:port`.) The way of spymemcached.
struct java_socket_address {
    [[nodiscard]] std::string operator()(const node& n) const {
        const std::string port = ":" + std::to_string(n.port);
        if (const std::string ip = detail::java_address(n.host); !ip.empty()) return ip + port;
        const std::string ip = detail::java_address(n.address);
        return n.host + "/" + (ip.empty() ? "<unresolved>" : ip) + port;
    }

    /// Whether nothing is left to be resolved.
    [[nodiscard]] static bool is_resolved(const node& n) {
        return !detail::java_address(n.host).empty() || !detail::java_address(n.address).empty();
    }
};

/// `ip:port` as Java writes it, of the `address` if it is known, whatever the host; else as
/// `java_socket_address`.
struct java_ip_and_port {
    [[nodiscard]] std::string operator()(const node& n) const {
        const std::string ip = detail::java_address(n.address);
        return ip.empty() ? java_socket_address{}(n) : ip + ":" + std::to_string(n.port);
    }
};

static_assert(node_naming<host_and_port> && node_naming<host_and_unusual_port> &&
              node_naming<host_only> && node_naming<twemproxy_name> && node_naming<evcache_name> &&
              node_naming<host_joined_port> && node_naming<java_socket_address> &&
              node_naming<java_ip_and_port>);

}  // namespace memring
