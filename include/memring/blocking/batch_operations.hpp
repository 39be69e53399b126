#pragma once
// The blocking operations on many keys.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/blocking/key_operations.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/checked.hpp>
#include <memring/item.hpp>

namespace memring {

/// Part of `blocking_client`. Each does what `Client::async_NAME` does.
template <class Client>
class blocking_batch_operations : public blocking_key_operations<Client> {
public:
    std::vector<outcome<std::optional<item>>> get_many(std::span<const std::string_view> keys,
                                                       const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return get_many(keys, error, options); });
    }
    std::vector<outcome<std::optional<item>>> get_many(std::span<const std::string_view> keys,
                                                       std::error_code& error,
                                                       const operation_options& options = {}) {
        return this->template run<std::vector<outcome<std::optional<item>>>>(
            error, [&](Client& client, auto done) { client.async_get_many(keys, options, done); });
    }

    std::vector<outcome<store_result>> set_many(std::span<const entry> entries,
                                                const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return set_many(entries, error, options); });
    }
    std::vector<outcome<store_result>> set_many(std::span<const entry> entries,
                                                std::error_code& error,
                                                const store_options& options = {}) {
        return this->template run<std::vector<outcome<store_result>>>(
            error,
            [&](Client& client, auto done) { client.async_set_many(entries, options, done); });
    }

    std::vector<outcome<store_result>> add_many(std::span<const entry> entries,
                                                const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return add_many(entries, error, options); });
    }
    std::vector<outcome<store_result>> add_many(std::span<const entry> entries,
                                                std::error_code& error,
                                                const store_options& options = {}) {
        return this->template run<std::vector<outcome<store_result>>>(
            error,
            [&](Client& client, auto done) { client.async_add_many(entries, options, done); });
    }

    std::vector<outcome<store_result>> replace_many(std::span<const entry> entries,
                                                    const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return replace_many(entries, error, options); });
    }
    std::vector<outcome<store_result>> replace_many(std::span<const entry> entries,
                                                    std::error_code& error,
                                                    const store_options& options = {}) {
        return this->template run<std::vector<outcome<store_result>>>(
            error,
            [&](Client& client, auto done) { client.async_replace_many(entries, options, done); });
    }

    std::vector<outcome<store_result>> compare_and_swap_many(std::span<const entry> entries,
                                                             const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return compare_and_swap_many(entries, error, options); });
    }
    std::vector<outcome<store_result>> compare_and_swap_many(std::span<const entry> entries,
                                                             std::error_code& error,
                                                             const store_options& options = {}) {
        return this->template run<std::vector<outcome<store_result>>>(
            error, [&](Client& client, auto done) {
                client.async_compare_and_swap_many(entries, options, done);
            });
    }

    std::vector<outcome<store_result>> append_many(std::span<const entry> entries,
                                                   const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return append_many(entries, error, options); });
    }
    std::vector<outcome<store_result>> append_many(std::span<const entry> entries,
                                                   std::error_code& error,
                                                   const operation_options& options = {}) {
        return this->template run<std::vector<outcome<store_result>>>(
            error,
            [&](Client& client, auto done) { client.async_append_many(entries, options, done); });
    }

    std::vector<outcome<store_result>> prepend_many(std::span<const entry> entries,
                                                    const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return prepend_many(entries, error, options); });
    }
    std::vector<outcome<store_result>> prepend_many(std::span<const entry> entries,
                                                    std::error_code& error,
                                                    const operation_options& options = {}) {
        return this->template run<std::vector<outcome<store_result>>>(
            error,
            [&](Client& client, auto done) { client.async_prepend_many(entries, options, done); });
    }

    std::vector<outcome<bool>> remove_many(std::span<const std::string_view> keys,
                                           const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return remove_many(keys, error, options); });
    }
    std::vector<outcome<bool>> remove_many(std::span<const std::string_view> keys,
                                           std::error_code& error,
                                           const operation_options& options = {}) {
        return this->template run<std::vector<outcome<bool>>>(
            error,
            [&](Client& client, auto done) { client.async_remove_many(keys, options, done); });
    }

    std::vector<outcome<bool>> invalidate_many(std::span<const std::string_view> keys,
                                               std::chrono::seconds expires_in,
                                               const operation_options& options = {}) {
        return detail::checked([&](std::error_code& error) {
            return invalidate_many(keys, expires_in, error, options);
        });
    }
    std::vector<outcome<bool>> invalidate_many(std::span<const std::string_view> keys,
                                               std::chrono::seconds expires_in,
                                               std::error_code& error,
                                               const operation_options& options = {}) {
        return this->template run<std::vector<outcome<bool>>>(
            error, [&](Client& client, auto done) {
                client.async_invalidate_many(keys, expires_in, options, done);
            });
    }

    std::vector<outcome<bool>> touch_many(std::span<const std::string_view> keys,
                                          std::chrono::seconds expires_in,
                                          const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return touch_many(keys, expires_in, error, options); });
    }
    std::vector<outcome<bool>> touch_many(std::span<const std::string_view> keys,
                                          std::chrono::seconds expires_in, std::error_code& error,
                                          const operation_options& options = {}) {
        return this->template run<std::vector<outcome<bool>>>(
            error, [&](Client& client, auto done) {
                client.async_touch_many(keys, expires_in, options, done);
            });
    }

    std::vector<outcome<std::optional<item>>> get_and_touch_many(
        std::span<const std::string_view> keys, std::chrono::seconds expires_in,
        const operation_options& options = {}) {
        return detail::checked([&](std::error_code& error) {
            return get_and_touch_many(keys, expires_in, error, options);
        });
    }
    std::vector<outcome<std::optional<item>>> get_and_touch_many(
        std::span<const std::string_view> keys, std::chrono::seconds expires_in,
        std::error_code& error, const operation_options& options = {}) {
        return this->template run<std::vector<outcome<std::optional<item>>>>(
            error, [&](Client& client, auto done) {
                client.async_get_and_touch_many(keys, expires_in, options, done);
            });
    }

    std::vector<outcome<std::optional<item_metadata>>> inspect_many(
        std::span<const std::string_view> keys, const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return inspect_many(keys, error, options); });
    }
    std::vector<outcome<std::optional<item_metadata>>> inspect_many(
        std::span<const std::string_view> keys, std::error_code& error,
        const operation_options& options = {}) {
        return this->template run<std::vector<outcome<std::optional<item_metadata>>>>(
            error,
            [&](Client& client, auto done) { client.async_inspect_many(keys, options, done); });
    }

    std::vector<outcome<std::optional<std::uint64_t>>> increment_many(
        std::span<const std::string_view> keys, std::uint64_t delta,
        const counter_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return increment_many(keys, delta, error, options); });
    }
    std::vector<outcome<std::optional<std::uint64_t>>> increment_many(
        std::span<const std::string_view> keys, std::uint64_t delta, std::error_code& error,
        const counter_options& options = {}) {
        return this->template run<std::vector<outcome<std::optional<std::uint64_t>>>>(
            error, [&](Client& client, auto done) {
                client.async_increment_many(keys, delta, options, done);
            });
    }

    std::vector<outcome<std::optional<std::uint64_t>>> decrement_many(
        std::span<const std::string_view> keys, std::uint64_t delta,
        const counter_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return decrement_many(keys, delta, error, options); });
    }
    std::vector<outcome<std::optional<std::uint64_t>>> decrement_many(
        std::span<const std::string_view> keys, std::uint64_t delta, std::error_code& error,
        const counter_options& options = {}) {
        return this->template run<std::vector<outcome<std::optional<std::uint64_t>>>>(
            error, [&](Client& client, auto done) {
                client.async_decrement_many(keys, delta, options, done);
            });
    }

    /// Returns the number of hits.
    template <class Visitor>
    std::size_t visit_many(std::span<const std::string_view> keys, Visitor visitor,
                           const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return visit_many(keys, visitor, error, options); });
    }
    template <class Visitor>
    std::size_t visit_many(std::span<const std::string_view> keys, Visitor visitor,
                           std::error_code& error, const operation_options& options = {}) {
        return this->template run<std::size_t>(error, [&](Client& client, auto done) {
            client.async_visit_many(keys, visitor, options, done);
        });
    }

protected:
    using blocking_key_operations<Client>::blocking_key_operations;
};

}  // namespace memring
