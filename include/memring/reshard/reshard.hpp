#pragma once
// Changes a client's topology on live traffic, keys included: any change of the node list, and
// the two everyday ones by name.

#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>

#include <memring/client.hpp>
#include <memring/detail/initiate.hpp>
#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/node.hpp>
#include <memring/reshard/report.hpp>
#include <memring/reshard/reshard_run.hpp>

namespace memring {

namespace detail {

template <class Core, class Handler>
class handled_reshard final : public reshard_run<Core> {
public:
    handled_reshard(std::shared_ptr<Core> core, const reshard_options& options, Handler&& handler)
        : reshard_run<Core>(core, options),
          x_deliver(std::in_place, std::move(handler), core->executor()) {}

    void listen_for_cancellation() {
        auto slot = asio::get_associated_cancellation_slot(x_deliver->handler());
        if (slot.is_connected()) slot.assign([this](asio::cancellation_type) { this->cancel(); });
    }

private:
    void deliver(std::error_code error, reshard_report report) override {
        auto slot = asio::get_associated_cancellation_slot(x_deliver->handler());
        if (slot.is_connected()) slot.clear();
        auto now = std::move(*x_deliver);
        x_deliver.reset();
        now(error, std::move(report));
    }

    std::optional<delivery<Handler>> x_deliver;
};

template <class Core>
class initiate_reshard : public initiation<Core> {
public:
    using initiation<Core>::initiation;

    template <class Handler>
    void operator()(Handler&& handler, std::vector<node> next, const reshard_options& options,
                    std::error_code error) const {
        using run_type = handled_reshard<Core, std::decay_t<Handler>>;
        const auto run = std::make_shared<run_type>(
            this->x_core, options, std::decay_t<Handler>(std::forward<Handler>(handler)));
        run->start(std::move(next), error);
        run->listen_for_cancellation();
    }
};

template <class Token, class Policy, class Transport, class Observer>
auto start_reshard(client<Policy, Transport, Observer>& target, std::vector<node> next,
                   const reshard_options& options, std::error_code error,
                   std::remove_reference_t<Token>& token) {
    using core_type = client_core<Policy, Transport, Observer>;
    return asio::async_initiate<Token, void(std::error_code, reshard_report)>(
        initiate_reshard<core_type>(target.core()), token, std::move(next), options, error);
}

}  // namespace detail

/// Takes `target` from its topology to `next` while it is in use: every key that gets another owner
/// is moved there with its flags and remaining time. Gets of moving keys hit throughout, newer
/// values are never overwritten, nothing older than an acknowledged write is ever read, and keys
/// whose owner stays are not touched. Copies that earlier list changes left behind on a key's next
/// owner are removed first.
///
/// It speaks for this client alone: the promises hold for keys that only this process writes
/// (name them with `reshard_options::owns` where others keep keys on the same nodes). Processes
/// that share keys would have to change phase together, which this version does not do: another
/// process's write to a moving key may be missed, or overtaken by the moved copy.
///
/// Completes with `void(error_code, reshard_report)`:
/// * `errc::transition_running`, `no_nodes` (an empty list, here or in use), `invalid_node`,
///   `duplicate_node`: nothing was done.
/// * `errc::crawler_busy`, `crawler_unavailable`, or what made a node unreachable while the keys
///   were being listed: rolled back, the topology is the one before. A node that is dead cannot be
///   drained; take it out with `client::update`.
/// * the same, later: the change was completed all the same; keys that could not be moved are
///   missed (`reshard_report::failed`, or never listed), no key is ever stale.
/// * `operation_aborted`: cancelled in time (rolled back), or the client stopped.
///
/// Cancellation: heeded until the first key moves, ignored afterwards. Needs memcached >= 1.6.10
/// with its key crawler allowed. Thread-safety: as the client.
///
/// Source: the phases and the lease per key are this project's own; see docs/architecture.md.
template <class Policy, class Transport, class Observer, class Token>
auto async_reshard(client<Policy, Transport, Observer>& target, std::vector<node> next,
                   const reshard_options& options, Token&& token) {
    std::size_t place = 0;
    const auto error = check_nodes(next, place);
    return detail::start_reshard<Token>(target, std::move(next), options, error, token);
}

/// Moves all keys of `leaving` to the nodes that stay and routes nothing to it any more, also if
/// discovery goes on listing it; then it can be shut down. `errc::unknown_node` if it is not part
/// of the topology, `errc::no_nodes` if it is the only one; otherwise as `async_reshard`.
template <class Policy, class Transport, class Observer, class Token>
auto async_drain(client<Policy, Transport, Observer>& target, const node& leaving,
                 const reshard_options& options, Token&& token) {
    std::vector<node> next = target.topology_now()->nodes();
    const auto count = std::erase_if(next, [&](const node& n) { return is_same_node(n, leaving); });
    std::error_code error;
    if (count == 0) error = errc::unknown_node;
    return detail::start_reshard<Token>(target, std::move(next), options, error, token);
}

/// Takes `joining` into the topology with the keys it is to own, before anybody asks it for them.
/// `errc::duplicate_node` if it is part of the topology; otherwise as `async_reshard`.
template <class Policy, class Transport, class Observer, class Token>
auto async_fill(client<Policy, Transport, Observer>& target, const node& joining,
                const reshard_options& options, Token&& token) {
    std::vector<node> next = target.topology_now()->nodes();
    next.push_back(joining);
    std::size_t place = 0;
    const auto error = check_nodes(next, place);
    return detail::start_reshard<Token>(target, std::move(next), options, error, token);
}

}  // namespace memring
