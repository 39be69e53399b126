#pragma once
// The typed operations on one key that take several commands.

#include <string_view>
#include <utility>

#include <memring/client_options.hpp>
#include <memring/detail/typed_functions.hpp>
#include <memring/typed/batch_operations.hpp>
#include <memring/values/dialect.hpp>

namespace memring {

/// Part of `typed_client`, whose comment says what holds for all operations. Functions that are
/// passed are copied or moved, and are called on the client's executor; see
/// `composed_operations` for one that throws.
template <class Client, value_dialect Dialect>
class typed_composed_operations : public typed_batch_operations<Client, Dialect> {
public:
    /// Changes an item by compare-and-swap: `change(const std::optional<typed_item<T>>&)` is given
    /// what is there and returns the new value (a `T` or `std::optional<T>`), or `std::nullopt` to
    /// leave it as it is; it is called again with what is there then whenever somebody else was
    /// faster. A value that is stored brings its own flags and those of the options; what the item
    /// had goes.
    ///
    /// Completes with `void(error_code, std::optional<typed_item<T>>)`: the item as it is now, over
    /// the classic protocol with a cas of 0 if it was stored. A value that the server refuses as
    /// too large may cost the item that is there, as the client's operation says. What is there but
    /// cannot be read as a `T` stays, `change` is not called, and the error is that of `async_get`;
    /// of a new value that the dialect does not have, it is that of `async_set`. `errc::contended`
    /// if every try until the deadline was too late.
    template <class T, class Change, class Token>
    auto async_update(std::string_view key, Change change, const store_options& options,
                      Token&& token) {
        static_assert(
            detail::typed_change_function<Change, T>,
            "change(const std::optional<typed_item<T>>&) returns the new value or nullopt");
        using typed = detail::typed_change<T, Dialect, Change>;
        return this->underneath().async_update(
            key, typed{this->dialect(), std::move(change)}, options,
            this->template reading<T>(std::forward<Token>(token)));
    }
    template <class T, class Change, class Token>
    auto async_update(std::string_view key, Change change, Token&& token) {
        return async_update<T>(key, std::move(change), store_options{}, std::forward<Token>(token));
    }

    /// Reads a value; if there is none, computes and stores it: one of all who miss it, as the
    /// client's operation says, which also has the options (times are in them).
    ///
    /// `compute` is either `T compute()`, called at once, or asynchronous: `compute(done)`, where
    /// `done(std::error_code, T)` is called later, once, from any thread, and encodes there. An
    /// error of `done` is the operation's; a `done` that is dropped is `operation_aborted`.
    ///
    /// Completes with `void(error_code, typed_cached_value<T>)`. A value that cannot be read as a
    /// `T` is the error of `async_get` and stays, also where it was to be renewed early; only one
    /// that was invalidated is replaced unread. A computed value that the dialect does not have is
    /// the error of `async_set`, and the next caller tries again. `errc::contended` if nobody's
    /// value came before the deadline. Cancelled while it computes, it completes at once and the
    /// value is still stored.
    template <class T, class Compute, class Token>
    auto async_get_or_compute(std::string_view key, Compute compute, const compute_options& options,
                              Token&& token) {
        static_assert(detail::typed_compute_function<Compute, T, Dialect>,
                      "compute() returns a T, or compute(done) calls done(error_code, T)");
        using typed = detail::typed_compute<T, Dialect, Compute>;
        return this->underneath().async_get_or_compute(
            key, typed{this->dialect(), std::move(compute)}, options,
            this->template reading_cached<T>(std::forward<Token>(token)));
    }
    template <class T, class Compute, class Token>
    auto async_get_or_compute(std::string_view key, Compute compute, Token&& token) {
        return async_get_or_compute<T>(key, std::move(compute), compute_options{},
                                       std::forward<Token>(token));
    }

protected:
    using typed_batch_operations<Client, Dialect>::typed_batch_operations;
};

}  // namespace memring
