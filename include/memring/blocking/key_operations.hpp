#pragma once
// The blocking operations on one key.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/blocking/blocking_base.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/checked.hpp>
#include <memring/item.hpp>

namespace memring {

/// Part of `blocking_client`. Each does what `Client::async_NAME` does.
template <class Client>
class blocking_key_operations : public blocking_base<Client> {
public:
    std::optional<item> get(std::string_view key, const operation_options& options = {}) {
        return detail::checked([&](std::error_code& error) { return get(key, error, options); });
    }
    std::optional<item> get(std::string_view key, std::error_code& error,
                            const operation_options& options = {}) {
        return this->template run<std::optional<item>>(
            error, [&](Client& client, auto done) { client.async_get(key, options, done); });
    }

    store_result set(std::string_view key, std::string_view value,
                     const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return set(key, value, error, options); });
    }
    store_result set(std::string_view key, std::string_view value, std::error_code& error,
                     const store_options& options = {}) {
        return this->template run<store_result>(
            error, [&](Client& client, auto done) { client.async_set(key, value, options, done); });
    }

    store_result add(std::string_view key, std::string_view value,
                     const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return add(key, value, error, options); });
    }
    store_result add(std::string_view key, std::string_view value, std::error_code& error,
                     const store_options& options = {}) {
        return this->template run<store_result>(
            error, [&](Client& client, auto done) { client.async_add(key, value, options, done); });
    }

    store_result replace(std::string_view key, std::string_view value,
                         const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return replace(key, value, error, options); });
    }
    store_result replace(std::string_view key, std::string_view value, std::error_code& error,
                         const store_options& options = {}) {
        return this->template run<store_result>(error, [&](Client& client, auto done) {
            client.async_replace(key, value, options, done);
        });
    }

    store_result append(std::string_view key, std::string_view value,
                        const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return append(key, value, error, options); });
    }
    store_result append(std::string_view key, std::string_view value, std::error_code& error,
                        const operation_options& options = {}) {
        return this->template run<store_result>(error, [&](Client& client, auto done) {
            client.async_append(key, value, options, done);
        });
    }

    store_result prepend(std::string_view key, std::string_view value,
                         const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return prepend(key, value, error, options); });
    }
    store_result prepend(std::string_view key, std::string_view value, std::error_code& error,
                         const operation_options& options = {}) {
        return this->template run<store_result>(error, [&](Client& client, auto done) {
            client.async_prepend(key, value, options, done);
        });
    }

    store_result compare_and_swap(std::string_view key, std::string_view value, std::uint64_t cas,
                                  const store_options& options = {}) {
        return detail::checked([&](std::error_code& error) {
            return compare_and_swap(key, value, cas, error, options);
        });
    }
    store_result compare_and_swap(std::string_view key, std::string_view value, std::uint64_t cas,
                                  std::error_code& error, const store_options& options = {}) {
        return this->template run<store_result>(error, [&](Client& client, auto done) {
            client.async_compare_and_swap(key, value, cas, options, done);
        });
    }

    bool remove(std::string_view key, const operation_options& options = {}) {
        return detail::checked([&](std::error_code& error) { return remove(key, error, options); });
    }
    bool remove(std::string_view key, std::error_code& error,
                const operation_options& options = {}) {
        return this->template run<bool>(
            error, [&](Client& client, auto done) { client.async_remove(key, options, done); });
    }

    bool invalidate(std::string_view key, std::chrono::seconds expires_in,
                    const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return invalidate(key, expires_in, error, options); });
    }
    bool invalidate(std::string_view key, std::chrono::seconds expires_in, std::error_code& error,
                    const operation_options& options = {}) {
        return this->template run<bool>(error, [&](Client& client, auto done) {
            client.async_invalidate(key, expires_in, options, done);
        });
    }

    bool touch(std::string_view key, std::chrono::seconds expires_in,
               const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return touch(key, expires_in, error, options); });
    }
    bool touch(std::string_view key, std::chrono::seconds expires_in, std::error_code& error,
               const operation_options& options = {}) {
        return this->template run<bool>(error, [&](Client& client, auto done) {
            client.async_touch(key, expires_in, options, done);
        });
    }

    std::optional<item> get_and_touch(std::string_view key, std::chrono::seconds expires_in,
                                      const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return get_and_touch(key, expires_in, error, options); });
    }
    std::optional<item> get_and_touch(std::string_view key, std::chrono::seconds expires_in,
                                      std::error_code& error,
                                      const operation_options& options = {}) {
        return this->template run<std::optional<item>>(error, [&](Client& client, auto done) {
            client.async_get_and_touch(key, expires_in, options, done);
        });
    }

    std::optional<item_metadata> inspect(std::string_view key,
                                         const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return inspect(key, error, options); });
    }
    std::optional<item_metadata> inspect(std::string_view key, std::error_code& error,
                                         const operation_options& options = {}) {
        return this->template run<std::optional<item_metadata>>(
            error, [&](Client& client, auto done) { client.async_inspect(key, options, done); });
    }

    std::optional<std::uint64_t> increment(std::string_view key, std::uint64_t delta,
                                           const counter_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return increment(key, delta, error, options); });
    }
    std::optional<std::uint64_t> increment(std::string_view key, std::uint64_t delta,
                                           std::error_code& error,
                                           const counter_options& options = {}) {
        return this->template run<std::optional<std::uint64_t>>(
            error,
            [&](Client& client, auto done) { client.async_increment(key, delta, options, done); });
    }

    std::optional<std::uint64_t> decrement(std::string_view key, std::uint64_t delta,
                                           const counter_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return decrement(key, delta, error, options); });
    }
    std::optional<std::uint64_t> decrement(std::string_view key, std::uint64_t delta,
                                           std::error_code& error,
                                           const counter_options& options = {}) {
        return this->template run<std::optional<std::uint64_t>>(
            error,
            [&](Client& client, auto done) { client.async_decrement(key, delta, options, done); });
    }

    /// Over the classic protocol the cas of an item that was stored is 0. A value that the server
    /// refuses as too large costs the item that is there over meta and binary: see `async_update`.
    template <class Change>
    std::optional<item> update(std::string_view key, Change change,
                               const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return update(key, std::move(change), error, options); });
    }
    template <class Change>
    std::optional<item> update(std::string_view key, Change change, std::error_code& error,
                               const store_options& options = {}) {
        return this->template run<std::optional<item>>(error, [&](Client& client, auto done) {
            client.async_update(key, std::move(change), options, done);
        });
    }

    template <class Compute>
    cached_value get_or_compute(std::string_view key, Compute compute,
                                const compute_options& options = {}) {
        return detail::checked([&](std::error_code& error) {
            return get_or_compute(key, std::move(compute), error, options);
        });
    }
    template <class Compute>
    cached_value get_or_compute(std::string_view key, Compute compute, std::error_code& error,
                                const compute_options& options = {}) {
        return this->template run<cached_value>(error, [&](Client& client, auto done) {
            client.async_get_or_compute(key, std::move(compute), options, done);
        });
    }

protected:
    using blocking_base<Client>::blocking_base;
};

}  // namespace memring
