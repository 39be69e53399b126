#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/stable_jump.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

/// Who owns each key, by name: what must not change though indices do.
[[nodiscard]] std::vector<std::string> owners(const stable_jump& policy,
                                              std::span<const std::string> keys) {
    std::vector<std::string> result;
    for (const std::string& key : keys) {
        result.push_back(to_string(policy.nodes()[policy.owner_of(key)]));
    }
    return result;
}

[[nodiscard]] bool contains(std::span<const node> nodes, const std::string& name) {
    return std::ranges::any_of(nodes, [&](const node& n) { return to_string(n) == name; });
}

/// Whether no key moved but from a node that left or to one that came.
[[nodiscard]] bool moved_no_more_than_needed(const stable_jump& before, const stable_jump& after,
                                             std::span<const std::string> keys) {
    const auto from = owners(before, keys);
    const auto to = owners(after, keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const bool must = !contains(after.nodes(), from[i]) || !contains(before.nodes(), to[i]);
        if (from[i] != to[i] && !must) return false;
    }
    return true;
}

[[nodiscard]] std::vector<node> leave(std::vector<node> nodes,
                                      std::initializer_list<std::size_t> places) {
    const auto all = sample::nodes(40);
    for (const std::size_t place : places) {
        std::erase_if(nodes, [&](const node& n) { return is_same_node(n, all.at(place)); });
    }
    return nodes;
}

template <class Make>
[[nodiscard]] std::string refusal(Make make, errc expected) {
    try {
        (void)make();
    } catch (const std::system_error& error) {
        CHECK(error.code() == expected);
        return error.what();
    }
    FAIL_CHECK("accepted");
    return {};
}

[[nodiscard]] bool says(const std::string& text, std::string_view part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("with every node in, stable jump is jump") {
    for (const std::size_t size : {1U, 4U, 37U}) {
        const stable_jump stable(sample::nodes(size));
        const jump plain(sample::nodes(size));
        for (const std::string& key : sample::keys(1000)) {
            REQUIRE(stable.owner_of(key) == plain.owner_of(key));
        }
    }
    const stable_jump stable(sample::nodes(9), {.seed = xxh3("another-pool")});
    const jump plain(sample::nodes(9), {.seed = xxh3("another-pool")});
    for (const std::string& key : sample::keys(1000)) {
        REQUIRE(stable.owner_of(key) == plain.owner_of(key));
    }
}

// From a Python program that plays the removals back on an array of positions, with XXH3 from
// libxxhash 0.8.1. They may never change.
TEST_CASE("keys have the owners an independent program computed after removals") {
    const std::vector<std::uint32_t> removed{3, 7, 0, 9};
    const stable_jump policy(sample::nodes(10), removed);
    std::vector<std::uint32_t> found;
    for (const std::string& key : sample::keys(24)) found.push_back(policy.owner_of(key));
    CHECK(found == std::vector<std::uint32_t>{2, 1, 1, 6, 8, 1, 6, 2, 2, 8, 5, 5,
                                              5, 5, 5, 5, 1, 6, 2, 8, 8, 8, 8, 6});
}

TEST_CASE("taking a node out moves its keys only, wherever it stands") {
    const auto keys = sample::keys(4000);
    const stable_jump all(sample::nodes(12));
    for (const node& gone : sample::nodes(12)) {
        const stable_jump left = all.without(gone);
        CHECK(left.node_count() == 11);
        CHECK_FALSE(contains(left.nodes(), to_string(gone)));
        CHECK(moved_no_more_than_needed(all, left, keys));
    }
}

TEST_CASE("a node back from the middle has its keys again, and no other") {
    const auto keys = sample::keys(4000);
    const stable_jump all(sample::nodes(12));
    const stable_jump back = all.without({"10.0.0.5"}).with({"10.0.0.5"});
    CHECK(owners(back, keys) == owners(all, keys));
    CHECK(back.nodes().back().host == "10.0.0.5");
}

TEST_CASE("nodes that were away together come back to their own keys, in any order of the list") {
    const auto keys = sample::keys(4000);
    const auto nodes = sample::nodes(12);
    const stable_jump all(nodes);
    const stable_jump left = all.rebuilt(leave(nodes, {2, 7, 5}));
    CHECK(owners(left.rebuilt(nodes), keys) == owners(all, keys));
    const std::vector<node> reversed(nodes.rbegin(), nodes.rend());
    CHECK(owners(left.rebuilt(reversed), keys) == owners(all, keys));
}

TEST_CASE("a node in another's place takes its keys and no others") {
    const auto keys = sample::keys(3000);
    auto nodes = sample::nodes(8);
    const stable_jump before(nodes);
    nodes[3] = {"newcomer", 11222};
    const auto from = owners(before, keys);
    const auto to = owners(before.rebuilt(nodes), keys);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        REQUIRE(to[i] == (from[i] == "10.0.0.4:11211" ? "newcomer:11222" : from[i]));
    }
}

