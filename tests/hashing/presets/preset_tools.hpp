#pragma once
// What the tests of presets have in common.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/hashing/digest/md5.hpp>
#include <memring/node.hpp>

namespace memring::sample {

/// How many of the keys two policies place differently.
template <class A, class B>
[[nodiscard]] std::size_t differences(const A& a, const B& b, std::span<const std::string> keys) {
    std::size_t count = 0;
    for (const std::string& key : keys) count += a.owner_of(key) != b.owner_of(key) ? 1 : 0;
    return count;
}

/// What a policy says when it refuses nodes; empty if it takes them.
template <class Policy>
[[nodiscard]] std::system_error refusal(const std::vector<node>& nodes) {
    try {
        const Policy policy{std::span<const node>(nodes)};
    } catch (const std::system_error& error) {
        return error;
    }
    return std::system_error(std::error_code{});
}

[[nodiscard]] inline bool mentions(const std::system_error& error, std::string_view text) {
    return std::string_view(error.what()).find(text) != std::string_view::npos;
}

/// A key hash that reads its value from the key: it reaches any place of a ring.
struct spelled_hash {
    static constexpr std::string_view name = "spelled";

    [[nodiscard]] std::uint32_t operator()(std::string_view key) const noexcept {
        std::uint32_t value = 0;
        std::from_chars(key.data(), key.data() + key.size(), value);
        return value;
    }
};

/// A point that two nodes have.
struct shared_point {
    std::uint32_t value;
    std::uint32_t first;   ///< node listed first
    std::uint32_t second;  ///< node listed later
};

/// The points that two of the nodes have, where each has 40 texts of MD5.
template <class Naming>
[[nodiscard]] std::vector<shared_point> shared_points(const std::vector<node>& nodes) {
    std::map<std::uint32_t, std::uint32_t> owners;
    std::vector<shared_point> shared;
    for (std::uint32_t place = 0; place < nodes.size(); ++place) {
        for (int number = 0; number < 40; ++number) {
            for (const auto value : md5(Naming{}(nodes[place]) + "-" + std::to_string(number))) {
                const auto [found, is_new] = owners.try_emplace(value, place);
                if (!is_new && found->second != place) {
                    shared.push_back({value, found->second, place});
                }
            }
        }
    }
    return shared;
}

}  // namespace memring::sample
