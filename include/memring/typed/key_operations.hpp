#pragma once
// The typed operations on one key.

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include <memring/client_options.hpp>
#include <memring/typed/typed_base.hpp>
#include <memring/values/dialect.hpp>

namespace memring {

/// Part of `typed_client`, whose comment says what holds for all operations.
template <class Client, value_dialect Dialect>
class typed_key_operations : public typed_base<Client, Dialect> {
public:
    /// Completes with `void(error_code, std::optional<typed_item<T>>)`; a miss is `nullopt`.
    template <class T, class Token>
    auto async_get(std::string_view key, const operation_options& options, Token&& token) {
        return this->underneath().async_get(key, options,
                                            this->template reading<T>(std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_get(std::string_view key, Token&& token) {
        return async_get<T>(key, operation_options{}, std::forward<Token>(token));
    }

    /// Reads and sets a new expiry; completes as `async_get` does.
    template <class T, class Token>
    auto async_get_and_touch(std::string_view key, std::chrono::seconds expires_in,
                             const operation_options& options, Token&& token) {
        return this->underneath().async_get_and_touch(
            key, expires_in, options, this->template reading<T>(std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_get_and_touch(std::string_view key, std::chrono::seconds expires_in, Token&& token) {
        return async_get_and_touch<T>(key, expires_in, operation_options{},
                                      std::forward<Token>(token));
    }

    /// Stores always. Completes with `void(error_code, store_result)`, as all stores do.
    template <class T, class Token>
    auto async_set(std::string_view key, const T& t, const store_options& options, Token&& token) {
        const auto sent = this->encode(t, options);
        return this->underneath().async_set(key, sent.bytes, sent.options,
                                            this->storing(sent.error, std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_set(std::string_view key, const T& t, Token&& token) {
        return async_set(key, t, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the key is absent, else `not_stored`.
    template <class T, class Token>
    auto async_add(std::string_view key, const T& t, const store_options& options, Token&& token) {
        const auto sent = this->encode(t, options);
        return this->underneath().async_add(key, sent.bytes, sent.options,
                                            this->storing(sent.error, std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_add(std::string_view key, const T& t, Token&& token) {
        return async_add(key, t, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the key is present, else `not_stored`.
    template <class T, class Token>
    auto async_replace(std::string_view key, const T& t, const store_options& options,
                       Token&& token) {
        const auto sent = this->encode(t, options);
        return this->underneath().async_replace(
            key, sent.bytes, sent.options, this->storing(sent.error, std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_replace(std::string_view key, const T& t, Token&& token) {
        return async_replace(key, t, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the item still has the `cas` number a get returned.
    template <class T, class Token>
    auto async_compare_and_swap(std::string_view key, const T& t, std::uint64_t cas,
                                const store_options& options, Token&& token) {
        const auto sent = this->encode(t, options);
        return this->underneath().async_compare_and_swap(
            key, sent.bytes, cas, sent.options,
            this->storing(sent.error, std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_compare_and_swap(std::string_view key, const T& t, std::uint64_t cas,
                                Token&& token) {
        return async_compare_and_swap(key, t, cas, store_options{}, std::forward<Token>(token));
    }

protected:
    using typed_base<Client, Dialect>::typed_base;
};

}  // namespace memring
