#pragma once
// A ring of points: a hash belongs to the node of the first point at or after it, and past the
// last point to the node of the first.

#include <algorithm>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace memring::detail {

struct ring_point {
    std::uint32_t value = 0;
    std::uint32_t node = 0;

    friend auto operator<=>(const ring_point&, const ring_point&) = default;
};

/// An immutable ring; points of equal value stand in order of their node. A table over the top
/// bits of the hash, with as many entries as there are points or up to twice as many, says where
/// to start looking, so a lookup takes one or two steps on average. Precondition: not empty.
class point_ring {
public:
    explicit point_ring(std::vector<ring_point> points) : x_points(std::move(points)) {
        std::ranges::sort(x_points);
        const int bits = std::clamp(static_cast<int>(std::bit_width(x_points.size())), 1, 31);
        x_shift = 32 - bits;
        x_starts.resize(std::size_t{1} << bits);
        std::uint32_t place = 0;
        for (std::size_t top = 0; top < x_starts.size(); ++top) {
            const std::uint64_t low = std::uint64_t{top} << x_shift;
            while (place < x_points.size() && x_points[place].value < low) ++place;
            x_starts[top] = place;
        }
        // Wraps around, and ends every search.
        x_points.push_back({0xffffffff, x_points.front().node});
    }

    [[nodiscard]] std::uint32_t owner_of(std::uint32_t hash) const noexcept {
        return x_points[find(hash)].node;
    }

    /// Writes the distinct nodes met clockwise from `hash` on, the owner first; returns how many.
    std::size_t walk(std::uint32_t hash, std::span<std::uint32_t> out) const noexcept {
        std::size_t written = 0;
        std::size_t place = find(hash);
        const std::size_t last = x_points.size() - 1;
        for (std::size_t step = 0; step <= last && written < out.size(); ++step) {
            const std::uint32_t candidate = x_points[place].node;
            const auto known = out.first(written);
            if (std::ranges::find(known, candidate) == known.end()) out[written++] = candidate;
            place = place == last ? 0 : place + 1;
        }
        return written;
    }

private:
    [[nodiscard]] std::size_t find(std::uint32_t hash) const noexcept {
        std::size_t place = x_starts[hash >> x_shift];
        while (x_points[place].value < hash) ++place;
        return place;
    }

    std::vector<ring_point> x_points;
    std::vector<std::uint32_t> x_starts;
    int x_shift = 31;
};

}  // namespace memring::detail
