#pragma once
// Policies for fleets that route by something else than the whole key: a prefix and the key, the
// part of the key in braces, or the part mcrouter routes by.
//
// Where a peer takes a second key just for routing (libmemcached's and php-memcached's "by key"
// forms, pylibmc's and python-memcached's pairs with a server key of text), nothing of this is
// needed: the node is `owner_of(server_key)`, whatever key is stored there.

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/error.hpp>
#include <memring/hashing/detail/text_on_stack.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/prefix_hashing.hpp>
#include <memring/key.hpp>
#include <memring/node.hpp>

namespace memring {

/// The part of a key that twemproxy hashes with `hash_tag: "{}"` (0.5.0): what is between the
/// first opening byte and the first closing one after it, or the whole key where either is missing
/// or nothing is between them.
[[nodiscard]] constexpr std::string_view hash_tag_of(std::string_view key, char open = '{',
                                                     char close = '}') noexcept {
    const std::size_t begin = key.find(open);
    if (begin == key.npos) return key;
    const std::size_t end = key.find(close, begin + 1);
    if (end == key.npos || end == begin + 1) return key;
    return key.substr(begin + 1, end - begin - 1);
}

/// The part of a key that mcrouter routes by: without a routing prefix `/region/cluster/`, and up
/// to the first `|#|` after it. As its documentation states it; mcrouter itself was not asked.
[[nodiscard]] constexpr std::string_view routing_part_of(std::string_view key) noexcept {
    if (key.starts_with('/')) {
        const std::size_t region_end = key.find('/', 1);
        const std::size_t cluster_end =
            region_end == key.npos ? key.npos : key.find('/', region_end + 1);
        if (cluster_end != key.npos) key.remove_prefix(cluster_end + 1);
    }
    return key.substr(0, key.find("|#|"));
}

/// What `routed_by` asks of its selection: the part of a key that is hashed, a view into the key.
template <class Selection>
concept key_selection = std::semiregular<Selection> &&
    requires(const Selection& selection, std::string_view key) {
    { selection(key) }
    noexcept->std::same_as<std::string_view>;
};

/// What `hash_tagged` hashes.
template <char Open, char Close>
struct hash_tag_selection {
    [[nodiscard]] constexpr std::string_view operator()(std::string_view key) const noexcept {
        return hash_tag_of(key, Open, Close);
    }
};

/// What `routing_part` hashes.
struct routing_part_selection {
    [[nodiscard]] constexpr std::string_view operator()(std::string_view key) const noexcept {
        return routing_part_of(key);
    }
};

/// A policy that looks at a part of each key. What the policy promises holds for that part; the
/// part may be empty. Of the prefix of keys (prefix_hashing.hpp) it says what its selection or else
/// the policy says.
template <hash_policy Policy, key_selection Selection>
class routed_by {
public:
    /// No nodes.
    routed_by() = default;

    /// Throws what `Policy` throws, and takes what it takes besides the nodes.
    template <class... Options>
    requires std::constructible_from < Policy, std::span<const node>,
    const Options&... > explicit routed_by(std::span<const node> nodes, const Options&... options)
        : x_policy(nodes, options...) {}

    /// A policy that is made already.
    explicit routed_by(Policy policy) noexcept : x_policy(std::move(policy)) {}

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_policy.node_count(); }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return x_policy.owner_of(Selection{}(key));
    }

    /// The owners of many keys: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept {
        std::array<std::string_view, 64> parts;
        while (!keys.empty()) {
            const std::size_t count = std::min(keys.size(), parts.size());
            std::ranges::transform(keys.first(count), parts.begin(), Selection{});
            memring::owners_of(x_policy, std::span(parts).first(count), owners.first(count));
            keys = keys.subspan(count);
            owners = owners.subspan(count);
        }
    }

    /// The candidates that the policy has for the part.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out)
        const noexcept requires ranked_hash_policy<Policy> {
        return x_policy.candidates_of(Selection{}(key), out);
    }

    [[nodiscard]] constexpr std::optional<bool> hashes_prefix() const noexcept {
        if constexpr (states_prefix_hashing<Selection>) {
            return Selection::hashes_prefix;
        } else {
            return memring::hashes_prefix(x_policy);
        }
    }

    /// The same mapping of another list, by a policy like this one's.
    [[nodiscard]] routed_by rebuilt(std::span<const node> nodes) const {
        return routed_by(memring::rebuilt(x_policy, nodes));
    }

private:
    Policy x_policy;
};

