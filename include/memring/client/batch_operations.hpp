#pragma once
// The operations on many keys: all nodes are asked at once, each in one go. Results are aligned
// with the keys, each with its own error: a dead node costs its own keys only. The error_code of
// the whole is set when it was cancelled or when there are no nodes.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/async_result.hpp>

#include <memring/client/key_operations.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/requests.hpp>
#include <memring/detail/results.hpp>
#include <memring/detail/visit.hpp>
#include <memring/protocol/command.hpp>

namespace memring {

/// Part of `client`, whose comment says what holds for all operations. Keys, values and the options
/// are read during the call only.
template <hash_policy Policy, transport Transport, observer Observer>
class batch_operations : public key_operations<Policy, Transport, Observer> {
public:
    /// Completes with `void(error_code, std::vector<outcome<std::optional<item>>>)`.
    template <class Token>
    auto async_get_many(std::span<const std::string_view> keys, const operation_options& options,
                        Token&& token) {
        return this->template start_many<detail::to_item, Token>(
            this->make().many(verb::get, keys, options), token);
    }
    template <class Token>
    auto async_get_many(std::span<const std::string_view> keys, Token&& token) {
        return async_get_many(keys, operation_options{}, std::forward<Token>(token));
    }

    /// Completes with `void(error_code, std::vector<outcome<store_result>>)`, as all stores do. Of
    /// a key given twice the later value stays.
    template <class Token>
    auto async_set_many(std::span<const entry> entries, const store_options& options,
                        Token&& token) {
        return this->template start_many<detail::to_store_result, Token>(
            this->make().many_stores(verb::set, entries, options), token);
    }
    template <class Token>
    auto async_set_many(std::span<const entry> entries, Token&& token) {
        return async_set_many(entries, store_options{}, std::forward<Token>(token));
    }

    /// Each as `async_add`.
    template <class Token>
    auto async_add_many(std::span<const entry> entries, const store_options& options,
                        Token&& token) {
        return this->template start_many<detail::to_store_result, Token>(
            this->make().many_stores(verb::add, entries, options), token);
    }
    template <class Token>
    auto async_add_many(std::span<const entry> entries, Token&& token) {
        return async_add_many(entries, store_options{}, std::forward<Token>(token));
    }

    /// Each as `async_replace`.
    template <class Token>
    auto async_replace_many(std::span<const entry> entries, const store_options& options,
                            Token&& token) {
        return this->template start_many<detail::to_store_result, Token>(
            this->make().many_stores(verb::replace, entries, options), token);
    }
    template <class Token>
    auto async_replace_many(std::span<const entry> entries, Token&& token) {
        return async_replace_many(entries, store_options{}, std::forward<Token>(token));
    }

    /// Each as `async_append`.
    template <class Token>
    auto async_append_many(std::span<const entry> entries, const operation_options& options,
                           Token&& token) {
        return this->template start_many<detail::to_store_result, Token>(
            this->make().many_extensions(verb::append, entries, options), token);
    }
    template <class Token>
    auto async_append_many(std::span<const entry> entries, Token&& token) {
        return async_append_many(entries, operation_options{}, std::forward<Token>(token));
    }

    /// Each as `async_prepend`.
    template <class Token>
    auto async_prepend_many(std::span<const entry> entries, const operation_options& options,
                            Token&& token) {
        return this->template start_many<detail::to_store_result, Token>(
            this->make().many_extensions(verb::prepend, entries, options), token);
    }
    template <class Token>
    auto async_prepend_many(std::span<const entry> entries, Token&& token) {
        return async_prepend_many(entries, operation_options{}, std::forward<Token>(token));
    }

    /// Each as `async_compare_and_swap`, with the `cas` of its entry: one without is
    /// `errc::invalid_cas`.
    template <class Token>
    auto async_compare_and_swap_many(std::span<const entry> entries, const store_options& options,
                                     Token&& token) {
        return this->template start_many<detail::to_store_result, Token>(
            this->make().many_swaps(entries, options), token);
    }
    template <class Token>
    auto async_compare_and_swap_many(std::span<const entry> entries, Token&& token) {
        return async_compare_and_swap_many(entries, store_options{}, std::forward<Token>(token));
    }

    /// Completes with `void(error_code, std::vector<outcome<bool>>)`: whether each was there.
    template <class Token>
    auto async_remove_many(std::span<const std::string_view> keys, const operation_options& options,
                           Token&& token) {
        return this->template start_many<detail::to_found, Token>(
            this->make().many(verb::remove, keys, options), token);
    }
    template <class Token>
    auto async_remove_many(std::span<const std::string_view> keys, Token&& token) {
        return async_remove_many(keys, operation_options{}, std::forward<Token>(token));
    }

