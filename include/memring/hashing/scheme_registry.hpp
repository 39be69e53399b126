#pragma once
// A table of hash policies by name. Knows no policy itself; `builtin_schemes` of schemes.hpp knows
// all of memring's.

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/node.hpp>

namespace memring {

namespace detail {

/// How many characters must be put in, left out, changed or swapped with their neighbour to make
/// `b` of `a` (optimal string alignment).
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t change = last[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
            row[k] = std::min({change, last[k] + 1, row[k - 1] + 1});
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) {
                row[k] = std::min(row[k], before[k - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}  // namespace detail

/// Schemes by name, in the order they were added. A value: to have schemes of your own beside
/// memring's, copy and extend.
///
///     memring::scheme_registry mine = memring::builtin_schemes();
///     mine.add<my_policy>("mine", "what it is good for");
///     memring::any_policy policy("mine", nodes, mine);
///
/// Const members may be called from many threads.
class scheme_registry {
public:
    /// Throws `std::system_error` (`std::errc::invalid_argument`) for an empty name, a name there
    /// is, or a scheme without a factory.
    void add(scheme entry);

    /// A policy that takes nothing but nodes.
    template <hash_policy Policy>
    void add(std::string name, std::string description) {
        add({.name = std::move(name),
             .description = std::move(description),
             .make = [](std::span<const node> nodes, const scheme_arguments&) {
                 return erase_policy(Policy(nodes));
             }});
    }

    [[nodiscard]] const std::vector<scheme>& schemes() const noexcept { return x_schemes; }

    /// The scheme that `text` names, with options or without. Throws `std::system_error`
    /// (`std::errc::invalid_argument`) that lists the known ones, nearest first.
    [[nodiscard]] const scheme& find(std::string_view text) const;

    /// The policy that `text` names for `nodes`. Throws as `find`, for bad options with their
    /// place in the text, and what the policy's constructor throws.
    [[nodiscard]] erased_policy_ptr make(std::string_view text, std::span<const node> nodes) const {
        const scheme& found = find(text);
        return found.make(nodes, found.parse(text));
    }

    /// All names, those that look most like `text` first.
    [[nodiscard]] std::vector<std::string_view> nearest(std::string_view text) const;

private:
    std::vector<scheme> x_schemes;
};

inline void scheme_registry::add(scheme entry) {
    const bool is_known =
        std::ranges::find(x_schemes, entry.name, &scheme::name) != x_schemes.end();
    if (entry.name.empty() || is_known || !entry.make) {
        throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                                "scheme \"" + entry.name + "\" " +
                                    (entry.name.empty() ? "has no name"
                                     : is_known         ? "is already known"
                                                        : "has no factory"));
    }
    x_schemes.push_back(std::move(entry));
}

inline const scheme& scheme_registry::find(std::string_view text) const {
    const scheme* found = nullptr;
    for (const scheme& entry : x_schemes) {
        const bool fits = text.starts_with(entry.name) &&
                          (text.size() == entry.name.size() || text[entry.name.size()] == ':');
        if (fits && (found == nullptr || found->name.size() < entry.name.size())) found = &entry;
    }
    if (found != nullptr) return *found;
    std::string reason = "unknown scheme \"" + std::string(text) + "\"; known, nearest first: ";
    const char* separator = "";
    for (const std::string_view name : nearest(text)) {
        reason.append(separator).append(name);
        separator = ", ";
    }
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), reason);
}

inline std::vector<std::string_view> scheme_registry::nearest(std::string_view text) const {
    constexpr std::size_t longest_compared = 100;  // the work grows with the square
    constexpr std::size_t shortest_beginning = 3;
    std::string wanted(text.substr(0, longest_compared));
    for (char& c : wanted) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const std::string_view family = std::string_view(wanted).substr(0, wanted.find(':') + 1);
    // What stands before the first colon may be the family of schemes, which is no name.
    const bool has_family = !family.empty() && std::ranges::any_of(x_schemes, [&](const auto& one) {
        return one.name.starts_with(family);
    });
    const auto distance = [&](std::string_view name) {
        const std::string_view bare = name.substr(name.find(':') + 1);
        const bool is_beginning = name.starts_with(wanted) || bare.starts_with(wanted);
        if (is_beginning && wanted.size() >= shortest_beginning && wanted != family) {
            return std::size_t{1};
        }
        // Options may follow what was meant as a name, and the family may be left out.
        std::size_t least =
            std::min(detail::edit_distance(wanted, name), detail::edit_distance(wanted, bare));
        for (std::size_t end = wanted.find(':', has_family ? family.size() : 0);
             end < wanted.size(); end = wanted.find(':', end + 1)) {
            const std::string_view head = std::string_view(wanted).substr(0, end);
            least = std::min(least, detail::edit_distance(head, name));
        }
        return least;
    };
    std::vector<std::tuple<std::size_t, std::string_view>> order;
    for (const scheme& entry : x_schemes) order.emplace_back(distance(entry.name), entry.name);
    std::ranges::sort(order);
    std::vector<std::string_view> names;
    for (const auto& [steps, name] : order) names.push_back(name);
    return names;
}

}  // namespace memring
