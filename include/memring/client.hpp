#pragma once
// The cluster client: every operation finds its key's node, shares that node's connection with
// all other operations, and completes through whatever completion token it was given.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>

#include <memring/client_options.hpp>
#include <memring/cluster/topology.hpp>
#include <memring/detail/client_core.hpp>
#include <memring/detail/initiate.hpp>
#include <memring/detail/requests.hpp>
#include <memring/detail/results.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>
#include <memring/node_outcome.hpp>
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
template <hash_policy Policy = ketama, transport Transport = tcp_transport>
class client {
public:
    using executor_type = asio::any_io_executor;
    using policy_type = Policy;
    using transport_type = Transport;
    using transport_options = typename Transport::options;
    using topology_type = topology<Policy>;

    /// Connects to nothing yet. An empty list is fine: operations then fail with `no_nodes` until
    /// `update`. Throws `std::system_error` that names a bad or duplicate node and its place.
    explicit client(executor_type executor, std::vector<node> nodes = {},
                    const client_options& options = {}, const transport_options& stream = {})
        : x_core(std::make_shared<core_type>(std::move(executor), std::move(nodes), options,
                                             stream)) {}

    /// As above, routed by a policy like `policy`, whatever nodes that was built from: its options
    /// hold for this list and those that follow.
    ///
    ///     client<jump> cache(executor, nodes, {}, {}, jump({}, {.seed = xxh3("pool")}));
    client(executor_type executor, std::vector<node> nodes, const client_options& options,
           const transport_options& stream,
           const Policy& policy) requires rebuildable_hash_policy<Policy>
        : x_core(std::make_shared<core_type>(std::move(executor), std::move(nodes), options, stream,
                                             topology_type({}, policy))) {}

