#include "demo.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>

#include "cache_server.hpp"
#include "comparison.hpp"
#include "display.hpp"
#include "run_state.hpp"
#include "scaler.hpp"
#include "summary.hpp"
#include "svg_report.hpp"
#include "text.hpp"

namespace memring::tool {

namespace {

struct interrupted {};

// Runs one part of the demo to its end; Ctrl-C leaves through an exception, which cleans up.
void run_to_end(asio::io_context& context, asio::awaitable<void> part) {
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([](std::error_code error, int) {
        if (!error) throw interrupted{};
    });
    asio::co_spawn(context, std::move(part), [&](std::exception_ptr thrown) {
        signals.cancel();
        if (thrown) std::rethrow_exception(thrown);
    });
    context.restart();
    context.run();
}

bool finds_memcached(const demo_options& options) {
    if (options.uses_embedded_server) return false;
    if (has_memcached()) return true;
    fmt::print(
        "\n*** No memcached on this machine: the demo runs on memring's embedded server instead.\n"
        "*** It speaks the same protocol, but this is not the real thing. Debian: apt-get install "
        "memcached\n\n");
    return false;
}

void introduce(const demo_options& options, bool is_real) {
    fmt::print(
        "Three {} nodes, {} application processes with {} keys each. In {:.0f} seconds\n"
        "two nodes are added, two are drained and removed, and one is killed, while the\n"
        "applications check every value they read. Then the same removal three ways.\n\n",
        is_real ? "memcached" : "embedded", options.applications, options.keys, options.seconds);
    std::fflush(stdout);
}

void run_main_part(const demo_options& options, const std::string& program, run_state& state) {
    asio::io_context context(1);
    const bool is_live = !options.has_plain_output && ::isatty(STDOUT_FILENO) == 1;
    const auto view = is_live ? make_live_display() : make_plain_display();
    scaler operations(context.get_executor(),
                      {.program = program,
                       .applications = options.applications,
                       .keys = options.keys,
                       .operations_per_second = options.operations_per_second},
                      state, *view);
    run_to_end(context, operations.run());
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
    fmt::print("Drawn: {}\n", path);
}

// Whole intervals, shorter where the main part is.
comparison_options comparison_for(const demo_options& options, bool is_real) {
    return {.has_real_servers = is_real,
            .after = std::clamp(std::round(options.seconds / 12), 3.0, 5.0)};
}

void run_comparison(comparison_result& result) {
    fmt::print("The same removal three ways: one of {} nodes leaves, {} keys, {} gets/s\n",
               result.options.nodes, grouped(static_cast<std::uint64_t>(result.options.keys)),
               grouped(result.options.gets_per_second));
    std::fflush(stdout);
    asio::io_context context(1);
    run_to_end(context, compare_removals(result));
    fmt::print("\n{}\n", table_of(result));
}

int verdict_on(const run_state& state, const comparison_result& comparison) {
    const std::vector<std::string> complaints = complaints_about(state, comparison);
    for (const std::string& complaint : complaints) fmt::print("FAILED: {}.\n", complaint);
    if (!complaints.empty()) return 1;
    fmt::print("OK: no stale value, no wrong value, no key missed that was moved.\n");
    return 0;
}

int run_uninterrupted(const demo_options& options, const std::string& program) {
    run_state state;
    state.length = options.seconds;
    state.has_real_servers = finds_memcached(options);
    introduce(options, state.has_real_servers);
    run_main_part(options, program, state);
    fmt::print("\n{}\n", summary_of(state));
    comparison_result comparison;
    comparison.options = comparison_for(options, state.has_real_servers);
    run_comparison(comparison);
    write_file(options.report, report_of(comparison, state));
    if (!options.picture.empty()) write_file(options.picture, picture_of(comparison));
    return verdict_on(state, comparison);
}

}  // namespace

int run_demo(const demo_options& options, const std::string& program) {
    try {
        return run_uninterrupted(options, program);
    } catch (const interrupted&) {
        fmt::print("\nInterrupted; everything that was started has been ended.\n");
        return 130;
    }
}

}  // namespace memring::tool
