#pragma once
// Items and entries whose value has a type, and the way from an item to one: what the typed clients
// share.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/item.hpp>
#include <memring/values/dialect.hpp>

namespace memring {

/// An item whose value has been read.
template <class T>
struct typed_item {
    T value{};
    std::uint32_t flags = 0;  ///< as stored
    std::uint64_t cas = 0;    ///< compare-and-swap number; belongs to the server that gave it

    friend bool operator==(const typed_item&, const typed_item&) = default;
};

/// What get-or-compute hands back; see `cached_value`.
template <class T>
struct typed_cached_value {
    T value{};
    std::uint32_t flags = 0;  ///< as stored
    value_source source = value_source::hit;
    bool is_stored = true;  ///< whether the cache has it now
};

/// A key and its value, for the many-key stores. Read during the call only.
template <class T>
struct typed_entry {
    std::string_view key;
    T value{};
    /// The number a get returned, for `compare_and_swap_many`; other stores do not look at it.
    std::uint64_t cas = 0;
};

namespace value_detail {

/// A miss stays one. Of a value that cannot be read as a `T`, `error` says why.
template <class T, class Dialect>
[[nodiscard]] std::optional<typed_item<T>> typed(const Dialect& dialect, std::error_code& error,
                                                 std::optional<item> found) {
    if (error || !found) return std::nullopt;
    auto decoded = dialect.template decode<T>(std::move(found->value), found->flags);
    if (decoded.error) {
        error = decoded.error;
        return std::nullopt;
    }
    return typed_item<T>{std::move(decoded.value), found->flags, found->cas};
}

template <class T, class Dialect>
[[nodiscard]] typed_cached_value<T> typed_cached(const Dialect& dialect, std::error_code& error,
                                                 cached_value found) {
    typed_cached_value<T> result;
    if (error) return result;
    auto decoded = dialect.template decode<T>(std::move(found.value), found.flags);
    error = decoded.error;
    if (error) return result;
    result.value = std::move(decoded.value);
    result.flags = found.flags;
    result.source = found.source;
    result.is_stored = found.is_stored;
    return result;
}

template <class T, class Dialect>
[[nodiscard]] std::vector<outcome<std::optional<typed_item<T>>>> typed_each(
    const Dialect& dialect, std::vector<outcome<std::optional<item>>> found) {
    std::vector<outcome<std::optional<typed_item<T>>>> results(found.size());
    for (std::size_t i = 0; i != found.size(); ++i) {
        results[i].error = found[i].error;
        results[i].value = typed<T>(dialect, results[i].error, std::move(found[i].value));
    }
    return results;
}

}  // namespace value_detail

}  // namespace memring
