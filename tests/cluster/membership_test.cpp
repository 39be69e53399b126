#include <doctest/doctest.h>

#include <algorithm>
#include <memring/cluster/membership.hpp>
#include <memring/hashing/ketama.hpp>
#include <random>
#include <vector>

using namespace memring;

namespace {

const node a{"a", 1};
const node b{"b", 2};
const node c{"c", 3};

}  // namespace

TEST_CASE("the routable nodes are the listed ones, in the listed order") {
    membership members({a, b});
    CHECK(members.routable() == std::vector{a, b});
    CHECK_FALSE(members.listed({c, a}));
    CHECK(members.routable() == std::vector{c, a});
}

TEST_CASE("a drained node stays out while discovery still lists it") {
    membership members({a, b, c});
    members.resharded({a, c});
    CHECK(members.routable() == std::vector{a, c});
    CHECK_FALSE(members.listed({a, b, c}));
    CHECK(members.routable() == std::vector{a, c});
}

TEST_CASE("a drained node may come back once discovery has dropped it") {
    membership members({a, b});
    members.resharded({a});
    CHECK_FALSE(members.listed({a}));
    CHECK_FALSE(members.listed({a, b}));
    CHECK(members.routable() == std::vector{a, b});
}

TEST_CASE("a bad list is refused whole and the last good one stays") {
    membership members({a, b});
    CHECK(members.listed({a, a}) == errc::duplicate_node);
    CHECK(members.listed({a, node{"x", 0}}) == errc::invalid_node);
    CHECK(members.listed({node{"", 5}}) == errc::invalid_node);
    CHECK(members.routable() == std::vector{a, b});
}

TEST_CASE("an empty list is a list") {
    membership members({a});
    CHECK_FALSE(members.listed({}));
    CHECK(members.routable().empty());
}

TEST_CASE("a node this process has filled is routable before discovery lists it") {
    membership members({a});
    members.resharded({a, c});
    CHECK(members.routable() == std::vector{a, c});
    CHECK_FALSE(members.listed({a, b, c}));
    CHECK(members.routable() == std::vector{a, b, c});
}

TEST_CASE("a list that leaves a filled node out takes it away again") {
    membership members({a});
    members.resharded({a, c});
    CHECK_FALSE(members.listed({a}));
    CHECK(members.routable() == std::vector{a});
}

TEST_CASE("events may be repeated without effect, whatever their order") {
    std::mt19937 random(1);
    const std::vector all{a, b, c};
    membership once({a, b, c}), twice({a, b, c});
    for (int i = 0; i < 5000; ++i) {
        if (random() % 2 == 0) {
            auto list = all;
            std::shuffle(list.begin(), list.end(), random);
            list.resize(random() % 4);
            CHECK_FALSE(once.listed(list));
            CHECK_FALSE(twice.listed(list));
            CHECK_FALSE(twice.listed(list));
        } else {
            auto next = once.routable();
            if (!next.empty()) next.pop_back();
            once.resharded(next);
            twice.resharded(next);
            twice.resharded(next);
        }
        REQUIRE(once.routable() == twice.routable());
    }
}

TEST_CASE("a topology diff knows nodes by host and port, not by weight or place") {
    const topology_diff diff(std::vector{a, b}, std::vector{node{"b", 2, 5}, c});
    CHECK(diff.added == std::vector{c});
    CHECK(diff.removed == std::vector{a});
    CHECK(diff.kept == std::vector{node{"b", 2, 5}});
}

TEST_CASE("a topology names the bad node of its list and the place") {
    try {
        const topology<ketama> bad({a, node{"b", 0}});
        FAIL("accepted a port of 0");
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::invalid_node);
        CHECK(std::string(error.what()).find("node 1 (b:0)") != std::string::npos);
    }
}

TEST_CASE("a topology routes every key to one of its nodes") {
    const topology<ketama> cluster({a, b, c});
    std::vector<int> hits(3);
    for (int i = 0; i < 3000; ++i) ++hits.at(cluster.owner_of("key" + std::to_string(i)));
    CHECK(std::ranges::all_of(hits, [](int n) { return n > 0; }));
}
