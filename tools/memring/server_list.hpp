#pragma once
// The servers of a command: given as a list, or as a file with one a line.

#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/erased_policy.hpp>
#include <memring/node.hpp>

namespace memring::tool {

/// Servers in the order given, all different, and the mapping of keys to them.
struct routed_servers {
    std::vector<node> servers;
    erased_policy_ptr policy;  ///< never null
};

/// Reads the value of `option`: `server[,server...]`, or `@file` with one a line, where '#' after
/// a blank or at the beginning of a line starts a comment. A server is `host[:port[:weight]]`,
/// `[ipv6]:port`, the path of a UNIX socket, or `host|ip|port` as a configuration endpoint lists
/// it; a name may follow after a blank, as in a configuration of twemproxy. Throws `usage_error`
/// with the place of what is malformed or comes twice, and for an empty list.
[[nodiscard]] std::vector<node> read_servers(std::string_view option, const std::string& value);

/// As above, with the policy `scheme` for them. Throws `usage_error` also for what the scheme
/// refuses. `scheme_option` is what the user gave the scheme with.
[[nodiscard]] routed_servers route_servers(std::string_view scheme_option,
                                           const std::string& scheme, std::string_view option,
                                           const std::string& value);

}  // namespace memring::tool
