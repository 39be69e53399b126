// What every hash policy promises.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/any_policy.hpp>
#include <memring/hashing/bounded_load.hpp>
#include <memring/hashing/ch3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/key_part.hpp>
#include <memring/hashing/maglev.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/hashing/rendezvous.hpp>
#include <memring/hashing/schemes.hpp>
#include <memring/hashing/stable_jump.hpp>
#include <memring/hashing/weighted_ch3.hpp>
#include <memring/hashing/weighted_furc.hpp>

#include "sample_nodes.hpp"

MEMRING_DECLARE_SCHEMES;

using namespace memring;

using bounded_ketama = bounded_load<ketama>;
using tagged_jump = hash_tagged<jump>;

TYPE_TO_STRING(any_policy);
TYPE_TO_STRING(bounded_ketama);
TYPE_TO_STRING(ch3);
TYPE_TO_STRING(jump);
TYPE_TO_STRING(ketama);
TYPE_TO_STRING(maglev);
TYPE_TO_STRING(modulus);
TYPE_TO_STRING(rehash_modulus);
TYPE_TO_STRING(rendezvous);
TYPE_TO_STRING(stable_jump);
TYPE_TO_STRING(tagged_jump);
TYPE_TO_STRING(weighted_ch3);
TYPE_TO_STRING(weighted_furc);
TYPE_TO_STRING(weighted_rehash_modulus);

#define RANKED_POLICIES                                                                           \
    any_policy, bounded_ketama, ketama, maglev, modulus, rehash_modulus, rendezvous, stable_jump, \
        weighted_rehash_modulus
#define ALL_POLICIES RANKED_POLICIES, ch3, jump, tagged_jump, weighted_ch3, weighted_furc
#define REBUILDABLE_POLICIES                                                                       \
    any_policy, bounded_ketama, ch3, jump, ketama, maglev, stable_jump, tagged_jump, weighted_ch3, \
        weighted_furc

namespace {

template <class Policy>
void check_refused(const std::vector<node>& nodes, errc code, std::string_view quoted) {
    try {
        const Policy policy(nodes);
        FAIL_CHECK("accepted: ", std::string(quoted));
    } catch (const std::system_error& error) {
        CHECK(error.code() == code);
        CAPTURE(error.what());
        CHECK(std::string_view(error.what()).find(quoted) != std::string_view::npos);
    }
}

}  // namespace

TEST_CASE_TEMPLATE("an empty list is a policy of no nodes", Policy, ALL_POLICIES) {
    CHECK(Policy().node_count() == 0);
    CHECK(Policy(std::span<const node>()).node_count() == 0);
}

TEST_CASE_TEMPLATE("no nodes, no candidates", Policy, RANKED_POLICIES) {
    std::array<std::uint32_t, 3> out{};
    CHECK(Policy().candidates_of("key", out) == 0);
}

TEST_CASE_TEMPLATE("a single node owns everything", Policy, ALL_POLICIES) {
    const Policy policy(sample::nodes(1));
    CHECK(policy.node_count() == 1);
    for (const std::string& key : sample::keys(200)) CHECK(policy.owner_of(key) == 0);
}

TEST_CASE_TEMPLATE("a node that cannot be a server is refused with its place", Policy,
                   ALL_POLICIES) {
    auto nodes = sample::nodes(4);
    SUBCASE("no host") {
        nodes[2].host = "";
        check_refused<Policy>(nodes, errc::invalid_node, "node 2 \":11211\" has no valid host");
    }
    SUBCASE("a blank in the host") {
        nodes[0].host = "a b";
        check_refused<Policy>(nodes, errc::invalid_node, "node 0 \"a b:11211\" has no valid host");
    }
    SUBCASE("port 0") {
        nodes[1].port = 0;
        check_refused<Policy>(nodes, errc::invalid_node, "node 1 \"10.0.0.2:0\" has port 0");
    }
    SUBCASE("weight 0") {
        nodes[3].weight = 0;
        check_refused<Policy>(nodes, errc::invalid_node, "node 3 \"10.0.0.4:11211\" has weight 0");
    }
}

TEST_CASE_TEMPLATE("the same server twice is refused, whatever its weight and address", Policy,
                   ALL_POLICIES) {
    auto nodes = sample::nodes(4);
    nodes.push_back({"10.0.0.2", 11211, 7, "10.9.9.9"});
    nodes.push_back({"10.0.0.1"});
    check_refused<Policy>(nodes, errc::duplicate_node, "node 4 \"10.0.0.2:11211\" comes twice");
}

TEST_CASE_TEMPLATE("servers that differ in their port only are different", Policy, ALL_POLICIES) {
    const std::vector<node> nodes{{"a", 1}, {"a", 2}, {"a", 3}};
    const Policy policy(nodes);
    const auto keys = sample::keys(300);
    for (const std::size_t count : sample::load(policy, keys)) CHECK(count > 30);
}

TEST_CASE_TEMPLATE("every owner is a node there is, for keys of every length and byte", Policy,
                   ALL_POLICIES) {
    const Policy policy(sample::nodes(5));
    std::string key;
    for (std::size_t size = 1; size <= 250; ++size) {
        key += static_cast<char>(size + 0x21);
        CHECK(policy.owner_of(key) < 5);
        CHECK(policy.owner_of(std::string(size, static_cast<char>(size))) < 5);
    }
}

