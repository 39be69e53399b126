#pragma once
// Reads that were written and given up before their answers came: each may still win a stale item,
// which nobody else is asked to renew then. Their keys are kept until the answers are there.

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace memring::detail {

/// Named by their tickets in the pipeline; those of a burst by their places in it, too. Not
/// thread-safe.
class unheard_reads {
public:
    void add(std::uint64_t ticket, std::uint32_t part, std::string_view key) {
        if (!key.empty()) x_keys.emplace(name{ticket, part}, key);
    }

    /// The key, or nothing. Valid until the next call of another member.
    [[nodiscard]] std::string_view key_of(std::uint64_t ticket, std::uint32_t part) const {
        const auto found = x_keys.find(name{ticket, part});
        return found == x_keys.end() ? std::string_view() : std::string_view(found->second);
    }

    /// All of this ticket and older ones have been answered.
    void forget(std::uint64_t ticket) noexcept {
        constexpr std::uint32_t last = std::numeric_limits<std::uint32_t>::max();
        x_keys.erase(x_keys.begin(), x_keys.upper_bound(name{ticket, last}));
    }

    /// No answer will come.
    void clear() noexcept { x_keys.clear(); }

private:
    using name = std::pair<std::uint64_t, std::uint32_t>;

    std::map<name, std::string> x_keys;
};

}  // namespace memring::detail
