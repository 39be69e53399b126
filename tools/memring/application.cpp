#include "application.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <memring/client.hpp>
#include <memring/cluster/topology.hpp>
#include <memring/discovery/cluster_config.hpp>
#include <memring/discovery/watcher.hpp>
#include <memring/node.hpp>
#include <memring/reshard/reshard.hpp>

#include "child_process.hpp"
#include "key_ledger.hpp"
#include "line_channel.hpp"
#include "load_counters.hpp"
#include "workload.hpp"

namespace memring::tool {

namespace {

using namespace std::chrono_literals;
using topology_ptr = std::shared_ptr<const topology<ketama>>;

constexpr auto report_interval = 250ms;
constexpr auto longest_wait_for_nodes = 10s;

void rethrow(std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

std::uint64_t in_us(std::chrono::nanoseconds time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

class application {
public:
    application(asio::io_context& context, const application_options& options)
        : x_executor(context.get_executor()),
          x_cache(x_executor),
          x_watcher(std::in_place, x_executor, parse_node(options.endpoint),
                    watcher_options{.interval = 500ms}),
          x_channel(x_executor, child_channel_handle),
          x_keys(options.name + ":", options.keys),
          x_load(x_cache, x_keys, {.operations_per_second = options.operations_per_second}),
          x_news(x_executor),
          x_report_timer(x_executor) {}

    asio::awaitable<void> run();

private:
    void take(const cluster_config& config);
    void note_lost_keys(const topology<ketama>& before, const topology<ketama>& now);
    asio::awaitable<void> wait_for_nodes();
    asio::awaitable<void> report();
    asio::awaitable<void> obey();
    asio::awaitable<void> change(bool is_drain, const node& where);
    std::uint64_t mark_keys_that_move(const std::vector<node>& next);
    void send_counters() { x_channel.send("counters " + to_words(x_keys.counters())); }

    asio::any_io_executor x_executor;
    client<> x_cache;
    std::optional<watcher<>> x_watcher;
    line_channel x_channel;
    key_ledger x_keys;
    workload x_load;
    asio::steady_timer x_news;
    asio::steady_timer x_report_timer;
    bool x_is_over = false;
};

asio::awaitable<void> application::run() {
    x_watcher->async_run([this](const cluster_config& config) { take(config); }, asio::detached);
    co_await wait_for_nodes();
    co_await x_load.fill();
    x_channel.send("ready");
    asio::co_spawn(x_executor, report(), rethrow);
    asio::co_spawn(x_executor, obey(), rethrow);
    co_await x_load.run();
    co_await x_load.audit();
    x_is_over = true;
    x_report_timer.cancel();
    send_counters();
    x_channel.send("finished");
    // Until the scaler has read everything and closes its end.
    while (co_await x_channel.next_line()) continue;
    x_watcher.reset();
    x_cache.stop();
}

void application::take(const cluster_config& config) {
    const topology_ptr before = x_cache.topology_now();
    follow(x_cache)(config);
    note_lost_keys(*before, *x_cache.topology_now());
    x_news.cancel();
}

// A drain takes its node out of the topology before the endpoint does: a node that leaves with a
// configuration has died.
void application::note_lost_keys(const topology<ketama>& before, const topology<ketama>& now) {
    const topology_diff difference(before.nodes(), now.nodes());
    if (difference.removed.empty()) return;
    std::uint64_t lost = 0;
    for (key_record& record : x_keys.records()) {
        const node& owner = before.nodes()[before.owner_of(record.key)];
        if (find_node(difference.removed, owner) == difference.removed.size()) continue;
        record.is_lost = true;
        ++lost;
    }
    x_channel.send("lost " + std::to_string(lost));
}

asio::awaitable<void> application::wait_for_nodes() {
    x_news.expires_after(longest_wait_for_nodes);
    std::error_code error;
    if (x_cache.topology_now()->empty()) {
        co_await x_news.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    if (x_cache.topology_now()->empty()) {
        throw std::runtime_error("no configuration: " + x_watcher->last_problem());
    }
}

asio::awaitable<void> application::report() {
    while (!x_is_over) {
        send_counters();
        x_report_timer.expires_after(report_interval);
        std::error_code cancelled;
        co_await x_report_timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

asio::awaitable<void> application::obey() {
    for (;;) {
        const std::optional<std::string> line = co_await x_channel.next_line();
        if (!line || *line == "stop") co_return x_load.stop();
        const std::vector<std::string> words = split(*line);
        if (words.size() != 2 || (words[0] != "drain" && words[0] != "fill")) {
            throw std::runtime_error("the scaler says \"" + *line + "\"");
        }
        const node where = parse_node(words[1]);
        co_await change(words[0] == "drain", where);
    }
}

std::uint64_t application::mark_keys_that_move(const std::vector<node>& next) {
    const topology_ptr now = x_cache.topology_now();
    const topology<ketama> after(next);
    std::uint64_t count = 0;
    for (key_record& record : x_keys.records()) {
        const node& from = now->nodes()[now->owner_of(record.key)];
        const node& to = after.nodes()[after.owner_of(record.key)];
        if (is_same_node(from, to)) continue;
        record.takes_part = true;
        ++count;
    }
    return count;
}

asio::awaitable<void> application::change(bool is_drain, const node& where) {
    const auto show = [this](const reshard_progress& now) {
        x_channel.send("progress " + std::to_string(now.keys_done) + " " +
                       std::to_string(now.keys_to_move));
    };
    const auto is_own_key = [this](std::string_view key) { return x_keys.owns(key); };
    const reshard_options options{.on_progress = show, .owns = is_own_key};
    std::vector<node> next = x_cache.topology_now()->nodes();
    std::erase_if(next, [&](const node& n) { return is_same_node(n, where); });
    if (!is_drain) next.push_back(where);

    x_keys.begin_change();
    change_result result;
    result.changed_owner = mark_keys_that_move(next);
    std::error_code error;
    reshard_report report;
    if (is_drain) {
        report = co_await async_drain(x_cache, where, options,
                                      asio::redirect_error(asio::use_awaitable, error));
    } else {
        report = co_await async_fill(x_cache, where, options,
                                     asio::redirect_error(asio::use_awaitable, error));
    }
    x_keys.end_change();
    if (!error) error = report.first_failure;
    if (error) co_return x_channel.send("failed " + error.message());
    result.moved = report.moved;
    result.failed = report.failed;
    result.leftovers = report.leftovers;
    result.moving_us = in_us(report.moving);
    result.total_us = in_us(report.total);
    send_counters();
    x_channel.send("changed " + to_words(result));
}

}  // namespace

void run_application(const application_options& options) {
    become_child();
    asio::io_context context(1);
    application process(context, options);
    asio::co_spawn(context, process.run(), rethrow);
    context.run();
}

}  // namespace memring::tool
