#pragma once
// What a memcached key may be, and an owning buffer for one that never allocates.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace memring {

/// The longest key memcached takes, in bytes.
inline constexpr std::size_t max_key_size = 250;

namespace detail {

/// Whether eight bytes hold one that is no part of a key: up to 0x20, or 0x7f.
[[nodiscard]] constexpr bool has_bad_byte(std::uint64_t eight) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    const auto has_less = [](std::uint64_t x, std::uint64_t limit) {
        return (x - ones * limit) & ~x & (ones * 0x80);
    };
    return (has_less(eight, 0x21) | has_less(eight ^ (ones * 0x7f), 1)) != 0;
}

}  // namespace detail

/// Whether `key` may be sent: 1 to 250 bytes, no space, no control byte (0x00-0x20, 0x7f). Bytes
/// from 0x80 on (UTF-8) are fine. Checked before anything is sent: memcached 1.6.18 runs the
/// payload of a set with an over-long key as commands.
[[nodiscard]] constexpr bool is_valid_key(std::string_view key) noexcept {
    if (key.empty() || key.size() > max_key_size) return false;
    if (!std::is_constant_evaluated() && key.size() >= 8) {
        const auto is_bad = [&](std::size_t place) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, key.data() + place, sizeof eight);
            return detail::has_bad_byte(eight);
        };
        for (std::size_t place = 0; place + 8 < key.size(); place += 8) {
            if (is_bad(place)) return false;
        }
        return !is_bad(key.size() - 8);  // overlaps what was looked at
    }
    return std::ranges::none_of(key, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7f;
    });
}

/// An owned copy of a valid key, held in place. Copying costs the key's bytes, not the buffer's.
/// Precondition of the constructor and of `assign`: at most `max_key_size` bytes.
class key_buffer {
public:
    key_buffer() noexcept = default;
    explicit key_buffer(std::string_view key) noexcept { assign(key); }
    key_buffer(const key_buffer& other) noexcept { assign(other.view()); }
    key_buffer& operator=(const key_buffer& other) noexcept {
        if (this != &other) assign(other.view());
        return *this;
    }
    ~key_buffer() = default;

    void assign(std::string_view key) noexcept { assign({}, key); }

    /// Both together, at most `max_key_size` bytes.
    void assign(std::string_view prefix, std::string_view key) noexcept {
        x_size = static_cast<std::uint8_t>(prefix.size() + key.size());
        if (!prefix.empty()) std::memcpy(x_bytes, prefix.data(), prefix.size());
        if (!key.empty()) std::memcpy(x_bytes + prefix.size(), key.data(), key.size());
    }

    [[nodiscard]] std::string_view view() const noexcept { return {x_bytes, x_size}; }
    [[nodiscard]] bool empty() const noexcept { return x_size == 0; }

private:
    std::uint8_t x_size = 0;
    char x_bytes[max_key_size + 1];  // deliberately not initialised
};

}  // namespace memring
