#pragma once
// What is known of the run: the scaler writes it, the displays and the reports read it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <memring/node.hpp>

#include "load_counters.hpp"

namespace memring::tool {

enum class node_state : std::uint8_t { filling, serving, draining, killed, removed };

[[nodiscard]] constexpr const char* to_string(node_state state) noexcept {
    switch (state) {
        case node_state::filling: return "filling";
        case node_state::serving: return "serving";
        case node_state::draining: return "draining";
        case node_state::killed: return "killed";
        case node_state::removed: return "removed";
    }
    return "";
}

/// A memcached, also after its end.
struct node_status {
    node where;
    node_state state = node_state::serving;
    std::uint64_t items = 0;
    std::uint64_t commands = 0;  ///< gets and sets it has answered
    double commands_per_second = 0;
    int failed_checks = 0;  ///< in a row

    [[nodiscard]] bool is_up() const noexcept {
        return state != node_state::killed && state != node_state::removed;
    }
};

/// An application process as its lines tell.
struct application_status {
    std::string name{};
    bool is_ready = false;
    bool has_finished = false;
    load_counters counters{};
    load_counters before{};  ///< as of the report that `latest` counts from
    load_counters latest{};  ///< since then
    std::chrono::steady_clock::time_point reported{};
    double operations_per_second = 0;
    change_progress progress{};
    std::optional<change_result> result{};  ///< of the change under way, once it is through
    std::optional<std::uint64_t> lost{};    ///< keys that were on a dead node, once it noticed
};

enum class event_kind : std::uint8_t { add, drain, kill };

/// Something the scaler did, and what the applications saw from then on until the next thing.
struct event_record {
    double at = 0;  ///< seconds since the start
    event_kind kind = event_kind::add;
    node where;
    change_result change{};
    load_counters seen{};
};

struct load_sample {
    double at = 0;  ///< seconds since the start
    double operations_per_second = 0;
    double hit_rate = 1;
};

/// One run of the main part.
struct run_state {
    bool has_real_servers = true;
    double length = 60;  ///< seconds
    std::size_t keys_each = 0;
    std::optional<std::chrono::steady_clock::time_point> started;
    std::uint64_t config_version = 0;
    std::vector<node_status> nodes;
    std::vector<application_status> applications;
    std::vector<event_record> events;
    std::vector<load_sample> samples;
    std::vector<std::string> log;
    std::string activity;  ///< the change under way, empty if none

    /// Seconds since the start; 0 before.
    [[nodiscard]] double now() const noexcept;
    [[nodiscard]] load_counters totals() const noexcept;
    [[nodiscard]] change_progress progress() const noexcept;
    [[nodiscard]] double operations_per_second() const noexcept;
    /// Of the applications' latest reports.
    [[nodiscard]] double hit_rate() const noexcept;
    [[nodiscard]] node_status& status_of(const node& where);
};

}  // namespace memring::tool
