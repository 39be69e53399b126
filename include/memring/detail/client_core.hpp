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
                const Observer& watched_by = {}, const topology_type& first = {})
        : client_core(std::move(executor),
                      std::make_shared<const topology_type>(first.changed_to(std::move(nodes))),
                      options, stream_options, watched_by) {}
    /// `first` may be shared with other clients.
    client_core(asio::any_io_executor executor, std::shared_ptr<const topology_type> first,
                const client_options& options, const transport_options& stream_options,
                const Observer& watched_by)
        : x_executor(std::move(executor)),
          x_options(options),
          x_stream_options(stream_options),
          x_watched_by(watched_by) {
        x_options.connections_per_node = std::max<std::size_t>(1, options.connections_per_node);
        x_members = membership(first->nodes());
        x_now = connect_to(std::move(first));
    }

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
        if (x_options.hashes_prefix || !key.starts_with(x_options.key_prefix)) return key;
        return key.substr(x_options.key_prefix.size());
    }

    /// Carries out an application's operation on one key, routed by `server_key` unless that is
    /// empty. The waiter's deadline is set.
    void execute(operation& waiter, command&& what, std::string_view server_key = {}) {
        if (const auto error = refusal()) return complete_later(x_executor, waiter, error);
        if (what.has_initial && composes_counters()) {
            return counter_operation<client_core>::start(this->shared_from_this(), waiter,
                                                         std::move(what), std::string(server_key));
        }
        const auto by = server_key.empty() ? routed_part(what.key.view()) : server_key;
        if (x_transition) return (this->*x_transition->execute)(waiter, std::move(what), by);
        x_now.owner_of(by)->submit(waiter, what);
    }

    /// Whether a key, routed by `server_key` unless that is empty, has two owners at the moment.
    [[nodiscard]] bool is_moving_key(std::string_view key,
                                     std::string_view server_key) const noexcept {
        const auto by = server_key.empty() ? routed_part(key) : server_key;
        return x_transition && x_now.owner_of(by) != x_transition->next.owner_of(by);
    }

    /// Whether a counter with an initial value takes several commands.
    [[nodiscard]] bool composes_counters() const noexcept {
        return x_transition || x_options.speaks == protocol::classic ||
               x_options.speaks == protocol::automatic;
    }

    /// While it is set, what is submitted is left to `pull`: for whoever starts one operation and
    /// waits for it in the calling thread.
    void set_pulled(bool is_pulled) {
        *x_is_pulled = is_pulled;
        if (is_pulled) return;
        x_now.stop_pulling();
        if (x_transition) x_transition->next.stop_pulling();
    }

    template <class IsDone>
    void pull(IsDone is_done) {
        x_now.pull(is_done);
    }

    /// One connection to every node, of both topologies while one replaces the other.
    [[nodiscard]] std::vector<connection_ptr> everywhere() const;

    /// Discovery or the application says who is in the cluster. While a transition is under way
    /// the list waits for its end.
    [[nodiscard]] std::error_code update(std::vector<node> nodes) {
        if (x_stopped) return asio::error::operation_aborted;
        membership members = x_members;
        if (const auto error = members.listed(std::move(nodes))) return error;
        std::error_code error;
        auto made = try_topology(members.routable(), error);
        if (error) return error;
        x_members = std::move(members);
        if (!x_transition) move_to(std::move(made));
        return {};
    }
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
                                                                    std::error_code& error) const {
        try {
            const topology_type none;
            const topology_type& before = x_now.nodes ? *x_now.nodes : none;
            return std::make_shared<const topology_type>(before.changed_to(std::move(nodes)));
        } catch (const std::system_error& refused) {
            error = refused.code();
            return nullptr;
        }
    }
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

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::execute_in_transition(operation& waiter,
                                                                     command&& what,
                                                                     std::string_view by) {
    const connection_ptr& from = x_now.owner_of(by);
    const connection_ptr& to = x_transition->next.owner_of(by);
    if (from == to) return from->submit(waiter, what);
    plan_operation<connection_type>::start(x_executor, waiter, std::move(what), x_transition->place,
                                           from, to, x_transition->guard);
}

template <hash_policy Policy, transport Transport, observer Observer>
auto client_core<Policy, Transport, Observer>::connect_to(
    std::shared_ptr<const topology_type> nodes) -> routes {
    routes made;
    made.nodes = std::move(nodes);
    made.per_node = x_options.connections_per_node;
    const connection_options settings{.connect_timeout = x_options.connect_timeout,
                                      .stall_timeout = x_options.timeout,
                                      .speaks = x_options.speaks,
                                      .backoff = x_options.backoff,
                                      .login = x_options.login,
                                      .is_pulled = x_is_pulled};
    for (const node& n : made.nodes->nodes()) {
        const std::size_t place = find_node(x_now.nodes->nodes(), n);
        for (std::size_t i = 0; i < made.per_node; ++i) {
            if (place < x_now.nodes->nodes().size()) {
                made.connections.push_back(x_now.connections[place * made.per_node + i]);
                made.connections.back()->set_peer(n);
            } else {
                made.connections.push_back(std::make_shared<connection_type>(
                    x_executor, n, settings, x_stream_options, x_watched_by));
            }
        }
    }
    return made;
}

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::follow_members() {
    std::error_code error;
    auto made = try_topology(x_members.routable(), error);
    // A list that was good before a reshard and is not without the nodes it drained: keep what is.
    if (error) {
        x_members = membership(x_now.nodes->nodes());
    } else {
        move_to(std::move(made));
    }
}

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::move_to(std::shared_ptr<const topology_type> nodes) {
    if (nodes->nodes() == x_now.nodes->nodes()) return;
    const routes before = std::exchange(x_now, connect_to(std::move(nodes)));
    for (const connection_ptr& line : x_now.connections) line->connect();
    retire_missing(before.connections);
}

