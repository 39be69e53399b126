#pragma once
// The nodes and keys that every measurement of a hash scheme uses. The same in each run and on each
// machine.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/node.hpp>

namespace memring::benchmark {

/// The sizes of the clusters that are measured.
inline constexpr std::array<std::uint32_t, 5> node_counts{4, 10, 40, 200, 1000};

/// Node `number`: an IPv4 address of its own and the usual port.
[[nodiscard]] inline node sample_node(std::uint32_t number) {
    return {"10." + std::to_string(number / 62500) + "." + std::to_string(number / 250 % 250) +
            "." + std::to_string(number % 250 + 1)};
}

[[nodiscard]] inline std::vector<node> sample_nodes(std::uint32_t count) {
    std::vector<node> nodes;
    for (std::uint32_t i = 0; i < count; ++i) nodes.push_back(sample_node(i));
    return nodes;
}

/// The list without the node at `place`.
[[nodiscard]] inline std::vector<node> without(std::vector<node> nodes, std::uint32_t place) {
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(place));
    return nodes;
}

/// Distinct keys of 16 to 64 bytes, in the forms applications give theirs.
class sample_keys {
public:
    explicit sample_keys(std::size_t count) {
        std::vector<std::size_t> ends;
        for (std::size_t i = 0; i < count; ++i) {
            append(i);
            ends.push_back(x_text.size());
        }
        std::size_t begin = 0;
        for (const std::size_t end : ends) {
            x_keys.push_back(std::string_view(x_text).substr(begin, end - begin));
            begin = end;
        }
    }
    sample_keys(const sample_keys&) = delete;  // the views point into the text
    sample_keys& operator=(const sample_keys&) = delete;

    [[nodiscard]] std::span<const std::string_view> keys() const noexcept { return x_keys; }

private:
    // SplitMix64's output function (Steele, Lea and Flood, 2014): spreads consecutive numbers.
    [[nodiscard]] static std::uint64_t mixed(std::uint64_t number) noexcept {
        number = (number + 1) * 0x9e3779b97f4a7c15;
        number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
        number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
        return number ^ (number >> 31);
    }

    void append(std::size_t i) {
        const auto number = static_cast<unsigned long long>(i);
        const auto noise = static_cast<unsigned long long>(mixed(i));
        std::array<char, 80> text{};
        int length = 0;
        switch (noise >> 61) {
            case 0: length = format(text, "item:%011llu", number); break;
            case 1:
            case 2: length = format(text, "user:%llu:profile", 100000000 + number); break;
            case 3:
            case 4: length = format(text, "session:%016llx%016llx", noise, number); break;
            case 5: length = format(text, "product/%llu/price/en-GB/v3", 1000000 + number); break;
            case 6:
                length = format(text, "page:/articles/2026/%llu/comments?sort=new", number);
                break;
            default:
                length = format(text, "render:home:%016llx:tenant-%04llu:locale-en_GB:v%09llu",
                                noise, noise % 10000, number);
        }
        x_text.append(text.data(), static_cast<std::size_t>(length));
    }

    template <class... Values>
    [[nodiscard]] static int format(std::array<char, 80>& text, const char* form,
                                    Values... values) {
        return std::snprintf(text.data(), text.size(), form, values...);
    }

    std::string x_text;
    std::vector<std::string_view> x_keys;
};

}  // namespace memring::benchmark
