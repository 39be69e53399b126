#pragma once
// The cluster client: every operation finds its key's node, shares that node's connection with
// all other operations, and completes through whatever completion token it was given.

#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>

#include <memring/client/node_operations.hpp>
#include <memring/client_options.hpp>
#include <memring/cluster/topology.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/node.hpp>
#include <memring/transport/tcp.hpp>

namespace memring {

/// A client of a memcached cluster.
///
///     memring::client<> cache(io.get_executor(), {{"10.0.0.1"}, {"10.0.0.2"}});
///     co_await cache.async_set("greeting", "hello", {.expires_in = 60s}, asio::use_awaitable);
///     if (auto hit = co_await cache.async_get("greeting", asio::use_awaitable)) use(hit->value);
///
/// What holds for every operation:
/// * Token: any completion token, last. Handlers run on their associated executor, never inside
///   the initiating call. Keys and values are copied before the call returns.
/// * Errors: `errc::invalid_key`, `value_too_large`, `invalid_expiry` (negative, or past January
///   2038, where memcached's time ends) before anything is sent;
///   `no_nodes`; `timed_out`, `timed_out_unsent`, `connection_lost`, `connection_lost_unsent`,
///   `malformed_reply`, `server_error` and the system's connect errors from the network. Compare
///   with `condition::not_sent` or `condition::maybe_applied` to learn whether it may be repeated.
///   A miss is a value, not an error.
/// * Deadline: `client_options::timeout` from initiation, or the operation's own `timeout`.
/// * Cancellation: all types; the operation completes with `asio::error::operation_aborted`,
///   whatever was sent may still be carried out, other operations are not disturbed.
///
/// Thread-safety: distinct clients are independent; one client is used from its executor only (a
/// single-threaded `io_context` or a strand). Lifetime: the execution context must outlive it;
/// destroying a client completes what is under way with `operation_aborted`. It starts nothing on
/// its own: `io_context::run()` returns when the answers are in.
template <hash_policy Policy = ketama, transport Transport = tcp_transport,
          observer Observer = no_observer>
class client : public node_operations<Policy, Transport, Observer> {
public:
    using executor_type = asio::any_io_executor;
    using policy_type = Policy;
    using transport_type = Transport;
    using observer_type = Observer;
    using transport_options = typename Transport::options;
    using topology_type = topology<Policy>;
    template <class Type>
    static constexpr bool is_topology = std::is_same_v<const Type, const topology<Policy>>;

    /// Connects to nothing yet. An empty list is fine: operations then fail with `no_nodes` until
    /// `update`. `watched_by` hears of what happens (see observer.hpp). Throws `std::system_error`
    /// that names a bad or duplicate node and its place.
    explicit client(executor_type executor, std::vector<node> nodes = {},
                    const client_options& options = {}, const transport_options& stream = {},
                    const Observer& watched_by = {})
        : base(std::make_shared<core_type>(std::move(executor), std::move(nodes), options, stream,
                                           watched_by)) {}

    /// As above, routed by a policy like `policy`, whatever nodes that was built from: its options
    /// hold for this list and those that follow.
    ///
    ///     client<jump> cache(executor, nodes, {}, {}, jump({}, {.seed = xxh3("pool")}));
    client(executor_type executor, std::vector<node> nodes, const client_options& options,
           const transport_options& stream, const Policy& policy,
           const Observer& watched_by = {}) requires rebuildable_hash_policy<Policy>
        : base(std::make_shared<core_type>(std::move(executor), std::move(nodes), options, stream,
                                           watched_by, topology_type({}, policy))) {}

    /// As the first, on a topology that is ready: clients of many threads can share one.
    /// Precondition: not null. (A template so that `{}` is a list of nodes.)
    template <class Ready>
    client(executor_type executor, std::shared_ptr<Ready> nodes, const client_options& options = {},
           const transport_options& stream = {},
           const Observer& watched_by = {}) requires is_topology<Ready>
        : base(std::make_shared<core_type>(std::move(executor),
                                           std::shared_ptr<const topology_type>(std::move(nodes)),
                                           options, stream, watched_by)) {}

    client(client&&) noexcept = default;
    client& operator=(client&& other) noexcept {
        if (x_core && this != &other) x_core->stop();
        base::operator=(std::move(other));
        return *this;
    }
    ~client() {
        if (x_core) x_core->stop();
    }

    [[nodiscard]] executor_type get_executor() const noexcept { return x_core->executor(); }

    /// The cluster as operations that start now see it: an immutable snapshot.
    [[nodiscard]] std::shared_ptr<const topology_type> topology_now() const noexcept {
        return x_core->nodes();
    }

    /// Replaces the node list: connects to nodes that are new, lets operations on nodes that left
    /// finish and then closes them. A bad list (`invalid_node`, `duplicate_node`) is refused and
    /// nothing changes. While a reshard is under way the list takes effect at its end. After
    /// `stop()` it is `operation_aborted`.
    ///
    /// A node that got another address under its name is reconnected when its connection next
    /// closes.
    ///
    /// This moves no data: keys that change their owner are missed, and a copy left behind on a
    /// node can be read, stale, should the node own the key again. `async_drain`, `async_fill` and
    /// `async_reshard` change the list without either.
    std::error_code update(std::vector<node> nodes) { return x_core->update(std::move(nodes)); }

    /// As above with a topology that is ready, its policy included. Precondition: not null.
    template <class Ready>
    std::error_code update(std::shared_ptr<Ready> nodes) requires is_topology<Ready> {
        return x_core->update(std::shared_ptr<const topology_type>(std::move(nodes)));
    }

    /// Closes all connections; what is under way, and any later operation, completes with
    /// `operation_aborted`.
    void stop() noexcept { x_core->stop(); }

private:
    using base = node_operations<Policy, Transport, Observer>;
    using base::x_core;
    using typename base::core_type;
};

}  // namespace memring
