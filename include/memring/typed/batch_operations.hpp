#pragma once
// The typed operations on many keys.

#include <chrono>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/compose.hpp>

#include <memring/client_options.hpp>
#include <memring/detail/typed_stores.hpp>
#include <memring/item.hpp>
#include <memring/typed/key_operations.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/typed_item.hpp>

namespace memring {

/// Part of `typed_client`, whose comment says what holds for all operations.
template <class Client, value_dialect Dialect>
class typed_batch_operations : public typed_key_operations<Client, Dialect> {
public:
    /// Completes with `void(error_code, std::vector<outcome<std::optional<typed_item<T>>>>)`: what
    /// cannot be read is the error of its key only.
    template <class T, class Token>
    auto async_get_many(std::span<const std::string_view> keys, const operation_options& options,
                        Token&& token) {
        return this->underneath().async_get_many(
            keys, options, this->template reading_each<T>(std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_get_many(std::span<const std::string_view> keys, Token&& token) {
        return async_get_many<T>(keys, operation_options{}, std::forward<Token>(token));
    }

    /// Reads and sets a new expiry; completes as `async_get_many` does.
    template <class T, class Token>
    auto async_get_and_touch_many(std::span<const std::string_view> keys,
                                  std::chrono::seconds expires_in, const operation_options& options,
                                  Token&& token) {
        return this->underneath().async_get_and_touch_many(
            keys, expires_in, options, this->template reading_each<T>(std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_get_and_touch_many(std::span<const std::string_view> keys,
                                  std::chrono::seconds expires_in, Token&& token) {
        return async_get_and_touch_many<T>(keys, expires_in, operation_options{},
                                           std::forward<Token>(token));
    }

    /// Completes with `void(error_code, std::vector<outcome<store_result>>)`, as all stores do.
    /// What cannot be encoded is the error of its key only. Entries that differ in their flags (of
    /// several types in a `value`, or some of them compressed) go to the client in a batch for
    /// each. Of a key given twice the later value stays.
    template <class T, class Token>
    auto async_set_many(std::span<const typed_entry<T>> entries, const store_options& options,
                        Token&& token) {
        const auto send = [](Client& client, auto batch, const store_options& with, auto done) {
            client.async_set_many(batch, with, std::move(done));
        };
        return this->template store_many<Token>(entries, options, send, token);
    }
    template <class T, class Token>
    auto async_set_many(std::span<const typed_entry<T>> entries, Token&& token) {
        return async_set_many(entries, store_options{}, std::forward<Token>(token));
    }

    /// Each as `async_add`.
    template <class T, class Token>
    auto async_add_many(std::span<const typed_entry<T>> entries, const store_options& options,
                        Token&& token) {
        const auto send = [](Client& client, auto batch, const store_options& with, auto done) {
            client.async_add_many(batch, with, std::move(done));
        };
        return this->template store_many<Token>(entries, options, send, token);
    }
    template <class T, class Token>
    auto async_add_many(std::span<const typed_entry<T>> entries, Token&& token) {
        return async_add_many(entries, store_options{}, std::forward<Token>(token));
    }

    /// Each as `async_replace`.
    template <class T, class Token>
    auto async_replace_many(std::span<const typed_entry<T>> entries, const store_options& options,
                            Token&& token) {
        const auto send = [](Client& client, auto batch, const store_options& with, auto done) {
            client.async_replace_many(batch, with, std::move(done));
        };
        return this->template store_many<Token>(entries, options, send, token);
    }
    template <class T, class Token>
    auto async_replace_many(std::span<const typed_entry<T>> entries, Token&& token) {
        return async_replace_many(entries, store_options{}, std::forward<Token>(token));
    }

    /// Each as `async_compare_and_swap`, with the `cas` of its entry: one without is
    /// `errc::invalid_cas`.
    template <class T, class Token>
    auto async_compare_and_swap_many(std::span<const typed_entry<T>> entries,
                                     const store_options& options, Token&& token) {
        const auto send = [](Client& client, auto batch, const store_options& with, auto done) {
            client.async_compare_and_swap_many(batch, with, std::move(done));
        };
        return this->template store_many<Token>(entries, options, send, token);
    }
    template <class T, class Token>
    auto async_compare_and_swap_many(std::span<const typed_entry<T>> entries, Token&& token) {
        return async_compare_and_swap_many(entries, store_options{}, std::forward<Token>(token));
    }

protected:
    using typed_key_operations<Client, Dialect>::typed_key_operations;

private:
    // `Token` as the operation deduced it: of an lvalue it is a reference.
    template <class Token, class T, class Send>
    auto store_many(std::span<const typed_entry<T>> entries, const store_options& options,
                    const Send& send, Token& token) {
        return asio::async_compose<Token,
                                   void(std::error_code, std::vector<outcome<store_result>>)>(
            detail::store_typed<Client, Send>(
                this->underneath(), detail::typed_stores(this->dialect(), entries), options, send),
            token, this->underneath().get_executor());
    }
};

}  // namespace memring
