#pragma once
// A ring of points: a hash belongs to the node of the first point at or after it, and past the
// last point to the node of the first.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

namespace memring::detail {

/// A point of a ring: its value in the upper half, its node in the lower, so that points sort by
/// value and a search compares and answers with one number.
using ring_point = std::uint64_t;

[[nodiscard]] constexpr ring_point make_point(std::uint32_t value, std::uint32_t node) noexcept {
    return std::uint64_t{value} << 32 | node;
}
[[nodiscard]] constexpr std::uint32_t value_of(ring_point point) noexcept {
    return static_cast<std::uint32_t>(point >> 32);
}
[[nodiscard]] constexpr std::uint32_t node_of(ring_point point) noexcept {
    return static_cast<std::uint32_t>(point);
}

/// Sorts points by value; those of one value keep their order. By digits, from the last to the
/// first: ten times as fast as by comparisons for the 160,000 points of a thousand nodes.
inline void sort_by_value(std::vector<ring_point>& points) {
    constexpr int digit_bits = 11;
    constexpr std::size_t digits = std::size_t{1} << digit_bits;
    const auto digit_of = [](ring_point point, int pass) {
        return value_of(point) >> (pass * digit_bits) & (digits - 1);
    };
    std::array<std::array<std::uint32_t, digits>, 3> places{};
    for (const ring_point point : points) {
        for (int pass = 0; pass < 3; ++pass)
            ++places[static_cast<std::size_t>(pass)][digit_of(point, pass)];
    }
    std::vector<ring_point> sorted(points.size());
    for (int pass = 0; pass < 3; ++pass) {
        auto& place = places[static_cast<std::size_t>(pass)];
        std::uint32_t before = 0;
        for (std::uint32_t& count : place) before += std::exchange(count, before);
        for (const ring_point point : points) sorted[place[digit_of(point, pass)]++] = point;
        points.swap(sorted);
    }
}

/// How a ring becomes another one.
struct ring_change {
    std::vector<std::uint32_t> nodes;  ///< the new number of each old node
    std::vector<ring_point> dropped;   ///< points there are, by value, with their old numbers
    std::vector<ring_point> added;     ///< new ones, by value, with new numbers
    std::vector<std::uint32_t> ranks;  ///< by new number: of equal points the lowest rank counts
    bool keeps_numbers = false;        ///< whether no old node that stays has a new number
    bool keeps_order = false;  ///< whether the old nodes that stay keep their order of ranks
};

/// An immutable ring. A table over the top bits of the hash, with half as many entries as there
/// are points or up to as many, says where to start looking; from there a few points are compared
/// at once, which spares the branch that no processor can foresee.
class point_ring {
public:
    /// Points sorted by value; the first of equal ones counts. Precondition: not empty.
    explicit point_ring(std::vector<ring_point> points) : x_points(std::move(points)) {
        close();
        index();
    }

    /// The ring `before` after a change. Precondition: at least one point is left.
    point_ring(const point_ring& before, const ring_change& change);

    [[nodiscard]] std::uint32_t owner_of(std::uint32_t hash) const noexcept {
        return node_of(*find(hash));
    }

    /// Replaces each hash by its owner.
    void to_owners(std::span<std::uint32_t> hashes) const noexcept {
        for (std::uint32_t& hash : hashes) hash = owner_of(hash);
    }

    /// Writes the distinct nodes met clockwise from `hash` on, the owner first; returns how many.
    std::size_t walk(std::uint32_t hash, std::span<std::uint32_t> out) const noexcept;

    /// All points, by value.
    [[nodiscard]] std::span<const ring_point> points() const noexcept {
        return std::span(x_points).first(x_size);
    }

private:
    /// How many points a lookup compares at once. More in one entry's reach are rare, but for
    /// hashes that fill a small part of the circle.
    static constexpr std::size_t window = 4;

    /// The first point at or after `hash`; past the last one a copy of the first.
    [[nodiscard]] const ring_point* find(std::uint32_t hash) const noexcept {
        const std::size_t entry = std::min<std::size_t>(hash >> x_shift, x_starts.size() - 1);
        const ring_point* const from = x_points.data() + x_starts[entry];
        const ring_point wanted = make_point(hash, 0);
        std::size_t smaller = 0;
        for (std::size_t i = 0; i < window; ++i) smaller += from[i] < wanted ? 1 : 0;
        if (smaller < window) [[likely]]
            return from + smaller;
        return std::lower_bound(from + window, x_points.data() + x_starts[entry + 1], wanted);
    }

    /// The place of the first point at or after `value`, or that behind the last point.
    [[nodiscard]] std::size_t place_of(std::uint32_t value) const noexcept {
        return static_cast<std::size_t>(find(value) - x_points.data());
    }

    [[nodiscard]] std::vector<std::size_t> places_of(std::span<const ring_point> own) const;
    std::vector<std::size_t> merge(const point_ring& before, const ring_change& change);
    void order_ties(std::size_t place, std::span<const std::uint32_t> ranks);
    void order_all_ties(std::span<const std::uint32_t> ranks);

    /// Behind the last point copies of the first, of the greatest value: the way around, and the
    /// end of every search. And how wide the entries of the table are.
    void close();

    void index();
    void index_from(const point_ring& before, const ring_change& change);