TEST_CASE("a list that lost its tail is jump of the rest, and growing it is jump of all") {
    const auto nodes = sample::nodes(12);
    const stable_jump shrunk = stable_jump(nodes).rebuilt(leave(nodes, {9, 10, 11}));
    const jump nine(sample::nodes(9));
    const stable_jump grown = shrunk.rebuilt(sample::nodes(20));
    const jump twenty(sample::nodes(20));
    for (const std::string& key : sample::keys(1000)) {
        REQUIRE(shrunk.owner_of(key) == nine.owner_of(key));
        REQUIRE(grown.owner_of(key) == twenty.owner_of(key));
    }
}

TEST_CASE("indices are those of the list given, in its order") {
    const auto keys = sample::keys(500);
    const auto nodes = sample::nodes(10);
    auto shuffled = leave(nodes, {4});
    std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(5));
    const stable_jump policy = stable_jump(nodes).rebuilt(shuffled);
    CHECK(policy.node_count() == 9);
    CHECK(std::ranges::equal(policy.nodes(), shuffled));
    CHECK(owners(policy, keys) == owners(stable_jump(nodes).without(nodes[4]), keys));
}

TEST_CASE("weight, address and name may change under way") {
    const auto keys = sample::keys(300);
    auto nodes = sample::nodes(5);
    const stable_jump before(nodes);
    nodes[2].weight = 9;
    nodes[3].address = "192.0.2.1";
    nodes[4].name = "five";
    const stable_jump after = before.rebuilt(nodes);
    CHECK(owners(after, keys) == owners(before, keys));
    CHECK(after.nodes()[2].weight == 9);
}

TEST_CASE("random lists move no more keys than needed, and the state carries every history") {
    const auto keys = sample::keys(150);
    const auto pool = sample::nodes(20);
    for (std::uint32_t history = 0; history < 40; ++history) {
        CAPTURE(history);
        std::mt19937 random(history);
        stable_jump policy(sample::nodes(random() % 10 + 1));
        for (int step = 0; step < 25; ++step) {
            std::vector<node> nodes;
            for (const node& n : pool) {
                const bool is_in = contains(policy.nodes(), to_string(n));
                if (random() % 8 < (is_in ? 6U : 2U)) nodes.push_back(n);
            }
            std::shuffle(nodes.begin(), nodes.end(), random);
            const stable_jump next = policy.rebuilt(nodes);
            const stable_jump elsewhere = stable_jump::parse(next.state()).rebuilt(nodes);
            REQUIRE(elsewhere.state() == next.state());
            if (nodes.empty()) break;
            if (policy.node_count() != 0) REQUIRE(moved_no_more_than_needed(policy, next, keys));
            for (const std::string& key : keys) {
                REQUIRE(elsewhere.owner_of(key) == next.owner_of(key));
            }
            policy = next;
        }
    }
}

TEST_CASE("an empty list keeps the history for the nodes that come back") {
    const auto keys = sample::keys(500);
    const auto nodes = sample::nodes(6);
    const stable_jump before = stable_jump(nodes).without(nodes[2]);
    const stable_jump none = before.rebuilt({});
    CHECK(none.node_count() == 0);
    std::array<std::uint32_t, 2> out{};
    CHECK(none.candidates_of("key", out) == 0);
    const stable_jump back = stable_jump::parse(none.state()).rebuilt(leave(nodes, {2}));
    CHECK(owners(back, keys) == owners(before, keys));
}

