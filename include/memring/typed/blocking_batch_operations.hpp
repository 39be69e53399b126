#pragma once
// The typed blocking operations on many keys.

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/client_options.hpp>
#include <memring/detail/checked.hpp>
#include <memring/detail/typed_stores.hpp>
#include <memring/item.hpp>
#include <memring/typed/blocking_key_operations.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/typed_item.hpp>

namespace memring {

/// Part of `typed_blocking_client`. Each does what `typed_client::async_NAME` does.
template <class Client, value_dialect Dialect>
class typed_blocking_batch_operations : public typed_blocking_key_operations<Client, Dialect> {
public:
    template <class T>
    std::vector<outcome<std::optional<typed_item<T>>>> get_many(
        std::span<const std::string_view> keys, const operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return get_many<T>(keys, error, options); });
    }
    template <class T>
    std::vector<outcome<std::optional<typed_item<T>>>> get_many(
        std::span<const std::string_view> keys, std::error_code& error,
        const operation_options& options = {}) {
        return value_detail::typed_each<T>(this->dialect(),
                                           this->underneath().get_many(keys, error, options));
    }

    template <class T>
    std::vector<outcome<std::optional<typed_item<T>>>> get_and_touch_many(
        std::span<const std::string_view> keys, std::chrono::seconds expires_in,
        const operation_options& options = {}) {
        return detail::checked([&](std::error_code& error) {
            return get_and_touch_many<T>(keys, expires_in, error, options);
        });
    }
    template <class T>
    std::vector<outcome<std::optional<typed_item<T>>>> get_and_touch_many(
        std::span<const std::string_view> keys, std::chrono::seconds expires_in,
        std::error_code& error, const operation_options& options = {}) {
        return value_detail::typed_each<T>(this->dialect(), this->underneath().get_and_touch_many(
                                                                keys, expires_in, error, options));
    }

    template <class T>
    std::vector<outcome<store_result>> set_many(std::span<const typed_entry<T>> entries,
                                                const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return set_many(entries, error, options); });
    }
    template <class T>
    std::vector<outcome<store_result>> set_many(std::span<const typed_entry<T>> entries,
                                                std::error_code& error,
                                                const store_options& options = {}) {
        return store_many(entries, error, options, [&](const auto& batch, const auto& with) {
            return this->underneath().set_many(batch, error, with);
        });
    }

    template <class T>
    std::vector<outcome<store_result>> add_many(std::span<const typed_entry<T>> entries,
                                                const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return add_many(entries, error, options); });
    }
    template <class T>
    std::vector<outcome<store_result>> add_many(std::span<const typed_entry<T>> entries,
                                                std::error_code& error,
                                                const store_options& options = {}) {
        return store_many(entries, error, options, [&](const auto& batch, const auto& with) {
            return this->underneath().add_many(batch, error, with);
        });
    }

    template <class T>
    std::vector<outcome<store_result>> replace_many(std::span<const typed_entry<T>> entries,
                                                    const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return replace_many(entries, error, options); });
    }
    template <class T>
    std::vector<outcome<store_result>> replace_many(std::span<const typed_entry<T>> entries,
                                                    std::error_code& error,
                                                    const store_options& options = {}) {
        return store_many(entries, error, options, [&](const auto& batch, const auto& with) {
            return this->underneath().replace_many(batch, error, with);
        });
    }

    template <class T>
    std::vector<outcome<store_result>> compare_and_swap_many(
        std::span<const typed_entry<T>> entries, const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return compare_and_swap_many(entries, error, options); });
    }
    template <class T>
    std::vector<outcome<store_result>> compare_and_swap_many(
        std::span<const typed_entry<T>> entries, std::error_code& error,
        const store_options& options = {}) {
        return store_many(entries, error, options, [&](const auto& batch, const auto& with) {
            return this->underneath().compare_and_swap_many(batch, error, with);
        });
    }

protected:
    using typed_blocking_key_operations<Client, Dialect>::typed_blocking_key_operations;

private:
    template <class T, class Send>
    std::vector<outcome<store_result>> store_many(std::span<const typed_entry<T>> entries,
                                                  std::error_code& error,
                                                  const store_options& options, Send send) {
        error.clear();
        detail::typed_stores stores(this->dialect(), entries);
        for (const auto& batch : stores.batches()) {
            auto with = options;
            with.flags |= batch.flags;
            if (error) {
                stores.add(batch, error, {});
            } else {
                const auto results = send(batch.entries, with);
                stores.add(batch, error, results);
            }
        }
        return stores.take();
    }
};

}  // namespace memring
