#pragma once
// How large an item the servers of a cluster take.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <memring/node.hpp>
#include <memring/node_outcome.hpp>

namespace memring {

/// The largest item that every server takes (memcached's `-I`), in bytes: of what a client's
/// `stats("settings")` returned. A value shares it with its key and a header of about 60 bytes.
/// Nothing if there is no server, or one that failed or does not say.
///
///     if (const auto limit = item_size_limit(cache.stats("settings"))) ...
[[nodiscard]] inline std::optional<std::size_t> item_size_limit(
    std::span<const node_outcome<std::vector<std::pair<std::string, std::string>>>> settings) {
    std::optional<std::size_t> smallest;
    for (const auto& each : settings) {
        std::optional<std::size_t> limit;
        for (const auto& [name, value] : each.value) {
            std::size_t bytes = 0;
            if (name == "item_size_max" && detail::parse_number(value, bytes)) limit = bytes;
        }
        if (each.error || !limit) return std::nullopt;
        if (!smallest || *limit < *smallest) smallest = limit;
    }
    return smallest;
}

}  // namespace memring
