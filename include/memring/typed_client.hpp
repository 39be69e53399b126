#pragma once
// A client whose values have types: a dialect between the caller and the items. It adds nothing to
// what the client underneath does and owns nothing of it.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/compose.hpp>

#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/mapped_token.hpp>
#include <memring/detail/typed_stores.hpp>
#include <memring/item.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/dialect/native.hpp>
#include <memring/values/typed_item.hpp>

namespace memring {

/// Reads and writes values of any type that `Dialect` knows.
///
///     memring::typed_client<memring::client<>, memring::dialect::pylibmc> cache(client);
///     co_await cache.async_set("answer", 42, asio::use_awaitable);
///     auto hit = co_await cache.async_get<int>("answer", asio::use_awaitable);   // hit->value
///
/// Operations are the client's, with its tokens, deadlines, cancellation and errors, and beside
/// those the dialect's: `errc::malformed_value`, `foreign_value` and `wrong_value_type` from reads
/// of what cannot be read as a `T`, `unsupported` and `malformed_value` from stores of what the
/// dialect does not have; the latter before anything is sent. A read of a `value` takes whatever
/// is there. The dialect's flags are added to those in `store_options`.
///
/// Under GCC 12 an aggregate of yours with a member that owns something is named before it is
/// stored from a coroutine: written in the co_await it would be destroyed twice.
///
/// Thread-safety: as the client. Lifetime: the client must outlive it, while operations under way
/// need only the client.
template <class Client = client<>, value_dialect Dialect = dialect::native>
class typed_client {
public:
    using client_type = Client;
    using dialect_type = Dialect;
    using executor_type = typename Client::executor_type;

    explicit typed_client(Client& underneath, Dialect dialect = {})
        : x_client(&underneath), x_dialect(std::move(dialect)) {}

    [[nodiscard]] Client& underneath() const noexcept { return *x_client; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return x_dialect; }
    [[nodiscard]] executor_type get_executor() const noexcept { return x_client->get_executor(); }

    // ---- one key --------------------------------------------------------------------------------

    /// Completes with `void(error_code, std::optional<typed_item<T>>)`; a miss is `nullopt`.
    template <class T, class Token>
    auto async_get(std::string_view key, const operation_options& options, Token&& token) {
        return x_client->async_get(key, options, reading<T>(std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_get(std::string_view key, Token&& token) {
        return async_get<T>(key, operation_options{}, std::forward<Token>(token));
    }

    /// Reads and sets a new expiry; completes as `async_get` does.
    template <class T, class Token>
    auto async_get_and_touch(std::string_view key, std::chrono::seconds expires_in,
                             const operation_options& options, Token&& token) {
        return x_client->async_get_and_touch(key, expires_in, options,
                                             reading<T>(std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_get_and_touch(std::string_view key, std::chrono::seconds expires_in, Token&& token) {
        return async_get_and_touch<T>(key, expires_in, operation_options{},
                                      std::forward<Token>(token));
    }

    /// Stores always. Completes with `void(error_code, store_result)`, as all stores do.
    template <class T, class Token>
    auto async_set(std::string_view key, const T& t, const store_options& options, Token&& token) {
        const auto sent = encode(t, options);
        return x_client->async_set(key, sent.bytes, sent.options,
                                   storing(sent.error, std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_set(std::string_view key, const T& t, Token&& token) {
        return async_set(key, t, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the key is absent, else `not_stored`.
    template <class T, class Token>
    auto async_add(std::string_view key, const T& t, const store_options& options, Token&& token) {
        const auto sent = encode(t, options);
        return x_client->async_add(key, sent.bytes, sent.options,
                                   storing(sent.error, std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_add(std::string_view key, const T& t, Token&& token) {
        return async_add(key, t, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the key is present, else `not_stored`.
    template <class T, class Token>
    auto async_replace(std::string_view key, const T& t, const store_options& options,
                       Token&& token) {
        const auto sent = encode(t, options);
        return x_client->async_replace(key, sent.bytes, sent.options,
                                       storing(sent.error, std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_replace(std::string_view key, const T& t, Token&& token) {
        return async_replace(key, t, store_options{}, std::forward<Token>(token));
    }

    /// Stores only if the item still has the `cas` number a get returned.
    template <class T, class Token>
    auto async_compare_and_swap(std::string_view key, const T& t, std::uint64_t cas,
                                const store_options& options, Token&& token) {
        const auto sent = encode(t, options);
        return x_client->async_compare_and_swap(key, sent.bytes, cas, sent.options,
                                                storing(sent.error, std::forward<Token>(token)));
    }
    template <class T, class Token>
    auto async_compare_and_swap(std::string_view key, const T& t, std::uint64_t cas,
                                Token&& token) {
        return async_compare_and_swap(key, t, cas, store_options{}, std::forward<Token>(token));
    }

    // ---- many keys ------------------------------------------------------------------------------

    /// Completes with `void(error_code, std::vector<outcome<std::optional<typed_item<T>>>>)`: what
    /// cannot be read is the error of its key only.
    template <class T, class Token>
    auto async_get_many(std::span<const std::string_view> keys, const operation_options& options,
                        Token&& token) {
        return x_client->async_get_many(keys, options, reading_each<T>(std::forward<Token>(token)));
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
            detail::set_typed<Client>(*x_client, detail::typed_stores(x_dialect, entries), options),
            token, x_client->get_executor());
    }
    template <class T, class Token>
    auto async_set_many(std::span<const typed_entry<T>> entries, Token&& token) {
        return async_set_many(entries, store_options{}, std::forward<Token>(token));
    }

private:
    template <class T>
    struct read_one {
        Dialect dialect;
        auto operator()(std::error_code& error, std::optional<item> found) const {
            return value_detail::typed<T>(dialect, error, std::move(found));
        }
    };

    template <class T>
    struct read_each {
        Dialect dialect;
        auto operator()(std::error_code&, std::vector<outcome<std::optional<item>>> found) const {
            return value_detail::typed_each<T>(dialect, std::move(found));
        }
    };

    struct encoded_store {
        std::string bytes;
        store_options options;
        std::error_code error;
    };

    template <class T>
    [[nodiscard]] encoded_store encode(const T& t, const store_options& options) const {
        auto encoded = x_dialect.encode(t);
        encoded_store sent{std::move(encoded.value.bytes), options, encoded.error};
        sent.options.flags |= encoded.value.flags;
        return sent;
    }

    template <class T, class Token>
    [[nodiscard]] auto reading(Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, read_one<T>>;
        return mapped{std::forward<Token>(token), x_client->get_executor(), {x_dialect}, {}};
    }

    template <class T, class Token>
    [[nodiscard]] auto reading_each(Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, read_each<T>>;
        return mapped{std::forward<Token>(token), x_client->get_executor(), {x_dialect}, {}};
    }

    template <class Token>
    [[nodiscard]] auto storing(std::error_code refusal, Token&& token) const {
        using mapped = detail::mapped_token<std::decay_t<Token>, detail::same_result>;
        return mapped{std::forward<Token>(token), x_client->get_executor(), {}, refusal};
    }

    Client* x_client;
    [[no_unique_address]] Dialect x_dialect;
};

}  // namespace memring
