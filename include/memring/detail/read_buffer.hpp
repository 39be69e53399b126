#pragma once
// The bytes read from a stream and not yet understood, in one piece.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include <asio/buffer.hpp>

namespace memring::detail {

class read_buffer {
public:
    [[nodiscard]] std::string_view view() const noexcept {
        return {x_bytes.get() + x_begin, x_end - x_begin};
    }

    /// Room for the next read: at least `missing` bytes, and never little. Where reads have filled
    /// all there was, more.
    [[nodiscard]] asio::mutable_buffer prepare(std::size_t missing) {
        if (x_begin == x_end) x_begin = x_end = 0;
        const std::size_t room = std::max(missing, x_room);
        if (x_capacity - x_end < room) make_room(room);
        return {x_bytes.get() + x_end, x_capacity - x_end};
    }

    void commit(std::size_t size) noexcept {
        x_end += size;
        if (x_end == x_capacity) x_room = std::min(x_room * 2, most_room);
    }

    /// A read may be under way meanwhile: where it writes does not move.
    void consume(std::size_t size) noexcept { x_begin += size; }

    /// Forgets everything, and gives back what a burst or a large value made it grow to.
    void clear() noexcept {
        x_begin = x_end = 0;
        if (x_capacity > most_kept) {
            x_bytes.reset();
            x_capacity = 0;
            x_room = std::max(x_room / 2, least_room);
        }
    }

private:
    static constexpr std::size_t least_room = 4 * 1024;
    static constexpr std::size_t most_room = 256 * 1024;
    static constexpr std::size_t most_kept = 8 * 1024;

    void make_room(std::size_t room) {
        const std::size_t kept = x_end - x_begin;
        if (x_capacity < kept + room) {
            const std::size_t larger = std::max(kept + room, x_capacity * 2);
            std::unique_ptr<char[]> grown(new char[larger]);  // not initialised
            if (kept != 0) std::memcpy(grown.get(), x_bytes.get() + x_begin, kept);
            x_bytes = std::move(grown);
            x_capacity = larger;
        } else {
            std::memmove(x_bytes.get(), x_bytes.get() + x_begin, kept);
        }
        x_begin = 0;
        x_end = kept;
    }

    std::unique_ptr<char[]> x_bytes;
    std::size_t x_capacity = 0;
    std::size_t x_room = least_room;
    std::size_t x_begin = 0;
    std::size_t x_end = 0;
};

}  // namespace memring::detail
