#pragma once
// What the loads read and write: 100 keys of 20 bytes with values of one size.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/client_options.hpp>

namespace memring::benchmark {

inline constexpr std::size_t key_count = 100;

class data_set {
public:
    explicit data_set(std::size_t value_size) : x_value(value_size, 'v') {
        for (std::size_t i = 0; i < key_count; ++i) {
            x_names.push_back("benchmark:" + std::to_string(value_size + 1'000'000 + i) + ":ab");
        }
        x_keys.assign(x_names.begin(), x_names.end());
        for (const auto key : x_keys) x_entries.push_back({key, x_value});
    }
    data_set(const data_set&) = delete;
    data_set& operator=(const data_set&) = delete;

    [[nodiscard]] const std::string& value() const noexcept { return x_value; }
    [[nodiscard]] std::span<const std::string_view> keys() const noexcept { return x_keys; }
    [[nodiscard]] std::span<const entry> entries() const noexcept { return x_entries; }

    [[nodiscard]] std::string classic_gets() const { return each("get ", "\r\n"); }
    /// What the client sends for a get, with an opaque of four digits.
    [[nodiscard]] std::string meta_gets() const { return each("mg ", " v f c O1234\r\n"); }
    /// As the client's sets, but for the cas number (`c`), which would change the replies' length.
    [[nodiscard]] std::string meta_sets() const {
        return each("ms ", " " + std::to_string(x_value.size()) + " O1234\r\n" + x_value + "\r\n");
    }

private:
    [[nodiscard]] std::string each(std::string_view before, std::string_view after) const {
        std::string all;
        for (const auto key : x_keys) all.append(before).append(key).append(after);
        return all;
    }

    std::string x_value;
    std::vector<std::string> x_names;
    std::vector<std::string_view> x_keys;
    std::vector<entry> x_entries;
};

}  // namespace memring::benchmark
