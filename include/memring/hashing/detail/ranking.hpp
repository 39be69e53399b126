#pragma once
// The best few of many, in order, in the caller's memory.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

namespace memring::detail {

/// Writes the numbers below `count` that come first by `before(a, b)`, a strict total order, in
/// that order; as many as fit. Returns how many. O(count log out.size()) comparisons.
template <class Before>
[[nodiscard]] std::size_t rank_into(std::span<std::uint32_t> out, std::uint32_t count,
                                    Before before) noexcept {
    out = out.first(std::min<std::size_t>(out.size(), count));
    if (out.empty()) return 0;
    // A heap whose top is the last of the best so far.
    std::iota(out.begin(), out.end(), 0U);
    std::ranges::make_heap(out, before);
    for (auto next = static_cast<std::uint32_t>(out.size()); next < count; ++next) {
        if (!before(next, out.front())) continue;
        std::ranges::pop_heap(out, before);
        out.back() = next;
        std::ranges::push_heap(out, before);
    }
    std::ranges::sort_heap(out, before);
    return out.size();
}

}  // namespace memring::detail
