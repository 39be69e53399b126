#pragma once
// A topology and the connections to its nodes: which one a key's commands take.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <memring/client_options.hpp>
#include <memring/hashing/prefix_hashing.hpp>

namespace memring::detail {

/// `Topology` routes keys to nodes by index; of each node there are `per_node` connections.
template <class Topology, class Connection>
struct basic_routes {
    using connection_ptr = std::shared_ptr<Connection>;

    std::shared_ptr<const Topology> nodes = std::make_shared<const Topology>();
    std::vector<connection_ptr> connections;  ///< in the nodes' order, those of one side by side
    std::size_t per_node = 1;

    /// What of a key, the options' prefix included, its node is looked up by.
    [[nodiscard]] std::string_view routed_part(std::string_view key,
                                               const client_options& options) const noexcept {
        const std::string_view prefix = options.key_prefix;
        if (prefix.empty() || !key.starts_with(prefix) || counts_prefix(options)) return key;
        return key.substr(prefix.size());
    }

    /// The place in `connections` of the one a key of this owner takes: always the same, so that
    /// what is asked of the key stays in order.
    [[nodiscard]] std::size_t line_of(std::uint32_t owner, std::string_view key) const noexcept {
        if (per_node == 1) return owner;
        return owner * per_node + std::hash<std::string_view>()(key) % per_node;
    }

    [[nodiscard]] const connection_ptr& owner_of(std::string_view key) const noexcept {
        return connections[line_of(nodes->owner_of(key), key)];
    }

    /// Flushes, and reads the answer without the executor, as far as that goes: until `is_done()`,
    /// or until the executor has to take over, as it has where several nodes owe answers (to read
    /// them in turn was no faster: 0.87 to 0.99 times). Handlers run inside, and may throw.
    template <class IsDone>
    void pull(IsDone is_done) const {
        const connection_ptr busy = only_busy();
        if (!busy) return;
        busy->flush_now();
        while (!is_done() && busy->pull()) {
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

private:
    [[nodiscard]] bool counts_prefix(const client_options& options) const noexcept {
        if (options.hashes_prefix) return *options.hashes_prefix;
        return !nodes->empty() && memring::hashes_prefix(nodes->policy()).value_or(false);
    }

    /// The connection that somebody waits for, if it is a single one.
    [[nodiscard]] connection_ptr only_busy() const noexcept {
        const connection_ptr* found = nullptr;
        for (const connection_ptr& line : connections) {
            if (!line->is_busy()) continue;
            if (found) return nullptr;
            found = &line;
        }
        return found ? *found : nullptr;
    }
};

}  // namespace memring::detail
