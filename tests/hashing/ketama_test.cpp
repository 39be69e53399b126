#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/ketama.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

// Owners of key-0, key-1, ...
template <std::size_t Count>
std::array<std::uint32_t, Count> first_owners(const std::vector<node>& nodes) {
    const ketama policy(nodes);
    std::array<std::uint32_t, Count> owners{};
    for (std::size_t i = 0; i < Count; ++i) owners[i] = policy.owner_of("key-" + std::to_string(i));
    return owners;
}

static_assert(texts_by_weight<>{}(1, 3, 3) == 40);
static_assert(texts_by_weight<>{}(1, 25, 25) == 39);

}  // namespace

TEST_CASE("equal weights give 40 texts, but 39 where single precision falls short") {
    std::vector<std::size_t> short_counts;
    for (std::size_t n = 1; n <= 100; ++n) {
        const auto texts = texts_by_weight<>{}(1, n, n);
        if (texts != 40) short_counts.push_back(n);
        CHECK((texts == 40 || texts == 39));
    }
    CHECK(short_counts == std::vector<std::size_t>{25, 47, 50, 55, 61, 71, 94, 100});
}

// The owners in the next three cases are answers of libmemcached 1.1.4 with KETAMA_WEIGHTED.
TEST_CASE("IPv6 literals are named without brackets") {
    const std::vector<node> nodes{{"::1"}, {"::1", 11212}, {"fe80::1", 22000, 2}};
    CHECK(first_owners<40>(nodes) == std::array<std::uint32_t, 40>{2, 2, 2, 2, 2, 0, 0, 2, 2, 2,
                                                                   2, 2, 0, 1, 1, 2, 2, 2, 0, 1,
                                                                   1, 2, 2, 1, 2, 0, 2, 2, 2, 2,
                                                                   2, 2, 0, 0, 2, 2, 2, 2, 0, 2});
}

TEST_CASE("a node of too little weight is accepted and owns nothing") {
    const std::vector<node> nodes{{"a"}, {"b", 11211, 1000}, {"c", 11211, 900}};
    CHECK(first_owners<40>(nodes) == std::array<std::uint32_t, 40>{2, 1, 2, 2, 2, 1, 1, 1, 1, 1,
                                                                   1, 1, 1, 1, 1, 1, 1, 2, 1, 2,
                                                                   1, 1, 1, 1, 1, 1, 2, 1, 1, 1,
                                                                   2, 1, 1, 2, 2, 2, 1, 1, 2, 2});
    std::array<std::uint32_t, 3> out{};
    CHECK(ketama(nodes).candidates_of("key-0", out) == 2);
    CHECK(out[0] == 2);
    CHECK(out[1] == 1);
}

TEST_CASE("where two nodes share a point the earlier node of the list has it") {
    // One of the 160 points of each is 170224714, and the key lies just before it.
    const node one{"cache-39.example"};
    const node other{"cache-385.example"};
    CHECK(ketama(std::array{one, other}).owner_of("key-115") == 0);
    CHECK(ketama(std::array{other, one}).owner_of("key-115") == 0);
}

TEST_CASE("weight 4,000,000,000 is a weight like any other") {
    const std::vector<node> small{{"a", 11211, 1}, {"b", 11211, 2}};
    const std::vector<node> large{{"a", 11211, 2000000000}, {"b", 11211, 4000000000}};
    CHECK(first_owners<200>(small) == first_owners<200>(large));
}

TEST_CASE("the keys spread over ten equal nodes within a quarter of the mean") {
    const auto keys = sample::keys(50000);
    for (const std::size_t count : sample::load(ketama(sample::nodes(10)), keys)) {
        CHECK(count > 3750);
        CHECK(count < 6250);
    }
}

TEST_CASE("the keys spread over nodes by their weights") {
    const auto keys = sample::keys(50000);
    const std::vector<node> nodes{{"a", 11211, 1}, {"b", 11211, 2}, {"c", 11211, 7}};
    const auto counts = sample::load(ketama(nodes), keys);
    CHECK(std::abs(static_cast<double>(counts[0]) / 50000 - 0.1) < 0.025);
    CHECK(std::abs(static_cast<double>(counts[1]) / 50000 - 0.2) < 0.05);
    CHECK(std::abs(static_cast<double>(counts[2]) / 50000 - 0.7) < 0.07);
}

TEST_CASE("taking out a node moves its keys only, each to its second candidate") {
    const auto nodes = sample::nodes(10);
    const ketama before(nodes);
    for (std::uint32_t gone = 0; gone < nodes.size(); ++gone) {
        const ketama after(sample::without(nodes, gone));
        std::size_t moved = 0;
        for (const std::string& key : sample::keys(2000)) {
            std::array<std::uint32_t, 2> candidates{};
            REQUIRE(before.candidates_of(key, candidates) == 2);
            const std::uint32_t wanted = candidates[candidates[0] == gone ? 1 : 0];
            const std::uint32_t now = after.owner_of(key);
            REQUIRE((now < gone ? now : now + 1) == wanted);
            if (candidates[0] == gone) ++moved;
        }
        CHECK(moved > 120);
        CHECK(moved < 280);
    }
}

TEST_CASE("a new node takes keys from the others and moves none between them") {
    const ketama before(sample::nodes(9));
    const ketama after(sample::nodes(10));
    std::size_t taken = 0;
    for (const std::string& key : sample::keys(10000)) {
        const std::uint32_t owner = after.owner_of(key);
        if (owner == 9) {
            ++taken;
        } else {
            REQUIRE(owner == before.owner_of(key));
        }
    }
    CHECK(taken > 700);
    CHECK(taken < 1300);
}

TEST_CASE("the candidates are all nodes, each once, the owner first") {
    const ketama policy(sample::nodes(12));
    for (const std::string& key : sample::keys(500)) {
        std::array<std::uint32_t, 20> out{};
        REQUIRE(policy.candidates_of(key, out) == 12);
        CHECK(out[0] == policy.owner_of(key));
        std::array<std::uint32_t, 5> few{};
        REQUIRE(policy.candidates_of(key, few) == 5);
        CHECK(std::ranges::equal(few, std::span(out).first(5)));
        std::ranges::sort(std::span(out).first(12));
        for (std::uint32_t i = 0; i < 12; ++i) REQUIRE(out[i] == i);
    }
}

TEST_CASE("two nodes that libmemcached would give one name are refused") {
    // "::1" with port 11212 reads like the literal "::1:11212".
    const std::vector<node> nodes{{"::1", 11212}, {"10.0.0.1"}, {"::1:11212"}};
    try {
        const ketama policy(nodes);
        FAIL("accepted");
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::duplicate_node);
        CHECK(std::string(error.what()).find("node 2") != std::string::npos);
        CHECK(std::string(error.what()).find("\"::1:11212\"") != std::string::npos);
    }
}
