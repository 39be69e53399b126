#pragma once
// How a run shows itself while it goes on: a block that is redrawn in a terminal, plain lines
// elsewhere.

#include <memory>
#include <string_view>

#include "run_state.hpp"

namespace memring::tool {

class display {
public:
    display() = default;
    display(const display&) = delete;
    display& operator=(const display&) = delete;
    virtual ~display() = default;

    /// Something happened: the last line of `state.log`.
    virtual void announce(const run_state& state) = 0;
    /// Called a few times a second.
    virtual void refresh(const run_state& state) = 0;
};

/// Lines: what happened when it happens, and how the load goes every few seconds.
[[nodiscard]] std::unique_ptr<display> make_plain_display();

/// A block of at most 24 lines of 80 columns, redrawn in place with ANSI sequences.
[[nodiscard]] std::unique_ptr<display> make_live_display();

}  // namespace memring::tool
