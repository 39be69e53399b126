#pragma once
// The typed blocking operations on one key.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/client_options.hpp>
#include <memring/detail/checked.hpp>
#include <memring/item.hpp>
#include <memring/typed/blocking_base.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/typed_item.hpp>

namespace memring {

/// Part of `typed_blocking_client`. Each does what `typed_client::async_NAME` does.
template <class Client, value_dialect Dialect>
class typed_blocking_key_operations : public typed_blocking_base<Client, Dialect> {
public:
    template <class T>
    std::optional<typed_item<T>> get(std::string_view key, const operation_options& options = {}) {
        return detail::checked([&](std::error_code& error) { return get<T>(key, error, options); });
    }
    template <class T>
    std::optional<typed_item<T>> get(std::string_view key, std::error_code& error,
                                     const operation_options& options = {}) {
        auto found = this->underneath().get(key, error, options);
        return value_detail::typed<T>(this->dialect(), error, std::move(found));
    }

    template <class T>
    std::optional<typed_item<T>> get_and_touch(std::string_view key,
                                               std::chrono::seconds expires_in,
                                               const operation_options& options = {}) {
        return detail::checked([&](std::error_code& error) {
            return get_and_touch<T>(key, expires_in, error, options);
        });
    }
    template <class T>
    std::optional<typed_item<T>> get_and_touch(std::string_view key,
                                               std::chrono::seconds expires_in,
                                               std::error_code& error,
                                               const operation_options& options = {}) {
        auto found = this->underneath().get_and_touch(key, expires_in, error, options);
        return value_detail::typed<T>(this->dialect(), error, std::move(found));
    }

    template <class T>
    store_result set(std::string_view key, const T& t, const store_options& options = {}) {
        return detail::checked([&](std::error_code& error) { return set(key, t, error, options); });
    }
    template <class T>
    store_result set(std::string_view key, const T& t, std::error_code& error,
                     const store_options& options = {}) {
        return this->store(t, error, options,
                           [&](std::string_view stored, const store_options& with) {
                               return this->underneath().set(key, stored, error, with);
                           });
    }

    template <class T>
    store_result add(std::string_view key, const T& t, const store_options& options = {}) {
        return detail::checked([&](std::error_code& error) { return add(key, t, error, options); });
    }
    template <class T>
    store_result add(std::string_view key, const T& t, std::error_code& error,
                     const store_options& options = {}) {
        return this->store(t, error, options,
                           [&](std::string_view stored, const store_options& with) {
                               return this->underneath().add(key, stored, error, with);
                           });
    }

    template <class T>
    store_result replace(std::string_view key, const T& t, const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return replace(key, t, error, options); });
    }
    template <class T>
    store_result replace(std::string_view key, const T& t, std::error_code& error,
                         const store_options& options = {}) {
        return this->store(t, error, options,
                           [&](std::string_view stored, const store_options& with) {
                               return this->underneath().replace(key, stored, error, with);
                           });
    }

    template <class T>
    store_result compare_and_swap(std::string_view key, const T& t, std::uint64_t cas,
                                  const store_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return compare_and_swap(key, t, cas, error, options); });
    }
    template <class T>
    store_result compare_and_swap(std::string_view key, const T& t, std::uint64_t cas,
                                  std::error_code& error, const store_options& options = {}) {
        return this->store(
            t, error, options, [&](std::string_view stored, const store_options& with) {
                return this->underneath().compare_and_swap(key, stored, cas, error, with);
            });
    }

protected:
    using typed_blocking_base<Client, Dialect>::typed_blocking_base;
};

}  // namespace memring
