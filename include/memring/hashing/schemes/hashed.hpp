#pragma once
// Schemes whose hash is chosen by name: each choice is a type of policy.

#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/key_hash.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// What people are told of the option `hash`.
inline constexpr std::string_view key_hash_meaning = "what keys are hashed with";

/// The same for a ring whose points are 32 bits of another hash, where the keys get `short_hash`:
/// 15 bits, and so all of them the ring's first points.
[[nodiscard]] inline std::string short_hash_trap(std::string_view short_hash) {
    return std::string(key_hash_meaning) + "; beware of " + std::string(short_hash) +
           ", 15 bits: nearly all keys get one server";
}

/// A hash under the name that users of the peer give it.
template <key_hash Hash>
struct hash_choice {
    std::string_view name = Hash::name;
};

/// A scheme with the option `hash`, by default `otherwise`. `make` is called as
/// `make(Hash(), nodes)` and returns the policy.
template <class Make, class... Hashes>
[[nodiscard]] scheme hashed_scheme(std::string name, std::string description,
                                   std::string_view otherwise,
                                   const std::tuple<hash_choice<Hashes>...>& hashes, Make make,
                                   std::string_view meaning = key_hash_meaning) {
    scheme_option which{.name = "hash", .choices = {}, .meaning = std::string(meaning)};
    const auto add = [&](std::string_view choice) {
        const bool is_default = choice == otherwise;
        which.choices.insert(is_default ? which.choices.begin() : which.choices.end(),
                             std::string(choice));
    };
    std::apply([&](const auto&... choice) { (add(choice.name), ...); }, hashes);
    const auto build = [hashes, make, default_hash = std::string(otherwise)](
                           std::span<const node> nodes, const scheme_arguments& arguments) {
        const std::string_view wanted = arguments.has("hash") ? arguments["hash"] : default_hash;
        erased_policy_ptr policy;
        const auto try_one = [&]<class Hash>(const hash_choice<Hash>& choice) {
            if (choice.name == wanted) policy = erase_policy(make(Hash(), nodes));
        };
        std::apply([&](const auto&... choice) { (try_one(choice), ...); }, hashes);
        return policy;
    };
    return {.name = std::move(name),
            .description = std::move(description),
            .options = {std::move(which)},
            .make = build};
}

}  // namespace memring::detail
