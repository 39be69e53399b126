#pragma once
// The languages a memcached understands, by name.

#include <cstdint>
#include <optional>
#include <string_view>

namespace memring {

/// What a client speaks to its nodes.
enum class protocol : std::uint8_t {
    meta,      ///< the meta commands of memcached 1.6.10 and newer: everything memring can do
    classic,   ///< the classic text commands every memcached knows: no leases, no stale items
    binary,    ///< the binary protocol (1.4 and newer, deprecated): SASL, any byte in a key
    automatic  ///< ask each node for its version once a connection: meta if it has it, else classic
};

[[nodiscard]] constexpr std::string_view to_string(protocol spoken) noexcept {
    switch (spoken) {
        case protocol::meta: return "meta";
        case protocol::classic: return "classic";
        case protocol::binary: return "binary";
        case protocol::automatic: return "auto";
    }
    return "unknown";
}

/// The protocol called `name` ("meta", "classic", "binary", "auto"), or nothing.
[[nodiscard]] constexpr std::optional<protocol> parse_protocol(std::string_view name) noexcept {
    for (const auto spoken :
         {protocol::meta, protocol::classic, protocol::binary, protocol::automatic}) {
        if (to_string(spoken) == name) return spoken;
    }
    return std::nullopt;
}

}  // namespace memring
