#pragma once
// A topology and the connections to its nodes: which one a key's commands take.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <memring/detail/operation.hpp>

namespace memring::detail {

/// `Topology` routes keys to nodes by index; of each node there are `per_node` connections.
template <class Topology, class Connection>
struct basic_routes {
    using connection_ptr = std::shared_ptr<Connection>;

    std::shared_ptr<const Topology> nodes = std::make_shared<const Topology>();
    std::vector<connection_ptr> connections;  ///< in the nodes' order, those of one side by side
    std::size_t per_node = 1;

    /// The place in `connections` of the one a key of this owner takes: always the same, so that
    /// what is asked of the key stays in order.
    [[nodiscard]] std::size_t line_of(std::uint32_t owner, std::string_view key) const noexcept {
        if (per_node == 1) return owner;
        return owner * per_node + std::hash<std::string_view>()(key) % per_node;
    }

    [[nodiscard]] const connection_ptr& owner_of(std::string_view key) const noexcept {
        return connections[line_of(nodes->owner_of(key), key)];
    }

    /// Flushes, and reads the answers without the executor, as far as that goes: until `is_done()`,
    /// or until the executor has to take over. Handlers run inside, and may throw.
    template <class IsDone>
    void pull(IsDone is_done) const {
        std::vector<connection_ptr> busy;  // a handler may replace the connections
        for (const connection_ptr& line : connections) {
            if (line->is_busy()) busy.push_back(line);
        }
        for (const connection_ptr& line : busy) line->flush_now();
        // A node that keeps the caller waiting must not keep it from reading the others.
        constexpr std::chrono::milliseconds patience{2};
        const auto until = busy.size() > 1 ? clock::now() + patience : clock::time_point::max();
        // While the node asked last is waited for, the others' answers come in: one sleep does for
        // all. Where there is much to read it is better to begin while the others still work.
        constexpr std::uint32_t few = 64;
        if (!busy.empty() && busy.back()->due() <= few) std::ranges::reverse(busy);
        for (const connection_ptr& line : busy) {
            while (!is_done() && line->is_busy()) {
                if (!line->pull(until)) return;
            }
        }
    }

    void stop_pulling() const {
        for (const connection_ptr& line : connections) {
            if (line->is_busy()) line->stop_pulling();
        }
    }

    /// The first connection of each node.
    [[nodiscard]] std::vector<connection_ptr> firsts() const {
        std::vector<connection_ptr> all;
        for (std::size_t place = 0; place < connections.size(); place += per_node) {
            all.push_back(connections[place]);
        }
        return all;
    }
};

}  // namespace memring::detail
