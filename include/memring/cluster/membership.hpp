#pragma once
// Who is part of the cluster: the one place where what discovery says and what this process has
// done meet. A reducer: total, idempotent, noexcept where it does not allocate, no clock, no I/O.

#include <cstddef>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/cluster/topology.hpp>
#include <memring/error.hpp>
#include <memring/node.hpp>

namespace memring {

/// The nodes that keys may be routed to. Events come in any order and as often as they like; the
/// same events give the same list. Not thread-safe.
class membership {
public:
    membership() = default;
    explicit membership(std::vector<node> nodes) : x_listed(nodes), x_routable(std::move(nodes)) {}

    [[nodiscard]] const std::vector<node>& routable() const noexcept { return x_routable; }

    /// Discovery (or the application) says who is in the cluster, in the order policies shall see.
    /// A node that was drained stays out for as long as it is still listed; once it has been
    /// missing from a list it may come back. A bad list is refused whole: `errc::invalid_node`,
    /// `errc::duplicate_node`, and nothing changes.
    [[nodiscard]] std::error_code listed(std::vector<node> nodes) {
        std::size_t place = 0;
        if (const auto error = check_nodes(nodes, place)) return error;
        x_listed = std::move(nodes);
        std::erase_if(x_drained, [&](const node& n) { return !contains(x_listed, n); });
        update();
        return {};
    }

    /// This process has moved its keys to `next`, which discovery may not know of yet: a node that
    /// is listed but not in `next` has been drained, nothing is routed there while it stays listed.
    void resharded(const std::vector<node>& next) { resharded(x_routable, next); }

    /// As above where a list may have come while the keys were moving: `before` is what was
    /// routable when that began. The newer list stands, but for the nodes that were drained.
    void resharded(const std::vector<node>& before, const std::vector<node>& next) {
        if (x_routable == before) {
            x_drained = without(x_listed, next);
            x_listed = next;
            x_listed.insert(x_listed.end(), x_drained.begin(), x_drained.end());
        } else {
            for (const node& n : without(before, next)) {
                if (contains(x_listed, n) && !contains(x_drained, n)) x_drained.push_back(n);
            }
            x_drained = without(std::move(x_drained), next);
        }
        update();
    }

private:
    [[nodiscard]] static bool contains(const std::vector<node>& nodes, const node& n) noexcept {
        return find_node(nodes, n) < nodes.size();
    }

    [[nodiscard]] static std::vector<node> without(std::vector<node> nodes,
                                                   const std::vector<node>& others) {
        std::erase_if(nodes, [&](const node& n) { return contains(others, n); });
        return nodes;
    }

    void update() { x_routable = without(x_listed, x_drained); }

    std::vector<node> x_listed;
    std::vector<node> x_drained;
    std::vector<node> x_routable;
};

}  // namespace memring
