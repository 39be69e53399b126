#pragma once
// Any hash policy behind one interface of virtual functions, for those who choose it at run time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/prefix_hashing.hpp>
#include <memring/node.hpp>

namespace memring {

class erased_policy;
using erased_policy_ptr = std::shared_ptr<const erased_policy>;

/// A hash policy whose type is known at run time only. Immutable; const members may be called from
/// many threads.
class erased_policy {
public:
    erased_policy() = default;
    erased_policy(const erased_policy&) = delete;
    erased_policy& operator=(const erased_policy&) = delete;
    virtual ~erased_policy() = default;

    [[nodiscard]] virtual std::uint32_t node_count() const noexcept = 0;
    /// Precondition: `node_count() > 0`.
    [[nodiscard]] virtual std::uint32_t owner_of(std::string_view key) const noexcept = 0;
    /// Precondition: `owners.size() >= keys.size()`.
    virtual void owners_of(std::span<const std::string_view> keys,
                           std::span<std::uint32_t> owners) const noexcept = 0;
    /// The owner alone where the policy is not ranked.
    virtual std::size_t candidates_of(std::string_view key,
                                      std::span<std::uint32_t> out) const noexcept = 0;
    [[nodiscard]] virtual bool is_ranked() const noexcept = 0;
    /// See `memring::hashes_prefix`.
    [[nodiscard]] virtual std::optional<bool> hashes_prefix() const noexcept = 0;
    /// The same policy of another list: see `memring::rebuilt`.
    [[nodiscard]] virtual erased_policy_ptr rebuilt(std::span<const node> nodes) const = 0;
};

namespace detail {

template <hash_policy Policy>
class held_policy final : public erased_policy {
public:
    explicit held_policy(Policy&& policy) noexcept : x_policy(std::move(policy)) {}

    std::uint32_t node_count() const noexcept override { return x_policy.node_count(); }

    std::uint32_t owner_of(std::string_view key) const noexcept override {
        return x_policy.owner_of(key);
    }

    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept override {
        memring::owners_of(x_policy, keys, owners);
    }

    std::size_t candidates_of(std::string_view key,
                              std::span<std::uint32_t> out) const noexcept override {
        if constexpr (ranked_hash_policy<Policy>) {
            return x_policy.candidates_of(key, out);
        } else {
            if (out.empty() || x_policy.node_count() == 0) return 0;
            out[0] = x_policy.owner_of(key);
            return 1;
        }
    }

    bool is_ranked() const noexcept override { return ranked_hash_policy<Policy>; }

    std::optional<bool> hashes_prefix() const noexcept override {
        return memring::hashes_prefix(x_policy);
    }

    erased_policy_ptr rebuilt(std::span<const node> nodes) const override {
        return std::make_shared<const held_policy>(memring::rebuilt(x_policy, nodes));
    }

private:
    Policy x_policy;
};

}  // namespace detail

/// Hides the type of `policy`. The single allocation of an `any_policy`.
template <hash_policy Policy>
[[nodiscard]] erased_policy_ptr erase_policy(Policy policy) {
    return std::make_shared<const detail::held_policy<Policy>>(std::move(policy));
}

}  // namespace memring