    std::vector<ring_point> x_points;
    std::vector<std::uint32_t> x_starts;
    std::size_t x_size = 0;
    std::size_t x_entries = 0;
    int x_shift = 0;
};

inline point_ring::point_ring(const point_ring& before, const ring_change& change) {
    const std::vector<std::size_t> added = merge(before, change);
    if (change.keeps_order) {
        for (const std::size_t place : added) order_ties(place, change.ranks);
    } else {
        order_all_ties(change.ranks);
    }
    close();
    if (x_shift == before.x_shift && x_entries == before.x_entries) {
        index_from(before, change);
    } else {
        index();
    }
}

inline void point_ring::close() {
    x_size = x_points.size();
    const auto width = static_cast<int>(std::bit_width(value_of(x_points.back())));
    const int bits = std::min(std::max(static_cast<int>(std::bit_width(x_size)) - 1, 1), width);
    x_shift = width - bits;
    x_entries = std::size_t{1} << bits;
    x_points.resize(x_size + window, make_point(0xffffffff, node_of(x_points.front())));
}

inline void point_ring::index() {
    // One more, for the hashes behind every point.
    x_starts.assign(x_entries + 1, 0);
    for (const ring_point point : points()) ++x_starts[(value_of(point) >> x_shift) + 1];
    for (std::size_t entry = 1; entry <= x_entries; ++entry) x_starts[entry] += x_starts[entry - 1];
}

inline void point_ring::index_from(const point_ring& before, const ring_change& change) {
    x_starts.resize(x_entries + 1);
    std::size_t entry = 0;
    std::uint32_t more = 0;  // or, wrapping, less
    const auto copy_to = [&](std::size_t end) {
        for (; entry < end; ++entry) x_starts[entry] = before.x_starts[entry] + more;
    };
    auto added = change.added.begin();
    auto dropped = change.dropped.begin();
    while (added != change.added.end() || dropped != change.dropped.end()) {
        const bool is_added =
            dropped == change.dropped.end() || (added != change.added.end() && *added < *dropped);
        copy_to((value_of(is_added ? *added++ : *dropped++) >> x_shift) + std::size_t{1});
        more += is_added ? 1U : ~0U;
    }
    copy_to(x_entries + 1);
}

/// The places of these points of the ring, ascending.
inline std::vector<std::size_t> point_ring::places_of(std::span<const ring_point> own) const {
    std::vector<std::size_t> places;
    places.reserve(own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
        const bool comes_again = i > 0 && own[i] == own[i - 1];
        std::size_t place = comes_again ? places.back() + 1 : place_of(value_of(own[i]));
        while (x_points[place] != own[i]) ++place;
        places.push_back(place);
    }
    // Points of one value are given by number, but stand in the order of the ranks.
    if (!std::ranges::is_sorted(places)) std::ranges::sort(places);
    return places;
}

/// Fills the points in, those of one value in any order. The places of the added ones.
inline std::vector<std::size_t> point_ring::merge(const point_ring& before,
                                                  const ring_change& change) {
    const std::vector<std::size_t> dropped = before.places_of(change.dropped);
    x_points.reserve(before.x_size + change.added.size() - dropped.size() + window);
    const auto old = before.x_points.begin();
    std::size_t from = 0;
    const auto copy_to = [&](std::size_t end) {
        const std::size_t first = x_points.size();
        x_points.insert(x_points.end(), old + static_cast<std::ptrdiff_t>(from),
                        old + static_cast<std::ptrdiff_t>(end));
        from = end;
        if (change.keeps_numbers) return;
        for (std::size_t i = first; i < x_points.size(); ++i) {
            x_points[i] = make_point(value_of(x_points[i]), change.nodes[node_of(x_points[i])]);
        }
    };
    auto drop = dropped.begin();
    const auto skip_to = [&](std::size_t end) {
        for (; drop != dropped.end() && *drop < end; ++drop) {
            copy_to(*drop);
            ++from;
        }
        copy_to(end);
    };
    std::vector<std::size_t> added;
    added.reserve(change.added.size());
    for (const ring_point point : change.added) {
        skip_to(before.place_of(value_of(point)));
        added.push_back(x_points.size());
        x_points.push_back(point);
    }
    skip_to(before.x_size);
    return added;
}

/// Orders the points that have the value of the one at `place`.
inline void point_ring::order_ties(std::size_t place, std::span<const std::uint32_t> ranks) {
    const auto is_other = [value = value_of(x_points[place])](ring_point point) {
        return value_of(point) != value;
    };
    const auto middle = x_points.begin() + static_cast<std::ptrdiff_t>(place);
    const auto begin = std::find_if(std::make_reverse_iterator(middle), x_points.rend(), is_other);
    const auto end = std::find_if(middle, x_points.end(), is_other);
    std::sort(begin.base(), end,
              [&](ring_point a, ring_point b) { return ranks[node_of(a)] < ranks[node_of(b)]; });
}

inline void point_ring::order_all_ties(std::span<const std::uint32_t> ranks) {
    for (std::size_t i = 1; i < x_points.size(); ++i) {
        if (value_of(x_points[i]) != value_of(x_points[i - 1])) continue;
        order_ties(i, ranks);
        while (i + 1 < x_points.size() && value_of(x_points[i + 1]) == value_of(x_points[i])) ++i;
    }
}

inline std::size_t point_ring::walk(std::uint32_t hash,
                                    std::span<std::uint32_t> out) const noexcept {
    std::size_t written = 0;
    std::size_t place = place_of(hash);
    for (std::size_t step = 0; step <= x_size && written < out.size(); ++step) {
        const std::uint32_t candidate = node_of(x_points[place]);
        const auto known = out.first(written);
        if (std::ranges::find(known, candidate) == known.end()) out[written++] = candidate;
        place = place >= x_size ? 0 : place + 1;
    }
    return written;
}

}  // namespace memring::detail
