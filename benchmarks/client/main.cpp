// What the client costs, side by side with plain blocking sockets that do nothing but write
// prebuilt commands and count the bytes of their replies, with libmemcached and with Python's
// clients: all in one run, on memcacheds of its own.
//
//     memring_client_benchmark [--quick] [--only PART]... [--json FILE] [--check-allocations]

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/version.hpp>

#include <memring/version.hpp>

#include "../support/command_line.hpp"
#include "../support/figures.hpp"
#include "../support/machine.hpp"
#include "../support/progress.hpp"
#include "allocation_counter.hpp"
#include "compile_time.hpp"
#include "measurement.hpp"
#include "memory.hpp"
#include "ratios.hpp"
#include "servers.hpp"
#include "tables.hpp"
#include "workload.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring::benchmark;

constexpr std::string_view usage = R"(Usage: memring_client_benchmark [options]
  --only PART          only groups with PART in their names (get_many, blocking, values, nodes ...),
                       or memory, or compile; may be repeated
  --json FILE          also write every figure there, as one flat object
  --quick              a run of seconds; says nothing about speed
  --check-allocations  count allocations only, and fail above the limit
  --help               this text
)";

struct arguments {
    bool is_quick = false;
    bool checks_allocations = false;
    std::vector<std::string> parts;
    std::string json;

    [[nodiscard]] bool wants(std::string_view part) const {
        return parts.empty() || std::ranges::any_of(parts, [&](const std::string& one) {
                   return part.find(one) != part.npos;
               });
    }
};

// ---- what is measured ---------------------------------------------------------------------------

/// The groups that were asked for, and the workloads they run on.
class contest {
public:
    contest(const servers& targets, const arguments& asked) : x_targets(targets), x_asked(asked) {
        add_many("100", 100);
        add_many("1000", 1000);
        add_single();
        add_sizes();
        add_node_counts();
    }

    [[nodiscard]] const std::vector<measurement_group>& groups() const noexcept { return x_groups; }

    void run(int rounds, clock::duration slice, progress& display) {
        display.begin("speed", (rounds + 1) * static_cast<int>(x_groups.size()));
        for (int round = -1; round < rounds; ++round) {  // the first warms up
            for (auto& group : x_groups) {
                display.step(group.title);
                group.run_round(slice, round >= 0);
            }
        }
        display.end();
    }

    /// Versions of the Python clients, where they took part.
    void describe_peers(figures& out) const {
        for (const std::string peer : {"pylibmc", "pymemcache"}) {
            std::string version;
            for (const auto& work : x_works) {
                if (work->python() != nullptr) version = work->python()->version(peer);
            }
            out.set_text("run.client." + peer, version.empty() ? "not installed" : version);
        }
    }

private:
    using make_group = std::function<measurement_group(workload&)>;
    static constexpr std::size_t small = 100;

    void add(std::vector<std::string> names, std::size_t nodes, std::size_t keys,
             std::size_t value_size, workload::peers whom, const std::vector<make_group>& makers) {
        std::unique_ptr<workload> work;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!x_asked.wants(names[i])) continue;
            if (!work) {
                work = std::make_unique<workload>(x_targets.first(nodes), keys, value_size, whom);
            }
            x_groups.push_back(makers[i](*work));
        }
        if (work) x_works.push_back(std::move(work));
    }

    void add_many(const std::string& count, std::size_t keys) {
        add({"get_many" + count, "set_many" + count}, 4, keys, small, workload::peers::all,
            {[&](workload& on) {
                 return on.get_many("get_many of " + count + " keys over 4 nodes",
                                    "get_many" + count);
             },
             [&](workload& on) {
                 return on.set_many("set_many of " + count + " keys over 4 nodes",
                                    "set_many" + count);
             }});
    }

    void add_single() {
        add({"blocking_get", "blocking_set", "async100", "async1000", "async_sets100"}, 1, 100,
            small, workload::peers::all,
            {[](workload& on) { return on.one_get(); }, [](workload& on) { return on.one_set(); },
             [](workload& on) { return on.gets_in_flight(); },
             [](workload& on) { return on.many_gets_in_flight(); },
             [](workload& on) { return on.sets_in_flight(); }});
    }

    void add_sizes() {
        struct size {
            std::string name;
            std::string title;
            std::size_t bytes;
            std::size_t keys;
        };
        for (const size& each :
             {size{"values_100b", "100 B", 100, 100}, size{"values_1kb", "1 KB", 1024, 100},
              size{"values_64kb", "64 KB", 64 * 1024, 100},
              size{"values_1mb", "1 MB", 1'000'000, 16}}) {
            add({each.name}, 4, each.keys, each.bytes, workload::peers::without_python,
                {[&](workload& on) {
                    auto group = on.get_many("get_many of " + std::to_string(each.keys) +
                                                 " values of " + each.title + " over 4 nodes",
                                             each.name);
                    group.value_size = each.bytes;
                    return group;
                }});
        }
    }

    void add_node_counts() {
        for (const std::size_t nodes : {4u, 40u, 200u}) {
            if (nodes > x_targets.count()) continue;
            const std::string name = "nodes" + std::to_string(nodes);
            add({name}, nodes, 1000, small, workload::peers::without_python, {[&](workload& on) {
                    return on.get_many(
                        "get_many of 1000 keys over " + std::to_string(nodes) + " nodes", name);
                }});
        }
    }

    const servers& x_targets;
    const arguments& x_asked;
    std::vector<std::unique_ptr<workload>> x_works;
    std::vector<measurement_group> x_groups;
};

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
[[nodiscard]] bool measure_allocations(const servers& targets, clock::duration length,
                                       figures& out) {
    bool is_good = true;
    for (const std::size_t value_size : {1024u, 100u}) {
        workload work(targets.first(1), 100, value_size, workload::peers::without_python);
        auto& client = work.async();
        const auto count = [&](const std::string& form, auto load) {
            const double each = allocations_per_get(length, load);
            out.set("client.allocations." + form, each);
            is_good = is_good && each <= most_allocations;
        };
        count("coroutine", [&](stopwatch& watch) { client.coroutine_gets(watch, 100); });
        count("callback", [&](stopwatch& watch) { client.callback_gets(watch); });
        count("get_many", [&](stopwatch& watch) { client.batch_gets(watch); });
        const auto batching = work.measure_batching(length);
        out.set("client.batching.commands_per_write", batching.commands_per_write);
        out.set("client.batching.replies_per_read", batching.replies_per_read);
    }
    return is_good;
}

