#pragma once
// The typed operations on the calling thread, over a blocking client.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/blocking_client.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/typed_stores.hpp>
#include <memring/item.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/dialect/native.hpp>
#include <memring/values/typed_item.hpp>

namespace memring {

/// As `typed_client`, with operations that return their result.
///
///     memring::typed_blocking_client<memring::blocking_client<>, memring::dialect::pylibmc>
///         cache(client);
///     cache.set("answer", 42);
///     if (auto hit = cache.get<int>("answer")) use(hit->value);
///
/// Each operation throws `std::system_error` or, given a `std::error_code&` before the options,
/// reports there and returns an empty result. Many-key operations report a single key's error in
/// that key's result.
///
/// Thread-safety: as the client. Lifetime: the client must outlive it.
template <class Client = blocking_client<>, value_dialect Dialect = dialect::native>
class typed_blocking_client {
public:
    using client_type = Client;
    using dialect_type = Dialect;

    explicit typed_blocking_client(Client& underneath, Dialect dialect = {})
        : x_client(&underneath), x_dialect(std::move(dialect)) {}

    [[nodiscard]] Client& underneath() const noexcept { return *x_client; }
    [[nodiscard]] const Dialect& dialect() const noexcept { return x_dialect; }

    // ---- one key ----

    template <class T>
    std::optional<typed_item<T>> get(std::string_view key, const operation_options& options = {}) {
        return checked([&](std::error_code& error) { return get<T>(key, error, options); });
    }
    template <class T>
    std::optional<typed_item<T>> get(std::string_view key, std::error_code& error,
                                     const operation_options& options = {}) {
        auto found = x_client->get(key, error, options);
        return value_detail::typed<T>(x_dialect, error, std::move(found));
    }

    template <class T>
    std::optional<typed_item<T>> get_and_touch(std::string_view key,
                                               std::chrono::seconds expires_in,
                                               const operation_options& options = {}) {
        return checked([&](std::error_code& error) {
            return get_and_touch<T>(key, expires_in, error, options);
        });
    }
    template <class T>
    std::optional<typed_item<T>> get_and_touch(std::string_view key,
                                               std::chrono::seconds expires_in,
                                               std::error_code& error,
                                               const operation_options& options = {}) {
        auto found = x_client->get_and_touch(key, expires_in, error, options);
        return value_detail::typed<T>(x_dialect, error, std::move(found));
    }

    template <class T>
    store_result set(std::string_view key, const T& t, const store_options& options = {}) {
        return checked([&](std::error_code& error) { return set(key, t, error, options); });
    }
    template <class T>
    store_result set(std::string_view key, const T& t, std::error_code& error,
                     const store_options& options = {}) {
        return store(t, error, options, [&](std::string_view stored, const store_options& with) {
            return x_client->set(key, stored, error, with);
        });
    }

    template <class T>
    store_result add(std::string_view key, const T& t, const store_options& options = {}) {
        return checked([&](std::error_code& error) { return add(key, t, error, options); });
    }
    template <class T>
    store_result add(std::string_view key, const T& t, std::error_code& error,
                     const store_options& options = {}) {
        return store(t, error, options, [&](std::string_view stored, const store_options& with) {
            return x_client->add(key, stored, error, with);
        });
    }

    template <class T>
    store_result replace(std::string_view key, const T& t, const store_options& options = {}) {
        return checked([&](std::error_code& error) { return replace(key, t, error, options); });
    }
    template <class T>
    store_result replace(std::string_view key, const T& t, std::error_code& error,
                         const store_options& options = {}) {
        return store(t, error, options, [&](std::string_view stored, const store_options& with) {
            return x_client->replace(key, stored, error, with);
        });
    }

    template <class T>
    store_result compare_and_swap(std::string_view key, const T& t, std::uint64_t cas,
                                  const store_options& options = {}) {
        return checked(
            [&](std::error_code& error) { return compare_and_swap(key, t, cas, error, options); });
    }
    template <class T>
    store_result compare_and_swap(std::string_view key, const T& t, std::uint64_t cas,
                                  std::error_code& error, const store_options& options = {}) {
        return store(t, error, options, [&](std::string_view stored, const store_options& with) {
            return x_client->compare_and_swap(key, stored, cas, error, with);
        });
    }

    // ---- many keys ----

    template <class T>
    std::vector<outcome<std::optional<typed_item<T>>>> get_many(
        std::span<const std::string_view> keys, const operation_options& options = {}) {
        return checked([&](std::error_code& error) { return get_many<T>(keys, error, options); });
    }
    template <class T>
    std::vector<outcome<std::optional<typed_item<T>>>> get_many(
        std::span<const std::string_view> keys, std::error_code& error,
        const operation_options& options = {}) {
        return value_detail::typed_each<T>(x_dialect, x_client->get_many(keys, error, options));
    }

    template <class T>
    std::vector<outcome<store_result>> set_many(std::span<const typed_entry<T>> entries,
                                                const store_options& options = {}) {
        return checked([&](std::error_code& error) { return set_many(entries, error, options); });
    }
    template <class T>
    std::vector<outcome<store_result>> set_many(std::span<const typed_entry<T>> entries,
                                                std::error_code& error,
                                                const store_options& options = {}) {
        error.clear();
        detail::typed_stores stores(x_dialect, entries);
        for (const auto& batch : stores.batches()) {
            auto with = options;
            with.flags |= batch.flags;
            if (error)
                stores.add(batch, error, {});
            else
                stores.add(batch, error, x_client->set_many(batch.entries, error, with));
        }
        return stores.take();
    }

private:
    template <class T, class Store>
    store_result store(const T& t, std::error_code& error, store_options options, Store send) {
        const auto encoded = x_dialect.encode(t);
        error = encoded.error;
        if (error) return {};
        options.flags |= encoded.value.flags;
        return send(encoded.value.bytes, options);
    }

    template <class Operation>
    static auto checked(Operation operation) {
        std::error_code error;
        auto result = operation(error);
        if (error) throw std::system_error(error);
        return result;
    }

    Client* x_client;
    [[no_unique_address]] Dialect x_dialect;
};

}  // namespace memring
