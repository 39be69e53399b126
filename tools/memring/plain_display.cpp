#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "display.hpp"
#include "text.hpp"

namespace memring::tool {

namespace {

constexpr double seconds_between_lines = 3;

class plain_display final : public display {
public:
    void announce(const run_state& state) override { print(state.log.back()); }

    void refresh(const run_state& state) override {
        if (!state.started || state.now() < x_next || state.now() > state.length) return;
        x_next = state.now() + seconds_between_lines;
        const load_counters totals = state.totals();
        std::string line = fmt::format(
            "{}    {} requests/s, hit rate {}, stale {}, wrong {}, errors {}, planned misses {}",
            clock_text(state.now()), grouped(state.operations_per_second()),
            percent(state.hit_rate()), totals.stale, totals.wrong, totals.errors,
            totals.planned_misses);
        if (!state.activity.empty()) {
            const change_progress progress = state.progress();
            line += fmt::format("; {}: {} of {} keys", state.activity, grouped(progress.done),
                                grouped(progress.total));
        }
        print(line);
    }

private:
    static void print(const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    }

    double x_next = seconds_between_lines;
};

}  // namespace

std::unique_ptr<display> make_plain_display() { return std::make_unique<plain_display>(); }

}  // namespace memring::tool
