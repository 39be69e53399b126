#include "scaler.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "load_counters.hpp"
#include "text.hpp"

namespace memring::tool {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t first_nodes = 3;
constexpr int failures_of_a_dead_node = 2;
constexpr int failures_of_a_lost_node = 10;   // none that this demo has killed
constexpr double shortest_measurement = 0.2;  // seconds
constexpr auto check_interval = 500ms;
constexpr auto draw_interval = 250ms;
constexpr auto patience = 60s;

void rethrow(std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

}  // namespace

/// A child and the channel to it.
struct scaler::application {
    application(const asio::any_io_executor& executor, const std::vector<std::string>& arguments,
                std::size_t place)
        : process(arguments), channel(executor, process.take_channel_handle()), index(place) {}

    child_process process;
    line_channel channel;
    std::size_t index;
};

scaler::scaler(const asio::any_io_executor& executor, const scaler_options& options,
               run_state& state, display& view)
    : x_executor(executor),
      x_options(options),
      x_state(state),
      x_view(view),
      x_monitor(executor),
      x_news(executor),
      x_monitor_timer(executor),
      x_draw_timer(executor),
      x_schedule_timer(executor) {
    x_state.keys_each = options.keys;
}

scaler::~scaler() { stop_servers(); }

// All at once: one after another they take a while.
void scaler::stop_servers() {
    for (auto& [name, server] : x_servers) server.ask_to_stop();
    x_servers.clear();
}

asio::awaitable<void> scaler::run() {
    static constexpr std::array schedule{
        planned_event{5.0 / 60, event_kind::add, 0},
        planned_event{15.0 / 60, event_kind::drain, 1},
        planned_event{25.0 / 60, event_kind::add, 0},
        planned_event{35.0 / 60, event_kind::kill, 2},
        planned_event{45.0 / 60, event_kind::drain, 0},
    };
    asio::co_spawn(x_executor, draw(), rethrow);
    co_await load_keys();
    asio::co_spawn(x_executor, watch_nodes(), rethrow);
    for (const planned_event& event : schedule) {
        co_await sleep_until(event.at * x_state.length);
        co_await perform(event);
    }
    co_await sleep_until(x_state.length);
    co_await wind_up();
}

asio::awaitable<void> scaler::load_keys() {
    for (std::size_t i = 0; i < first_nodes; ++i) start_server(node_state::serving);
    publish();
    say(fmt::format("{} memcached nodes are up; the configuration endpoint is {}", first_nodes,
                    memring::to_string(x_endpoint.where())));
    start_applications();
    say(fmt::format("{} applications store {} keys each", x_options.applications,
                    grouped(x_options.keys)));
    const auto is_ready = [](const application_status& status) { return status.is_ready; };
    co_await wait_for([&] { return all_applications(is_ready); }, patience, "to store its keys");
    x_state.started = std::chrono::steady_clock::now();
    x_accounted = x_state.totals();
    say("The load runs: gets, sets, deletes, adds, appends, increments");
}

void scaler::start_server(node_state state) {
    cache_server server(x_state.has_real_servers);
    const node where = server.where();
    x_servers.emplace(memring::to_string(where), std::move(server));
    x_state.nodes.push_back({.where = where, .state = state});
}

void scaler::start_applications() {
    for (std::size_t i = 0; i < x_options.applications; ++i) {
        const std::string name(1, static_cast<char>('A' + i));
        x_state.applications.push_back({.name = name});
        const std::vector<std::string> arguments{
            x_options.program, "application",
            "--name",          name,
            "--endpoint",      memring::to_string(x_endpoint.where()),
            "--keys",          std::to_string(x_options.keys),
            "--rate",          fmt::format("{:.0f}", x_options.operations_per_second)};
        x_children.push_back(std::make_unique<application>(x_executor, arguments, i));
    }
    for (const auto& child : x_children) {
        asio::co_spawn(x_executor, listen(*child), rethrow);
    }
}

void scaler::publish() {
    std::vector<node> listed;
    for (const node_status& status : x_state.nodes) {
        if (status.is_up() && status.state != node_state::filling) listed.push_back(status.where);
    }
    x_endpoint.items().set_config(++x_state.config_version, listed);
    watch_all_nodes();
}

void scaler::watch_all_nodes() {
    std::vector<node> up;
    for (const node_status& status : x_state.nodes) {
        if (status.is_up()) up.push_back(status.where);
    }
    if (const auto error = x_monitor.update(std::move(up))) throw std::system_error(error);
}

void scaler::say(const std::string& line) {
    x_state.log.push_back(fmt::format("{}  {}", clock_text(x_state.now()), line));
    x_view.announce(x_state);
}

// ---- events -------------------------------------------------------------------------------------

asio::awaitable<void> scaler::perform(const planned_event& event) {
    const node victim = x_state.nodes[event.victim].where;
    switch (event.kind) {
        case event_kind::add: co_await add_node(); break;
        case event_kind::drain: co_await drain_node(victim); break;
        case event_kind::kill: co_await kill_node(victim); break;
    }
    x_state.activity.clear();
}

void scaler::open_event(event_kind kind, const node& where) {
    account();
    x_state.events.push_back({.at = x_state.now(), .kind = kind, .where = where});
}

// What was counted since the last time belongs to the latest event. Misses of keys that died with a
// node come in for as long as nobody asks for them, so they go to that event whatever came after.
void scaler::account() {
    const load_counters now = x_state.totals();
    load_counters latest = now;
    latest -= x_accounted;
    x_accounted = now;
    auto& events = x_state.events;
    const auto killed = std::find_if(events.rbegin(), events.rend(), [](const event_record& event) {
        return event.kind == event_kind::kill;
    });
    if (killed != events.rend()) {
        killed->seen.unplanned_misses += std::exchange(latest.unplanned_misses, 0);
    }
    if (!events.empty()) events.back().seen += latest;
}

asio::awaitable<void> scaler::add_node() {
    start_server(node_state::filling);
    const node joining = x_state.nodes.back().where;
    open_event(event_kind::add, joining);
    watch_all_nodes();
    const std::string name = memring::to_string(joining);
    x_state.activity = "fill " + name;
    say(fmt::format("{} is new: each application moves its keys there", name));
    co_await change_all("fill " + name);
    x_state.status_of(joining).state = node_state::serving;
    publish();
    say(fmt::format("{} is part of the configuration, version {}", name, x_state.config_version));
}

asio::awaitable<void> scaler::drain_node(const node& leaving) {
    open_event(event_kind::drain, leaving);
    const std::string name = memring::to_string(leaving);
    x_state.status_of(leaving).state = node_state::draining;
    x_state.activity = "drain " + name;
    say(fmt::format("{} is to leave: each application moves its keys away", name));
    co_await change_all("drain " + name);
    x_state.status_of(leaving).state = node_state::removed;
    publish();
    x_servers.at(name).ask_to_stop();
    say(fmt::format("{} is out of the configuration, version {}, and shut down", name,
                    x_state.config_version));
}

asio::awaitable<void> scaler::change_all(const std::string& order) {
    for (application_status& status : x_state.applications) {
        status.result.reset();
        status.progress = {};
    }
    for (const auto& child : x_children) child->channel.send(order);
    const auto is_through = [](const application_status& status) {
        return status.result.has_value();
    };
    co_await wait_for([&] { return all_applications(is_through); }, patience,
                      "to finish moving its keys");
    change_result& sum = x_state.events.back().change;
    for (const application_status& status : x_state.applications) sum += *status.result;
    say(fmt::format("{} keys moved, {} a second", grouped(sum.moved),
                    grouped(sum.keys_per_second())));
}

asio::awaitable<void> scaler::kill_node(const node& victim) {
    open_event(event_kind::kill, victim);
    const std::string name = memring::to_string(victim);
    for (application_status& status : x_state.applications) status.lost.reset();
    x_servers.at(name).kill();
    x_servers.erase(name);
    say(fmt::format("{} is killed (SIGKILL); nobody has been told", name));
    node_status& status = x_state.status_of(victim);
    co_await wait_for(
        [&] { return x_state.status_of(victim).failed_checks >= failures_of_a_dead_node; },
        patience, "to be found dead");
    status.state = node_state::killed;
    publish();
    say(fmt::format("{} does not answer: out of the configuration, version {}", name,
                    x_state.config_version));
    const auto has_noticed = [](const application_status& each) { return each.lost.has_value(); };
    co_await wait_for([&] { return all_applications(has_noticed); }, patience,
                      "to follow the configuration");
    for (const application_status& each : x_state.applications) {
        x_state.events.back().change.changed_owner += *each.lost;
    }
    say(fmt::format("{} keys were lost with it; they are stored again as they are missed",
                    grouped(x_state.events.back().change.changed_owner)));
}

asio::awaitable<void> scaler::wind_up() {
    say("Stop: each application reads all of its keys once more");
    for (const auto& child : x_children) child->channel.send("stop");
    const auto has_finished = [](const application_status& status) { return status.has_finished; };
    co_await wait_for([&] { return all_applications(has_finished); }, patience, "to stop");
    account();
    for (const auto& child : x_children) {
        child->channel.close();
        const int status = child->process.wait();
        if (status != 0) {
            throw std::runtime_error(fmt::format("application {} ended with status {}",
                                                 x_state.applications[child->index].name, status));
        }
    }
    x_is_over = true;
    x_monitor_timer.cancel();
    x_draw_timer.cancel();
    x_monitor.stop();
    stop_servers();
    x_view.refresh(x_state);
}

// ---- what comes in ------------------------------------------------------------------------------

asio::awaitable<void> scaler::listen(application& child) {
    application_status& status = x_state.applications[child.index];
    while (const auto line = co_await child.channel.next_line()) {
        take_line(status, *line);
        x_news.cancel();
    }
    if (!status.has_finished) {
        throw std::runtime_error(fmt::format("application {} ended early, with status {}",
                                             status.name, child.process.wait()));
    }
}

void scaler::take_line(application_status& status, const std::string& line) {
    const std::vector<std::string> words = split(line);
    const std::string_view what = words.empty() ? std::string_view{} : words.front();
    const std::span<const std::string> rest(words.begin() + (words.empty() ? 0 : 1), words.end());
    if (what == "counters") {
        take_counters(status, load_counters_from(rest));
    } else if (what == "progress" && rest.size() == 2) {
        status.progress = {number_from(rest[0]), number_from(rest[1])};
    } else if (what == "changed") {
        status.result = change_result_from(rest);
    } else if (what == "lost" && rest.size() == 1) {
        status.lost = number_from(rest[0]);
    } else if (what == "failed") {
        throw std::runtime_error(
            fmt::format("application {} could not move its keys: {}", status.name, line));
    } else if (what == "ready") {
        status.is_ready = true;
    } else if (what == "finished") {
        status.has_finished = true;
    } else {
        throw std::runtime_error(fmt::format("application {} says \"{}\"", status.name, line));
    }
}

void scaler::take_counters(application_status& status, const load_counters& counters) {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = seconds_between(status.reported, now);
    status.counters = counters;
    if (seconds < shortest_measurement) return;
    status.latest = counters;
    status.latest -= std::exchange(status.before, counters);
    status.operations_per_second = static_cast<double>(status.latest.operations) / seconds;
    status.reported = now;
}

asio::awaitable<void> scaler::watch_nodes() {
    while (!x_is_over) {
        co_await check_nodes_once();
        x_monitor_timer.expires_after(check_interval);
        std::error_code cancelled;
        co_await x_monitor_timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

asio::awaitable<void> scaler::check_nodes_once() {
    std::error_code error;
    const auto answers =
        co_await x_monitor.async_stats(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const auto now = std::chrono::steady_clock::now();
    const double seconds = seconds_between(std::exchange(x_checked, now), now);
    for (const auto& answer : answers) {
        node_status& status = x_state.status_of(answer.where);
        status.failed_checks = answer.error ? status.failed_checks + 1 : 0;
        std::uint64_t commands = 0;
        for (const auto& [name, value] : answer.value) {
            if (name == "curr_items") status.items = number_from(value);
            if (name == "cmd_get" || name == "cmd_set") commands += number_from(value);
        }
        status.commands_per_second =
            static_cast<double>(commands - std::min(commands, status.commands)) / seconds;
        status.commands = commands;
        if (status.failed_checks >= failures_of_a_lost_node) {
            throw std::runtime_error(memring::to_string(status.where) + " has stopped answering");
        }
    }
    x_news.cancel();
}

asio::awaitable<void> scaler::draw() {
    while (!x_is_over) {
        if (x_state.started && x_state.now() <= x_state.length) {
            x_state.samples.push_back(
                {x_state.now(), x_state.operations_per_second(), x_state.hit_rate()});
        }
        x_view.refresh(x_state);
        x_draw_timer.expires_after(draw_interval);
        std::error_code cancelled;
        co_await x_draw_timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

// ---- waiting ------------------------------------------------------------------------------------

template <class Condition>
asio::awaitable<void> scaler::wait_for(Condition is_met, std::chrono::seconds limit,
                                       const char* what) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!is_met()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error(
                fmt::format("somebody took more than {} s {}", limit.count(), what));
        }
        x_news.expires_at(deadline);
        std::error_code cancelled;
        co_await x_news.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

template <class Ready>
bool scaler::all_applications(Ready is_ready) const {
    return std::ranges::all_of(x_state.applications, is_ready);
}

asio::awaitable<void> scaler::sleep_until(double at) {
    x_schedule_timer.expires_at(*x_state.started +
                                std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                    std::chrono::duration<double>(at)));
    co_await x_schedule_timer.async_wait(asio::use_awaitable);
}

}  // namespace memring::tool
