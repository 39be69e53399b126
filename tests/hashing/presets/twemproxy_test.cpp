#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/twemproxy.hpp>
#include <memring/hashing/ketama.hpp>

#include "../sample_nodes.hpp"
#include "preset_tools.hpp"

using namespace memring;
using namespace memring::compat;

TEST_CASE("the order of the configuration does not matter, owners are places in it") {
    const std::vector<node> nodes{{.host = "cache10"}, {.host = "cache9", .weight = 2}, {"b"}};
    std::vector<node> reversed(nodes.rbegin(), nodes.rend());
    const twemproxy_modula<> modula(nodes);
    const twemproxy_modula<> reversed_modula(reversed);
    const twemproxy_ketama<> ketama(nodes);
    const twemproxy_ketama<> reversed_ketama(reversed);
    for (const std::string& key : sample::keys(1000)) {
        REQUIRE(reversed_modula.owner_of(key) == 2 - modula.owner_of(key));
        REQUIRE(reversed_ketama.owner_of(key) == 2 - ketama.owner_of(key));
        // The buckets are b, cache9, cache9, cache10.
        const std::uint32_t owners[] = {2, 1, 1, 0};
        REQUIRE(modula.owner_of(key) == owners[hash::fnv1a_64{}(key) % 4]);
    }
}

TEST_CASE("a name frees the mapping from the address") {
    std::vector<node> before = sample::nodes(4);
    std::vector<node> after = before;
    for (std::size_t i = 0; i < after.size(); ++i) {
        before[i].name = after[i].name = "shard-" + std::to_string(i);
        after[i].host = "10.9.9." + std::to_string(i);
    }
    const auto keys = sample::keys(2000);
    CHECK(sample::differences(twemproxy_ketama<>(before), twemproxy_ketama<>(after), keys) == 0);
    CHECK(sample::differences(twemproxy_ketama<>(before), twemproxy_ketama<>(sample::nodes(4)),
                              keys) > 500);
}

TEST_CASE("two servers of one name are refused, as twemproxy does") {
    const std::vector<node> nodes{
        {.host = "a", .name = "shard"}, {.host = "b"}, {.host = "c", .name = "shard"}};
    const std::system_error error = sample::refusal<twemproxy_modula<>>(nodes);
    CHECK(error.code() == errc::duplicate_node);
    CHECK(sample::mentions(error,
                           "twemproxy: node 2 \"c:11211\" has the name of another node, "
                           "\"shard\""));
    CHECK(sample::refusal<twemproxy_ketama<>>(nodes).code() == errc::duplicate_node);
    const std::vector<node> clash{{.host = "a", .port = 22}, {.host = "b", .name = "a:22"}};
    CHECK(sample::refusal<twemproxy_modula<>>(clash).code() == errc::duplicate_node);
}

TEST_CASE("points are MD5 whatever the hash of the keys is") {
    const auto nodes = sample::nodes(50);
    const auto keys = sample::keys(2000);
    CHECK(sample::differences(twemproxy_ketama<hash::md5>(nodes), ketama(nodes), keys) == 0);
    using md5_ring = basic_ketama<hash::fnv1a_64>;
    CHECK(sample::differences(twemproxy_ketama<>(nodes), md5_ring(nodes), keys) == 0);
}

TEST_CASE("a point that two servers have belongs to the one whose name sorts first") {
    std::vector<node> nodes;
    for (int i = 1200; i-- > 0;) nodes.push_back({.host = "cache-" + std::to_string(i)});
    const auto shared = sample::shared_points<twemproxy_name>(nodes);
    REQUIRE(!shared.empty());
    const ring<twemproxy_ketama_rule, sample::spelled_hash> policy(nodes);
    for (const sample::shared_point& point : shared) {
        // The list is in descending order of the names, by length and then by bytes.
        CHECK(policy.owner_of(std::to_string(point.value)) == point.second);
    }
}
