#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/key_part.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

static_assert(ranked_hash_policy<prefixed<ketama>> && ranked_hash_policy<hash_tagged<ketama>>);
static_assert(hash_policy<prefixed<jump>> && !ranked_hash_policy<prefixed<jump>>);
static_assert(hash_policy<routing_part<jump>> && !ranked_hash_policy<routing_part<jump>>);

static_assert(hash_tag_of("a{b}c") == "b");
static_assert(hash_tag_of("{user:1}:name") == "user:1");
static_assert(hash_tag_of("a{b}c{d}") == "b");
static_assert(hash_tag_of("a{b{c}d") == "b{c");
static_assert(hash_tag_of("}a{b}") == "b");
static_assert(hash_tag_of("a{}b{c}") == "a{}b{c}");
static_assert(hash_tag_of("a{bc") == "a{bc");
static_assert(hash_tag_of("a}bc") == "a}bc");
static_assert(hash_tag_of("{") == "{");
static_assert(hash_tag_of("") == "");
static_assert(hash_tag_of("a<b>c{d}", '<', '>') == "b");
static_assert(hash_tag_of("a:b:c", ':', ':') == "b");

static_assert(routing_part_of("a:b|#|c") == "a:b");
static_assert(routing_part_of("a:b|#|c|#|d") == "a:b");
static_assert(routing_part_of("a|#b") == "a|#b");
static_assert(routing_part_of("/east/web/a|#|c") == "a");
static_assert(routing_part_of("/east/web/a/b") == "a/b");
static_assert(routing_part_of("/east/web") == "/east/web");
static_assert(routing_part_of("/east") == "/east");
static_assert(routing_part_of("a/b/c/d") == "a/b/c/d");
static_assert(routing_part_of("") == "");

// That `policy` answers for each key what `plain` answers for its part, one by one, as a batch,
// and in candidates.
template <class Policy, class Plain>
void check_parts(const Policy& policy, const Plain& plain, std::span<const std::string> keys,
                 std::span<const std::string> parts) {
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    std::vector<std::uint32_t> owners(keys.size() + 1, 77);
    owners_of(policy, views, owners);
    CHECK(owners.back() == 77);
    CHECK(policy.node_count() == plain.node_count());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::uint32_t owner = plain.owner_of(parts[i]);
        REQUIRE(policy.owner_of(keys[i]) == owner);
        REQUIRE(owners[i] == owner);
        std::array<std::uint32_t, 3> got{};
        std::array<std::uint32_t, 3> want{};
        REQUIRE(policy.candidates_of(keys[i], got) == plain.candidates_of(parts[i], want));
        REQUIRE(got == want);
    }
}

}  // namespace

TEST_CASE("a prefix is hashed before the key, up to the longest of both") {
    const auto nodes = sample::nodes(7);
    const ketama plain(nodes);
    auto keys = sample::keys(300);
    keys.push_back(std::string(max_key_size, 'k'));
    for (const std::string& prefix : {std::string(), std::string("app:"), std::string(250, 'p')}) {
        const prefixed<ketama> policy(nodes, prefix);
        CHECK(policy.prefix() == prefix);
        std::vector<std::string> parts;
        for (const std::string& key : keys) parts.push_back(prefix + key);
        check_parts(policy, plain, keys, parts);
    }
}

TEST_CASE("a prefix goes before keys that are too long for memcached, and before none at all") {
    const auto nodes = sample::nodes(7);
    auto keys = sample::keys(40);
    for (const std::size_t size : {251U, 300U, 5000U}) {
        keys.insert(keys.begin() + 11, std::string(size, 'k'));
    }
    keys.insert(keys.begin(), std::string(251, 'f'));
    keys.push_back("");
    std::vector<std::string> parts;
    for (const std::string& key : keys) parts.push_back("app:" + key);
    check_parts(prefixed<ketama>(nodes, "app:"), ketama(nodes), keys, parts);
    CHECK(prefixed<ketama>(nodes).owner_of({}) == ketama(nodes).owner_of(""));
}

TEST_CASE("a prefix that no key can have is refused") {
    const auto nodes = sample::nodes(2);
    for (const std::string& prefix : {std::string(251, 'p'), std::string("a b")}) {
        try {
            const prefixed<ketama> policy(nodes, prefix);
            FAIL("accepted");
        } catch (const std::system_error& error) {
            CHECK(error.code() == errc::invalid_key);
            CHECK(std::string(error.what()).find(prefix) != std::string::npos);
        }
    }
}

TEST_CASE("only the tag of a key is hashed, and all of a key without one") {
    const auto nodes = sample::nodes(7);
    std::vector<std::string> keys;
    std::vector<std::string> parts;
    for (const std::string& name : sample::keys(100)) {
        keys.insert(keys.end(), {"{" + name + "}:a", "b{" + name + "}", name, "{}" + name});
        parts.insert(parts.end(), {name, name, name, "{}" + name});
    }
    check_parts(hash_tagged<ketama>(nodes), ketama(nodes), keys, parts);
}

TEST_CASE("only the routing part of a key is hashed") {
    const auto nodes = sample::nodes(7);
    std::vector<std::string> keys;
    std::vector<std::string> parts;
    for (const std::string& name : sample::keys(100)) {
        keys.insert(keys.end(),
                    {name, name + "|#|a", "/east/web/" + name, "/east/web/" + name + "|#|b"});
        parts.insert(parts.end(), 4, name);
    }
    check_parts(routing_part<ketama>(nodes), ketama(nodes), keys, parts);
}

TEST_CASE("options of the policy pass through") {
    const auto nodes = sample::nodes(9);
    const jump_options options{.seed = 7};
    const hash_tagged<jump> policy(nodes, options);
    const jump plain(nodes, options);
    for (const std::string& key : sample::keys(100)) {
        REQUIRE(policy.owner_of("x{" + key + "}") == plain.owner_of(key));
    }
}

TEST_CASE("a policy over parts of keys is rebuilt as its policy is") {
    const auto before = sample::nodes(7);
    const auto after = sample::without(before, 3);
    const auto prefix = prefixed<ketama>(before, "app:").rebuilt(after);
    const auto tag = hash_tagged<ketama>(before).rebuilt(after);
    const ketama plain(after);
    for (const std::string& key : sample::keys(200)) {
        REQUIRE(prefix.owner_of(key) == plain.owner_of("app:" + key));
        REQUIRE(tag.owner_of("{" + key + "}") == plain.owner_of(key));
    }
}
