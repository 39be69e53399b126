#pragma once
// Nodes that take a key with a probability: what mcrouter's weighted hashes have in common.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/ch3.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/hashing/detail/text_on_stack.hpp>
#include <memring/node.hpp>

namespace memring {

/// How likely the nodes are to accept a key, and what goes into the hash besides the key.
struct weighted_ch3_options {
    /// Default empty: each node's own weight over the largest of them. Else one weight from 0 to 1
    /// for each node, as in mcrouter's `weights`. A node of half the weight of another gets half
    /// as many keys; the mapping depends on the values, not only on their proportions.
    std::vector<double> weights = {};
    /// Default empty. mcrouter's `salt`: appended to every key.
    std::string salt = {};
};

namespace detail {

/// How often of 2^32 - 1 times each node accepts a key. Throws `std::system_error` for the first
/// node without a weight, or with one that is none, or if there are more weights than nodes.
/// Precondition: there are nodes.
[[nodiscard]] inline std::vector<std::uint32_t> acceptances(std::string_view policy,
                                                            std::span<const node> nodes,
                                                            std::vector<double> weights) {
    const auto lighter = [](const node& a, const node& b) { return a.weight < b.weight; };
    if (weights.empty()) {
        const auto most = static_cast<double>(std::ranges::max_element(nodes, lighter)->weight);
        for (const node& n : nodes) weights.push_back(static_cast<double>(n.weight) / most);
    }
    std::vector<std::uint32_t> result;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (i == weights.size()) {
            // mcrouter itself logs that the configuration is broken, and takes 0.5.
            refuse_node(errc::invalid_node, policy, nodes, i, "has no weight in the options");
        }
        if (!(weights[i] >= 0 && weights[i] <= 1)) {
            refuse_node(errc::invalid_node, policy, nodes, i,
                        "has weight " + std::to_string(weights[i]) + ", want 0 to 1");
        }
        result.push_back(static_cast<std::uint32_t>(weights[i] * 4294967295.0));
    }
    if (weights.size() > nodes.size()) {
        throw std::system_error(errc::invalid_node,
                                std::string(policy) + ": " + std::to_string(weights.size()) +
                                    " weights for " + std::to_string(nodes.size()) + " nodes");
    }
    return result;
}

/// What a policy of accepting nodes holds; copies share it.
class accepting_nodes {
public:
    accepting_nodes() noexcept = default;

    /// Throws as the policies do.
    accepting_nodes(std::string_view policy, std::span<const node> nodes,
                    weighted_ch3_options options)
        : x_salt(std::move(options.salt)) {
        require_at_most(ch3_max_buckets, policy, nodes);
        require_nodes(policy, nodes);
        x_weights = std::make_shared<const std::vector<double>>(std::move(options.weights));
        if (nodes.empty()) return;
        x_list = std::make_shared<const std::vector<std::uint32_t>>(
            acceptances(policy, nodes, *x_weights));
    }

    /// What they were made with, for another list. Weights in the options are those of a list of as
    /// many nodes.
    [[nodiscard]] weighted_ch3_options options() const {
        return {x_weights ? *x_weights : std::vector<double>(), std::string(x_salt.text())};
    }

    [[nodiscard]] std::uint32_t size() const noexcept {
        return x_list ? static_cast<std::uint32_t>(x_list->size()) : 0;
    }

    /// `use(key + salt, acceptances)`.
    template <class Use>
    [[nodiscard]] auto apply(std::string_view key, Use use) const noexcept {
        return x_salt.append_to(key, [&](std::string_view salted) {
            return use(salted, std::span<const std::uint32_t>(*x_list));
        });
    }

private:
    std::shared_ptr<const std::vector<std::uint32_t>> x_list;
    std::shared_ptr<const std::vector<double>> x_weights;
    key_salt x_salt;
};

}  // namespace detail

}  // namespace memring
