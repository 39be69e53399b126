#include "top.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <memring/client.hpp>
#include <memring/discovery/watcher.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/node.hpp>

#include "cluster_json.hpp"
#include "cluster_reading.hpp"
#include "cluster_table.hpp"
#include "screen.hpp"
#include "server_list.hpp"
#include "usage_error.hpp"

namespace memring::tool {

namespace {

using clock = std::chrono::steady_clock;
using statistics = std::vector<std::pair<std::string, std::string>>;

constexpr std::chrono::milliseconds longest_answer{1000};
constexpr std::chrono::milliseconds time_between_polls{10000};
constexpr std::chrono::milliseconds glance{20};

double seconds_since_start() {
    return std::chrono::duration<double>(clock::now().time_since_epoch()).count();
}

// No key is routed, so any mapping will do, and none need refuse a weight.
std::vector<node> without_weights(std::vector<node> nodes) {
    for (node& one : nodes) one.weight = 1;
    return nodes;
}

table_column sort_column(const std::string& name) {
    if (const auto column = column_named(name)) return *column;
    std::string known;
    for (const column_definition& column : table_columns) {
        known.append(known.empty() ? "" : ", ").append(column.name);
    }
    throw usage_error(fmt::format("--sort: unknown column {}; known: {}", quoted(name), known));
}

// Also looks at what nobody else does.
std::vector<node> nodes_of(const top_options& options) {
    if (options.servers.empty() == options.endpoint.empty()) {
        throw usage_error("want the cluster's servers, by either --servers or --config");
    }
    if (options.count == 0) throw usage_error("--count: want at least one table");
    if (options.servers.empty()) return {};
    return without_weights(read_servers("--servers", options.servers));
}

node endpoint_of(const top_options& options) {
    const std::vector<node> given = read_servers("--config", options.endpoint);
    if (given.size() != 1) throw usage_error("--config: want one endpoint, host[:port]");
    return given.front();
}

// One run of the command.
class top_view {
public:
    explicit top_view(const top_options& options)
        : x_options(options),
          x_client(x_context.get_executor(), nodes_of(options), answer_within()),
          x_timer(x_context),
          x_signals(x_context, SIGINT, SIGTERM),
          x_window_signals(x_context) {
        if (!options.sort.empty()) x_sorted_by = sort_column(options.sort);
        x_is_live = !options.is_once && !options.is_json && is_screen();
        const bool has_end = !x_is_live && !options.is_json;
        x_tables = options.count.value_or(options.is_once || has_end ? 1 : 0);
        if (!options.endpoint.empty()) {
            x_watcher.emplace(x_context.get_executor(), endpoint_of(options),
                              watcher_options{.interval = time_between_polls, .jitter = 0});
        }
    }

    int run() {
        x_signals.async_wait([this](std::error_code error, int) {
            if (!error) x_context.stop();
        });
        if (x_is_live) begin_screen();
        if (x_watcher) {
            x_watcher->async_run(
                [this](const cluster_config& told) {
                    x_client.update(without_weights(told.nodes));
                },
                [](std::error_code) {});
        }
        asio::co_spawn(x_context, show_tables(), [this](std::exception_ptr thrown) {
            x_context.stop();
            if (thrown) std::rethrow_exception(thrown);
        });
        x_context.run();
        if (x_screen) {
            x_screen->leave();
            print_last_table();
        }
        return is_all_dead() ? 1 : 0;
    }

private:
    [[nodiscard]] static client_options answer_within() {
        client_options options;
        options.timeout = longest_answer;
        options.connect_timeout = longest_answer;
        return options;
    }

    void begin_screen() {
        x_screen.emplace();
        x_window_signals.add(SIGWINCH);
        x_window_signals.add(SIGTSTP);
        wait_for_window();
        draw();
    }

    void wait_for_window() {
        x_window_signals.async_wait([this](std::error_code error, int signal) {
            if (error) return;
            if (signal == SIGTSTP) {
                x_screen->leave();
                ::raise(SIGSTOP);
                x_screen->enter();
            }
            draw();
            wait_for_window();
        });
    }

    asio::awaitable<void> show_tables();
    asio::awaitable<void> wait_for_config();
    asio::awaitable<void> take_readings();
    asio::awaitable<void> wait_until(clock::time_point when);

    [[nodiscard]] clock::duration interval() const {
        return std::chrono::duration_cast<clock::duration>(
            std::chrono::duration<double>(x_options.interval));
    }
    [[nodiscard]] bool is_all_dead() const {
        return std::ranges::all_of(x_rows, &server_row::is_dead);
    }

    [[nodiscard]] std::string title() const;
    void draw();
    void print();
    void print_last_table();

