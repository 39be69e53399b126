#pragma once
// What a policy knows of the prefix (namespace) that its peer puts before keys: whether it counts
// when the key's node is looked up.

#include <concepts>
#include <optional>

#include <memring/hashing/hash_policy.hpp>

namespace memring {

/// A policy, or the rule a policy is made of, that says what its peer does:
/// `static constexpr bool hashes_prefix`. True: the prefix and the key after it are hashed, as by
/// whoever has no prefixes of its own and finds them in its keys. False: the key after it alone.
template <class Peer>
concept states_prefix_hashing = requires {
    requires std::same_as<decltype(Peer::hashes_prefix), const bool>;
};

/// A policy that says it at run time: `hashes_prefix()` is a `std::optional<bool>`, nothing where
/// it does not know. The same for every list of nodes.
template <class Policy>
concept tells_prefix_hashing = requires(const Policy& policy) {
    { policy.hashes_prefix() }
    noexcept->std::same_as<std::optional<bool>>;
};

namespace detail {

/// Where neither concept holds: something of that name all the same.
template <class Policy>
concept misstates_prefix_hashing = requires {
    &Policy::hashes_prefix;
}
|| requires { &Policy::rule_type::hashes_prefix; };

}  // namespace detail

/// Whether the peer of `policy` hashes its prefix, by the policy or by its `rule_type`; nothing
/// where neither says it. A client routes by it unless `client_options::hashes_prefix` says else.
template <hash_policy Policy>
[[nodiscard]] constexpr std::optional<bool> hashes_prefix(const Policy& policy) noexcept {
    if constexpr (tells_prefix_hashing<Policy>) {
        return policy.hashes_prefix();
    } else if constexpr (states_prefix_hashing<Policy>) {
        return Policy::hashes_prefix;
    } else if constexpr (requires { requires states_prefix_hashing<typename Policy::rule_type>; }) {
        return Policy::rule_type::hashes_prefix;
    } else {
        static_assert(!detail::misstates_prefix_hashing<Policy>,
                      "hashes_prefix is a static constexpr bool, or a noexcept const member that "
                      "returns std::optional<bool>");
        return std::nullopt;
    }
}

}  // namespace memring