    client(client&&) noexcept = default;
    client& operator=(client&& other) noexcept {
        if (x_core && this != &other) x_core->stop();
        x_core = std::move(other.x_core);
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

    /// Closes all connections; what is under way, and any later operation, completes with
    /// `operation_aborted`.
    void stop() noexcept { x_core->stop(); }

    // ---- one key --------------------------------------------------------------------------------

    /// Reads an item. Completes with `void(error_code, std::optional<item>)`; a miss is `nullopt`.
    template <class Token>
    auto async_get(std::string_view key, const operation_options& options, Token&& token) {
        return start<detail::to_item, Token>(detail::make_request(verb::get, key, options), token);
    }
    template <class Token>
    auto async_get(std::string_view key, Token&& token) {
        return async_get(key, operation_options{}, std::forward<Token>(token));
    }

    /// Stores always. Completes with `void(error_code, store_result)`, as all stores do.
    template <class Token>
    auto async_set(std::string_view key, std::string_view value, const store_options& options,
                   Token&& token) {
        return start<detail::to_store_result, Token>(
            detail::make_store_request(verb::set, key, value, value_limit(), options), token);
    }
    template <class Token>
    auto async_set(std::string_view key, std::string_view value, Token&& token) {
        return async_set(key, value, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the key is absent, else `not_stored`.
    template <class Token>
    auto async_add(std::string_view key, std::string_view value, const store_options& options,
                   Token&& token) {
        return start<detail::to_store_result, Token>(
            detail::make_store_request(verb::add, key, value, value_limit(), options), token);
    }
    template <class Token>
    auto async_add(std::string_view key, std::string_view value, Token&& token) {
        return async_add(key, value, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the key is present, else `not_stored`.
    template <class Token>
    auto async_replace(std::string_view key, std::string_view value, const store_options& options,
                       Token&& token) {
        return start<detail::to_store_result, Token>(
            detail::make_store_request(verb::replace, key, value, value_limit(), options), token);
    }
    template <class Token>
    auto async_replace(std::string_view key, std::string_view value, Token&& token) {
        return async_replace(key, value, store_options{}, std::forward<Token>(token));
    }

    /// Extends the value at its end if the key is present, else `not_stored`. Flags and expiry of
    /// the item stay.
    template <class Token>
    auto async_append(std::string_view key, std::string_view value,
                      const operation_options& options, Token&& token) {
        return start<detail::to_store_result, Token>(
            detail::make_extend_request(verb::append, key, value, value_limit(), options), token);
    }
    template <class Token>
    auto async_append(std::string_view key, std::string_view value, Token&& token) {
        return async_append(key, value, operation_options{}, std::forward<Token>(token));
    }

    /// Extends the value at its front, as `async_append` does at its end.
    template <class Token>
    auto async_prepend(std::string_view key, std::string_view value,
                       const operation_options& options, Token&& token) {
        return start<detail::to_store_result, Token>(
            detail::make_extend_request(verb::prepend, key, value, value_limit(), options), token);
    }
    template <class Token>
    auto async_prepend(std::string_view key, std::string_view value, Token&& token) {
        return async_prepend(key, value, operation_options{}, std::forward<Token>(token));
    }

    /// Stores only if the item still has the `cas` number a get returned: else `exists` (changed)
    /// or `not_found` (gone). `cas` 0, which no server gives, is `std::errc::invalid_argument`.
    template <class Token>
    auto async_compare_and_swap(std::string_view key, std::string_view value, std::uint64_t cas,
                                const store_options& options, Token&& token) {
        auto asked = detail::make_store_request(verb::set, key, value, value_limit(), options);
        asked.what.compare = cas;
        if (cas == 0) asked.error = std::make_error_code(std::errc::invalid_argument);
        return start<detail::to_store_result, Token>(std::move(asked), token);
    }
    template <class Token>
    auto async_compare_and_swap(std::string_view key, std::string_view value, std::uint64_t cas,
                                Token&& token) {
        return async_compare_and_swap(key, value, cas, store_options{}, std::forward<Token>(token));
    }

    /// Deletes. Completes with `void(error_code, bool)`: whether there was something to delete.
    template <class Token>
    auto async_remove(std::string_view key, const operation_options& options, Token&& token) {
        return start<detail::to_found, Token>(detail::make_request(verb::remove, key, options),
                                              token);
    }
    template <class Token>
    auto async_remove(std::string_view key, Token&& token) {
        return async_remove(key, operation_options{}, std::forward<Token>(token));
    }

    /// Sets a new expiry; 0 s means never. Completes with `void(error_code, bool)`: whether the
    /// key was there.
    template <class Token>
    auto async_touch(std::string_view key, std::chrono::seconds expires_in,
                     const operation_options& options, Token&& token) {
        return start<detail::to_found, Token>(
            detail::make_expiring_request(verb::touch, key, expires_in, options), token);
    }
    template <class Token>
    auto async_touch(std::string_view key, std::chrono::seconds expires_in, Token&& token) {
        return async_touch(key, expires_in, operation_options{}, std::forward<Token>(token));
    }

    /// Reads an item and sets a new expiry; completes as `async_get` does.
    template <class Token>
    auto async_get_and_touch(std::string_view key, std::chrono::seconds expires_in,
                             const operation_options& options, Token&& token) {
        return start<detail::to_item, Token>(
            detail::make_expiring_request(verb::get_and_touch, key, expires_in, options), token);
    }
    template <class Token>
    auto async_get_and_touch(std::string_view key, std::chrono::seconds expires_in, Token&& token) {
        return async_get_and_touch(key, expires_in, operation_options{},
                                   std::forward<Token>(token));
    }

    /// Adds to a decimal number, wrapping at 2^64. Completes with
    /// `void(error_code, std::optional<std::uint64_t>)`: the new number, or `nullopt` if the key is
    /// absent. `errc::not_a_number` if the value is none.
    template <class Token>
    auto async_increment(std::string_view key, std::uint64_t delta,
                         const operation_options& options, Token&& token) {
        return start<detail::to_number, Token>(
            detail::make_counter_request(verb::increment, key, delta, options), token);
    }
    template <class Token>
    auto async_increment(std::string_view key, std::uint64_t delta, Token&& token) {
        return async_increment(key, delta, operation_options{}, std::forward<Token>(token));
    }

    /// Subtracts from a decimal number, stopping at 0; completes as `async_increment` does.
    template <class Token>
    auto async_decrement(std::string_view key, std::uint64_t delta,
                         const operation_options& options, Token&& token) {
        return start<detail::to_number, Token>(
            detail::make_counter_request(verb::decrement, key, delta, options), token);
    }
    template <class Token>
    auto async_decrement(std::string_view key, std::uint64_t delta, Token&& token) {
        return async_decrement(key, delta, operation_options{}, std::forward<Token>(token));
    }

    // ---- many keys ------------------------------------------------------------------------------
    // All nodes are asked at once. Results are aligned with the keys, each with its own error: a
    // dead node costs its own keys only. The error_code of the whole is set when it was cancelled
    // or when there are no nodes.

    /// Completes with `void(error_code, std::vector<outcome<std::optional<item>>>)`.
    template <class Token>
    auto async_get_many(std::span<const std::string_view> keys, const operation_options& options,
                        Token&& token) {
        return start_many<detail::to_item, Token>(
            detail::make_many_request(verb::get, keys, options), token);
    }
    template <class Token>
    auto async_get_many(std::span<const std::string_view> keys, Token&& token) {
        return async_get_many(keys, operation_options{}, std::forward<Token>(token));
    }

    /// Completes with `void(error_code, std::vector<outcome<store_result>>)`. Of a key given twice
    /// the later value stays.
    template <class Token>
    auto async_set_many(std::span<const entry> entries, const store_options& options,
                        Token&& token) {
        return start_many<detail::to_store_result, Token>(
            detail::make_many_request(verb::set, entries, value_limit(), options), token);
    }
    template <class Token>
    auto async_set_many(std::span<const entry> entries, Token&& token) {
        return async_set_many(entries, store_options{}, std::forward<Token>(token));
    }

    /// Completes with `void(error_code, std::vector<outcome<bool>>)`: whether each was there.
    template <class Token>
    auto async_remove_many(std::span<const std::string_view> keys, const operation_options& options,
                           Token&& token) {
        return start_many<detail::to_found, Token>(
            detail::make_many_request(verb::remove, keys, options), token);
    }
    template <class Token>
    auto async_remove_many(std::span<const std::string_view> keys, Token&& token) {
        return async_remove_many(keys, operation_options{}, std::forward<Token>(token));
    }

    // ---- all nodes ------------------------------------------------------------------------------

    /// Makes every item of every node vanish, now or after `delay`. Completes with
    /// `void(error_code, std::vector<node_outcome<bool>>)`, one for each node.
    template <class Token>
    auto async_flush_all(std::chrono::seconds delay, Token&& token) {
        return start_everywhere<detail::to_found, Token>(detail::make_flush_request(delay), token);
    }
    template <class Token>
    auto async_flush_all(Token&& token) {
        return async_flush_all(std::chrono::seconds(0), std::forward<Token>(token));
    }

    /// Completes with `void(error_code, std::vector<node_outcome<std::string>>)`.
    template <class Token>
    auto async_version(Token&& token) {
        return start_everywhere<detail::to_text, Token>(detail::make_version_request(), token);
    }

    /// The nodes' statistics as name and value; `group` as the server names it ("settings",
    /// "items", ...), empty for the general ones. Completes with `void(error_code,
    /// std::vector<node_outcome<std::vector<std::pair<std::string, std::string>>>>)`.
    template <class Token>
    auto async_stats(std::string_view group, Token&& token) {
        return start_everywhere<detail::to_statistics, Token>(detail::make_stats_request(group),
                                                              token);
    }
    template <class Token>
    auto async_stats(Token&& token) {
        return async_stats(std::string_view{}, std::forward<Token>(token));
    }

    /// For the procedures in reshard/ only.
    [[nodiscard]] const auto& core() const noexcept { return x_core; }

private:
    using core_type = detail::client_core<Policy, Transport>;

    [[nodiscard]] std::size_t value_limit() const noexcept {
        return x_core->options().max_value_size;
    }

    template <class Convert, class Token>
    auto start(detail::single_request asked, Token& token) {
        using signature = void(std::error_code, typename Convert::result);
        return asio::async_initiate<Token, signature>(
            detail::initiate_single<core_type, Convert>(x_core), token, std::move(asked));
    }

    template <class Convert, class Token>
    auto start_many(detail::many_request asked, Token& token) {
        using result = outcome<typename Convert::result>;
        return asio::async_initiate<Token, void(std::error_code, std::vector<result>)>(
            detail::initiate_many<core_type, Convert, result>(x_core), token, std::move(asked));
    }

    template <class Convert, class Token>
    auto start_everywhere(detail::everywhere_request asked, Token& token) {
        using result = node_outcome<typename Convert::result>;
        return asio::async_initiate<Token, void(std::error_code, std::vector<result>)>(
            detail::initiate_everywhere<core_type, Convert, result>(x_core), token,
            std::move(asked));
    }

    std::shared_ptr<core_type> x_core;
};

}  // namespace memring
