#pragma once
// The sizes by which memcached keeps items, under its default settings: chunks of 48 bytes and a
// factor of 1.25.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memring::testing {

/// The largest chunk; a larger item is kept in several, and is never taken for a number.
inline constexpr std::size_t largest_slab_chunk = 512 * 1024;
inline constexpr std::size_t slab_page_size = 1024 * 1024;

/// What memcached counts as an item's size: header, cas, key, client flags, value and line end.
[[nodiscard]] constexpr std::size_t stored_size(std::string_view key, std::size_t value_size,
                                                std::uint32_t flags) noexcept {
    return 48 + 8 + key.size() + 1 + (flags != 0 ? 4 : 0) + value_size + 2;
}

/// A slab class: its number, and the size of its chunks in bytes.
struct slab_class {
    int id = 1;
    std::size_t chunk_size = 96;
};

/// The class of the first chunk that `fits`, which is called with sizes; else the last class.
template <class Fits>
[[nodiscard]] constexpr slab_class first_slab_class(Fits fits) {
    slab_class c;
    while (c.chunk_size <= largest_slab_chunk * 4 / 5) {
        if (fits(c)) return c;
        ++c.id;
        c.chunk_size = (c.chunk_size * 5 / 4 + 7) / 8 * 8;
    }
    c.chunk_size = largest_slab_chunk;
    return c;
}

/// The number of the class that an item of `size` bytes is in.
[[nodiscard]] constexpr int slab_class_of(std::size_t size) noexcept {
    return first_slab_class([size](slab_class c) { return size <= c.chunk_size; }).id;
}

[[nodiscard]] constexpr std::size_t slab_chunk_size(int id) noexcept {
    return first_slab_class([id](slab_class c) { return c.id == id; }).chunk_size;
}

}  // namespace memring::testing