TEST_CASE_TEMPLATE("copies and equal lists give equal owners", Policy, ALL_POLICIES) {
    Policy original(sample::nodes(6));
    const Policy again(sample::nodes(6));
    const Policy copy = original;
    Policy moved(sample::nodes(2));
    moved = std::move(original);
    REQUIRE(moved.node_count() == 6);
    for (const std::string& key : sample::keys(500)) {
        const std::uint32_t owner = again.owner_of(key);
        REQUIRE(copy.owner_of(key) == owner);
        REQUIRE(moved.owner_of(key) == owner);
    }
}

TEST_CASE_TEMPLATE("the address of a node has no say in the mapping", Policy, ALL_POLICIES) {
    auto nodes = sample::nodes(6);
    const Policy before(nodes);
    for (node& n : nodes) n.address = "192.0.2.1";
    const Policy after(nodes);
    for (const std::string& key : sample::keys(500)) {
        REQUIRE(before.owner_of(key) == after.owner_of(key));
    }
}

TEST_CASE_TEMPLATE("the batch form gives what the single form gives", Policy, ALL_POLICIES) {
    const Policy policy(sample::nodes(9));
    auto keys = sample::keys(333);
    for (std::size_t i = 0; i < keys.size(); i += 7) keys[i].resize(i % 250 + 1, 'x');
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    std::vector<std::uint32_t> owners(views.size() + 1, 77);
    owners_of(policy, views, owners);
    for (std::size_t i = 0; i < views.size(); ++i) CHECK(owners[i] == policy.owner_of(views[i]));
    CHECK(owners.back() == 77);
    owners_of(Policy(sample::nodes(1)), std::span(views).first(5), owners);
    for (std::size_t i = 0; i < 5; ++i) CHECK(owners[i] == 0);
    owners_of(Policy(), {}, owners);
}

TEST_CASE_TEMPLATE("the first candidate is the owner, and all are nodes there are", Policy,
                   RANKED_POLICIES) {
    const Policy policy(sample::nodes(5));
    for (const std::string& key : sample::keys(300)) {
        std::array<std::uint32_t, 5> out{};
        const std::size_t count = policy.candidates_of(key, out);
        REQUIRE(count == 5);
        CHECK(out[0] == policy.owner_of(key));
        for (const std::uint32_t candidate : out) CHECK(candidate < 5);
    }
    CHECK(policy.candidates_of("key", {}) == 0);
}

TEST_CASE_TEMPLATE("looking up and copying never throw", Policy, ALL_POLICIES) {
    CHECK(std::is_nothrow_copy_constructible_v<Policy>);
    CHECK(std::is_nothrow_move_constructible_v<Policy>);
    CHECK(std::is_nothrow_default_constructible_v<Policy>);
    CHECK(noexcept(std::declval<const Policy&>().owner_of("key")));
}

TEST_CASE_TEMPLATE("a policy rebuilt for another list is a new one of that list", Policy,
                   REBUILDABLE_POLICIES) {
    const Policy none;
    const Policy of_six = none.rebuilt(sample::nodes(6));
    const Policy fresh(sample::nodes(6));
    const Policy grown = Policy(sample::nodes(4)).rebuilt(sample::nodes(6));
    const Policy back = fresh.rebuilt({}).rebuilt(sample::nodes(6));
    CHECK(fresh.rebuilt({}).node_count() == 0);
    REQUIRE(of_six.node_count() == 6);
    for (const std::string& key : sample::keys(500)) {
        const std::uint32_t owner = fresh.owner_of(key);
        REQUIRE(of_six.owner_of(key) == owner);
        REQUIRE(grown.owner_of(key) == owner);
        REQUIRE(back.owner_of(key) == owner);
    }
}

template <class Policy>
static void check_options_stay(const Policy& special) {
    const Policy plain(sample::nodes(5));
    const Policy same = special.rebuilt({}).rebuilt(sample::nodes(9)).rebuilt(sample::nodes(5));
    std::size_t others = 0;
    for (const std::string& key : sample::keys(500)) {
        REQUIRE(same.owner_of(key) == special.owner_of(key));
        others += plain.owner_of(key) != special.owner_of(key);
    }
    CHECK(others > 0);
}

TEST_CASE("options of a policy hold for all the lists it is rebuilt for") {
    const auto nodes = sample::nodes(5);
    check_options_stay(jump(nodes, {.seed = 7}));
    check_options_stay(maglev(nodes, {.table_size = 251}));
    check_options_stay(ch3(nodes, {.salt = "s"}));
    check_options_stay(hash_tagged<ch3>(nodes, ch3_options{.salt = "s"}));
    check_options_stay(prefixed<ketama>(nodes, "app:"));
    check_options_stay(weighted_ch3(nodes, {.salt = "s"}));
    check_options_stay(weighted_furc(nodes, {.salt = "s"}));
    check_options_stay(bounded_load<ketama>(nodes, {.percent = 100}));
    check_options_stay(bounded_load<stable_jump>(nodes, stable_jump(nodes, {.seed = 7})));
    check_options_stay(any_policy("maglev", nodes));
}

TEST_CASE("weights in options are those of a list of as many nodes") {
    const weighted_ch3 policy(sample::nodes(3), {.weights = {1, 0.5, 0.25}});
    CHECK(policy.rebuilt({}).node_count() == 0);
    const weighted_ch3 again = policy.rebuilt({}).rebuilt(sample::nodes(3));
    for (const std::string& key : sample::keys(500))
        REQUIRE(again.owner_of(key) == policy.owner_of(key));
    CHECK_THROWS_AS((void)policy.rebuilt(sample::nodes(4)), std::system_error);
    CHECK_THROWS_AS((void)policy.rebuilt(sample::nodes(2)), std::system_error);
}
