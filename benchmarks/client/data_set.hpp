#pragma once
// What the loads read and write: keys of 20 bytes with values of one size.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/client_options.hpp>

namespace memring::benchmark {

class data_set {
public:
    data_set(std::size_t count, std::size_t value_size) : x_value(value_size, 'v') {
        for (std::size_t i = 0; i < count; ++i) {
            x_names.push_back("bench:" + std::to_string(10'000'000 + value_size) + "_" +
                              std::to_string(10'000 + i));
        }
        x_keys.assign(x_names.begin(), x_names.end());
        for (const auto key : x_keys) x_entries.push_back({key, x_value});
    }
    data_set(const data_set&) = delete;
    data_set& operator=(const data_set&) = delete;

    [[nodiscard]] std::size_t count() const noexcept { return x_keys.size(); }
    [[nodiscard]] const std::string& value() const noexcept { return x_value; }
    [[nodiscard]] std::span<const std::string_view> keys() const noexcept { return x_keys; }
    [[nodiscard]] std::span<const entry> entries() const noexcept { return x_entries; }

private:
    std::string x_value;
    std::vector<std::string> x_names;
    std::vector<std::string_view> x_keys;
    std::vector<entry> x_entries;
};

}  // namespace memring::benchmark