TEST_CASE("a node back in another's bucket leaves it its own") {
    const auto nodes = sample::nodes(6);
    // 2, then 4 leave; 2 comes first and gets 4's bucket, for that was freed last.
    const stable_jump two_back =
        stable_jump(nodes).without(nodes[1]).without(nodes[3]).with(nodes[1]);
    CHECK(two_back.state() ==
          "stable_jump:1|0|10.0.0.1:11211,10.0.0.4:11211,10.0.0.3:11211,10.0.0.2:11211,"
          "10.0.0.5:11211,10.0.0.6:11211|1");
    const stable_jump both = two_back.with(nodes[3]);
    const jump plain(nodes);
    for (const std::string& key : sample::keys(300)) {
        const std::array<std::uint32_t, 6> holder{0, 3, 2, 1, 4, 5};
        REQUIRE(to_string(both.nodes()[both.owner_of(key)]) ==
                to_string(nodes[holder.at(plain.owner_of(key))]));
    }
}

TEST_CASE("keys spread evenly with a quarter of the nodes out") {
    std::vector<std::uint32_t> removed{3, 17, 0, 39, 22, 8, 30, 11, 5, 26};
    const stable_jump policy(sample::nodes(40), removed);
    const auto counts = sample::load(policy, sample::keys(30000));
    for (std::uint32_t i = 0; i < 40; ++i) {
        const bool is_out = std::ranges::find(removed, i) != removed.end();
        if (is_out) CHECK(counts.at(i) == 0);
        // Five standard deviations of a fair draw.
        if (!is_out)
            CHECK(std::abs(static_cast<double>(counts.at(i)) - 1000) < 5 * std::sqrt(1000));
    }
}

TEST_CASE("a list with removals is the same as the removals one by one") {
    const auto keys = sample::keys(1000);
    const auto nodes = sample::nodes(10);
    const std::vector<std::uint32_t> removed{9, 3, 8, 0};
    const stable_jump stated(nodes, removed);
    CHECK(stated.node_count() == 10);
    const stable_jump derived =
        stable_jump(nodes).without(nodes[9]).without(nodes[3]).without(nodes[8]).without(nodes[0]);
    CHECK(owners(stated, keys) == owners(derived, keys));
    CHECK(stated.state() == derived.state());
    // A newcomer takes the line of the last removed.
    auto later = nodes;
    later[0] = {"newcomer"};
    const std::vector<std::uint32_t> still_removed{9, 3, 8};
    CHECK(owners(stable_jump(later, still_removed), keys) ==
          owners(derived.with({"newcomer"}), keys));
    CHECK(stated.without(nodes[5]).node_count() == 5);
}

TEST_CASE("the trap: the present list alone gives another mapping") {
    const auto keys = sample::keys(1000);
    const auto nodes = sample::nodes(10);
    const stable_jump followed = stable_jump(nodes).without(nodes[3]);
    CHECK(owners(followed, keys) != owners(stable_jump(leave(nodes, {3})), keys));
}

TEST_CASE("the order in which nodes left matters, and which order does not undo it") {
    const auto keys = sample::keys(1000);
    const auto nodes = sample::nodes(10);
    const stable_jump one = stable_jump(nodes).without(nodes[3]).without(nodes[6]);
    const stable_jump other = stable_jump(nodes).without(nodes[6]).without(nodes[3]);
    CHECK(owners(one, keys) != owners(other, keys));
}

TEST_CASE("candidates are the owners as one node after the other leaves") {
    const std::vector<std::uint32_t> removed{2, 5};
    const stable_jump start(sample::nodes(8), removed);
    for (const std::string& key : sample::keys(200)) {
        std::array<std::uint32_t, 8> candidates{};
        REQUIRE(start.candidates_of(key, candidates) == 6);
        stable_jump left = start;
        for (std::size_t i = 0; i < 6; ++i) {
            const node& expected = start.nodes()[candidates.at(i)];
            REQUIRE(left.nodes()[left.owner_of(key)] == expected);
            left = left.without(expected);
        }
    }
}

TEST_CASE("the batch form gives stable jump's single owners") {
    const std::vector<std::uint32_t> removed{1, 4};
    const stable_jump policy(sample::nodes(9), removed);
    const auto keys = sample::keys(333);
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    std::vector<std::uint32_t> found(views.size() + 1, 77);
    owners_of(policy, views, found);
    for (std::size_t i = 0; i < views.size(); ++i) CHECK(found[i] == policy.owner_of(views[i]));
    CHECK(found.back() == 77);
    owners_of(stable_jump(), {}, found);
}

