#pragma once
// The operations on one key.

#include <chrono>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/client/client_base.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/requests.hpp>
#include <memring/detail/results.hpp>
#include <memring/protocol/command.hpp>

namespace memring {

/// Part of `client`, whose comment says what holds for all operations.
template <hash_policy Policy, transport Transport, observer Observer>
class key_operations : public client_base<Policy, Transport, Observer> {
public:
    /// Reads an item. Completes with `void(error_code, std::optional<item>)`; a miss is `nullopt`.
    template <class Token>
    auto async_get(std::string_view key, const operation_options& options, Token&& token) {
        return this->template start<detail::to_item, Token>(
            this->make().one(verb::get, key, options), token);
    }
    template <class Token>
    auto async_get(std::string_view key, Token&& token) {
        return async_get(key, operation_options{}, std::forward<Token>(token));
    }

    /// Stores always. Completes with `void(error_code, store_result)`, as all stores do. Where it
    /// is the server that refuses a value for its size, memcached (1.6.18) drops the old item: of a
    /// set over each protocol, of the other stores over meta; else the old item stays.
    template <class Token>
    auto async_set(std::string_view key, std::string_view value, const store_options& options,
                   Token&& token) {
        return this->template start<detail::to_store_result, Token>(
            this->make().store(verb::set, key, value, options), token);
    }
    template <class Token>
    auto async_set(std::string_view key, std::string_view value, Token&& token) {
        return async_set(key, value, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the key is absent, else `not_stored`. Refused for its size: see `async_set`.
    template <class Token>
    auto async_add(std::string_view key, std::string_view value, const store_options& options,
                   Token&& token) {
        return this->template start<detail::to_store_result, Token>(
            this->make().store(verb::add, key, value, options), token);
    }
    template <class Token>
    auto async_add(std::string_view key, std::string_view value, Token&& token) {
        return async_add(key, value, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the key is present, else `not_stored`. Refused for its size: see `async_set`.
    template <class Token>
    auto async_replace(std::string_view key, std::string_view value, const store_options& options,
                       Token&& token) {
        return this->template start<detail::to_store_result, Token>(
            this->make().store(verb::replace, key, value, options), token);
    }
    template <class Token>
    auto async_replace(std::string_view key, std::string_view value, Token&& token) {
        return async_replace(key, value, store_options{}, std::forward<Token>(token));
    }

    /// Extends the value at its end if the key is present, else `not_stored`. Flags and expiry of
    /// the item stay. Refused for its size: see `async_set`.
    template <class Token>
    auto async_append(std::string_view key, std::string_view value,
                      const operation_options& options, Token&& token) {
        return this->template start<detail::to_store_result, Token>(
            this->make().extension(verb::append, key, value, options), token);
    }
    template <class Token>
    auto async_append(std::string_view key, std::string_view value, Token&& token) {
        return async_append(key, value, operation_options{}, std::forward<Token>(token));
    }

    /// Extends the value at its front, as `async_append` does at its end.
    template <class Token>
    auto async_prepend(std::string_view key, std::string_view value,
                       const operation_options& options, Token&& token) {
        return this->template start<detail::to_store_result, Token>(
            this->make().extension(verb::prepend, key, value, options), token);
    }
    template <class Token>
    auto async_prepend(std::string_view key, std::string_view value, Token&& token) {
        return async_prepend(key, value, operation_options{}, std::forward<Token>(token));
    }

    /// Stores only if the item still has the `cas` number a get returned: else `exists` (changed)
    /// or `not_found` (gone). `cas` 0, which no server gives, is `errc::invalid_cas`. Refused
    /// for its size: see `async_set`.
    template <class Token>
    auto async_compare_and_swap(std::string_view key, std::string_view value, std::uint64_t cas,
                                const store_options& options, Token&& token) {
        auto asked = this->make().store(verb::set, key, value, options);
        asked.what.compare = cas;
        if (cas == 0) asked.error = errc::invalid_cas;
        return this->template start<detail::to_store_result, Token>(std::move(asked), token);
    }
    template <class Token>
    auto async_compare_and_swap(std::string_view key, std::string_view value, std::uint64_t cas,
                                Token&& token) {
        return async_compare_and_swap(key, value, cas, store_options{}, std::forward<Token>(token));
    }

    /// Deletes. Completes with `void(error_code, bool)`: whether there was something to delete.
    template <class Token>
    auto async_remove(std::string_view key, const operation_options& options, Token&& token) {
        return this->template start<detail::to_found, Token>(
            this->make().one(verb::remove, key, options), token);
    }
    template <class Token>
    auto async_remove(std::string_view key, Token&& token) {
        return async_remove(key, operation_options{}, std::forward<Token>(token));
    }

    /// Marks the item stale: a get still reads it, and `async_get_or_compute` has it renewed by one
    /// caller while the others take the old value. It is gone `expires_in` from now at the latest;
    /// 0 s leaves its expiry. A caller that dies while it renews, or whose connection is lost with
    /// a read of the item under way, is not replaced: give a time that the old value may be handed
    /// out at the longest. An empty value that is stale reads as a
    /// miss. Completes with `void(error_code, bool)`: whether the key was there.
    /// While the key is being moved to another node it is deleted instead. `errc::unsupported` over
    /// the classic and binary protocols.
    template <class Token>
    auto async_invalidate(std::string_view key, std::chrono::seconds expires_in,
                          const operation_options& options, Token&& token) {
        return this->template start<detail::to_found, Token>(
            this->make().expiring(verb::invalidate, key, expires_in, options), token);
    }
    template <class Token>
    auto async_invalidate(std::string_view key, std::chrono::seconds expires_in, Token&& token) {
        return async_invalidate(key, expires_in, operation_options{}, std::forward<Token>(token));
    }

    /// Sets a new expiry; 0 s means never. Completes with `void(error_code, bool)`: whether the
    /// key was there.
    template <class Token>
    auto async_touch(std::string_view key, std::chrono::seconds expires_in,
                     const operation_options& options, Token&& token) {
        return this->template start<detail::to_found, Token>(
            this->make().expiring(verb::touch, key, expires_in, options), token);
    }
    template <class Token>
    auto async_touch(std::string_view key, std::chrono::seconds expires_in, Token&& token) {
        return async_touch(key, expires_in, operation_options{}, std::forward<Token>(token));
    }

    /// Reads an item and sets a new expiry; completes as `async_get` does.
    template <class Token>
    auto async_get_and_touch(std::string_view key, std::chrono::seconds expires_in,
                             const operation_options& options, Token&& token) {
        return this->template start<detail::to_item, Token>(
            this->make().expiring(verb::get_and_touch, key, expires_in, options), token);
    }
    template <class Token>
    auto async_get_and_touch(std::string_view key, std::chrono::seconds expires_in, Token&& token) {
        return async_get_and_touch(key, expires_in, operation_options{},
                                   std::forward<Token>(token));
    }

    /// What the node knows of an item beside its value, without counting as an access. Completes
    /// with `void(error_code, std::optional<item_metadata>)`. `errc::unsupported` over the classic
    /// and binary protocols.
    template <class Token>
    auto async_inspect(std::string_view key, const operation_options& options, Token&& token) {
        return this->template start<detail::to_metadata, Token>(
            this->make().one(verb::inspect, key, options), token);
    }
    template <class Token>
    auto async_inspect(std::string_view key, Token&& token) {
        return async_inspect(key, operation_options{}, std::forward<Token>(token));
    }

    /// Adds to a decimal number, wrapping at 2^64. Completes with
    /// `void(error_code, std::optional<std::uint64_t>)`: the new number, or `nullopt` if the key is
    /// absent and no `initial` was given. `errc::not_a_number` if the value is none.
    template <class Token>
    auto async_increment(std::string_view key, std::uint64_t delta, const counter_options& options,
                         Token&& token) {
        return this->template start<detail::to_number, Token>(
            this->make().counter(verb::increment, key, delta, options), token);
    }
    template <class Token>
    auto async_increment(std::string_view key, std::uint64_t delta, Token&& token) {
        return async_increment(key, delta, counter_options{}, std::forward<Token>(token));
    }

    /// Subtracts from a decimal number, stopping at 0; completes as `async_increment` does.
    template <class Token>
    auto async_decrement(std::string_view key, std::uint64_t delta, const counter_options& options,
                         Token&& token) {
        return this->template start<detail::to_number, Token>(
            this->make().counter(verb::decrement, key, delta, options), token);
    }
    template <class Token>
    auto async_decrement(std::string_view key, std::uint64_t delta, Token&& token) {
        return async_decrement(key, delta, counter_options{}, std::forward<Token>(token));
    }

protected:
    using client_base<Policy, Transport, Observer>::client_base;
};

}  // namespace memring