/// Routes by the part of the key in braces: twemproxy's `hash_tag: "{}"`. Keys with the same tag
/// are on one node.
///
///     memring::hash_tagged<memring::ketama> policy{nodes};
///     policy.owner_of("{user:1}:name") == policy.owner_of("{user:1}:mail");
///
/// In twemproxy 0.5.0 a tag of two other characters is `hash_tagged<Policy, '<', '>'>`.
template <hash_policy Policy, char Open = '{', char Close = '}'>
using hash_tagged = routed_by<Policy, hash_tag_selection<Open, Close>>;

/// Routes by the part of the key mcrouter routes by: without `/region/cluster/`, up to `|#|`.
template <hash_policy Policy>
using routing_part = routed_by<Policy, routing_part_selection>;

/// Hashes a prefix and the key after it: libmemcached's HASH_WITH_PREFIX_KEY, or python-memcached's
/// `key_prefix` of get_multi and set_multi. The prefix is hashed only; if the servers store it too,
/// it belongs into the keys, and this policy is not needed. A client's own prefix is left to it.
///
///     memring::prefixed<memring::ketama> policy{nodes, "app:"};
///     policy.owner_of("user:1");  // what memring::ketama{nodes}.owner_of("app:user:1") is
///
/// Each key is copied behind the prefix; an allocation only for keys longer than memcached takes.
template <hash_policy Policy>
class prefixed {
public:
    /// The longest prefix, in bytes; libmemcached and memcached take no longer ones.
    static constexpr std::size_t max_prefix_size = max_key_size;

    /// No nodes.
    prefixed() = default;

    /// Throws `std::system_error`: `errc::invalid_key` for a prefix that is too long or that a key
    /// cannot begin with, else what `Policy` throws. No prefix leaves the policy as it is.
    explicit prefixed(std::span<const node> nodes, std::string_view prefix = {})
        : prefixed(Policy(nodes), prefix) {}

    /// A policy that is made already.
    prefixed(Policy policy, std::string_view prefix) : x_policy(std::move(policy)) {
        if (!prefix.empty() && !is_valid_key(prefix)) {
            throw std::system_error(errc::invalid_key, "prefix \"" + std::string(prefix) + "\"");
        }
        if (!prefix.empty()) x_prefix.assign(prefix);
    }

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_policy.node_count(); }
    [[nodiscard]] std::string_view prefix() const noexcept { return x_prefix.view(); }

    /// The index of the node that owns `key`. Precondition: `node_count() > 0`.
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return apply(key, [&](std::string_view joined) { return x_policy.owner_of(joined); });
    }

    /// The owners of many keys: see `memring::owners_of`.
    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept {
        std::array<buffer, 16> joined;
        std::array<std::string_view, joined.size()> views;
        while (!keys.empty()) {
            const auto some = keys.first(std::min(keys.size(), joined.size()));
            std::size_t count = 0;
            for (; count < some.size() && some[count].size() <= max_key_size; ++count) {
                views[count] = {joined[count].bytes, join(some[count], joined[count].bytes)};
            }
            if (count != 0) {
                memring::owners_of(x_policy, std::span(views).first(count), owners.first(count));
            } else {
                owners[count++] = owner_of(keys[0]);
            }
            keys = keys.subspan(count);
            owners = owners.subspan(count);
        }
    }

    /// The candidates that the policy has for the prefix and the key.
    std::size_t candidates_of(std::string_view key, std::span<std::uint32_t> out)
        const noexcept requires ranked_hash_policy<Policy> {
        return apply(key,
                     [&](std::string_view joined) { return x_policy.candidates_of(joined, out); });
    }

    /// A prefix that this policy adds is not to be added before.
    [[nodiscard]] constexpr std::optional<bool> hashes_prefix() const noexcept {
        return prefix().empty() ? memring::hashes_prefix(x_policy) : false;
    }

    /// The same mapping of another list, by a policy like this one's, with the same prefix.
    [[nodiscard]] prefixed rebuilt(std::span<const node> nodes) const {
        return prefixed(memring::rebuilt(x_policy, nodes), prefix());
    }

private:
    static constexpr std::size_t most_on_stack = max_prefix_size + max_key_size;

    struct buffer {
        char bytes[most_on_stack];  // deliberately not initialised
    };

    /// Writes the prefix and the key; returns how many bytes that is.
    std::size_t join(std::string_view key, char* out) const noexcept {
        char* const end = std::ranges::copy(key, std::ranges::copy(prefix(), out).out).out;
        return static_cast<std::size_t>(end - out);
    }

    /// `use(prefix + key)`.
    template <class Use>
    [[nodiscard]] auto apply(std::string_view key, Use use) const noexcept {
        return detail::with_text<most_on_stack>(
            prefix().size() + key.size(), [&](char* out) { return join(key, out); }, use);
    }

    Policy x_policy;
    key_buffer x_prefix;
};

}  // namespace memring
