#pragma once
// Makes the points of a ring: all of them, or what is new in those of a changed list.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <memring/hashing/detail/point_ring.hpp>
#include <memring/hashing/point_rule.hpp>

namespace memring::detail {

/// The nodes of a ring as far as its points depend on them.
struct ring_members {
    std::vector<std::string> names;
    point_plan plan;
    std::vector<std::uint32_t> order;  ///< indices; of equal points the one of the first counts

    [[nodiscard]] std::uint64_t text_count() const noexcept {
        return std::accumulate(plan.texts.begin(), plan.texts.end(), std::uint64_t{0});
    }

    /// The place of each node in `order`.
    [[nodiscard]] std::vector<std::uint32_t> ranks() const {
        std::vector<std::uint32_t> ranks(order.size());
        for (std::uint32_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank;
        return ranks;
    }
};

/// Collects point texts and digests many at a time.
class point_collector {
public:
    explicit point_collector(point_maker maker, std::size_t texts = 0) : x_maker(maker) {
        x_points.reserve(texts * maker.points_per_text);
    }

    /// The texts of `name` with numbers from `from` up to, not including, `to`.
    void add(std::string_view name, std::uint32_t from, std::uint32_t to, std::uint32_t node) {
        for (std::uint32_t number = from; number < to; ++number) {
            char digits[16];
            char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
            x_chars.append(name).append(1, '-').append(digits, end);
            x_ends[x_count] = x_chars.size();
            x_nodes[x_count] = node;
            if (++x_count == batch_size) digest();
        }
    }

    /// All points collected, by value; those of one value in the order in which they were added.
    [[nodiscard]] std::vector<ring_point> take() {
        digest();
        sort_by_value(x_points);
        return std::move(x_points);
    }

private:
    static constexpr std::size_t batch_size = 256;

    void digest() {
        std::array<std::string_view, batch_size> texts;
        std::size_t begin = 0;
        for (std::size_t i = 0; i < x_count; ++i) {
            texts[i] = std::string_view(x_chars).substr(begin, x_ends[i] - begin);
            begin = x_ends[i];
        }
        x_values.resize(x_count * x_maker.points_per_text);
        x_maker.make(std::span(texts).first(x_count), x_values.data());
        auto value = x_values.cbegin();
        for (std::size_t i = 0; i < x_count; ++i) {
            for (std::size_t j = 0; j < x_maker.points_per_text; ++j) {
                x_points.push_back(make_point(*value++, x_nodes[i]));
            }
        }
        x_chars.clear();
        x_count = 0;
    }

    point_maker x_maker;
    std::string x_chars;
    std::array<std::size_t, batch_size> x_ends;
    std::array<std::uint32_t, batch_size> x_nodes;
    std::size_t x_count = 0;
    std::vector<std::uint32_t> x_values;
    std::vector<ring_point> x_points;
};

/// The ring of a list.
[[nodiscard]] inline point_ring make_ring(const ring_members& members) {
    point_collector collector(members.plan.maker, static_cast<std::size_t>(members.text_count()));
    for (const std::uint32_t place : members.order) {
        collector.add(members.names[place], 0, members.plan.texts[place], place);
    }
    return point_ring(collector.take());
}

inline constexpr std::uint32_t no_node = ~std::uint32_t{0};

/// Which of two lists of names goes on with a name of the other: how many names of `list` come
/// before `name`, of the few that are looked at, or `list.size()`.
[[nodiscard]] inline std::size_t names_before(std::span<const std::string> list,
                                              const std::string& name) noexcept {
    constexpr std::size_t few = 4;
    const auto near = list.first(std::min(list.size(), few));
    const auto found = std::ranges::find(near, name);
    return found == near.end() ? list.size() : static_cast<std::size_t>(found - near.begin());
}

/// For each name of `before` its place in `after`, or `no_node`. Lists mostly differ in a few
/// places, so both are gone through side by side, and only what is left over is looked up.
[[nodiscard]] inline std::vector<std::uint32_t> find_again(std::span<const std::string> before,
                                                           std::span<const std::string> after) {
    std::vector<std::uint32_t> places(before.size(), no_node);
    std::unordered_map<std::string_view, std::uint32_t> left;
    std::size_t next = 0;
    const auto leave = [&](std::size_t count) {
        for (; count > 0; --count, ++next)
            left.emplace(after[next], static_cast<std::uint32_t>(next));
    };
    for (std::size_t i = 0; i < before.size(); ++i) {
        const std::size_t skipped = names_before(after.subspan(next), before[i]);
        if (skipped < after.size() - next) {
            leave(skipped);
            places[i] = static_cast<std::uint32_t>(next++);
        } else if (next < after.size() &&
                   names_before(before.subspan(i), after[next]) == before.size() - i) {
            leave(1);
        }
    }
    leave(after.size() - next);
    if (left.empty()) return places;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (places[i] != no_node) continue;
        const auto found = left.find(before[i]);
        if (found != left.end()) places[i] = found->second;
    }
    return places;
}

/// What makes the ring of `after` out of that of `before`, if that is less work than making it
/// anew. Both have one maker.
[[nodiscard]] inline std::optional<ring_change> find_change(const ring_members& before,
                                                            const ring_members& after) {
    ring_change change;
    change.nodes = find_again(before.names, after.names);
    std::vector<std::uint32_t> had(after.names.size(), 0);  // texts
    std::uint64_t work = 0;
    for (std::size_t i = 0; i < before.names.size(); ++i) {
        const std::uint32_t texts = before.plan.texts[i];
        const std::uint32_t now = change.nodes[i];
        if (now != no_node) had[now] = texts;
        work += now == no_node ? texts : texts - std::min(texts, after.plan.texts[now]);
    }
    for (std::size_t i = 0; i < had.size(); ++i) {
        work += after.plan.texts[i] - std::min(after.plan.texts[i], had[i]);
    }
    if (work >= after.text_count()) return {};

    point_collector dropped(before.plan.maker);
    for (std::uint32_t i = 0; i < before.names.size(); ++i) {
        const std::uint32_t now = change.nodes[i];
        dropped.add(before.names[i], now == no_node ? 0 : after.plan.texts[now],
                    before.plan.texts[i], i);
    }
    point_collector added(after.plan.maker);
    for (std::uint32_t i = 0; i < after.names.size(); ++i) {
        added.add(after.names[i], had[i], after.plan.texts[i], i);
    }
    change.dropped = dropped.take();
    change.added = added.take();
    change.ranks = after.ranks();
    change.keeps_numbers = true;
    change.keeps_order = true;
    std::uint32_t rank = 0;
    for (const std::uint32_t i : before.order) {
        const std::uint32_t now = change.nodes[i];
        if (now == no_node) continue;
        change.keeps_numbers = change.keeps_numbers && now == i;
        change.keeps_order = change.keeps_order && change.ranks[now] >= rank;
        rank = change.ranks[now];
    }
    return change;
}

/// The ring of `after`, which is `make_ring(after)`, from the one of `before`.
[[nodiscard]] inline point_ring remake_ring(const point_ring& ring, const ring_members& before,
                                            const ring_members& after) {
    if (before.plan.maker != after.plan.maker) return make_ring(after);
    const std::optional<ring_change> change = find_change(before, after);
    return change ? point_ring(ring, *change) : make_ring(after);
}

}  // namespace memring::detail