    top_options x_options;
    asio::io_context x_context{1};
    client<modulus> x_client;
    std::optional<watcher<>> x_watcher;
    asio::steady_timer x_timer;
    asio::signal_set x_signals;
    asio::signal_set x_window_signals;
    std::optional<screen> x_screen;
    std::optional<table_column> x_sorted_by;
    std::vector<server_reading> x_readings;
    std::vector<server_row> x_rows;
    std::uint64_t x_tables = 0;  // to print; 0 for no end
    bool x_is_live = false;
};

asio::awaitable<void> top_view::show_tables() {
    if (x_watcher) co_await wait_for_config();
    clock::time_point next = clock::now();
    co_await take_readings();
    if (x_is_live) draw();
    for (std::uint64_t shown = 0; x_tables == 0 || shown < x_tables; ++shown) {
        next = std::max(next + interval(), clock::now() + interval() / 10);
        co_await wait_until(next);
        co_await take_readings();
        if (x_is_live) {
            draw();
        } else {
            if (shown > 0 && !x_options.is_json) write_to_stdout("\n");
            print();
        }
    }
}

asio::awaitable<void> top_view::wait_until(clock::time_point when) {
    x_timer.expires_at(when);
    co_await x_timer.async_wait(asio::use_awaitable);
}

// A cluster that is not known cannot be shown; once it is, the last good list will do.
asio::awaitable<void> top_view::wait_for_config() {
    while (x_watcher->polls() == 0) co_await wait_until(clock::now() + glance);
    if (x_watcher->current()) co_return;
    throw std::runtime_error(fmt::format("no cluster configuration from {}: {}",
                                         quoted(x_options.endpoint), x_watcher->last_problem()));
}

asio::awaitable<void> top_view::take_readings() {
    // Taken before the answers: those of live servers are in within a millisecond, whatever time a
    // dead one takes.
    const double now = seconds_since_start();
    std::error_code error;
    const auto answers =
        co_await x_client.async_stats(asio::redirect_error(asio::use_awaitable, error));
    std::vector<server_reading> readings;
    for (const auto& answer : answers) {
        if (answer.error) {
            server_reading dead;
            dead.name = to_string(answer.where);
            dead.problem = answer.error.message();
            readings.push_back(std::move(dead));
        } else {
            readings.push_back(reading_of(to_string(answer.where), now, answer.value));
        }
    }
    x_rows = rows_of(readings, x_readings);
    if (x_sorted_by) sort_rows(x_rows, *x_sorted_by);
    x_readings = std::move(readings);
}

std::string top_view::title() const {
    const auto dead = std::ranges::count_if(x_rows, &server_row::is_dead);
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    std::string text = fmt::format("memring top  {:02}:{:02}:{:02}  every {:g} s  ", local.tm_hour,
                                   local.tm_min, local.tm_sec, x_options.interval);
    if (x_rows.empty()) return text + "asking the servers ...";
    text += fmt::format("{} {}", x_rows.size(), x_rows.size() == 1 ? "node" : "nodes");
    if (dead > 0) text += fmt::format(", {} not answering", dead);
    if (x_watcher && x_watcher->last_error()) {
        text += fmt::format("  (the list is old: {})", x_watcher->last_problem());
    }
    return text;
}

void top_view::draw() {
    const window_size window = size_of_window();
    std::vector<std::string> lines{cut(title(), window.columns)};
    if (!x_rows.empty() && window.lines > 2) {
        lines.emplace_back();
        std::ranges::move(table_of(x_rows, {.columns = window.columns,
                                            .lines = window.lines - 2,
                                            .has_colour = !forbids_colour(),
                                            .sorted_by = x_sorted_by}),
                          std::back_inserter(lines));
    }
    lines.resize(std::min(lines.size(), window.lines));
    x_screen->show(lines);
}

void top_view::print() {
    std::string text;
    if (x_options.is_json) {
        text = json_line_of(x_rows, static_cast<std::uint64_t>(std::time(nullptr))) + '\n';
    } else {
        table_layout layout{.sorted_by = x_sorted_by};
        if (::isatty(STDOUT_FILENO) == 1) {
            layout.columns = size_of_window().columns;
            layout.has_colour = is_screen() && !forbids_colour();
        }
        for (const std::string& line : table_of(x_rows, layout)) text.append(line).append("\n");
    }
    write_to_stdout(text);
}

// The other screen takes the live table with it; what was seen last stays in the scrollback.
void top_view::print_last_table() {
    if (!x_rows.empty()) print();
}

}  // namespace

int run_top(const top_options& options) { return top_view(options).run(); }

}  // namespace memring::tool
