// What the report on the client makes of its measurements: which sides a ratio has, what is met and
// what falls short.

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "../../benchmarks/client/measurement.hpp"
#include "../../benchmarks/client/ratios.hpp"
#include "../../benchmarks/client/stopwatch.hpp"
#include "../../benchmarks/support/figures.hpp"

namespace {

using namespace memring::benchmark;
using namespace std::chrono_literals;

measurement measured(const std::string& name, std::vector<double> rates, std::vector<double> costs,
                     std::vector<double> latencies = {}) {
    measurement made{name + " in words", name};
    made.rates = std::move(rates);
    made.costs = std::move(costs);
    made.latencies = std::move(latencies);
    return made;
}

measurement_group sample_group(std::string flat_name = "get_many100") {
    measurement_group group{"get_many of 100", std::move(flat_name)};
    group.members = {measured("raw_gets", {400, 200, 800}, {50, 50, 50}),
                     measured("raw_mg", {100, 100, 100}, {90, 90, 90}),
                     measured("libmemcached_ascii", {200, 100, 400}, {100, 100, 100}),
                     measured("libmemcached_binary", {100, 300, 100}, {80, 80, 80}),
                     measured("memring", {300, 150, 600}, {60, 50, 40})};
    return group;
}

}  // namespace

TEST_CASE("a median of an even number of figures lies between the middle two") {
    CHECK(median({3, 1, 2}) == 2);
    CHECK(median({4, 1, 2, 3}) == 2.5);
    CHECK(median({}) == 0);
}

TEST_CASE("a ratio compares within each round, not between rounds") {
    // The rounds differ by four, the ratio of each is one and a half.
    const auto group = sample_group();
    CHECK(group.ratio("memring", "libmemcached_ascii", quantity::rate) == 1.5);
    CHECK(group.ratio("memring", "raw_gets", quantity::rate) == 0.75);
    CHECK(group.ratio("memring", "libmemcached_ascii", quantity::cost) == 0.5);
}

TEST_CASE("of several names the best that was measured counts") {
    const auto group = sample_group();
    CHECK(group.best("libmemcached_ascii|libmemcached_binary", quantity::rate)->flat_name ==
          "libmemcached_ascii");
    CHECK(group.best("libmemcached_ascii|libmemcached_binary", quantity::cost)->flat_name ==
          "libmemcached_binary");
    CHECK(group.best("nobody|raw_mg", quantity::rate)->flat_name == "raw_mg");
    CHECK(group.best("nobody", quantity::rate) == nullptr);
    CHECK(group.best("raw_mg", quantity::latency) == nullptr);
}

TEST_CASE("there is no ratio to somebody who is not there") {
    const auto group = sample_group();
    CHECK_FALSE(group.ratio("memring", "pylibmc", quantity::rate));
    CHECK_FALSE(group.ratio("memring", "raw_gets", quantity::latency));
}

TEST_CASE("what takes turns is run as often as everybody else") {
    std::array<int, 3> calls{};
    measurement_group group{"turns", "turns"};
    for (std::size_t i = 0; i < calls.size(); ++i) {
        measurement one{"", std::to_string(i)};
        one.once = [&calls, i] { ++calls[i]; };
        group.members.push_back(std::move(one));
    }
    group.run_round(1ms, true);
    CHECK(calls[0] > 0);
    CHECK(calls[0] == calls[1]);
    CHECK(calls[1] == calls[2]);
    for (const auto& each : group.members) {
        CHECK(each.rates.size() == 1);
        CHECK(each.latencies.size() == 1);
    }
}

TEST_CASE("a round that warms up leaves no figures") {
    measurement_group group{"one", "one"};
    group.members.push_back({"", "load", [](stopwatch& watch) { watch.count(1000); }});
    group.run_round(0ms, false);
    CHECK(group.members[0].rates.empty());
    group.run_round(0ms, true);
    CHECK(group.members[0].rates.size() == 1);
    CHECK(group.members[0].costs.size() == 1);
}

TEST_CASE("another process' figures are taken as they are") {
    stopwatch watch(1h);
    watch.take(500, 2, 0.001);
    CHECK(watch.rate() == doctest::Approx(250));
    CHECK(watch.processor_cost() == doctest::Approx(2000));
}

TEST_CASE("a demand is met at its limit and tells by how much it is missed") {
    CHECK(at_least(1.25).is_met_by(1.25));
    CHECK_FALSE(at_least(1.25).is_met_by(1.24));
    CHECK(at_least(1.25).shortfall(1) == doctest::Approx(0.2));
    CHECK(at_most(0.75).is_met_by(0.75));
    CHECK(at_most(0.75).shortfall(0.9) == doctest::Approx(0.2));
    CHECK(at_most(0.75).shortfall(0.5) == 0);
    CHECK(nothing.is_met_by(-1));
}

