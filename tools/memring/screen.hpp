#pragma once
// The terminal as a screen that is redrawn in place.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace memring::tool {

/// Writes all of `text` to stdout, at once where the system allows it. Throws `std::system_error`.
void write_to_stdout(std::string_view text);

/// Whether stdout is a terminal on which a picture can be redrawn.
[[nodiscard]] bool is_screen();

/// Whether the environment wants no colours (no-color.org).
[[nodiscard]] bool forbids_colour();

struct window_size {
    std::size_t columns = 80;
    std::size_t lines = 24;
};

/// Of the terminal that is stdout.
[[nodiscard]] window_size size_of_window();

/// The alternate screen, with the cursor hidden, for as long as it lives.
class screen {
public:
    screen() { enter(); }
    screen(const screen&) = delete;
    screen& operator=(const screen&) = delete;
    ~screen();

    void enter();
    void leave();
    /// Replaces what is shown by one write, so that nothing flickers.
    void show(const std::vector<std::string>& lines);

private:
    bool x_is_entered = false;
};

}  // namespace memring::tool
