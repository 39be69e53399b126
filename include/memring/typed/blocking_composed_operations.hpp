#pragma once
// The typed blocking operations on one key that take several commands.

#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/client_options.hpp>
#include <memring/detail/checked.hpp>
#include <memring/detail/typed_functions.hpp>
#include <memring/typed/blocking_batch_operations.hpp>
#include <memring/values/dialect.hpp>
#include <memring/values/typed_item.hpp>

namespace memring {

/// Part of `typed_blocking_client`. Each does what `typed_client::async_NAME` does.
template <class Client, value_dialect Dialect>
class typed_blocking_composed_operations : public typed_blocking_batch_operations<Client, Dialect> {
public:
    /// Over the classic protocol the cas of an item that was stored is 0. A value that the server
    /// refuses as too large costs the item that is there over meta and binary: see
    /// `composed_operations::async_update`.
    template <class T, class Change>
    std::optional<typed_item<T>> update(std::string_view key, Change change,
                                        const store_options& options = {}) {
        return detail::checked([&](std::error_code& error) {
            return update<T>(key, std::move(change), error, options);
        });
    }
    template <class T, class Change>
    std::optional<typed_item<T>> update(std::string_view key, Change change, std::error_code& error,
                                        const store_options& options = {}) {
        static_assert(
            detail::typed_change_function<Change, T>,
            "change(const std::optional<typed_item<T>>&) returns the new value or nullopt");
        using typed = detail::typed_change<T, Dialect, Change>;
        auto found = this->underneath().update(key, typed{this->dialect(), std::move(change)},
                                               error, options);
        return value_detail::typed<T>(this->dialect(), error, std::move(found));
    }

    template <class T, class Compute>
    typed_cached_value<T> get_or_compute(std::string_view key, Compute compute,
                                         const compute_options& options = {}) {
        return detail::checked([&](std::error_code& error) {
            return get_or_compute<T>(key, std::move(compute), error, options);
        });
    }
    template <class T, class Compute>
    typed_cached_value<T> get_or_compute(std::string_view key, Compute compute,
                                         std::error_code& error,
                                         const compute_options& options = {}) {
        static_assert(detail::typed_compute_function<Compute, T, Dialect>,
                      "compute() returns a T, or compute(done) calls done(error_code, T)");
        using typed = detail::typed_compute<T, Dialect, Compute>;
        auto found = this->underneath().get_or_compute(
            key, typed{this->dialect(), std::move(compute)}, error, options);
        return value_detail::typed_cached<T>(this->dialect(), error, std::move(found));
    }

protected:
    using typed_blocking_batch_operations<Client, Dialect>::typed_blocking_batch_operations;
};

}  // namespace memring
