#include "terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "text.hpp"

namespace memring::tool {

namespace {

constexpr auto time_before_bar = std::chrono::milliseconds(300);
constexpr auto time_between_draws = std::chrono::milliseconds(100);
constexpr std::size_t bar_columns = 40;
constexpr const char* clear_line = "\r\x1b[K";

}  // namespace

bool has_utf8_locale() {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* const value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        std::string locale;
        for (const char c : std::string_view(value)) {
            if (c != '-') locale += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
        return locale.find("utf8") != std::string::npos;
    }
    return false;
}

progress_bar::progress_bar(std::string title)
    : x_title(std::move(title)),
      x_is_terminal(::isatty(STDERR_FILENO) == 1),
      x_is_utf8(has_utf8_locale()),
      x_next(clock::now() + time_before_bar) {}

progress_bar::~progress_bar() {
    if (x_is_drawn) std::fputs(clear_line, stderr);
}

void progress_bar::show(std::uint64_t done, std::uint64_t total, std::string_view unit) {
    if (!x_is_terminal) return;
    const auto now = clock::now();
    if (now < x_next) return;
    x_next = now + time_between_draws;
    x_is_drawn = true;
    std::string line = fmt::format("{}{} ", clear_line, x_title);
    if (total > 0) {
        const double share = static_cast<double>(done) / static_cast<double>(total);
        const auto filled = static_cast<std::size_t>(std::min(share, 1.0) * bar_columns);
        line += x_is_utf8 ? bar(share, bar_columns)
                          : fmt::format("[{:<{}}]", std::string(filled, '#'), bar_columns);
        line += fmt::format(" {:3.0f} %", std::min(share, 1.0) * 100);
    } else {
        line += fmt::format("{} {}", grouped(done), unit);
    }
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace memring::tool
