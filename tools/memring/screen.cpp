#include "screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace memring::tool {

void write_to_stdout(std::string_view text) {
    while (!text.empty()) {
        const ::ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "cannot write");
        }
    }
}

bool is_screen() {
    const char* const kind = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && kind != nullptr && *kind != '\0' &&
           std::string_view(kind) != "dumb";
}

bool forbids_colour() {
    const char* const value = std::getenv("NO_COLOR");
    return value != nullptr && *value != '\0';
}

window_size size_of_window() {
    window_size result;
    ::winsize told{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) == 0 && told.ws_col > 0 && told.ws_row > 0) {
        result = {.columns = told.ws_col, .lines = told.ws_row};
    }
    return result;
}

screen::~screen() {
    try {
        leave();
    } catch (const std::system_error&) {  // nobody is left to see it
    }
}

void screen::enter() {
    if (!std::exchange(x_is_entered, true)) write_to_stdout("\x1b[?1049h\x1b[?25l\x1b[2J");
}

void screen::leave() {
    if (std::exchange(x_is_entered, false)) write_to_stdout("\x1b[?25h\x1b[?1049l");
}

void screen::show(const std::vector<std::string>& lines) {
    std::string text = "\x1b[H";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        text.append(i == 0 ? "" : "\n").append(lines[i]).append("\x1b[K");
    }
    write_to_stdout(text + "\x1b[J");
}

}  // namespace memring::tool
