// What a reshard does to keys: over in-process servers and over real memcached.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/error.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/protocol/command.hpp>
#include <memring/reshard/phase.hpp>
#include <memring/reshard/report.hpp>

#include "fleet.hpp"

namespace {

using namespace memring;
using namespace memring::testing;
using namespace std::chrono_literals;

using memory_fleet = fleet<memory_nodes>;
using real_fleet = fleet<real_nodes>;

// Values, flags and expiries of every kind, and what each node has of them.
struct sample {
    std::string key;
    std::string value;
    std::uint32_t flags = 0;
    std::chrono::seconds expires_in{0};
};

std::vector<sample> samples(std::size_t count) {
    const std::vector<std::string> values = {"plain", "",
                                             std::string("nul\0 and\r\nEND\r\nms k 1\r\n", 23),
                                             std::string(70000, 'x'), "\xff\xfe binary"};
    const std::vector<std::chrono::seconds> expiries = {0s, 100s, 2592000s, 2592001s, 86400s * 400};
    std::vector<sample> made;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_utf8 = i % 4 == 3;
        made.push_back(
            {(is_utf8 ? "\xd0\xba\xd0\xbb\xd1\x8e\xd1\x87:" : "key:") + std::to_string(i),
             values[i % values.size()] + std::to_string(i), static_cast<std::uint32_t>(i * 7919u),
             expiries[i / 5 % expiries.size()]});
    }
    return made;
}

// Reads the item as the application does and as it lies on its owner.
template <class Fleet>
void check_item(Fleet& nodes, const sample& one) {
    CAPTURE(one.key);
    const auto found = nodes.read(one.key);
    REQUIRE_FALSE(found.error);
    REQUIRE(found.value.has_value());
    CHECK(found.value->value == one.value);
    CHECK(found.value->flags == one.flags);
    const auto copy = nodes.copy_on(nodes.owner_of(one.key), one.key);
    if (one.expires_in == 0s) {
        CHECK(copy.ttl == -1);
    } else {
        CHECK(copy.ttl <= one.expires_in.count() + 2);
        CHECK(copy.ttl > one.expires_in.count() - 20 * slowness);
    }
}

TEST_CASE_TEMPLATE("a drain moves keys with value, flags and expiry, and touches no other", Fleet,
                   memory_fleet, real_fleet) {
    Fleet nodes(3);
    const node leaving = nodes.nodes[1];
    const auto all = samples(200);
    std::map<std::string, std::uint64_t> staying;
    for (const auto& one : all) {
        nodes.set(one.key, one.value, {.expires_in = one.expires_in, .flags = one.flags});
        const node owner = nodes.owner_of(one.key);
        if (!is_same_node(owner, leaving)) staying[one.key] = nodes.copy_on(owner, one.key).cas;
    }
    const auto moving = all.size() - staying.size();
    REQUIRE(moving > 20);

    const auto done = nodes.drain(leaving);

    CHECK_FALSE(done.error);
    CHECK(done.value.keys_listed == all.size());
    CHECK(done.value.keys_to_move == moving);
    CHECK(done.value.moved == moving);
    CHECK(accounted(done.value) == moving);
    CHECK(done.value.failed == 0);
    CHECK(done.value.leftovers == 0);
    CHECK(done.value.cleaned == moving);
    CHECK(done.value.moving <= done.value.total);
    CHECK_FALSE(nodes.is_used(leaving));
    for (const auto& one : all) check_item(nodes, one);
    for (const auto& [key, cas] : staying)
        CHECK(nodes.copy_on(nodes.owner_of(key), key).cas == cas);
}

TEST_CASE_TEMPLATE("a fill gives the joining node its keys and takes them from the others", Fleet,
                   memory_fleet, real_fleet) {
    Fleet nodes(3, 2);
    const node joining = nodes.nodes[2];
    const auto items = many_items(600);
    nodes.set_many(items);
    std::map<std::string, node> before;
    for (const auto& [key, value] : items) before[key] = nodes.owner_of(key);

    const auto done = nodes.fill(joining);

    CHECK_FALSE(done.error);
    CHECK(nodes.is_used(joining));
    CHECK(nodes.hits(items) == items.size());
    std::size_t moved = 0;
    for (const auto& [key, owner] : before) {
        if (is_same_node(nodes.owner_of(key), owner)) continue;
        ++moved;
        CHECK(is_same_node(nodes.owner_of(key), joining));
        CHECK_FALSE(nodes.has(owner, key));
    }
    CHECK(done.value.moved == moved);
    CHECK(done.value.cleaned == moved);
}

