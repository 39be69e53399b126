#pragma once
// What a memcached of some version does not know yet: the in-process server leaves it out.

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace memring::testing {

/// What came with later versions. Everything else is answered as 1.6.18 answers it, whatever the
/// version; what came after 1.6.18 is missing throughout.
struct server_features {
    /// The meta commands as they are since 1.6.10. Servers 1.6.0 to 1.6.9 speak another dialect of
    /// them, which is not simulated: they say ERROR, too.
    bool has_meta = true;
    bool has_hash_dump = true;           ///< `lru_crawler metadump hash`: 1.6.9
    bool has_text_get_and_touch = true;  ///< gat and gats: 1.5.3
    bool has_dump = true;                ///< `lru_crawler metadump`: 1.4.31
    bool has_touch = true;               ///< touch, in either protocol: 1.4.8
};

namespace detail {

// Three numbers with dots between them, whatever follows; zeros for what is missing.
[[nodiscard]] inline std::array<int, 3> version_numbers(std::string_view text) {
    std::array<int, 3> numbers{};
    for (int& number : numbers) {
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (read.ec != std::errc()) break;
        text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
        if (!text.starts_with('.')) break;
        text.remove_prefix(1);
    }
    return numbers;
}

}  // namespace detail

[[nodiscard]] inline server_features features_of(std::string_view version) {
    const auto numbers = detail::version_numbers(version);
    const auto is_at_least = [&](int major, int minor, int patch) {
        return numbers >= std::array{major, minor, patch};
    };
    return {.has_meta = is_at_least(1, 6, 10),
            .has_hash_dump = is_at_least(1, 6, 9),
            .has_text_get_and_touch = is_at_least(1, 5, 3),
            .has_dump = is_at_least(1, 4, 31),
            .has_touch = is_at_least(1, 4, 8)};
}

}  // namespace memring::testing
