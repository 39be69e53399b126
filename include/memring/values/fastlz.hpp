#pragma once
// Reading FastLZ, php-memcached's default compression: a byte-oriented LZ77 by Ariya Hidayat, whose
// block format (levels 1 and 2) is described at https://github.com/ariya/FastLZ. There is no
// writer: what reads FastLZ reads zlib, which is smaller.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include <memring/error.hpp>
#include <memring/values/compression.hpp>

namespace memring {

namespace value_detail {

/// One block being read. Every step is checked against both ends.
class fastlz_block {
public:
    fastlz_block(std::string_view compressed, std::size_t limit, std::string& out) noexcept
        : x_rest(compressed), x_limit(limit), x_out(out) {}

    std::error_code decompress() {
        x_out.clear();
        unsigned control = next();
        const unsigned level = control >> 5;
        if (level > 1) return errc::malformed_value;
        control &= 31;  // the first is always a run of literals
        for (;;) {
            const bool is_good =
                control < 32 ? copy_literals(control + 1) : copy_match(control, level);
            if (!is_good) return x_is_too_large ? errc::value_too_large : errc::malformed_value;
            if (x_rest.empty()) return {};
            control = next();
        }
    }

private:
    // 0 past the end, which is then remembered.
    unsigned next() noexcept {
        if (x_rest.empty()) {
            x_is_cut = true;
            return 0;
        }
        const auto byte = static_cast<unsigned char>(x_rest.front());
        x_rest.remove_prefix(1);
        return byte;
    }

    [[nodiscard]] bool has_room(std::size_t size) noexcept {
        x_is_too_large = size > x_limit - x_out.size();
        return !x_is_too_large;
    }

    [[nodiscard]] bool copy_literals(std::size_t size) {
        if (size > x_rest.size() || !has_room(size)) return false;
        x_out.append(x_rest.substr(0, size));
        x_rest.remove_prefix(size);
        return true;
    }

    [[nodiscard]] bool copy_match(unsigned control, unsigned level) {
        constexpr unsigned longest_in_control = 7;
        constexpr std::size_t far_offset = 31u << 8;
        std::size_t size = (control >> 5) + 2;
        std::size_t offset = (control & 31) << 8;
        if (control >> 5 == longest_in_control) {
            unsigned more = 0;
            do {
                more = next();
                size += more;
            } while (level == 1 && more == 255);
        }
        const unsigned low = next();
        if (level == 1 && low == 255 && offset == far_offset) {
            offset = next() << 8;
            offset += next();
            offset += far_offset + 255;
        } else {
            offset += low;
        }
        ++offset;
        if (x_is_cut || offset > x_out.size() || !has_room(size)) return false;
        append_match(offset, size);
        return true;
    }

    // A match may overlap what it makes: then it repeats the last `offset` bytes.
    void append_match(std::size_t offset, std::size_t size) {
        const std::size_t from = x_out.size() - offset;
        for (std::size_t i = 0; i != size; ++i) x_out.push_back(x_out[from + i]);
    }

    std::string_view x_rest;
    std::size_t x_limit;
    std::string& x_out;
    bool x_is_cut = false;
    bool x_is_too_large = false;
};

}  // namespace value_detail

/// Reads FastLZ of levels 1 and 2; for `compressed`. Thread-safety: none needed, it has no state.
struct fastlz_values {
    static constexpr auto format = compression_format::fastlz;

    std::error_code decompress(std::string_view stored, std::size_t limit, std::string& out) const {
        return value_detail::fastlz_block(stored, limit, out).decompress();
    }
};

static_assert(decompressor<fastlz_values> && !compressor<fastlz_values>);

}  // namespace memring
