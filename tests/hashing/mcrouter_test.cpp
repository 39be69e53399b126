#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/mcrouter.hpp>

#include "sample_nodes.hpp"

using namespace memring;
using compat::mcrouter_ch3;
using compat::mcrouter_crc32;
using compat::mcrouter_weighted_ch3;
using compat::mcrouter_weighted_furc;

TYPE_TO_STRING(mcrouter_ch3);
TYPE_TO_STRING(mcrouter_crc32);
TYPE_TO_STRING(mcrouter_weighted_ch3);
TYPE_TO_STRING(mcrouter_weighted_furc);

#define ALL_POLICIES mcrouter_ch3, mcrouter_crc32, mcrouter_weighted_ch3, mcrouter_weighted_furc

TEST_CASE_TEMPLATE("mcrouter routes by the part before the hash stop, without the routing prefix",
                   Policy, ALL_POLICIES) {
    auto nodes = sample::nodes(100);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].weight = 1 + static_cast<std::uint32_t>(i % 3);
    }
    const Policy policy(nodes);
    for (const std::string& key : sample::keys(200)) {
        const std::uint32_t owner = policy.owner_of(key);
        REQUIRE(policy.owner_of(key + "|#|name") == owner);
        REQUIRE(policy.owner_of("/region/cluster/" + key) == owner);
        REQUIRE(policy.owner_of("/region/cluster/" + key + "|#|a|#|b") == owner);
    }
}

TEST_CASE_TEMPLATE("an empty list is a policy of no nodes, a single node owns everything", Policy,
                   ALL_POLICIES) {
    CHECK(Policy().node_count() == 0);
    CHECK(Policy(std::span<const node>()).node_count() == 0);
    const Policy alone(sample::nodes(1));
    for (const std::string& key : sample::keys(100)) REQUIRE(alone.owner_of(key) == 0);
}

TEST_CASE_TEMPLATE("bad nodes are refused in mcrouter's name", Policy, ALL_POLICIES) {
    auto nodes = sample::nodes(3);
    nodes[2] = nodes[0];
    CHECK_THROWS_WITH_AS(Policy{nodes}, doctest::Contains("mcrouter "), std::system_error);
    CHECK_THROWS_WITH_AS(Policy{nodes}, doctest::Contains("node 2 \"10.0.0.1:11211\" comes twice"),
                         std::system_error);
}

TEST_CASE("the salt is hashed behind the routing part, not behind the key") {
    const auto nodes = sample::nodes(100);
    const ch3_options salt{.salt = "::salt"};
    for (const std::string& key : sample::keys(200)) {
        REQUIRE(mcrouter_ch3(nodes, salt).owner_of(key + "|#|x") ==
                ch3(nodes).owner_of(key + "::salt"));
        REQUIRE(mcrouter_crc32(nodes, salt).owner_of(key + "|#|x") ==
                (crc32(key + "::salt") & 0x7fffffff) % 100);
    }
}

TEST_CASE("weights from the options reach the weighted hashes") {
    const auto nodes = sample::nodes(3);
    const weighted_ch3_options options{.weights = {0.5, 0, 1}, .salt = {}};
    for (const std::string& key : sample::keys(500)) {
        REQUIRE(mcrouter_weighted_ch3(nodes, options).owner_of(key) != 1);
        REQUIRE(mcrouter_weighted_furc(nodes, options).owner_of(key) != 1);
    }
}
