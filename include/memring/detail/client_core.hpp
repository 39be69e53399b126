#pragma once
// What a client is behind its typed operations: the topology, a connection for each node, and the
// transition under way, if any. Routes erased operations; knows nothing of completion tokens.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/error.hpp>

#include <memring/client_options.hpp>
#include <memring/cluster/membership.hpp>
#include <memring/cluster/topology.hpp>
#include <memring/connection.hpp>
#include <memring/detail/counter_operation.hpp>
#include <memring/detail/idle_list.hpp>
#include <memring/detail/operation.hpp>
#include <memring/detail/routes.hpp>
#include <memring/detail/transition.hpp>
#include <memring/error.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>
#include <memring/observer.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/protocol.hpp>
#include <memring/reshard/phase.hpp>
#include <memring/transport/transport.hpp>

namespace memring::detail {

template <hash_policy Policy, transport Transport, observer Observer = no_observer>
class client_core final
    : public std::enable_shared_from_this<client_core<Policy, Transport, Observer>> {
public:
    using policy_type = Policy;
    using transport_type = Transport;
    using topology_type = topology<Policy>;
    using connection_type = connection<Transport, Observer>;
    using connection_ptr = std::shared_ptr<connection_type>;
    using transport_options = typename Transport::options;

    using routes = basic_routes<topology_type, connection_type>;

    client_core(asio::any_io_executor executor, std::vector<node> nodes,
                const client_options& options, const transport_options& stream_options,
                const Observer& watched_by = {}, const topology_type& first = {});
    /// `first` may be shared with other clients.
    client_core(asio::any_io_executor executor, std::shared_ptr<const topology_type> first,
                const client_options& options, const transport_options& stream_options,
                const Observer& watched_by);
    client_core(const client_core&) = delete;
    client_core& operator=(const client_core&) = delete;
    ~client_core();

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return x_executor; }
    [[nodiscard]] const client_options& options() const noexcept { return x_options; }
    [[nodiscard]] const transport_options& stream_options() const noexcept {
        return x_stream_options;
    }
    [[nodiscard]] const Observer& watched_by() const noexcept { return x_watched_by; }
    [[nodiscard]] const std::shared_ptr<const topology_type>& nodes() const noexcept {
        return x_now.nodes;
    }
    [[nodiscard]] const routes& now() const noexcept { return x_now; }

    /// Why nothing can be sent at all, if so.
    [[nodiscard]] std::error_code refusal() const noexcept {
        if (x_stopped) return asio::error::operation_aborted;
        if (x_now.connections.empty()) return errc::no_nodes;
        return {};
    }

    /// What of a key, prefix included, its node is looked up by.
    [[nodiscard]] std::string_view routed_part(std::string_view key) const noexcept {
        return x_now.routed_part(key, x_options);
    }

    /// Carries out an application's operation on one key, routed by `server_key` unless that is
    /// empty. The waiter's deadline is set.
    void execute(operation& waiter, command&& what, std::string_view server_key = {});

    /// Whether a key, routed by `server_key` unless that is empty, has two owners at the moment.
    [[nodiscard]] bool is_moving_key(std::string_view key,
                                     std::string_view server_key) const noexcept;

    /// Whether a counter with an initial value takes several commands.
    [[nodiscard]] bool composes_counters() const noexcept {
        return x_transition || x_options.speaks == protocol::classic ||
               x_options.speaks == protocol::automatic;
    }

    /// While it is set, what is submitted is left to `pull`: for whoever starts one operation and
    /// waits for it in the calling thread.
    void set_pulled(bool is_pulled);

    template <class IsDone>
    void pull(IsDone is_done) {
        x_now.pull(is_done);
    }

    /// One connection to every node, of both topologies while one replaces the other.
    [[nodiscard]] std::vector<connection_ptr> everywhere() const;

    /// Discovery or the application says who is in the cluster. While a transition is under way
    /// the list waits for its end.
    [[nodiscard]] std::error_code update(std::vector<node> nodes);
    /// As above with a topology that is ready, and may be shared with other clients. Where not all
    /// of its nodes are routable here (some have been drained), this client makes its own.
    [[nodiscard]] std::error_code update(std::shared_ptr<const topology_type> ready);

    void stop() noexcept;

    // ---- transitions, for the procedures of reshard/ --------------------------------------------

    [[nodiscard]] bool is_in_transition() const noexcept { return x_transition != nullptr; }
    [[nodiscard]] const routes& next() const noexcept { return x_transition->next; }
    [[nodiscard]] const std::shared_ptr<transition_counts>& counts() const noexcept {
        return x_transition->guard->counts;
    }

    /// Begins a transition to other nodes: enters `prepare`. `drained` is called from the executor
    /// once nothing that started before is under way any more.
    [[nodiscard]] std::error_code begin(std::vector<node> nodes, std::int64_t lease_seconds,
                                        std::function<void()> drained);

    /// Enters the phase after; `drained` is called once nothing of the phase left is under way.
    void advance(std::function<void()> drained);

    /// Gives a transition in `prepare` up: straight back to the old topology.
    void roll_back(std::function<void()> drained);

    /// `abandon` is called when the client stops while the transition is under way.
    void on_stop(std::function<void()> abandon) { x_on_stop = std::move(abandon); }

    [[nodiscard]] idle_list& idle() noexcept { return x_idle; }

private:
    struct transition {
        // By pointer, so that the plans are compiled only where transitions are begun: about a
        // third of what a program with one get and one set takes to compile.
        void (client_core::*execute)(operation&, command&&, std::string_view) = nullptr;
        plan_place place{.in = phase::prepare};
        routes next;
        std::shared_ptr<phase_guard> guard =
            std::make_shared<phase_guard>(std::make_shared<transition_counts>());
    };

    void execute_in_transition(operation& waiter, command&& what, std::string_view by);
    [[nodiscard]] std::vector<connection_ptr> all_lines() const;
    void follow_members();
    void move_to(std::shared_ptr<const topology_type> nodes);
    void leave_phase(std::function<void()> drained);
    void retire_missing(const std::vector<connection_ptr>& lines);

    /// A policy may refuse nodes that are good by themselves: null, and its error.
    [[nodiscard]] std::shared_ptr<const topology_type> try_topology(std::vector<node> nodes,
                                                                    std::error_code& error) const;
    [[nodiscard]] routes connect_to(std::shared_ptr<const topology_type> nodes);

    asio::any_io_executor x_executor;
    client_options x_options;
    transport_options x_stream_options;
    [[no_unique_address]] Observer x_watched_by;
    routes x_now;
    std::unique_ptr<transition> x_transition;
    std::weak_ptr<phase_guard> x_phase_left;  // alive while an operation of that phase is
    membership x_members;
    std::vector<std::weak_ptr<connection_type>> x_leaving;  // finish what they have under way
    std::function<void()> x_on_stop;
    idle_list x_idle;
    std::shared_ptr<bool> x_is_pulled = std::make_shared<bool>(false);
    bool x_stopped = false;
};

}  // namespace memring::detail

#include <memring/detail/client_core_impl.hpp>
