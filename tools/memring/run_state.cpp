#include "run_state.hpp"

#include <algorithm>
#include <stdexcept>

namespace memring::tool {

double run_state::now() const noexcept {
    if (!started) return 0;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - *started).count();
}

load_counters run_state::totals() const noexcept {
    load_counters sum;
    for (const auto& application : applications) sum += application.counters;
    return sum;
}

change_progress run_state::progress() const noexcept {
    change_progress sum;
    for (const auto& application : applications) {
        sum.done += application.progress.done;
        sum.total += application.progress.total;
    }
    return sum;
}

double run_state::operations_per_second() const noexcept {
    double sum = 0;
    for (const auto& application : applications) sum += application.operations_per_second;
    return sum;
}

double run_state::hit_rate() const noexcept {
    load_counters sum;
    for (const auto& application : applications) sum += application.latest;
    return sum.hit_rate();
}

node_status& run_state::status_of(const node& where) {
    const auto found = std::ranges::find_if(
        nodes, [&](const node_status& status) { return is_same_node(status.where, where); });
    if (found == nodes.end()) throw std::logic_error(to_string(where) + " was never started");
    return *found;
}

}  // namespace memring::tool
