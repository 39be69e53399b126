// What the client costs, against a plain blocking socket that does nothing but write prebuilt
// commands and count the bytes of their replies, on a memcached of its own.
//
//     memring_client_benchmark [--quick] [--check-allocations] [--json FILE]

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/version.hpp>

#include <support/forked_memcached.hpp>

#include "../support/machine.hpp"
#include "allocation_counter.hpp"
#include "measurement.hpp"
#include "report.hpp"
#include "workload.hpp"

#ifndef MEMRING_BENCHMARK_FLAGS
#define MEMRING_BENCHMARK_FLAGS "unknown flags"
#endif

namespace {

using namespace std::chrono_literals;
using namespace memring::benchmark;

[[nodiscard]] std::string asio_version() {
    return std::to_string(ASIO_VERSION / 100000) + "." + std::to_string(ASIO_VERSION / 100 % 1000) +
           "." + std::to_string(ASIO_VERSION % 100);
}

struct arguments {
    bool is_quick = false;            // one short round: does it still run?
    bool checks_allocations = false;  // only that, and fails above the limit
    std::string json;
};

[[nodiscard]] arguments parse_arguments(const std::vector<std::string_view>& words) {
    arguments parsed;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--quick") {
            parsed.is_quick = true;
        } else if (words[i] == "--check-allocations") {
            parsed.checks_allocations = true;
        } else if (words[i] == "--json" && i + 1 < words.size()) {
            parsed.json = words[++i];
        } else {
            throw std::invalid_argument(
                "usage: memring_client_benchmark [--quick] "
                "[--check-allocations] [--json FILE]");
        }
    }
    return parsed;
}

struct server {
    memring::testing::forked_memcached process;
    std::string placement;
};

// A child inherits the core of the thread that starts it.
[[nodiscard]] server start_server() {
    const auto cores = usable_cores();
    if (cores.size() < 2) {
        return {memring::testing::forked_memcached(), "not bound to cores: expect more noise"};
    }
    run_on_core(cores[1]);
    server started{memring::testing::forked_memcached(),
                   "memcached on core " + std::to_string(cores[1]) + ", this program on core " +
                       std::to_string(cores[0])};
    run_on_core(cores[0]);
    return started;
}

/// Global allocations for each get, once everything has grown to its size.
template <class Load>
[[nodiscard]] double allocations_per_get(clock::duration length, Load load) {
    stopwatch warm_up(length);
    load(warm_up);
    stopwatch watch(length);
    const auto before = allocation_count();
    load(watch);
    return static_cast<double>(allocation_count() - before) / static_cast<double>(watch.counted());
}

// Starting a load allocates a few times, too: a small share of all its gets.
constexpr double most_allocations = 2.05;

/// False when a get allocates more than it may.
[[nodiscard]] bool report_allocations(workload& work, clock::duration length, flat_figures& out) {
    auto& client = work.async();
    const auto by_coroutine =
        allocations_per_get(length, [&](stopwatch& watch) { client.coroutine_gets(watch); });
    const auto by_callback =
        allocations_per_get(length, [&](stopwatch& watch) { client.callback_gets(watch); });
    const auto in_batch =
        allocations_per_get(length, [&](stopwatch& watch) { client.batch_gets(watch); });
    const std::string stem = "allocations_" + std::to_string(work.value_size()) + "_";
    out.add(stem + "coroutine", by_coroutine);
    out.add(stem + "callback", by_callback);
    out.add(stem + "get_many", in_batch);
    std::printf(
        "Allocations a get, %4zu-byte values: coroutine %.2f, callback %.2f, get_many %.2f\n",
        work.value_size(), by_coroutine, by_callback, in_batch);
    return std::max({by_coroutine, by_callback, in_batch}) <= most_allocations;
}

using workloads = std::vector<std::unique_ptr<workload>>;

[[nodiscard]] std::vector<table::column> measure(const workloads& works, int rounds,
                                                 clock::duration slice) {
    std::vector<table::column> columns;
    for (const auto& work : works) columns.push_back({work->value_size(), work->groups()});
    for (int round = -1; round < rounds; ++round) {  // the first warms up
        for (auto& column : columns) {
            for (auto& group : column.groups) group.run_round(slice, round >= 0);
        }
    }
    return columns;
}

void print_header(const server& target, int rounds, clock::duration slice, flat_figures& out) {
    const auto seconds = std::chrono::duration<double>(slice).count();
    out.add("machine", machine_name());
    out.add("compiler", compiler_name());
    out.add("flags", std::string(MEMRING_BENCHMARK_FLAGS));
    out.add("asio", asio_version());
    std::printf("%s\n%s, %s, Asio %s\n", machine_name().c_str(), compiler_name().c_str(),
                MEMRING_BENCHMARK_FLAGS, asio_version().c_str());
    std::printf("%s\n", target.placement.c_str());
    std::printf(
        "%d interleaved rounds of %.2f s; medians, ratios to the first row of a part;\n"
        "CPU: of this program for an operation, kernel included\n",
        rounds, seconds);
}

void print_batching(const workloads& works, clock::duration length, flat_figures& out) {
    for (const auto& work : works) {
        const auto measured = work->measure_batching(length);
        const std::string stem = "batching_" + std::to_string(work->value_size()) + "_";
        out.add(stem + "commands_per_write", measured.commands_per_write);
        out.add(stem + "replies_per_read", measured.replies_per_read);
        std::printf(
            "100 coroutines, %4zu-byte values: %.1f commands a write, "
            "%.1f replies a read\n",
            work->value_size(), measured.commands_per_write, measured.replies_per_read);
    }
}

int run(const arguments& asked) {
    const server target = start_server();
    workloads works;
    for (const std::size_t value_size : {32u, 1024u}) {
        works.push_back(std::make_unique<workload>(target.process.port(), value_size));
    }
    flat_figures figures;
    const clock::duration slice = asked.is_quick ? 20ms : asked.checks_allocations ? 100ms : 300ms;
    bool has_passed = true;
    if (!asked.checks_allocations) {
        const int rounds = asked.is_quick ? 1 : 9;
        print_header(target, rounds, slice, figures);
        const auto columns = measure(works, rounds, slice);
        table::print(columns);
        table::collect(columns, figures);
        std::printf("\n");
        print_batching(works, slice, figures);
    }
    for (const auto& work : works) has_passed &= report_allocations(*work, slice, figures);
    if (!asked.json.empty()) figures.write(asked.json);
    if (has_passed || !asked.checks_allocations) return 0;
    std::fprintf(stderr, "A get may allocate twice, once for its value\n");
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(parse_arguments({argv + 1, argv + argc}));
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 2;
    }
}