TEST_CASE_TEMPLATE("a change of weights moves keys both ways between nodes that stay", Fleet,
                   memory_fleet, real_fleet) {
    Fleet nodes(4);
    const auto items = many_items(800);
    nodes.set_many(items);
    auto next = nodes.nodes;
    next[0].weight = 4;
    next[3].weight = 2;
    std::swap(next[1], next[2]);

    const auto done = nodes.reshard(next);

    CHECK_FALSE(done.error);
    CHECK(done.value.moved > 50);
    CHECK(done.value.moved == done.value.keys_to_move);
    CHECK(done.value.cleaned == done.value.moved);
    CHECK(nodes.cache->topology_now()->nodes() == next);
    CHECK(nodes.hits(items) == items.size());
}

TEST_CASE_TEMPLATE("a policy that sends keys between all nodes is drained like any other", Fleet,
                   fleet<memory_nodes, modulus>, fleet<memory_nodes, jump>,
                   fleet<memory_nodes, rehash_modulus>, fleet<real_nodes, modulus>) {
    Fleet nodes(4);
    const auto items = many_items(400);
    nodes.set_many(items);
    const auto drained = nodes.drain(nodes.nodes[0]);
    CHECK_FALSE(drained.error);
    CHECK(drained.value.moved == drained.value.keys_to_move);
    CHECK(nodes.hits(items) == items.size());
    const auto back = nodes.reshard(nodes.nodes);
    CHECK_FALSE(back.error);
    CHECK(back.value.failed == 0);
    CHECK(nodes.hits(items) == items.size());
    std::size_t copies = 0;
    for (const auto& [key, value] : items) {
        for (const node& n : nodes.nodes) copies += nodes.has(n, key) ? 1u : 0u;
    }
    // What was drained keeps its old copies only on the node that left, until it comes back.
    CHECK(copies == items.size());
}

TEST_CASE_TEMPLATE("an item in its last seconds is never made immortal", Fleet, memory_fleet,
                   real_fleet) {
    Fleet nodes(2);
    for (int i = 0; i < 100; ++i) {
        nodes.set("short:" + std::to_string(i), "x",
                  {.expires_in = std::chrono::seconds(1 + i % 2)});
    }
    const auto done = nodes.drain(nodes.nodes[0]);
    CHECK_FALSE(done.error);
    for (int i = 0; i < 100; ++i) {
        const auto copy = nodes.copy_on(nodes.nodes[1], "short:" + std::to_string(i));
        if (copy.what == status::ok) CHECK((copy.ttl >= 0 && copy.ttl <= 2));
    }
}

TEST_CASE("an item that expires between the listing and its move is not brought back") {
    memory_fleet nodes(2);
    const auto items = many_items(40);
    for (const auto& [key, value] : items) nodes.set(key, value, {.expires_in = 5s});
    auto show = [&, is_first = true](const reshard_progress& now) mutable {
        if (now.stage != phase::move || !std::exchange(is_first, false)) return;
        nodes.server(0).advance(6);
    };
    const auto done = nodes.drain(nodes.nodes[0], {.on_progress = show});
    CHECK_FALSE(done.error);
    CHECK(done.value.keys_to_move > 0);
    CHECK(done.value.moved == 0);
}

TEST_CASE_TEMPLATE("a copy that an earlier plain update left behind is never read", Fleet,
                   memory_fleet, real_fleet) {
    Fleet nodes(2, 1);
    const auto first = many_items(200);
    nodes.set_many(first);
    REQUIRE_FALSE(nodes.cache->update(nodes.nodes));
    auto second = first;
    for (auto& [key, value] : second) value = "newer " + value;
    nodes.set_many(second);
    std::size_t on_second = 0;
    for (const auto& [key, value] : second) {
        on_second += is_same_node(nodes.owner_of(key), nodes.nodes[1]) ? 1u : 0u;
    }
    REQUIRE(on_second > 20);
    bool was_read = false;
    auto read_all = [&](const reshard_progress&) { was_read = true; };
    const auto done = nodes.drain(nodes.nodes[1], {.on_progress = read_all});
    CHECK_FALSE(done.error);
    CHECK(was_read);
    CHECK(done.value.leftovers == on_second);
    CHECK(done.value.moved == on_second);
    CHECK(nodes.hits(second) == second.size());
}

TEST_CASE_TEMPLATE("keys that `owns` does not name stay as they are", Fleet, memory_fleet,
                   real_fleet) {
    Fleet nodes(2);
    const auto own = many_items(100, "own:");
    const auto foreign = many_items(100, "foreign:");
    nodes.set_many(own);
    nodes.set_many(foreign);
    std::map<std::string, std::uint64_t> before;
    for (const auto& [key, value] : foreign) {
        before[key] = nodes.copy_on(nodes.owner_of(key), key).cas;
    }
    std::map<std::string, node> owners;
    for (const auto& [key, value] : foreign) owners[key] = nodes.owner_of(key);
    auto owns = [](std::string_view key) { return key.starts_with("own:"); };
    const auto done = nodes.drain(nodes.nodes[0], {.owns = owns});
    CHECK_FALSE(done.error);
    CHECK(done.value.keys_listed == own.size());
    CHECK(nodes.hits(own) == own.size());
    for (const auto& [key, cas] : before) {
        CHECK(nodes.copy_on(owners[key], key).cas == cas);
        const bool is_moved = is_same_node(owners[key], nodes.nodes[0]);
        CHECK(nodes.has(nodes.nodes[1], key) != is_moved);
    }
}