template <hash_policy Policy, transport Transport, observer Observer>
std::error_code client_core<Policy, Transport, Observer>::update(
    std::shared_ptr<const topology_type> ready) {
    if (x_stopped) return asio::error::operation_aborted;
    membership members = x_members;
    if (const auto error = members.listed(ready->nodes())) return error;
    if (x_transition || members.routable() != ready->nodes()) return update(ready->nodes());
    x_members = std::move(members);
    if (x_now.nodes->nodes() == ready->nodes()) {
        x_now.nodes = std::move(ready);
    } else {
        move_to(std::move(ready));
    }
    return {};
}

template <hash_policy Policy, transport Transport, observer Observer>
auto client_core<Policy, Transport, Observer>::everywhere() const -> std::vector<connection_ptr> {
    std::vector<connection_ptr> firsts = all_lines();
    std::size_t place = 0;
    std::erase_if(firsts, [&](const auto&) { return place++ % x_now.per_node != 0; });
    return firsts;
}

template <hash_policy Policy, transport Transport, observer Observer>
auto client_core<Policy, Transport, Observer>::all_lines() const -> std::vector<connection_ptr> {
    std::vector<connection_ptr> all = x_now.connections;
    if (!x_transition) return all;
    for (const connection_ptr& line : x_transition->next.connections) {
        if (std::ranges::find(all, line) == all.end()) all.push_back(line);
    }
    return all;
}

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::stop() noexcept {
    x_stopped = true;
    for (const connection_ptr& line : all_lines()) line->stop();
    for (const auto& leaving : x_leaving) {
        if (const connection_ptr line = leaving.lock()) line->stop();
    }
    x_transition.reset();
    x_now = {};
    x_idle.stop();
    if (const auto abandon = std::exchange(x_on_stop, nullptr)) abandon();
}

template <hash_policy Policy, transport Transport, observer Observer>
std::error_code client_core<Policy, Transport, Observer>::begin(std::vector<node> nodes,
                                                                std::int64_t lease_seconds,
                                                                std::function<void()> drained) {
    if (x_stopped) return asio::error::operation_aborted;
    // Operations of a transition's last phase may outlast it, and they are no plain commands.
    if (x_transition || !x_phase_left.expired()) return errc::transition_running;
    if (nodes.empty() || x_now.connections.empty()) return errc::no_nodes;
    if (x_options.speaks != protocol::meta && x_options.speaks != protocol::automatic)
        return errc::unsupported;  // no leases
    std::error_code error;
    auto next = try_topology(std::move(nodes), error);
    if (error) return error;
    auto made = std::make_unique<transition>();
    made->execute = &client_core::execute_in_transition;
    made->place.lease_seconds = lease_seconds;
    made->next = connect_to(std::move(next));
    x_transition = std::move(made);
    call_when_all_drained(x_executor, x_now.connections, std::move(drained));
    return {};
}

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::leave_phase(std::function<void()> drained) {
    // The guard's last owner, the oldest operation of the phase, reports.
    auto left = std::exchange(x_transition->guard, nullptr);
    x_transition->guard = std::make_shared<phase_guard>(left->counts);
    x_phase_left = left;
    left->on_release(x_executor, std::move(drained));
}

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::advance(std::function<void()> drained) {
    leave_phase(std::move(drained));
    switch (x_transition->place.in) {
        case phase::prepare: x_transition->place.in = phase::move; return;
        case phase::move: x_transition->place.in = phase::settle; return;
        case phase::settle: break;
        case phase::steady_old:
        case phase::steady_next: return;  // never the phase of a transition under way
    }
    const auto ended = std::move(x_transition);
    const routes before = std::exchange(x_now, std::move(ended->next));
    x_members.resharded(before.nodes->nodes(), x_now.nodes->nodes());
    retire_missing(before.connections);
    follow_members();  // what discovery said meanwhile
}

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::roll_back(std::function<void()> drained) {
    leave_phase(std::move(drained));
    const auto ended = std::move(x_transition);
    retire_missing(ended->next.connections);
    follow_members();
}

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::retire_missing(
    const std::vector<connection_ptr>& lines) {
    std::erase_if(x_leaving, [](const auto& left) { return left.expired(); });
    for (const connection_ptr& line : lines) {
        if (std::ranges::find(x_now.connections, line) != x_now.connections.end()) continue;
        line->retire();
        x_leaving.push_back(line);
    }
}

}  // namespace memring::detail
