#pragma once
// What an exploration found, and the words it tells it in.

#include <cstddef>
#include <string>
#include <vector>

#include "world.hpp"

namespace memring::model {

/// What an exploration found.
struct findings {
    std::size_t states = 0;
    std::size_t transitions = 0;
    std::string violation;  ///< empty: none
    std::vector<std::string> trace;

    [[nodiscard]] std::string text() const {
        std::string out = violation;
        for (const std::string& line : trace) out += "\n  " + line;
        return out;
    }
};

[[nodiscard]] inline const char* name(role who) noexcept {
    return who == role::old_owner ? "X" : "T";
}

[[nodiscard]] inline const char* name(verb what) noexcept {
    static constexpr const char* names[] = {"get", "set",   "add", "replace", "append", "prepend",
                                            "del", "touch", "gat", "incr",    "decr",   "lease"};
    return names[static_cast<std::size_t>(what)];
}

[[nodiscard]] inline std::string describe(const running_act& a) {
    static constexpr const char* names[] = {"get", "set",     "delete", "append",
                                            "add", "replace", "touch",  "cas"};
    return names[static_cast<std::size_t>(a.what)] +
           (is_write(a.what) ? std::string(" ") + a.letter : std::string()) + " (" +
           to_string(a.in) + ')';
}

[[nodiscard]] inline std::string describe(const answer& got) {
    static constexpr const char* names[] = {"ok", "miss", "not stored", "exists", "not found"};
    return std::string(" -> ") + names[static_cast<std::size_t>(got.what)] +
           (got.won ? " (won)" : "") + (got.leased ? " (leased)" : "") +
           (got.value.empty() ? "" : " " + got.value);
}

}  // namespace memring::model
