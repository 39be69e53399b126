#pragma once
// Whether a cluster configuration that was just read is news. A value with no clock and no I/O.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <memring/cluster/topology.hpp>
#include <memring/discovery/cluster_config.hpp>
#include <memring/node.hpp>

namespace memring {

/// What a configuration is, compared with the one in use.
enum class config_verdict : std::uint8_t {
    unchanged,  ///< the one in use
    changed,    ///< use it from now on
    outdated    ///< an older state of the cluster: keep the one in use
};

/// Remembers the configuration in use. Endpoints are not consistent at every moment: two polls
/// may disagree, and the higher version is right. But a cluster that was created anew under the
/// same name starts at version 1 again; clients that only ever accept higher versions follow a
/// cluster that no longer exists. So a lower version is taken too, once `confirmations` polls in a
/// row have told of one that has no node in common with the cluster in use. Not thread-safe.
class config_tracker {
public:
    static constexpr int confirmations = 3;

    /// The configuration in use, or nothing yet.
    [[nodiscard]] const std::optional<cluster_config>& current() const noexcept {
        return x_current;
    }

    [[nodiscard]] config_verdict observe(const cluster_config& config) {
        if (x_current && config.version == x_current->version && config.nodes == x_current->nodes) {
            x_doubts = 0;
            return config_verdict::unchanged;
        }
        // The same version with other addresses: a node was replaced under its name.
        if (x_current && config.version < x_current->version && !is_another_cluster(config)) {
            return config_verdict::outdated;
        }
        x_current = config;
        x_doubts = 0;
        return config_verdict::changed;
    }

private:
    [[nodiscard]] bool is_another_cluster(const cluster_config& config) noexcept {
        for (const node& n : config.nodes) {
            if (find_node(x_current->nodes, n) < x_current->nodes.size()) {
                x_doubts = 0;
                return false;
            }
        }
        return ++x_doubts >= confirmations;
    }

    std::optional<cluster_config> x_current;
    int x_doubts = 0;  // polls in a row that told of a cluster with other nodes
};

}  // namespace memring
