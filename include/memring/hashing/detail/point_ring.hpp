#pragma once
// A ring of points: a hash belongs to the node of the first point at or after it, and past the
// last point to the node of the first.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace memring::detail {

/// Points in ascending order of their values, and the node of each. Of points with one value the
/// first is the one whose node has it.
struct point_list {
    std::vector<std::uint32_t> values;
    std::vector<std::uint32_t> nodes;

    void reserve(std::size_t count) {
        values.reserve(count);
        nodes.reserve(count);
    }

    void push_back(std::uint32_t value, std::uint32_t node) {
        values.push_back(value);
        nodes.push_back(node);
    }
};

/// An immutable ring. A table over the top bits of the hash, with as many entries as there are
/// points or up to twice as many, says where to start looking, so a lookup takes one or two steps
/// on average. Precondition: not empty.
class point_ring {
public:
    explicit point_ring(point_list points) : x_points(std::move(points)) {
        const auto& values = x_points.values;
        const int bits = std::clamp(static_cast<int>(std::bit_width(values.size())), 1, 31);
        x_shift = 32 - bits;
        x_starts.resize(std::size_t{1} << bits);
        std::uint32_t place = 0;
        for (std::size_t top = 0; top < x_starts.size(); ++top) {
            const std::uint64_t low = std::uint64_t{top} << x_shift;
            while (place < values.size() && values[place] < low) ++place;
            x_starts[top] = place;
        }
        // Wraps around, and ends every search.
        x_points.push_back(0xffffffff, x_points.nodes.front());
    }

    [[nodiscard]] std::uint32_t owner_of(std::uint32_t hash) const noexcept {
        return x_points.nodes[find(hash)];
    }

    /// Replaces each hash by its owner.
    void to_owners(std::span<std::uint32_t> hashes) const noexcept {
        for (std::uint32_t& hash : hashes) hash = owner_of(hash);
    }

    /// Writes the distinct nodes met clockwise from `hash` on, the owner first; returns how many.
    std::size_t walk(std::uint32_t hash, std::span<std::uint32_t> out) const noexcept {
        std::size_t written = 0;
        std::size_t place = find(hash);
        const std::size_t last = size();
        for (std::size_t step = 0; step <= last && written < out.size(); ++step) {
            const std::uint32_t candidate = x_points.nodes[place];
            const auto known = out.first(written);
            if (std::ranges::find(known, candidate) == known.end()) out[written++] = candidate;
            place = place == last ? 0 : place + 1;
        }
        return written;
    }

    [[nodiscard]] std::size_t size() const noexcept { return x_points.values.size() - 1; }
    [[nodiscard]] std::span<const std::uint32_t> values() const noexcept {
        return std::span(x_points.values).first(size());
    }
    [[nodiscard]] std::span<const std::uint32_t> nodes() const noexcept {
        return std::span(x_points.nodes).first(size());
    }

private:
    [[nodiscard]] std::size_t find(std::uint32_t hash) const noexcept {
        std::size_t place = x_starts[hash >> x_shift];
        while (x_points.values[place] < hash) ++place;
        return place;
    }

    point_list x_points;  // and one point more
    std::vector<std::uint32_t> x_starts;
    int x_shift = 31;
};

}  // namespace memring::detail