TEST_CASE("figures of a group have the names that others read") {
    figures all;
    add_groups(std::array{sample_group()}, all);
    CHECK(all.number("client.get_many100.rate_vs_libmemcached") == 1.5);
    CHECK(all.text("client.get_many100.rate_vs_libmemcached.to") == "libmemcached_ascii in words");
    CHECK(all.number("client.get_many100.cpu_vs_libmemcached") == doctest::Approx(0.625));
    CHECK(all.text("client.get_many100.cpu_vs_libmemcached.to") == "libmemcached_binary in words");
    CHECK(all.number("client.get_many100.memring.per_second") == 300);
    CHECK(all.number("client.get_many100.memring.cpu_ns") == 50);
    CHECK_FALSE(all.number("client.get_many100.memring.p50_us"));
    CHECK(all.text("client.get_many100.rate_vs_pylibmc.absent") == "pylibmc is not there");
    CHECK(words_of(all.text("client.get_many100.members")) ==
          std::vector<std::string>{"raw_gets", "raw_mg", "libmemcached_ascii",
                                   "libmemcached_binary", "memring"});
}

TEST_CASE("a latency is told in microseconds") {
    measurement_group group{"one get", "blocking_get"};
    group.members = {measured("raw_get", {1}, {1}, {30'000}),
                     measured("raw_mg", {1}, {1}, {20'000}),
                     measured("memring", {1}, {1}, {21'000})};
    figures all;
    add_groups(std::array{group}, all);
    CHECK(all.number("client.blocking_get.memring.p50_us") == 21);
    CHECK(all.number("client.blocking_get.p50_vs_raw") == doctest::Approx(1.05));
}

TEST_CASE("growth over nodes is what the client adds to the plain sockets") {
    figures all;
    all.set("client.nodes4.cpu_vs_raw", 1.5);
    add_derived(all);
    CHECK_FALSE(all.number("client.nodes200.cpu_vs_raw_vs_nodes4"));
    all.set("client.nodes200.cpu_vs_raw", 1.2);
    add_derived(all);
    CHECK(all.number("client.nodes200.cpu_vs_raw_vs_nodes4") == doctest::Approx(0.8));
    CHECK_FALSE(all.text("compile.vs_asio.means").empty());
}

TEST_CASE("everything that is asked for has a name of its own and is missed when it is not there") {
    std::vector<std::string> names;
    for (const auto& [name, held] : all_held()) names.push_back(name);
    std::ranges::sort(names);
    CHECK(std::ranges::adjacent_find(names) == names.end());
    for (const std::string_view name :
         {"client.get_many100.rate_vs_libmemcached", "client.get_many100.cpu_vs_libmemcached",
          "client.get_many1000.rate_vs_libmemcached", "client.get_many1000.cpu_vs_libmemcached",
          "client.set_many100.rate_vs_libmemcached", "client.set_many1000.rate_vs_libmemcached",
          "client.async100.vs_raw_batch100", "client.async1000.vs_async100",
          "client.blocking_get.rate_vs_libmemcached", "client.blocking_get.p50_vs_raw",
          "client.blocking_set.rate_vs_libmemcached", "client.memory.idle_connection_bytes",
          "compile.vs_asio", "compile.separate_vs_asio"}) {
        CAPTURE(name);
        CHECK(std::ranges::binary_search(names, std::string(name)));
    }
    figures all;
    const auto lacks = [&](const std::string& name) {
        const auto missing = missing_held(all);
        return std::ranges::find(missing, name) != missing.end();
    };
    CHECK(lacks("compile.vs_asio"));
    CHECK(lacks("client.get_many100.rate_vs_libmemcached"));
    CHECK_FALSE(lacks("client.get_many100.rate_vs_raw"));  // nothing is asked of it
    all.set("compile.vs_asio", 2);
    all.set_text("run.client.libmemcached", "not installed");
    CHECK_FALSE(lacks("compile.vs_asio"));
    CHECK_FALSE(lacks("client.get_many100.rate_vs_libmemcached"));
    CHECK(lacks("client.async100.vs_raw_batch100"));
}

TEST_CASE("a note belongs to a figure that something is asked of") {
    for (const shortfall_note& note : shortfall_notes) {
        CAPTURE(note.name);
        const auto held = all_held();
        CHECK(std::ranges::any_of(held, [&](const auto& each) {
            return each.first == note.name && each.second.asked.kind != bound::none;
        }));
        CHECK(note_of(note.name) == note.why);
    }
    CHECK(note_of("client.nothing").empty());
}
