#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "display.hpp"
#include "text.hpp"

namespace memring::tool {

namespace {

constexpr std::size_t columns = 78;
constexpr std::size_t log_lines = 6;
constexpr std::size_t sparkline_width = 56;

// Codes that do not take room on the screen.
constexpr const char* bold = "\x1b[1m";
constexpr const char* dim = "\x1b[2m";
constexpr const char* red = "\x1b[31m";
constexpr const char* green = "\x1b[32m";
constexpr const char* yellow = "\x1b[33m";
constexpr const char* blue = "\x1b[34m";
constexpr const char* plain = "\x1b[0m";

const char* colour_of(node_state state) {
    switch (state) {
        case node_state::filling: return blue;
        case node_state::serving: return green;
        case node_state::draining: return yellow;
        case node_state::killed: return red;
        case node_state::removed: return dim;
    }
    return plain;
}

std::string count_in_colour(std::uint64_t count, std::size_t width) {
    return fmt::format("{}{:>{}}{}", count == 0 ? green : red, grouped(count), width, plain);
}

// The mean of each of `count` equal stretches of the latest values.
template <class Member>
std::vector<double> recent(const run_state& state, Member member, std::size_t count) {
    const auto& samples = state.samples;
    const std::size_t stretch = std::max<std::size_t>(1, (samples.size() + count - 1) / count);
    std::vector<double> means;
    for (std::size_t begin = 0; begin < samples.size(); begin += stretch) {
        const std::size_t end = std::min(begin + stretch, samples.size());
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i) sum += samples[i].*member;
        means.push_back(sum / static_cast<double>(end - begin));
    }
    return means;
}

class live_display final : public display {
public:
    live_display() { fmt::print("\x1b[?25l"); }
    ~live_display() override {
        fmt::print("\x1b[?25h");
        std::fflush(stdout);
    }

    void announce(const run_state& state) override { refresh(state); }
    void refresh(const run_state& state) override;

private:
    static void add_title(std::vector<std::string>& lines, const run_state& state);
    static void add_nodes(std::vector<std::string>& lines, const run_state& state);
    static void add_applications(std::vector<std::string>& lines, const run_state& state);
    static void add_change(std::vector<std::string>& lines, const run_state& state);
    static void add_history(std::vector<std::string>& lines, const run_state& state);
    static void add_log(std::vector<std::string>& lines, const run_state& state);

    std::size_t x_drawn = 0;  // lines on the screen
};

void live_display::refresh(const run_state& state) {
    std::vector<std::string> lines;
    add_title(lines, state);
    add_nodes(lines, state);
    add_applications(lines, state);
    add_change(lines, state);
    add_history(lines, state);
    add_log(lines, state);
    std::string screen;
    if (x_drawn > 0) screen += fmt::format("\x1b[{}F", x_drawn);
    for (const std::string& line : lines) screen += line + "\x1b[K\n";
    screen += "\x1b[J";
    std::fwrite(screen.data(), 1, screen.size(), stdout);
    std::fflush(stdout);
    x_drawn = lines.size();
}

void live_display::add_title(std::vector<std::string>& lines, const run_state& state) {
    lines.push_back(fmt::format(" {}memring demo{}   {} of {}   configuration version {}", bold,
                                plain, clock_text(std::min(state.now(), state.length)),
                                clock_text(state.length), state.config_version));
}

void live_display::add_nodes(std::vector<std::string>& lines, const run_state& state) {
    std::uint64_t most = 1;
    for (const node_status& status : state.nodes) most = std::max(most, status.items);
    lines.push_back(fmt::format(" {}{:<17}{:<10}{:<31}{:>8}{:>11}{}", dim, "node", "state", "items",
                                "", "commands/s", plain));
    for (const node_status& status : state.nodes) {
        const bool is_up = status.is_up();
        const double share =
            is_up ? static_cast<double>(status.items) / static_cast<double>(most) : 0.0;
        lines.push_back(fmt::format(
            " {}{:<17}{}{:<10}{}{} {:>8}{:>11}", is_up ? "" : dim, to_string(status.where),
            colour_of(status.state), to_string(status.state), plain,
            is_up ? bar(share, 30) : std::string(30, ' '), is_up ? grouped(status.items) : "",
            is_up ? grouped(status.commands_per_second) : ""));
    }
}

void live_display::add_applications(std::vector<std::string>& lines, const run_state& state) {
    lines.push_back(fmt::format(" {}{:<6}{:>10}{:>11}{:>7}{:>7}{:>9}{:>13}{:>13}{}", dim, "app",
                                "req/s", "hit rate", "stale", "wrong", "errors", "planned miss",
                                "other miss", plain));
    for (const application_status& status : state.applications) {
        const load_counters& count = status.counters;
        lines.push_back(
            fmt::format(" {:<6}{:>10}{:>11}{}{}{:>9}{}{:>13}", status.name,
                        grouped(status.operations_per_second), percent(status.latest.hit_rate()),
                        count_in_colour(count.stale, 7), count_in_colour(count.wrong, 7),
                        grouped(count.errors), count_in_colour(count.planned_misses, 13),
                        grouped(count.unplanned_misses + count.unexplained_misses)));
    }
}

void live_display::add_change(std::vector<std::string>& lines, const run_state& state) {
    if (state.activity.empty()) return lines.push_back("");
    const change_progress progress = state.progress();
    const double share = progress.total == 0 ? 0.0
                                             : static_cast<double>(progress.done) /
                                                   static_cast<double>(progress.total);
    lines.push_back(fmt::format(" {:<22} {}{}{} {} of {}", state.activity, blue, bar(share, 30),
                                plain, grouped(progress.done), grouped(progress.total)));
}

void live_display::add_history(std::vector<std::string>& lines, const run_state& state) {
    const auto rates = recent(state, &load_sample::operations_per_second, sparkline_width);
    const auto hits = recent(state, &load_sample::hit_rate, sparkline_width);
    const double most = rates.empty() ? 1.0 : *std::max_element(rates.begin(), rates.end());
    lines.push_back(
        fmt::format(" {}requests/s{} {} {}", dim, plain, sparkline(rates, most), grouped(most)));
    lines.push_back(fmt::format(" {}hit rate{}   {}", dim, plain, sparkline(hits, 1.0)));
}

void live_display::add_log(std::vector<std::string>& lines, const run_state& state) {
    const std::size_t first = state.log.size() - std::min(state.log.size(), log_lines);
    for (std::size_t i = first; i < state.log.size(); ++i) {
        lines.push_back(" " + state.log[i].substr(0, columns));
    }
}

}  // namespace

std::unique_ptr<display> make_live_display() { return std::make_unique<live_display>(); }

}  // namespace memring::tool
