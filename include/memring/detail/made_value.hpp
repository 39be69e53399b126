#pragma once
// What functions of the application may return as a value to store, and what that comes to: bytes,
// or a value with flags of its own, or why there is none.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <memring/item.hpp>
#include <memring/values/encoded_value.hpp>

namespace memring::detail {

template <class Change>
concept changes_bytes =
    std::is_invocable_r_v<std::optional<std::string>, Change&, const std::optional<item>&>;

template <class Change>
concept changes_encoded = std::is_invocable_r_v<outcome<std::optional<encoded_value>>, Change&,
                                                const std::optional<item>&>;

template <class Compute>
concept computes_bytes = std::is_invocable_r_v<std::string, Compute&>;

template <class Compute>
concept computes_encoded = std::is_invocable_r_v<outcome<encoded_value>, Compute&>;

/// A function that computes at once.
template <class Compute>
concept computes_at_once = computes_bytes<Compute> || computes_encoded<Compute>;

/// A function that is asked whether a value may be replaced before its life is over: an error is
/// why not.
template <class Compute>
concept guards_old_value = requires(Compute& compute, std::string_view stored,
                                    std::uint32_t flags) {
    { compute.why_keep(stored, flags) } -> std::same_as<std::error_code>;
};

/// What a function made: a value, nothing, or an error.
struct made_value {
    std::error_code error{};
    std::optional<std::string> bytes{};
    std::optional<std::uint32_t> flags{};  ///< of the value; nothing if it does not say

    explicit made_value(std::optional<std::string> made) : bytes(std::move(made)) {}
    explicit made_value(outcome<std::optional<encoded_value>> made) : error(made.error) {
        if (error || !made.value) return;
        bytes = std::move(made.value->bytes);
        flags = made.value->flags;
    }
    explicit made_value(outcome<encoded_value> made)
        : error(made.error), bytes(std::move(made.value.bytes)), flags(made.value.flags) {}
    explicit made_value(outcome<std::string> made)
        : error(made.error), bytes(std::move(made.value)) {}
};

template <class Change>
[[nodiscard]] made_value call_change(Change& change, const std::optional<item>& current) {
    if constexpr (changes_encoded<Change>)
        return made_value(outcome<std::optional<encoded_value>>(change(current)));
    else
        return made_value(std::optional<std::string>(change(current)));
}

template <class Compute>
[[nodiscard]] made_value call_compute(Compute& compute) {
    if constexpr (computes_encoded<Compute>)
        return made_value(outcome<encoded_value>(compute()));
    else
        return made_value(std::optional<std::string>(std::string(compute())));
}

}  // namespace memring::detail
