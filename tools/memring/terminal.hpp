#pragma once
// What the terminal can show, and a bar for work that takes long.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace memring::tool {

/// What output to a terminal is fitted into.
inline constexpr std::size_t terminal_columns = 80;

/// Whether the locale of the environment (LC_ALL, LC_CTYPE, LANG) is one of UTF-8.
[[nodiscard]] bool has_utf8_locale();

/// A bar on stderr, drawn only in a terminal and only once the work has taken a while.
class progress_bar {
public:
    explicit progress_bar(std::string title);
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;
    /// Takes the bar off the screen.
    ~progress_bar();

    /// Redraws a few times a second at most. Without a total the bar only counts.
    void show(std::uint64_t done, std::uint64_t total, std::string_view unit);

private:
    using clock = std::chrono::steady_clock;

    std::string x_title;
    bool x_is_terminal;
    bool x_is_utf8;
    bool x_is_drawn = false;
    clock::time_point x_next;
};

}  // namespace memring::tool
