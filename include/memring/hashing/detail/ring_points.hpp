#pragma once
// Makes the points of a ring: all of them, or those of a changed list out of the ones there are.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <memring/hashing/detail/point_ring.hpp>
#include <memring/hashing/point_rule.hpp>

namespace memring::detail {

/// The nodes of a ring as far as its points depend on them.
struct ring_members {
    std::vector<std::string> names;
    point_plan plan;
    std::vector<std::uint32_t> order;  ///< indices; of equal points the one of the first counts
};

/// A point while it is sorted: its value above, below a tag for its node.
[[nodiscard]] constexpr std::uint64_t tagged_point(std::uint32_t value,
                                                   std::uint32_t tag) noexcept {
    return std::uint64_t{value} << 32 | tag;
}

[[nodiscard]] constexpr std::uint32_t value_of(std::uint64_t point) noexcept {
    return static_cast<std::uint32_t>(point >> 32);
}

[[nodiscard]] constexpr std::uint32_t tag_of(std::uint64_t point) noexcept {
    return static_cast<std::uint32_t>(point);
}

/// Collects point texts and digests many at a time.
class point_collector {
public:
    explicit point_collector(point_maker maker) : x_maker(maker) {}

    /// The texts of `name` with numbers from `from` up to, not including, `to`.
    void add(std::string_view name, std::uint32_t from, std::uint32_t to, std::uint32_t tag) {
        for (std::uint32_t number = from; number < to; ++number) {
            x_chars += name;
            x_chars += '-';
            x_chars += std::to_string(number);
            x_ends.push_back(x_chars.size());
            x_tags.push_back(tag);
            if (x_ends.size() == batch_size) digest();
        }
    }

    /// All points collected, sorted.
    [[nodiscard]] std::vector<std::uint64_t> take() {
        digest();
        std::ranges::sort(x_points);
        return std::move(x_points);
    }

private:
    static constexpr std::size_t batch_size = 256;

    void digest() {
        std::vector<std::string_view> texts;
        texts.reserve(x_ends.size());
        std::size_t begin = 0;
        for (const std::size_t end : x_ends) {
            texts.push_back(std::string_view(x_chars).substr(begin, end - begin));
            begin = end;
        }
        std::vector<std::uint32_t> values(texts.size() * x_maker.points_per_text);
        x_maker.make(texts, values.data());
        for (std::size_t i = 0; i < values.size(); ++i) {
            x_points.push_back(tagged_point(values[i], x_tags[i / x_maker.points_per_text]));
        }
        x_chars.clear();
        x_ends.clear();
        x_tags.clear();
    }

    point_maker x_maker;
    std::string x_chars;
    std::vector<std::size_t> x_ends;
    std::vector<std::uint32_t> x_tags;
    std::vector<std::uint64_t> x_points;
};

/// The points of a ring that is new.
[[nodiscard]] inline point_list make_ring_points(const ring_members& members) {
    point_collector collector(members.plan.maker);
    for (std::uint32_t rank = 0; rank < members.order.size(); ++rank) {
        const std::uint32_t place = members.order[rank];
        collector.add(members.names[place], 0, members.plan.texts[place], rank);
    }
    const std::vector<std::uint64_t> sorted = collector.take();
    point_list points;
    points.reserve(sorted.size() + 1);
    for (const std::uint64_t point : sorted) {
        points.push_back(value_of(point), members.order[tag_of(point)]);
    }
    return points;
}

}  // namespace memring::detail
