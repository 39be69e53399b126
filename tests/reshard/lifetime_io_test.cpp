// A reshard whose client, nodes or network fail under it, at every step there is.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <doctest/doctest.h>

#include <memring/error.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>
#include <memring/reshard/phase.hpp>
#include <memring/reshard/report.hpp>
#include <memring/testing/faults.hpp>

#include "fleet.hpp"

namespace {

using namespace memring;
using namespace memring::testing;
using namespace std::chrono_literals;

using memory_fleet = fleet<memory_nodes>;

// One of the keys of `many_items(60)` that `owner` owns.
template <class Fleet>
std::string key_on(const Fleet& nodes, const node& owner) {
    std::string found;
    for (const auto& [key, value] : many_items(60)) {
        if (is_same_node(nodes.owner_of(key), owner)) found = key;
    }
    return found;
}

// A reshard that has been started, and what it completed with.
struct started {
    explicit started(memory_fleet& on, const node& leaving, const reshard_options& options = {}) {
        async_drain(*on.cache, leaving, options,
                    [result = result](std::error_code error, reshard_report report) {
                        REQUIRE_FALSE(result->has_value());
                        result->emplace(completed<reshard_report>{error, report});
                    });
    }
    [[nodiscard]] bool is_over() const { return result->has_value(); }
    std::shared_ptr<std::optional<completed<reshard_report>>> result =
        std::make_shared<std::optional<completed<reshard_report>>>();
};

TEST_CASE("a client stopped or destroyed after any handler ends its reshard with an error") {
    bool destroys = false;
    SUBCASE("stopped") {}
    SUBCASE("destroyed") { destroys = true; }
    bool was_over = false;
    std::size_t aborted = 0;
    for (std::size_t handlers = 0; !was_over; ++handlers) {
        CAPTURE(handlers);
        memory_fleet nodes(3);
        nodes.set_many(many_items(12));
        started drain(nodes, nodes.nodes[0]);
        for (std::size_t i = 0; i < handlers && !drain.is_over(); ++i) nodes.io.run_one();
        was_over = drain.is_over();
        if (destroys) {
            nodes.cache.reset();
        } else {
            nodes.cache->stop();
        }
        REQUIRE(nodes.until([&] { return drain.is_over(); }));
        nodes.io.run();
        const auto error = (*drain.result)->error;
        if (error == asio::error::operation_aborted) ++aborted;
        CHECK((!error || error == asio::error::operation_aborted));
    }
    CHECK(aborted > 20);
}

TEST_CASE("a client stopped from within the progress callback ends its reshard") {
    bool was_over = false;
    std::size_t calls = 0;
    for (; !was_over; ++calls) {
        CAPTURE(calls);
        memory_fleet nodes(2);
        nodes.set_many(many_items(600));
        std::size_t seen = 0;
        auto stop = [&](const reshard_progress&) {
            if (seen++ == calls) nodes.cache->stop();
        };
        const auto done = nodes.drain(nodes.nodes[0], {.on_progress = stop});
        was_over = seen <= calls;
        // In the last call there is nothing left to stop.
        CHECK((!done.error || done.error == asio::error::operation_aborted));
        nodes.io.run();
    }
    CHECK(calls > 5);
}

TEST_CASE("the context may go while a reshard is under way") {
    for (std::size_t handlers = 0; handlers < 150; handlers += 7) {
        auto nodes = std::make_unique<memory_fleet>(2);
        nodes->set_many(many_items(12));
        const started drain(*nodes, nodes->nodes[0]);
        for (std::size_t i = 0; i < handlers && !drain.is_over(); ++i) nodes->io.run_one();
        nodes->cache.reset();
        nodes.reset();  // whatever is still queued must not leak
    }
}

TEST_CASE("whatever transport step fails, a reshard completes and no value is wrong") {
    struct attempt {
        explicit attempt(std::size_t number) : nodes(3, 3, {.timeout = 100ms}) {
            nodes.set_many(many_items(6));
            nodes.network->fail_step(number);
        }
        memory_fleet nodes;
        std::optional<started> drain;
    };
    // Side by side, for those that fail wait for leases to expire.
    const reshard_options options{.lease = 1s};
    std::vector<std::unique_ptr<attempt>> attempts;
    for (std::size_t number = 0; number < 45; ++number) {
        auto& made = *attempts.emplace_back(std::make_unique<attempt>(number));
        made.drain.emplace(made.nodes, made.nodes.nodes[0], options);
    }
    REQUIRE(attempts.front()->nodes.until([&] {
        for (auto& one : attempts) one->nodes.io.poll();
        return std::ranges::all_of(attempts, [](auto& one) { return one->drain->is_over(); });
    }));
    const auto items = many_items(6);
    std::size_t rolled_back = 0;
    for (std::size_t number = 0; number < attempts.size(); ++number) {
        CAPTURE(number);
        auto& [nodes, drain] = *attempts[number];
        const auto done = **drain->result;
        const bool has_failed = nodes.network->has_failed();
        nodes.network->fail_step(1000000);    // no more
        const auto hits = nodes.hits(items);  // checks the values it finds, too
        if (!has_failed) CHECK_FALSE(done.error);
        if (nodes.is_used(nodes.nodes[0])) {
            ++rolled_back;
            CHECK(done.error);
            CHECK(done.value.moved == 0);
        }
        // One failure is got over: only a listing that breaks off in the move costs keys.
        if (!done.error) CHECK(done.value.failed == 0);
        if (!done.error || nodes.is_used(nodes.nodes[0])) CHECK(hits == items.size());
    }
    CHECK(rolled_back > 5);
    CHECK_FALSE((*attempts.back()->drain->result)->error);
}

TEST_CASE("what cannot be done is refused, and nothing changes") {
    memory_fleet nodes(3, 2);
    nodes.set("key", "value");
    CHECK(nodes.drain({"stranger", 1}).error == errc::unknown_node);
    CHECK(nodes.fill(nodes.nodes[0]).error == errc::duplicate_node);
    CHECK(nodes.fill({"", 0}).error == errc::invalid_node);
    CHECK(nodes.reshard({}).error == errc::no_nodes);
    CHECK(nodes.reshard({nodes.nodes[0], nodes.nodes[0]}).error == errc::duplicate_node);
    CHECK_FALSE(nodes.cache->update({nodes.nodes[0]}));
    CHECK(nodes.drain(nodes.nodes[0]).error == errc::no_nodes);
    CHECK_FALSE(nodes.cache->update({}));
    CHECK(nodes.fill(nodes.nodes[0]).error == errc::no_nodes);
    nodes.cache->stop();
    CHECK(nodes.drain(nodes.nodes[0]).error != std::error_code());
}

TEST_CASE("only one reshard at a time") {
    memory_fleet nodes(3);
    nodes.set_many(many_items(30));
    const started first(nodes, nodes.nodes[0]);
    CHECK(nodes.drain(nodes.nodes[1]).error == errc::transition_running);
    REQUIRE(nodes.until([&] { return first.is_over(); }));
    CHECK_FALSE((*first.result)->error);
    CHECK_FALSE(nodes.drain(nodes.nodes[1]).error);
}

TEST_CASE("no reshard starts while an operation of the one before is still under way") {
    memory_fleet nodes(3);
    const auto items = many_items(60);
    nodes.set_many(items);
    const std::string moving = key_on(nodes, nodes.nodes[0]);
    // A set that began in `settle` has removed the old copy and waits for the new owner.
    std::optional<std::error_code> stored;
    auto begin_set = [&](const reshard_progress& now) {
        if (now.stage != phase::settle || stored) return;
        stored.emplace(errc::timed_out);
        nodes.cache->async_set(moving, "late",
                               [&](std::error_code error, store_result) { stored.emplace(error); });
    };
    const reshard_options options{.on_progress = begin_set};
    const started first(nodes, nodes.nodes[0], options);
    REQUIRE(nodes.until([&] { return stored.has_value(); }));
    for (std::size_t i = 1; i < 3; ++i) nodes.server(i).set_faults({.delay = 200ms});
    REQUIRE(nodes.until([&] { return !nodes.is_used(nodes.nodes[0]); }));
    if (*stored == errc::timed_out) {
        CHECK_FALSE(first.is_over());
        CHECK(nodes.drain(nodes.nodes[1]).error == errc::transition_running);
    }
    REQUIRE(nodes.until([&] { return first.is_over(); }));
    CHECK_FALSE(*stored);
    CHECK(nodes.get(moving) == "late");
}

TEST_CASE("a dead node cannot be drained: rolled back, the topology stays") {
    for (const std::size_t which : {0u, 1u}) {
        CAPTURE(which);
        memory_fleet nodes(3);
        const auto items = many_items(60);
        nodes.set_many(items);
        nodes.kill(which);
        const auto done = nodes.drain(nodes.nodes[0]);
        CHECK(done.error == std::errc::connection_refused);
        CHECK(done.value.moved == 0);
        CHECK(nodes.is_used(nodes.nodes[0]));
        nodes.network->start(nodes.nodes[which]);
        CHECK(nodes.hits(items) == items.size());
        CHECK_FALSE(nodes.drain(nodes.nodes[0]).error);
        CHECK(nodes.hits(items) == items.size());
    }
}

TEST_CASE("a busy crawler is asked again, for as long as it was said") {
    memory_fleet nodes(2);
    const auto items = many_items(30);
    nodes.set_many(items);
    nodes.server(0).set_faults({.busy_dumps = 1000000});
    const crawl_options hasty{.busy_pause = 1ms, .busy_timeout = 20ms};
    const auto refused = nodes.drain(nodes.nodes[0], {.crawl = hasty});
    CHECK(refused.error == errc::crawler_busy);
    CHECK(nodes.is_used(nodes.nodes[0]));
    nodes.server(0).set_faults({.busy_dumps = 5});
    const crawl_options patient{.busy_pause = 1ms, .busy_timeout = 20s};
    const auto done = nodes.drain(nodes.nodes[0], {.crawl = patient});
    CHECK_FALSE(done.error);
    CHECK(nodes.server(0).current_faults().busy_dumps == 0);
    CHECK(nodes.hits(items) == items.size());
}

TEST_CASE("a node that stalls in the middle of its listing is given up") {
    memory_fleet nodes(2);
    nodes.set_many(many_items(30));
    nodes.server(0).set_faults({.stall_after_commands = 0});
    const auto done = nodes.drain(nodes.nodes[0], {.crawl = {.stall_timeout = 20ms}});
    CHECK(done.error == errc::timed_out);
    CHECK(nodes.is_used(nodes.nodes[0]));
}

// Emits a cancellation at the first progress of `when`.
completed<reshard_report> cancelled_at(memory_fleet& nodes, phase when) {
    asio::cancellation_signal signal;
    auto show = [&](const reshard_progress& now) {
        if (now.stage == when)
            asio::post(nodes.io, [&] { signal.emit(asio::cancellation_type::all); });
    };
    const reshard_options options{.on_progress = show};
    return nodes.finish<reshard_report>([&](auto handler) {
        async_drain(*nodes.cache, nodes.nodes[0], options,
                    asio::bind_cancellation_slot(signal.slot(), handler));
    });
}

TEST_CASE("a reshard can be cancelled until the first key moves") {
    memory_fleet nodes(3);
    const auto items = many_items(60);
    nodes.set_many(items);
    const auto cancelled = cancelled_at(nodes, phase::prepare);
    CHECK(cancelled.error == asio::error::operation_aborted);
    CHECK(cancelled.value.moved == 0);
    CHECK(nodes.is_used(nodes.nodes[0]));
    CHECK(nodes.hits(items) == items.size());
    const auto done = cancelled_at(nodes, phase::move);
    CHECK_FALSE(done.error);
    CHECK_FALSE(nodes.is_used(nodes.nodes[0]));
    CHECK(nodes.hits(items) == items.size());
}

TEST_CASE("a list that comes while a reshard is under way takes effect at its end") {
    memory_fleet nodes(4, 3);
    nodes.set_many(many_items(60));
    auto extend = [&](const reshard_progress& now) {
        if (now.stage == phase::steady_next) return;
        CHECK_FALSE(nodes.cache->update(nodes.nodes));
        CHECK_FALSE(nodes.is_used(nodes.nodes[3]));
    };
    CHECK_FALSE(nodes.drain(nodes.nodes[0], {.on_progress = extend}).error);
    CHECK(nodes.is_used(nodes.nodes[3]));
    CHECK_FALSE(nodes.is_used(nodes.nodes[0]));  // listed all the same
}

TEST_CASE("a list that still names a drained node does not bring it back") {
    memory_fleet nodes(3);
    nodes.set_many(many_items(60));
    CHECK_FALSE(nodes.drain(nodes.nodes[0]).error);
    CHECK_FALSE(nodes.cache->update(nodes.nodes));
    CHECK_FALSE(nodes.is_used(nodes.nodes[0]));
    CHECK_FALSE(nodes.cache->update({nodes.nodes[1], nodes.nodes[2]}));
    CHECK_FALSE(nodes.cache->update(nodes.nodes));  // it was gone, now it is new
    CHECK(nodes.is_used(nodes.nodes[0]));
}

TEST_CASE("a lease that nobody fills is gone before a plain command could take it for an item") {
    memory_fleet nodes(2, 2, {.timeout = 50ms});
    const std::string moving = key_on(nodes, nodes.nodes[0]);
    nodes.set(moving, "value");
    // The node that is to take the key does what it is told but never answers, until it is given
    // up.
    auto stall = [&](const reshard_progress& now) {
        if (now.stage != phase::move) return;
        std::optional<std::size_t> never_answers;
        if (now.keys_done == 0) never_answers = 0;
        nodes.server(1).set_faults({.stall_after_commands = never_answers});
    };
    const auto done = nodes.drain(
        nodes.nodes[0], {.on_progress = stall, .lease = 1s, .crawl = {.stall_timeout = 200ms}});
    CHECK(done.value.failed == 1);
    CHECK(done.value.first_failure);
    const auto appended = nodes.finish<store_result>(
        [&](auto handler) { nodes.cache->async_append(moving, "+", handler); });
    CHECK_FALSE(appended.error);
    CHECK(appended.value == store_result::not_stored);
    CHECK_FALSE(nodes.get(moving));
    const auto added = nodes.finish<store_result>(
        [&](auto handler) { nodes.cache->async_add(moving, "new", handler); });
    CHECK(added.value == store_result::stored);
}

// One key whose next owner holds a lease on it that is not the mover's.
struct leased_key : memory_fleet {
    leased_key() : memory_fleet(2) {
        key = key_on(*this, nodes[0]);
        set(key, "value");
    }
    void lease() {
        const auto soon = server(1).now() + 3600;
        server(1).put(key, {.expires_at = soon, .is_token_sent = true});
    }
    std::string key;
};

TEST_CASE("a key that somebody else has leased is moved once that is over, and counted once") {
    leased_key nodes;
    int looks = 0;
    auto show = [&](const reshard_progress& now) {
        if (now.stage != phase::move || now.keys_done > 0) return;
        if (looks++ == 0) nodes.lease();
        if (looks == 4) CHECK(nodes.server(1).evict(nodes.key));
    };
    const auto done = nodes.drain(nodes.nodes[0], {.on_progress = show});
    CHECK_FALSE(done.error);
    CHECK(looks >= 4);
    CHECK(done.value.moved == 1);
    CHECK(accounted(done.value) == 1);
    CHECK(nodes.get(nodes.key) == "value");
}

TEST_CASE("a key whose lease is evicted under the mover is moved all the same") {
    memory_fleet nodes(2, 2, {.timeout = 5s});
    const auto items = many_items(60);
    nodes.set_many(items);
    const auto before = nodes.server(1).keys();
    bool is_moving = false;
    auto show = [&](const reshard_progress& now) { is_moving = now.stage == phase::move; };
    const reshard_options options{.on_progress = show};
    const started drain(nodes, nodes.nodes[0], options);
    // Every placeholder that is seen for the first time is evicted before it can be filled.
    std::set<std::string> evicted;
    REQUIRE(nodes.until([&] {
        for (const auto& [key, value] : items) {
            const auto found = nodes.server(1).peek(key);
            if (is_moving && found && found->is_token_sent && evicted.insert(key).second)
                nodes.server(1).evict(key);
        }
        return drain.is_over();
    }));
    CHECK(evicted.size() == items.size() - before.size());
    const auto& report = (*drain.result)->value;
    CHECK(report.moved == evicted.size());
    CHECK(accounted(report) == evicted.size());
    CHECK(nodes.hits(items) == items.size());
}

TEST_CASE("a client stopped while its reshard pauses before another try") {
    for (int pauses = 1; pauses < 4; ++pauses) {
        CAPTURE(pauses);
        leased_key nodes;
        int looks = 0;
        auto show = [&](const reshard_progress& now) {
            if (now.stage != phase::move || now.keys_done > 0) return;
            if (looks++ == 0) nodes.lease();
        };
        const reshard_options options{.on_progress = show};
        const started drain(nodes, nodes.nodes[0], options);
        REQUIRE(nodes.until([&] { return looks > pauses; }));
        nodes.cache->stop();
        REQUIRE(nodes.until([&] { return drain.is_over(); }));
        CHECK((*drain.result)->error == asio::error::operation_aborted);
        CHECK((*drain.result)->value.moved == 0);
        nodes.io.run();
    }
}

TEST_CASE("a client stopped from within `owns` ends its reshard") {
    for (int calls = 0; calls < 40; ++calls) {
        CAPTURE(calls);
        memory_fleet nodes(2);
        nodes.set_many(many_items(30));
        int seen = 0;
        auto owns = [&](std::string_view) {
            if (seen++ == calls) nodes.cache->stop();
            return true;
        };
        CHECK(nodes.drain(nodes.nodes[0], {.owns = owns}).error == asio::error::operation_aborted);
        nodes.io.run();
    }
}

TEST_CASE("a write whose second command was refused may have been applied, and says so") {
    memory_fleet nodes(2);
    const std::string key = key_on(nodes, nodes.nodes[0]);
    nodes.set(key, "5");
    std::optional<std::error_code> told;
    auto show = [&](const reshard_progress& now) {
        if (now.stage != phase::prepare || told) return;
        told.emplace();
        nodes.kill(1);  // counted on the old owner first, then the next one is cleared
        nodes.cache->async_increment(
            key, 1, [&](std::error_code error, std::optional<std::uint64_t>) { told = error; });
    };
    const auto done = nodes.drain(nodes.nodes[0], {.on_progress = show});
    CHECK(done.error);
    REQUIRE(nodes.until([&] { return told && *told; }));
    CHECK(*told == condition::maybe_applied);
    CHECK(*told != condition::not_sent);
    CHECK(nodes.get(key) == "6");
}

TEST_CASE("a cancelled operation on a moving key leaves no lease behind") {
    fleet<real_nodes> nodes(2, 2, {.timeout = 4s});
    const node next = nodes.nodes[1];
    const std::string key = key_on(nodes, nodes.nodes[0]);
    nodes.set(key, "5");
    asio::cancellation_signal signal;
    std::optional<std::error_code> told;
    std::optional<std::error_code> drained;
    bool is_moving = false;
    auto show = [&](const reshard_progress& now) {
        if (now.stage != phase::move || std::exchange(is_moving, true)) return;
        nodes.processes[0].pause();  // the increment takes the lease and waits for the old owner
        nodes.cache->async_increment(
            key, 1,
            asio::bind_cancellation_slot(
                signal.slot(),
                [&](std::error_code error, std::optional<std::uint64_t>) { told = error; }));
    };
    const reshard_options options{.on_progress = show};
    async_drain(*nodes.cache, nodes.nodes[0], options,
                [&](std::error_code error, const reshard_report&) { drained = error; });
    REQUIRE(nodes.until([&] { return is_moving && nodes.has(next, key); }));
    signal.emit(asio::cancellation_type::all);
    REQUIRE(nodes.until([&] { return told.has_value(); }));
    CHECK(*told == asio::error::operation_aborted);
    CHECK(nodes.until([&] { return !nodes.has(next, key); }));
    nodes.processes[0].proceed();
    REQUIRE(nodes.until([&] { return drained.has_value(); }));
    CHECK(nodes.get(key) == "5");
}

TEST_CASE("a read of a moving key leaves the renewal of a stale item to whoever wants it") {
    using client_type = memory_fleet::client_type;
    using read = std::function<void(client_type&, std::string_view, std::function<void()>)>;
    const auto with_keys = [](auto start) -> read {
        return [start](client_type& cache, std::string_view key, std::function<void()> done) {
            const std::vector<std::string_view> keys{"absent", key};
            start(cache, keys, [done](std::error_code, const auto&) { done(); });
        };
    };
    const std::vector<std::pair<phase, read>> reads{
        {phase::prepare,
         [](auto& cache, auto key, auto done) {
             cache.async_get(key, [done](std::error_code, const auto&) { done(); });
         }},
        {phase::prepare,
         [](auto& cache, auto key, auto done) {
             cache.async_get_and_touch(key, 0s, [done](std::error_code, const auto&) { done(); });
         }},
        {phase::prepare, with_keys([](auto& cache, const auto& keys, auto done) {
             cache.async_get_many(keys, done);
         })},
        {phase::prepare, with_keys([](auto& cache, const auto& keys, auto done) {
             cache.async_touch_many(keys, 0s, done);
         })},
        {phase::move, [](auto& cache, auto key, auto done) {
             cache.async_get(key, [done](std::error_code, const auto&) { done(); });
         }}};
    for (std::size_t i = 0; i < reads.size(); ++i) {
        const phase in = reads[i].first;
        const read& start = reads[i].second;
        CAPTURE(i);
        memory_fleet nodes(2);
        const std::string key = key_on(nodes, nodes.nodes[0]);
        nodes.set(key, "old");
        nodes.finish<bool>([&](auto done) { nodes.cache->async_invalidate(key, 0s, done); });
        bool is_started = false;
        bool is_read = false;
        auto show = [&](const reshard_progress& now) {
            if (now.stage != in || std::exchange(is_started, true)) return;
            start(*nodes.cache, key, [&] { is_read = true; });
        };
        auto owns = [](std::string_view) { return false; };  // it stays where it is
        CHECK_FALSE(nodes.drain(nodes.nodes[0], {.on_progress = show, .owns = owns}).error);
        CHECK(is_read);
        const answer left = nodes.copy_on(nodes.nodes[0], key);
        CHECK((left.bytes() == "old" && left.stale));
        CHECK(left.won);
    }
}

TEST_CASE("an update of a stale item on the move has the token it read") {
    for (const phase in : {phase::prepare, phase::move}) {
        memory_fleet nodes(2);
        const std::string key = key_on(nodes, nodes.nodes[0]);
        nodes.set(key, "old");
        nodes.finish<bool>([&](auto done) { nodes.cache->async_invalidate(key, 0s, done); });
        const auto change = [](const auto&) { return std::optional<std::string>("new"); };
        std::optional<std::error_code> told;
        auto show = [&](const reshard_progress& now) {
            if (now.stage != in || told) return;
            told = errc::contended;
            nodes.cache->async_update(key, change,
                                      [&](std::error_code error, const auto&) { told = error; });
        };
        CHECK_FALSE(nodes.drain(nodes.nodes[0], {.on_progress = show}).error);
        CHECK(told == std::error_code());
        CHECK(nodes.get(key) == "new");
    }
}

TEST_CASE("the longest timeout there is loses no key of a drain") {
    memory_fleet nodes(3, 3, {.timeout = std::chrono::milliseconds::max()});
    const auto items = many_items(100);
    nodes.set_many(items);
    const auto done = nodes.drain(nodes.nodes[0]);
    CHECK_FALSE(done.error);
    CHECK(done.value.failed == 0);
    CHECK(done.value.moved == done.value.keys_to_move);
    CHECK(nodes.hits(items) == items.size());
}

TEST_CASE("a list that the policy refuses changes nothing") {
    fleet<memory_nodes, modulus> nodes(2);
    const auto items = many_items(40);
    nodes.set_many(items);
    auto refused = nodes.nodes;
    refused[0].weight = 4'000'000;  // leaves the other node no bucket
    CHECK(nodes.cache->update(refused) == errc::invalid_node);
    CHECK(nodes.cache->topology_now()->nodes() == nodes.nodes);
    CHECK(nodes.reshard(refused).error == errc::invalid_node);
    CHECK(nodes.hits(items) == items.size());
    CHECK_FALSE(nodes.drain(nodes.nodes[0]).error);
    CHECK(nodes.hits(items) == items.size());
}

TEST_CASE("a drained node that comes back by a plain list has no old values") {
    memory_fleet nodes(3);
    auto items = many_items(60);
    nodes.set_many(items);
    CHECK_FALSE(nodes.drain(nodes.nodes[2]).error);
    CHECK(nodes.server(2).item_count() == 0);
    for (auto& [key, value] : items) value += ", changed";
    nodes.set_many(items);
    CHECK_FALSE(nodes.cache->update({nodes.nodes[0], nodes.nodes[1]}));
    CHECK_FALSE(nodes.cache->update(nodes.nodes));
    CHECK(nodes.hits(items) > 0);  // checks the values of what it finds
}

TEST_CASE("progress is reported from the executor, not from the call that starts a reshard") {
    memory_fleet nodes(2);
    int calls = 0;
    auto show = [&](const reshard_progress&) { ++calls; };
    const reshard_options options{.on_progress = show};
    const started drain(nodes, nodes.nodes[0], options);
    CHECK(calls == 0);
    REQUIRE(nodes.until([&] { return drain.is_over(); }));
    CHECK(calls >= 3);
}

}  // namespace
