#pragma once
// What a client's core does, as told in client_core.hpp, which includes this. Nothing of it is
// defined inside the class: what is declared to be compiled elsewhere (separate.hpp) then really
// is.

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
#include <memring/detail/client_core.hpp>
#include <memring/detail/counter_operation.hpp>
#include <memring/detail/operation.hpp>
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

template <hash_policy Policy, transport Transport, observer Observer>
client_core<Policy, Transport, Observer>::client_core(
    asio::any_io_executor executor, std::vector<node> nodes, const client_options& options,
    const transport_options& stream_options, const Observer& watched_by, const topology_type& first)
    : client_core(std::move(executor),
                  std::make_shared<const topology_type>(first.changed_to(std::move(nodes))),
                  options, stream_options, watched_by) {}

template <hash_policy Policy, transport Transport, observer Observer>
client_core<Policy, Transport, Observer>::client_core(asio::any_io_executor executor,
                                                      std::shared_ptr<const topology_type> first,
                                                      const client_options& options,
                                                      const transport_options& stream_options,
                                                      const Observer& watched_by)
    : x_executor(std::move(executor)),
      x_options(options),
      x_stream_options(stream_options),
      x_watched_by(watched_by) {
    x_options.connections_per_node = std::max<std::size_t>(1, options.connections_per_node);
    x_members = membership(first->nodes());
    x_now = connect_to(std::move(first));
}

template <hash_policy Policy, transport Transport, observer Observer>
client_core<Policy, Transport, Observer>::~client_core() = default;

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::execute(operation& waiter, command&& what,
                                                       std::string_view server_key) {
    if (const auto error = refusal()) return complete_later(x_executor, waiter, error);
    if (what.has_initial && composes_counters()) {
        return counter_operation<client_core>::start(this->shared_from_this(), waiter,
                                                     std::move(what), std::string(server_key));
    }
    const auto by = server_key.empty() ? routed_part(what.key.view()) : server_key;
    if (x_transition) return (this->*x_transition->execute)(waiter, std::move(what), by);
    x_now.owner_of(by)->submit(waiter, what);
}

template <hash_policy Policy, transport Transport, observer Observer>
bool client_core<Policy, Transport, Observer>::is_moving_key(
    std::string_view key, std::string_view server_key) const noexcept {
    const auto by = server_key.empty() ? routed_part(key) : server_key;
    return x_transition && x_now.owner_of(by) != x_transition->next.owner_of(by);
}

template <hash_policy Policy, transport Transport, observer Observer>
void client_core<Policy, Transport, Observer>::set_pulled(bool is_pulled) {
    *x_is_pulled = is_pulled;
    if (is_pulled) return;
    x_now.stop_pulling();
    if (x_transition) x_transition->next.stop_pulling();
}

template <hash_policy Policy, transport Transport, observer Observer>
std::error_code client_core<Policy, Transport, Observer>::update(std::vector<node> nodes) {
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

template <hash_policy Policy, transport Transport, observer Observer>
auto client_core<Policy, Transport, Observer>::try_topology(std::vector<node> nodes,
                                                            std::error_code& error) const
    -> std::shared_ptr<const topology_type> {
    try {
        const topology_type none;
        const topology_type& before = x_now.nodes ? *x_now.nodes : none;
        return std::make_shared<const topology_type>(before.changed_to(std::move(nodes)));
    } catch (const std::system_error& refused) {
        error = refused.code();
        return nullptr;
    }
}

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
