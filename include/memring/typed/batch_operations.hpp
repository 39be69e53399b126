#pragma once
// The typed operations on many keys.

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

    /// Completes with `void(error_code, std::vector<outcome<store_result>>)`. What cannot be
    /// encoded is the error of its key only. Entries that differ in their flags (of several types
    /// in a `value`, or some of them compressed) go to the client in a batch for each.
    template <class T, class Token>
    auto async_set_many(std::span<const typed_entry<T>> entries, const store_options& options,
                        Token&& token) {
        return asio::async_compose<Token,
                                   void(std::error_code, std::vector<outcome<store_result>>)>(
            detail::set_typed<Client>(this->underneath(),
                                      detail::typed_stores(this->dialect(), entries), options),
            token, this->underneath().get_executor());
    }
    template <class T, class Token>
    auto async_set_many(std::span<const typed_entry<T>> entries, Token&& token) {
        return async_set_many(entries, store_options{}, std::forward<Token>(token));
    }

protected:
    using typed_key_operations<Client, Dialect>::typed_key_operations;
};

}  // namespace memring