TEST_CASE_TEMPLATE("progress never goes back, and one key at a time is enough", Fleet, memory_fleet,
                   real_fleet) {
    Fleet nodes(3);
    const auto items = many_items(2500);
    nodes.set_many(items);
    std::vector<reshard_progress> seen;
    auto show = [&](const reshard_progress& now) { seen.push_back(now); };
    const auto done = nodes.drain(nodes.nodes[2], {.on_progress = show, .keys_in_flight = 1});
    CHECK_FALSE(done.error);
    CHECK(nodes.hits(items) == items.size());
    REQUIRE(seen.size() > 4);
    CHECK(seen.front().stage == phase::prepare);
    for (std::size_t i = 1; i < seen.size(); ++i) {
        CHECK(seen[i].stage >= seen[i - 1].stage);
        CHECK(seen[i].keys_done >= seen[i - 1].keys_done);
        CHECK(seen[i].bytes_moved >= seen[i - 1].bytes_moved);
        if (seen[i].stage >= phase::move) CHECK(seen[i].keys_done <= seen[i].keys_to_move);
    }
    CHECK(seen.back().stage == phase::steady_next);
    CHECK(seen.back().keys_done == done.value.keys_to_move);
    CHECK(seen.back().bytes_moved == done.value.bytes_moved);
    CHECK(done.value.bytes_moved > 0);
}

TEST_CASE_TEMPLATE("a node without keys is drained at once", Fleet, memory_fleet, real_fleet) {
    Fleet nodes(2);
    const auto done = nodes.drain(nodes.nodes[0]);
    CHECK_FALSE(done.error);
    CHECK(done.value.keys_listed == 0);
    CHECK(done.value.moved == 0);
    CHECK_FALSE(nodes.is_used(nodes.nodes[0]));
    nodes.set("key", "value");
    CHECK(nodes.get("key") == "value");
}

TEST_CASE("a drain of real memcached moves keys by the ten thousand") {
    real_fleet nodes(3);
    const auto items = many_items(50000 / slowness);
    nodes.set_many(items);
    const auto done = nodes.drain(nodes.nodes[0]);
    CHECK_FALSE(done.error);
    CHECK(done.value.moved == done.value.keys_to_move);
    CHECK(nodes.hits(items) == items.size());
    MESSAGE("moved ", done.value.moved, " keys of ", items.size(), " at ",
            static_cast<std::uint64_t>(done.value.keys_per_second()), " keys/s");
}

TEST_CASE("large values do not crowd each other out of their deadlines") {
    fleet<real_nodes> nodes(2, 2, {.timeout = std::chrono::milliseconds(200 * slowness)});
    for (auto& process : nodes.processes) {
        const auto port = process.port();
        process.kill();
        process = forked_memcached({"-m", "1024"}, port);
    }
    const std::string value(1000000, 'x');
    const int count = 400 / slowness;
    for (int i = 0; i < count; ++i) nodes.set("large:" + std::to_string(i), value);
    const auto done = nodes.drain(nodes.nodes[0]);
    CHECK_FALSE(done.error);
    CHECK(done.value.moved == done.value.keys_to_move);
    CHECK(done.value.bytes_moved == done.value.moved * value.size());
    for (int i = 0; i < count; ++i) CHECK(nodes.get("large:" + std::to_string(i)) == value);
}

TEST_CASE_TEMPLATE("a crawler that is turned off is told apart, and nothing has changed", Fleet,
                   memory_fleet, real_fleet) {
    Fleet nodes(2);
    const auto items = many_items(50);
    nodes.set_many(items);
    if constexpr (std::is_same_v<Fleet, memory_fleet>) {
        nodes.server(1).set_crawler(false);
    } else {
        nodes.processes[1].stop();
        nodes.processes[1] = forked_memcached({"-o", "no_lru_crawler"}, nodes.nodes[1].port);
    }
    const auto done = nodes.drain(nodes.nodes[0]);
    CHECK(done.error == errc::crawler_unavailable);
    CHECK(done.value.moved == 0);
    CHECK(nodes.is_used(nodes.nodes[0]));
    nodes.set_many(items);
    CHECK(nodes.hits(items) == items.size());
}

}  // namespace
