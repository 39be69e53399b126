#pragma once
// Nodes and keys for the tests of the hash policies.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <memring/node.hpp>

namespace memring::sample {

[[nodiscard]] inline std::vector<node> nodes(std::size_t count) {
    std::vector<node> result;
    for (std::size_t i = 1; i <= count; ++i) result.push_back({"10.0.0." + std::to_string(i)});
    return result;
}

[[nodiscard]] inline std::vector<std::string> keys(std::size_t count) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < count; ++i) result.push_back("user:" + std::to_string(i));
    return result;
}

[[nodiscard]] inline std::vector<node> without(std::vector<node> list, std::size_t place) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(place));
    return list;
}

/// How many keys each node owns.
template <class Policy>
[[nodiscard]] std::vector<std::size_t> load(const Policy& policy,
                                            std::span<const std::string> keys) {
    std::vector<std::size_t> counts(policy.node_count());
    for (const std::string& key : keys) ++counts.at(policy.owner_of(key));
    return counts;
}

}  // namespace memring::sample
