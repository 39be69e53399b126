// Topologies that change under continuous traffic, with nodes that stop or die meanwhile. Every
// value that is read is checked against what was acknowledged.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/steady_timer.hpp>

#include <doctest/doctest.h>

#include <memring/reshard/phase.hpp>
#include <memring/reshard/report.hpp>

#include "../reshard/fleet.hpp"
#include "checked_load.hpp"

namespace {

using namespace memring;
using namespace memring::testing;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

// A fleet with users at work on it.
template <class Fleet>
class busy_fleet : public Fleet {
public:
    using user = checked_load<typename Fleet::client_type>;

    busy_fleet(std::size_t count, std::size_t users, std::size_t keys,
               const client_options& settings = {})
        : Fleet(count, count, settings) {
        for (unsigned id = 0; id < users; ++id) {
            loads.push_back(std::make_unique<user>(*this->cache, counts, stop, id, keys));
            asio::co_spawn(this->io, loads.back()->run(), [](std::exception_ptr thrown) {
                if (thrown) std::rethrow_exception(thrown);
            });
        }
        REQUIRE(all([](const user& one) { return one.has_begun(); }));
    }
    ~busy_fleet() {
        stop = true;
        this->cache->stop();
        (void)all([](const user& one) { return one.has_ended(); });
    }

    // Lets the users work on until each has done something like `count` operations more.
    void work(std::uint64_t count) {
        const auto until_then = counts.operations + count * loads.size();
        REQUIRE(this->until([&] { return counts.operations >= until_then; }, 60s));
    }
    void finish_work() {
        stop = true;
        REQUIRE(all([](const user& one) { return one.has_ended(); }));
    }

    tally counts;
    bool stop = false;
    std::vector<std::unique_ptr<user>> loads;

private:
    template <class Claim>
    bool all(Claim claim) {
        return this->until(
            [&] {
                return std::ranges::all_of(loads, [&](const auto& one) { return claim(*one); });
            },
            60s);
    }
};

void check_flawless(const tally& counts) {
    INFO("operations ", counts.operations, ", first wrong: ", counts.first_wrong,
         ", first error: ", counts.first_error);
    CHECK(counts.misses == 0);
    CHECK(counts.wrong == 0);
    CHECK(counts.errors == 0);
}

TEST_CASE_TEMPLATE("no user notices drains, fills and changes of weights", Fleet,
                   fleet<memory_nodes>, fleet<real_nodes>) {
    busy_fleet<Fleet> nodes(4, 16, 400 / slowness);
    const auto give_up_at = clock_type::now() + 3s;
    std::uint64_t moved = 0;
    std::uint64_t hits_under_way = 0;
    for (std::size_t round = 0; round < 20 && clock_type::now() < give_up_at; ++round) {
        CAPTURE(round);
        const node& leaving = nodes.nodes[round % nodes.nodes.size()];
        completed<reshard_report> done;
        nodes.work(20);
        done = nodes.drain(leaving);
        CHECK_FALSE(done.error);
        CHECK(done.value.failed == 0);
        moved += done.value.moved;
        hits_under_way += done.value.hits_on_next + done.value.hits_on_old;
        nodes.work(20);
        auto next = nodes.cache->topology_now()->nodes();
        next[round % next.size()].weight += 1;
        done = nodes.reshard(next);
        CHECK_FALSE(done.error);
        CHECK(done.value.failed == 0);
        done = nodes.fill(leaving);
        CHECK_FALSE(done.error);
        CHECK(done.value.failed == 0);
        moved += done.value.moved;
    }
    nodes.finish_work();
    check_flawless(nodes.counts);
    CHECK(moved > 0);
    CHECK(hits_under_way > 0);
    MESSAGE("operations ", nodes.counts.operations, ", keys moved ", moved,
            ", gets of moving keys ", hits_under_way);
}

// Users whose nodes misbehave once, when the move has come a little way.
template <class Misbehave>
completed<reshard_report> drain_with(busy_fleet<fleet<real_nodes>>& nodes, const node& leaving,
                                     Misbehave misbehave) {
    bool has_happened = false;
    auto show = [&](const reshard_progress& now) {
        if (now.stage == phase::move && now.keys_done > 0 && now.keys_done < now.keys_to_move &&
            !std::exchange(has_happened, true)) {
            misbehave();
        }
    };
    const auto done =
        nodes.drain(leaving, {.on_progress = show, .keys_in_flight = 20, .lease = 1s});
    CHECK(has_happened);
    return done;
}

void check_never_wrong(const tally& counts) {
    INFO("operations ", counts.operations, ", errors ", counts.errors,
         " first: ", counts.first_error, ", first wrong: ", counts.first_wrong);
    CHECK(counts.wrong == 0);
    CHECK(counts.misses == 0);
    MESSAGE("operations ", counts.operations, ", errors ", counts.errors);
}

TEST_CASE("a node that stands still for a while costs errors, but no value") {
    // 0 leaves, 1 and 2 stay.
    for (const std::size_t which : {0u, 1u}) {
        CAPTURE(which);
        busy_fleet<fleet<real_nodes>> nodes(3, 16, 300,
                                            {.timeout = std::chrono::milliseconds(100 * slowness)});
        asio::steady_timer rest(nodes.io);
        const auto done = drain_with(nodes, nodes.nodes[0], [&] {
            nodes.processes[which].pause();
            rest.expires_after(200ms * slowness);
            rest.async_wait([&](std::error_code) { nodes.processes[which].proceed(); });
        });
        CHECK_FALSE(nodes.is_used(nodes.nodes[0]));
        CHECK(accounted(done.value) > 0);
        nodes.work(100);
        nodes.finish_work();
        check_never_wrong(nodes.counts);
    }
}

TEST_CASE("a node killed while it is drained costs its keys, but brings no old value back") {
    busy_fleet<fleet<real_nodes>> nodes(3, 16, 300,
                                        {.timeout = std::chrono::milliseconds(250 * slowness)});
    const auto done = drain_with(nodes, nodes.nodes[0], [&] {
        nodes.processes[0].kill();
        for (auto& one : nodes.loads) one->expect_losses();
    });
    CHECK_FALSE(nodes.is_used(nodes.nodes[0]));
    CHECK(done.value.failed > 0);
    CHECK(done.value.first_failure);
    const auto errors = nodes.counts.errors;
    nodes.work(100);
    CHECK(nodes.counts.errors <= errors + nodes.loads.size());  // what was still under way
    nodes.finish_work();
    check_never_wrong(nodes.counts);
}

TEST_CASE("a node killed while it is to take keys costs what it had, and the drain still ends") {
    busy_fleet<fleet<real_nodes>> nodes(3, 16, 300,
                                        {.timeout = std::chrono::milliseconds(250 * slowness)});
    const auto done = drain_with(nodes, nodes.nodes[0], [&] {
        nodes.processes[1].kill();
        for (auto& one : nodes.loads) one->expect_losses();
    });
    CHECK_FALSE(nodes.is_used(nodes.nodes[0]));
    CHECK(done.value.failed > 0);
    CHECK_FALSE(nodes.cache->update({nodes.nodes[2]}));
    nodes.work(100);
    nodes.finish_work();
    check_never_wrong(nodes.counts);
}

}  // namespace
