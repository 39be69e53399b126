#pragma once
// The operations on all nodes. Each completes with one outcome a node, which has what that node
// failed by, such as its time; while one topology replaces another, with one for each node of both.

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include <memring/client/composed_operations.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/requests.hpp>
#include <memring/detail/results.hpp>

namespace memring {

/// Part of `client`, whose comment says what holds for all operations.
template <hash_policy Policy, transport Transport, observer Observer>
class node_operations : public composed_operations<Policy, Transport, Observer> {
public:
    /// Makes every item of every node vanish, now or after `delay`. Completes with
    /// `void(error_code, std::vector<node_outcome<bool>>)`, one for each node.
    template <class Token>
    auto async_flush_all(std::chrono::seconds delay, const node_operation_options& options,
                         Token&& token) {
        return this->template start_everywhere<detail::to_found, Token>(
            detail::make_flush_request(delay, options), token);
    }
    template <class Token>
    auto async_flush_all(std::chrono::seconds delay, Token&& token) {
        return async_flush_all(delay, node_operation_options{}, std::forward<Token>(token));
    }
    template <class Token>
    auto async_flush_all(Token&& token) {
        return async_flush_all(std::chrono::seconds(0), std::forward<Token>(token));
    }

    /// How much the servers print about what they do, 0 to 3. Completes with
    /// `void(error_code, std::vector<node_outcome<bool>>)`. `errc::unsupported` over the binary
    /// protocol.
    template <class Token>
    auto async_verbosity(std::uint32_t level, const node_operation_options& options,
                         Token&& token) {
        return this->template start_everywhere<detail::to_found, Token>(
            detail::make_verbosity_request(level, options), token);
    }
    template <class Token>
    auto async_verbosity(std::uint32_t level, Token&& token) {
        return async_verbosity(level, node_operation_options{}, std::forward<Token>(token));
    }

    /// Completes with `void(error_code, std::vector<node_outcome<std::string>>)`.
    template <class Token>
    auto async_version(const node_operation_options& options, Token&& token) {
        return this->template start_everywhere<detail::to_text, Token>(
            detail::make_version_request(options), token);
    }
    template <class Token>
    auto async_version(Token&& token) {
        return async_version(node_operation_options{}, std::forward<Token>(token));
    }

    /// The nodes' statistics as name and value; `group` as the server names it ("settings",
    /// "items", "slabs", "reset" ...), empty for the general ones. A node's error is
    /// `errc::unsupported` for "cachedump" and "detail dump", which are no names and values.
    /// Completes with `void(error_code, std::vector<node_outcome<std::vector<std::pair<std::string,
    /// std::string>>>>)`.
    template <class Token>
    auto async_stats(std::string_view group, const node_operation_options& options, Token&& token) {
        return this->template start_everywhere<detail::to_statistics, Token>(
            detail::make_stats_request(group, options), token);
    }
    template <class Token>
    auto async_stats(std::string_view group, Token&& token) {
        return async_stats(group, node_operation_options{}, std::forward<Token>(token));
    }
    template <class Token>
    auto async_stats(Token&& token) {
        return async_stats(std::string_view{}, std::forward<Token>(token));
    }

protected:
    using composed_operations<Policy, Transport, Observer>::composed_operations;
};

}  // namespace memring
