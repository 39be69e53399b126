#pragma once
// One line that tells how far the run is.

#include <unistd.h>

#include <cstdio>
#include <string>

namespace memring::benchmark {

/// On a terminal one line that changes, elsewhere a line for each tenth of a stage. To stderr.
class progress {
public:
    /// A stage of `steps` steps.
    void begin(const std::string& stage, int steps) {
        end();
        x_stage = stage;
        x_steps = steps;
        x_done = 0;
        x_tenths = -1;
    }

    /// One more step begins.
    void step(const std::string& what) {
        const int percent = x_steps == 0 ? 100 : 100 * x_done / x_steps;
        ++x_done;
        if (x_is_terminal) {
            std::fprintf(stderr, "\r%-8s %3d %%  %-48.48s", x_stage.c_str(), percent, what.c_str());
        } else if (percent / 10 != x_tenths) {
            x_tenths = percent / 10;
            std::fprintf(stderr, "%-8s %3d %%\n", x_stage.c_str(), percent);
        }
    }

    /// The stage is over.
    void end() {
        if (x_stage.empty()) return;
        std::fprintf(stderr, "%s%-8s 100 %%%*s\n", x_is_terminal ? "\r" : "", x_stage.c_str(),
                     x_is_terminal ? 50 : 0, "");
        x_stage.clear();
    }

private:
    bool x_is_terminal = ::isatty(STDERR_FILENO) == 1;
    std::string x_stage;
    int x_steps = 0;
    int x_done = 0;
    int x_tenths = -1;
};

}  // namespace memring::benchmark
