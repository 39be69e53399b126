#pragma once
// The plainest code that does what a scheme must do at least: what its cost is a ratio to.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <memring/hashing/digest/xxh3.hpp>

namespace memring::benchmark {

/// XXH3, then the loop of Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm"
/// (2014), figure 1, as printed there.
struct canonical_jump {
    std::int32_t buckets;

    [[nodiscard]] std::int32_t owner_of(std::string_view text) const noexcept {
        std::uint64_t key = xxh3(text);
        std::int64_t b = -1;
        std::int64_t j = 0;
        while (j < buckets) {
            b = j;
            key = key * 2862933555777941757ULL + 1;
            j = static_cast<std::int64_t>(
                static_cast<double>(b + 1) *
                (static_cast<double>(1LL << 31) / static_cast<double>((key >> 33) + 1)));
        }
        return static_cast<std::int32_t>(b);
    }
};

/// XXH3, then one read from a table of 65536 entries of 16 bits, by the low bits.
class table_read {
public:
    table_read() : x_table(std::size_t{1} << 16) {
        for (std::size_t i = 0; i < x_table.size(); ++i) {
            x_table[i] = static_cast<std::uint16_t>(i * 40503 % 1000);
        }
    }

    [[nodiscard]] std::uint32_t owner_of(std::string_view text) const noexcept {
        return x_table[xxh3(text) & 0xffff];
    }

private:
    std::vector<std::uint16_t> x_table;
};

}  // namespace memring::benchmark
