#pragma once
// Functions of the application that know types, as functions on items: a dialect around them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <memring/detail/compute_handler.hpp>
#include <memring/item.hpp>
#include <memring/values/encoded_value.hpp>
#include <memring/values/typed_item.hpp>

namespace memring::detail {

template <class Change, class T>
concept typed_change_function =
    std::is_invocable_r_v<std::optional<T>, Change&, const std::optional<typed_item<T>>&>;

/// What cannot be read as a `T`, or written, is an error, and the item stays as it is.
template <class T, class Dialect, class Change>
struct typed_change {
    outcome<std::optional<encoded_value>> operator()(const std::optional<item>& current) {
        outcome<std::optional<encoded_value>> result;
        const auto read = value_detail::typed<T>(dialect, result.error, current);
        if (result.error) return result;
        const std::optional<T> changed = change(read);
        if (!changed) return result;
        auto encoded = dialect.encode(*changed);
        result.error = encoded.error;
        if (!result.error) result.value = std::move(encoded.value);
        return result;
    }

    Dialect dialect;
    Change change;
};

/// What an asynchronous function is given: encodes where it is called.
template <class T, class Dialect, class Done>
struct typed_done {
    void operator()(std::error_code error, const T& t) const {
        if (error) return done(error, encoded_value{});
        auto encoded = dialect.encode(t);
        done(encoded.error, std::move(encoded.value));
    }

    Dialect dialect;
    Done done;
};

/// A function that computes a `T`, at once or asynchronously.
template <class Compute, class T, class Dialect>
concept typed_compute_function = std::is_invocable_r_v<T, Compute&> ||
    std::is_invocable_v<Compute&, typed_done<T, Dialect, compute_handler>>;

/// Keeps the form of `Compute`: at once, or asynchronous.
template <class T, class Dialect, class Compute>
struct typed_compute {
    static constexpr bool is_at_once = std::is_invocable_r_v<T, Compute&>;

    outcome<encoded_value> operator()() requires is_at_once {
        const T computed = compute();
        return dialect.encode(computed);
    }
    template <class Done>
    void operator()(Done done) requires(!is_at_once) {
        compute(typed_done<T, Dialect, Done>{dialect, std::move(done)});
    }

    /// What somebody else stored in another format is not for us to renew.
    [[nodiscard]] std::error_code why_keep(std::string_view stored, std::uint32_t flags) const {
        return dialect.template decode<T>(stored, flags).error;
    }

    Dialect dialect;
    Compute compute;
};

}  // namespace memring::detail