void describe_run(const servers& targets, int rounds, clock::duration slice, figures& out) {
    out.set_text("run.client.machine", machine_name());
    out.set_text("run.client.compiler", compiler_name());
    out.set_text("run.client.flags", MEMRING_BENCHMARK_FLAGS);
    out.set_text("run.client.placement", targets.placement());
    out.set_text("run.client.asio", std::to_string(ASIO_VERSION / 100000) + "." +
                                        std::to_string(ASIO_VERSION / 100 % 1000) + "." +
                                        std::to_string(ASIO_VERSION % 100));
    out.set_text("run.client.memcached", memcached_version());
    out.set_text("run.client.kernel", kernel_version());
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
    out.set_text("run.client.libmemcached", memcached_lib_version());
#else
    out.set_text("run.client.libmemcached", "not installed");
#endif
    out.set("run.client.rounds", rounds);
    out.set("run.client.slice_seconds", std::chrono::duration<double>(slice).count());
}

[[nodiscard]] int run(const arguments& asked) {
    const clock::duration slice = asked.is_quick ? 10ms : 100ms;
    const int rounds = asked.is_quick ? 1 : 15;
    const bool wants_many_nodes = !asked.checks_allocations && !asked.is_quick &&
                                  (asked.wants("nodes200") || asked.wants("memory"));
    const servers targets(wants_many_nodes ? 200 : asked.wants("nodes40") ? 40 : 4);
    figures all;
    describe_run(targets, rounds, slice, all);
    if (asked.checks_allocations) {
        const bool is_good = measure_allocations(targets, 100ms, all);
        print_allocations(all);
        if (is_good) return 0;
        std::fprintf(stderr, "A get may allocate twice, once for its value\n");
        return 1;
    }
    progress display;
    {
        contest everybody(targets, asked);
        everybody.run(rounds, slice, display);
        everybody.describe_peers(all);
        add_groups(everybody.groups(), all);
        print_tables(all, everybody.groups());
    }
    if (asked.wants("memory")) {
        display.begin("memory", 3);
        display.step("allocations");
        (void)measure_allocations(targets, slice, all);
        display.step("growth");
        measure_heap_growth(targets.first(4), asked.is_quick ? 20'000 : 1'000'000, all);
        display.step("idle connections");
        measure_idle_connections(targets.first(targets.count()), asked.is_quick ? 200 : 10'000,
                                 all);
        display.end();
    }
    if (asked.wants("compile")) {
        display.begin("compile", 1);
        display.step("with and without memring");
        measure_compile_time(asked.is_quick ? 1 : 7, all);
        display.end();
    }
    add_derived(all);
    print_held(all);
    if (!asked.json.empty()) all.write(asked.json);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    arguments asked;
    const command_line line{"memring_client_benchmark",
                            usage,
                            {{"--only", &asked.parts},
                             {"--json", &asked.json},
                             {"--quick", &asked.is_quick},
                             {"--check-allocations", &asked.checks_allocations}}};
    return line.run(argc, argv, [&] { return run(asked); });
}