TEST_CASE("the state names every kind of node, and the seed") {
    const std::vector<node> nodes{{"a", 1}, {"2001:db8::7"}, {"/run/m:1.sock", 0}, {"b", 65535}};
    const stable_jump policy(nodes, std::vector<std::uint32_t>{2, 0},
                             {.seed = 12345678901234567890U});
    const std::string state = policy.state();
    CHECK(state ==
          "stable_jump:1|12345678901234567890|a:1,[2001:db8::7]:11211,/run/m:1.sock,b:65535|2,0");
    const stable_jump read = stable_jump::parse(state);
    CHECK(std::ranges::equal(read.nodes(), std::vector<node>{nodes[1], nodes[3]}));
    CHECK(read.state() == state);
    const auto keys = sample::keys(300);
    CHECK(owners(read, keys) == owners(policy, keys));
    CHECK(stable_jump().state() == "stable_jump:1|0||");
    CHECK(stable_jump::parse("stable_jump:1|0||").node_count() == 0);
}

TEST_CASE("a state that cannot be trusted is refused with what is wrong") {
    const auto refuse = [](std::string_view state) {
        return refusal([&] { return stable_jump::parse(state); }, errc::malformed_config);
    };
    CHECK(says(refuse(""), "has to begin with \"stable_jump:1|\""));
    CHECK(says(refuse("stable_jump:2|0|a:1|"), "has to begin with"));
    CHECK(says(refuse("stable_jump:1|0|a:1"), "of 3 fields, not 4"));
    CHECK(says(refuse("stable_jump:1|0|a:1||"), "of 5 fields, not 4"));
    CHECK(says(refuse("stable_jump:1|x|a:1|"), "with \"x\" for a seed"));
    CHECK(says(refuse("stable_jump:1||a:1|"), "with \"\" for a seed"));
    CHECK(says(refuse("stable_jump:1|0|a:1,b|"), "with \"b\" for node 1"));
    CHECK(says(refuse("stable_jump:1|0|a:1,|"), "with \"\" for node 1"));
    CHECK(says(refuse("stable_jump:1|0|,a:1|"), "with \"\" for node 0"));
    CHECK(says(refuse("stable_jump:1|0|a:0|"), "with \"a:0\" for node 0"));
    CHECK(says(refuse("stable_jump:1|0|a:1:5|"), "with \"a:1:5\" for node 0"));
    CHECK(says(refuse("stable_jump:1|0|a:1,b:1,a:1|"), "with \"a:1\" for two nodes"));
    CHECK(says(refuse("stable_jump:1|0|a:1,b:1|2"), "of 2 buckets with \"2\""));
    CHECK(says(refuse("stable_jump:1|0|a:1,b:1|-1"), "of 2 buckets with \"-1\""));
    CHECK(says(refuse("stable_jump:1|0|a:1,b:1|0,"), "of 2 buckets with \"\""));
    CHECK(says(refuse("stable_jump:1|0|a:1,b:1|0,0"), "with bucket 0 out twice"));
}

TEST_CASE("a history that cannot be is refused with its place") {
    const auto nodes = sample::nodes(4);
    const auto refuse = [&](std::vector<std::uint32_t> removed, errc code) {
        return refusal([&] { return stable_jump(nodes, removed); }, code);
    };
    CHECK(says(refuse({1, 4}, errc::unknown_node), "removal 1 names node 4 of a list of 4"));
    CHECK(says(refuse({2, 1, 2}, errc::duplicate_node),
               "node 2 \"10.0.0.3:11211\" is removed twice"));
    CHECK(says(refuse({3, 3}, errc::duplicate_node), "node 3 \"10.0.0.4:11211\" is removed twice"));
    CHECK(says(refuse({0, 1, 2, 3}, errc::no_nodes), "every node is removed"));
    CHECK(says(refuse({3, 2, 1, 0}, errc::no_nodes), "every node is removed"));
    const stable_jump policy(nodes);
    CHECK(says(refusal([&] { return policy.without({"b"}); }, errc::unknown_node),
               "no node in use is \"b:11211\""));
    CHECK(
        says(refusal([&] { return stable_jump().without({"b"}); }, errc::unknown_node), "b:11211"));
    CHECK(says(refusal([&] { return policy.with(nodes[1]); }, errc::duplicate_node),
               "stable_jump: node 4 \"10.0.0.2:11211\" comes twice"));
    CHECK(says(refusal([&] { return policy.rebuilt(std::vector<node>{{""}}); }, errc::invalid_node),
               "stable_jump: node 0"));
}
