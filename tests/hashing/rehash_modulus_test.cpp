#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/rehash_modulus.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

template <class Policy>
std::vector<std::size_t> slots_per_node(const Policy& policy) {
    std::vector<std::size_t> counts(policy.node_count());
    for (const std::uint16_t owner : policy.slots()) ++counts.at(owner);
    return counts;
}

template <class Policy>
std::string refusal(const std::vector<node>& nodes) {
    try {
        const Policy policy(nodes);
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::invalid_node);
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("the nodes have equally many slots, the first ones those left over") {
    CHECK(rehash_modulus().slots().empty());
    const rehash_modulus policy(sample::nodes(3));
    CHECK(policy.slots().size() == 16387);
    CHECK(slots_per_node(policy) == std::vector<std::size_t>{5463, 5462, 5462});
}

TEST_CASE("weights are shares of the slots") {
    const std::vector<node> nodes{{"a", 11211, 1}, {"b", 11211, 2}, {"c", 11211, 3}};
    const weighted_rehash_modulus policy(nodes);
    CHECK(policy.slots().size() == 32775);
    CHECK(slots_per_node(policy) == std::vector<std::size_t>{5463, 10926, 16386});
}

TEST_CASE("a key's owner is the node in its hash's slot") {
    const rehash_modulus policy(sample::nodes(7));
    for (const std::string& key : sample::keys(500)) {
        CHECK(policy.owner_of(key) == policy.slots()[python_memcached_hash(key) % 16387]);
    }
}

TEST_CASE("taking out one of five nodes moves its keys and hardly another") {
    const auto nodes = sample::nodes(5);
    const auto keys = sample::keys(10000);
    for (std::uint32_t gone = 0; gone < nodes.size(); ++gone) {
        const rehash_modulus before(nodes);
        const rehash_modulus after(sample::without(nodes, gone));
        std::size_t lost = 0;
        std::size_t shuffled = 0;
        for (const std::string& key : keys) {
            const std::uint32_t old_owner = before.owner_of(key);
            const std::uint32_t now = after.owner_of(key);
            if (old_owner == gone) {
                ++lost;
            } else if (old_owner != (now < gone ? now : now + 1)) {
                ++shuffled;
            }
        }
        CAPTURE(gone);
        CHECK(lost > 1700);
        CHECK(lost < 2300);
        CHECK(shuffled < 100);
    }
}

TEST_CASE("the candidates are the owner and ten more, all from the slot table") {
    const rehash_modulus policy(sample::nodes(4));
    for (const std::string& key : sample::keys(200)) {
        std::array<std::uint32_t, 16> out{};
        REQUIRE(policy.candidates_of(key, out) == 11);
        std::uint32_t hash = python_memcached_hash(key);
        for (std::uint32_t i = 0; i < 11; ++i) {
            REQUIRE(out[i] == policy.slots()[hash % 16387]);
            hash = next_python_memcached_hash(hash, i);
        }
        std::array<std::uint32_t, 3> few{};
        REQUIRE(policy.candidates_of(key, few) == 3);
        CHECK(std::ranges::equal(few, std::span(out).first(3)));
    }
}

TEST_CASE("nodes of one name draw from one stream, as a node of twice the weight does") {
    const std::vector<node> apart{{"a", 1}, {"a", 2}, {"b", 1}};
    const std::vector<node> joined{{"a", 1, 2}, {"b", 1}};
    const basic_rehash_modulus<997, host_only> two(apart);
    const basic_rehash_modulus<997, host_only> one(joined);
    for (std::size_t slot = 0; slot < 997; ++slot) {
        REQUIRE((two.slots()[slot] == 2) == (one.slots()[slot] == 1));
    }
    CHECK(slots_per_node(two) == std::vector<std::size_t>{333, 332, 332});
}

TEST_CASE("a naming may carry state of the caller's") {
    struct prefixed {
        std::string prefix;
        std::string operator()(const node& n) const { return prefix + n.host; }
    };
    using policy = basic_rehash_modulus<997, prefixed>;
    using by_host = basic_rehash_modulus<997, host_only>;
    const std::vector<node> nodes{{"a"}, {"b"}};
    const std::vector<node> spelled{{"rack-a"}, {"rack-b"}};
    const policy named(nodes, prefixed{"rack-"});
    CHECK(std::ranges::equal(named.slots(), by_host(spelled).slots()));
    CHECK_FALSE(std::ranges::equal(named.slots(), by_host(nodes).slots()));
    // And takes it to other lists.
    const policy again = named.rebuilt({}).rebuilt(nodes);
    CHECK(std::ranges::equal(again.slots(), named.slots()));
}

TEST_CASE("a table takes as many nodes as it has slots, and refuses one more by name") {
    using tiny = basic_rehash_modulus<7>;
    CHECK(slots_per_node(tiny(sample::nodes(7))) == std::vector<std::size_t>(7, 1));
    const std::string reason = refusal<tiny>(sample::nodes(8));
    CHECK(reason.find("node 7 \"10.0.0.8:11211\"") != std::string::npos);
    CHECK(reason.find("all 7 slots") != std::string::npos);
}

TEST_CASE("a node is refused when the weights before it use up the table") {
    using tiny = basic_rehash_modulus<7>;
    CHECK(refusal<tiny>({{"a", 1, 7}, {"b", 1, 1}}).find("node 1 \"b:1\"") != std::string::npos);
    CHECK(refusal<tiny>({{"a", 1, 4000000000}, {"b"}}).find("node 1") != std::string::npos);
    const std::vector<node> tight{{"a", 1, 6}, {"b", 1, 4000000000}};
    CHECK(slots_per_node(tiny(tight)) == std::vector<std::size_t>{6, 1});
}
