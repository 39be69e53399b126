#pragma once
// The operator of the demo: owns the memcached processes, the configuration endpoint and the
// application processes, and changes the cluster on a schedule.

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <memring/client.hpp>
#include <memring/node.hpp>
#include <memring/testing/loopback_server.hpp>

#include "cache_server.hpp"
#include "child_process.hpp"
#include "display.hpp"
#include "line_channel.hpp"
#include "run_state.hpp"

namespace memring::tool {

struct scaler_options {
    std::string program;  ///< this tool, to run the applications
    std::size_t applications = 2;
    std::size_t keys = 50000;
    double operations_per_second = 20000;  ///< of each application
};

/// One run. Lives until nobody runs its executor any more. Uses `state.length` and
/// `state.has_real_servers`, fills in everything else.
class scaler {
public:
    scaler(const asio::any_io_executor& executor, const scaler_options& options, run_state& state,
           display& view);
    ~scaler();

    /// The whole run; throws `std::runtime_error` when a process fails, a change is refused or
    /// somebody does not answer.
    [[nodiscard]] asio::awaitable<void> run();

private:
    struct application;
    struct planned_event {
        double at;  // share of the run's length
        event_kind kind;
        std::size_t victim;  // the node that leaves, counted in the order of their start
    };

    void start_server(node_state state);
    void start_applications();
    void stop_servers();
    void publish();
    void watch_all_nodes();
    void say(const std::string& line);

    asio::awaitable<void> load_keys();
    asio::awaitable<void> perform(const planned_event& event);
    asio::awaitable<void> add_node();
    asio::awaitable<void> drain_node(const node& leaving);
    asio::awaitable<void> kill_node(const node& victim);
    asio::awaitable<void> change_all(const std::string& order);
    asio::awaitable<void> wind_up();

    void open_event(event_kind kind, const node& where);
    void account();

    asio::awaitable<void> listen(application& child);
    void take_line(application_status& status, const std::string& line);
    void take_counters(application_status& status, const load_counters& counters);
    asio::awaitable<void> watch_nodes();
    asio::awaitable<void> check_nodes_once();
    asio::awaitable<void> draw();

    template <class Condition>
    asio::awaitable<void> wait_for(Condition is_met, std::chrono::seconds limit, const char* what);
    template <class Ready>
    [[nodiscard]] bool all_applications(Ready is_ready) const;
    asio::awaitable<void> sleep_until(double at);

    asio::any_io_executor x_executor;
    scaler_options x_options;
    run_state& x_state;
    display& x_view;
    testing::loopback_server x_endpoint;
    std::map<std::string, cache_server> x_servers;  // by host:port
    std::vector<std::unique_ptr<application>> x_children;
    client<> x_monitor;
    asio::steady_timer x_news;
    asio::steady_timer x_monitor_timer;
    asio::steady_timer x_draw_timer;
    asio::steady_timer x_schedule_timer;
    std::chrono::steady_clock::time_point x_checked{};
    load_counters x_accounted;
    bool x_is_over = false;
};

}  // namespace memring::tool