    /// Each as `async_invalidate`.
    template <class Token>
    auto async_invalidate_many(std::span<const std::string_view> keys,
                               std::chrono::seconds expires_in, const operation_options& options,
                               Token&& token) {
        return this->template start_many<detail::to_found, Token>(
            this->make().many_expiring(verb::invalidate, keys, expires_in, options), token);
    }
    template <class Token>
    auto async_invalidate_many(std::span<const std::string_view> keys,
                               std::chrono::seconds expires_in, Token&& token) {
        return async_invalidate_many(keys, expires_in, operation_options{},
                                     std::forward<Token>(token));
    }

    /// Each as `async_touch`: completes with `void(error_code, std::vector<outcome<bool>>)`.
    template <class Token>
    auto async_touch_many(std::span<const std::string_view> keys, std::chrono::seconds expires_in,
                          const operation_options& options, Token&& token) {
        return this->template start_many<detail::to_found, Token>(
            this->make().many_expiring(verb::touch, keys, expires_in, options), token);
    }
    template <class Token>
    auto async_touch_many(std::span<const std::string_view> keys, std::chrono::seconds expires_in,
                          Token&& token) {
        return async_touch_many(keys, expires_in, operation_options{}, std::forward<Token>(token));
    }

    /// Completes as `async_get_many` does.
    template <class Token>
    auto async_get_and_touch_many(std::span<const std::string_view> keys,
                                  std::chrono::seconds expires_in, const operation_options& options,
                                  Token&& token) {
        return this->template start_many<detail::to_item, Token>(
            this->make().many_expiring(verb::get_and_touch, keys, expires_in, options), token);
    }
    template <class Token>
    auto async_get_and_touch_many(std::span<const std::string_view> keys,
                                  std::chrono::seconds expires_in, Token&& token) {
        return async_get_and_touch_many(keys, expires_in, operation_options{},
                                        std::forward<Token>(token));
    }

    /// Completes with `void(error_code, std::vector<outcome<std::optional<item_metadata>>>)`.
    template <class Token>
    auto async_inspect_many(std::span<const std::string_view> keys,
                            const operation_options& options, Token&& token) {
        return this->template start_many<detail::to_metadata, Token>(
            this->make().many(verb::inspect, keys, options), token);
    }
    template <class Token>
    auto async_inspect_many(std::span<const std::string_view> keys, Token&& token) {
        return async_inspect_many(keys, operation_options{}, std::forward<Token>(token));
    }

    /// Each as `async_increment`; completes with
    /// `void(error_code, std::vector<outcome<std::optional<std::uint64_t>>>)`.
    template <class Token>
    auto async_increment_many(std::span<const std::string_view> keys, std::uint64_t delta,
                              const counter_options& options, Token&& token) {
        return this->template start_many<detail::to_number, Token>(
            this->make().many_counters(verb::increment, keys, delta, options), token);
    }
    template <class Token>
    auto async_increment_many(std::span<const std::string_view> keys, std::uint64_t delta,
                              Token&& token) {
        return async_increment_many(keys, delta, counter_options{}, std::forward<Token>(token));
    }

    /// Each as `async_decrement`.
    template <class Token>
    auto async_decrement_many(std::span<const std::string_view> keys, std::uint64_t delta,
                              const counter_options& options, Token&& token) {
        return this->template start_many<detail::to_number, Token>(
            this->make().many_counters(verb::decrement, keys, delta, options), token);
    }
    template <class Token>
    auto async_decrement_many(std::span<const std::string_view> keys, std::uint64_t delta,
                              Token&& token) {
        return async_decrement_many(keys, delta, counter_options{}, std::forward<Token>(token));
    }

    /// Reads without a copy: calls `visitor(index, outcome<std::optional<item_view>>)` for each
    /// key, in no order, on the client's executor, as soon as its answer is there. The views are
    /// valid during that call only. Completes with `void(error_code, std::size_t)`, the number of
    /// hits, after the last call. `visitor` is copied; it must not throw, nor stop the client.
    template <class Visitor, class Token>
    auto async_visit_many(std::span<const std::string_view> keys, Visitor visitor,
                          const operation_options& options, Token&& token) {
        auto asked = this->make().many(verb::get, keys, options);
        detail::visit_sink<Visitor> sink(std::move(visitor), asked.commands.size());
        using own_core = std::remove_cvref_t<decltype(*this->core())>;
        return asio::async_initiate<Token, void(std::error_code, std::size_t)>(
            detail::initiate_many<own_core>(this->core()), token, std::move(asked),
            std::move(sink));
    }
    template <class Visitor, class Token>
    auto async_visit_many(std::span<const std::string_view> keys, Visitor visitor, Token&& token) {
        return async_visit_many(keys, std::move(visitor), operation_options{},
                                std::forward<Token>(token));
    }

protected:
    using key_operations<Policy, Transport, Observer>::key_operations;
};

}  // namespace memring
