#pragma once
// The operations on one key that take several commands.

#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <asio/async_result.hpp>

#include <memring/client/batch_operations.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/compute_handler.hpp>
#include <memring/detail/initiate_composed.hpp>
#include <memring/detail/made_value.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/protocol/command.hpp>

namespace memring {

/// Part of `client`, whose comment says what holds for all operations. Functions that are passed
/// are copied or moved, and are called on the client's executor. One that throws ends its operation
/// with `operation_aborted`; the exception leaves through the context's `run()`, or the blocking
/// call.
template <hash_policy Policy, transport Transport, observer Observer>
class composed_operations : public batch_operations<Policy, Transport, Observer> {
public:
    /// Changes an item by compare-and-swap: `change(const std::optional<item>&)` is given what is
    /// there and returns the new value, or `std::nullopt` to leave it as it is; it is called again
    /// with what is there then whenever somebody else was faster. An item that is there keeps its
    /// flags; its expiry becomes that of the options.
    ///
    /// A `change` that returns an `outcome<std::optional<encoded_value>>` says the flags, too, to
    /// which those of the options are added; an error in it is the operation's, and nothing is
    /// stored.
    ///
    /// Completes with `void(error_code, std::optional<item>)`: the item as it is now. Its cas is 0
    /// where the server does not tell: over classic if it was stored, and of an invalidated item
    /// that `change` left as it is (its renewal was offered to the next reader, which gave it
    /// another cas). `errc::contended` if every try until the deadline was too late.
    ///
    /// A value that the server refuses as too large (`errc::value_too_large`, where
    /// `max_value_size` lets it pass) costs the item that is there: over meta and binary memcached
    /// (1.6.18) drops it, even one that somebody else has stored meanwhile. Over classic it stays.
    template <class Change, class Token>
    auto async_update(std::string_view key, Change change, const store_options& options,
                      Token&& token) {
        static_assert(detail::changes_bytes<Change> || detail::changes_encoded<Change>,
                      "change(const std::optional<item>&) returns the new value or nullopt");
        using own_core = std::remove_cvref_t<decltype(*this->core())>;
        return asio::async_initiate<Token, void(std::error_code, std::optional<item>)>(
            detail::initiate_update<own_core>(this->core()), token,
            this->make().store(verb::set, key, {}, options), std::move(change));
    }
    template <class Change, class Token>
    auto async_update(std::string_view key, Change change, Token&& token) {
        return async_update(key, std::move(change), store_options{}, std::forward<Token>(token));
    }

    /// Reads a value; if there is none, computes and stores it. Of all processes that miss the key
    /// at the same time one computes (a lease); the others wait for its value. After
    /// `async_invalidate`, and in the last `renew_before` of an item's life, one computes and the
    /// others take the old value.
    ///
    /// `compute` is either `std::string compute()`, called at once, or asynchronous:
    /// `compute(done)`, where `done(std::error_code, std::string)` is called later, once, from any
    /// thread. An error of `done` is the operation's, and the next caller tries again; a `done`
    /// that is dropped is `operation_aborted`. Either may give an `encoded_value` in the string's
    /// place, with flags that are added to those of the options: `compute()` returns an
    /// `outcome<encoded_value>` then, whose error is as one of `done`.
    ///
    /// Completes with `void(error_code, cached_value)`. `errc::contended` if nobody's value came
    /// before the deadline; a value that was computed but not stored is no error. Cancelled, it
    /// completes at once; a value that is computed already, or being computed, is still stored, and
    /// a lease that nobody is to use any more is given back. A key that is being moved
    /// to another node is computed by each caller that misses it. While a value is computed the
    /// key has a placeholder: over meta a get misses, `async_update` stores over it, `async_add`
    /// and counters find the key taken; over classic and binary a get reads an empty value.
    /// `errc::unsupported` over the classic and binary protocols.
    template <class Compute, class Token>
    auto async_get_or_compute(std::string_view key, Compute compute, const compute_options& options,
                              Token&& token) {
        static_assert(detail::compute_function<Compute>,
                      "compute() returns a std::string, or compute(done) calls done(error_code, "
                      "std::string)");
        using own_core = std::remove_cvref_t<decltype(*this->core())>;
        using initiation = detail::initiate_compute<own_core, Compute>;
        auto asked = this->make().store(
            verb::set, key, {},
            {options.expires_in, options.flags, options.timeout, options.server_key});
        constexpr std::chrono::seconds longest(max_relative_expiry);
        if (options.lease < std::chrono::seconds(1) || options.lease > longest ||
            options.renew_before < std::chrono::seconds(0) || options.renew_before > longest)
            asked.error = errc::invalid_expiry;
        return asio::async_initiate<Token, void(std::error_code, cached_value)>(
            initiation(this->core()), token, std::move(asked),
            typename initiation::settings{options.lease.count(), options.renew_before.count(),
                                          std::chrono::milliseconds(0), options.accepts_stale},
            std::move(compute));
    }
    template <class Compute, class Token>
    auto async_get_or_compute(std::string_view key, Compute compute, Token&& token) {
        return async_get_or_compute(key, std::move(compute), compute_options{},
                                    std::forward<Token>(token));
    }

protected:
    using batch_operations<Policy, Transport, Observer>::batch_operations;
};

}  // namespace memring
