#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/ch3.hpp>
#include <memring/hashing/weighted_ch3.hpp>
#include <memring/hashing/weighted_furc.hpp>

#include "sample_nodes.hpp"

using namespace memring;

TYPE_TO_STRING(ch3);
TYPE_TO_STRING(weighted_ch3);
TYPE_TO_STRING(weighted_furc);

#define ALL_POLICIES ch3, weighted_ch3, weighted_furc
#define WEIGHTED_POLICIES weighted_ch3, weighted_furc

// Made by mcrouter's own sources (commit 9d7f4342).
static_assert(ch3_hash("L", 1) == 0);
static_assert(ch3_hash("L", 10) == 1);
static_assert(ch3_hash("L", 99999) == 83598);

namespace {

// All bits of a key at once, as the description of the algorithm has them.
std::vector<bool> bit_row(std::string_view key, std::size_t words) {
    std::vector<bool> bits;
    std::uint64_t word = murmur64a(key, 4193360111);
    for (std::size_t i = 0; i < words; ++i) {
        std::string bytes;
        for (int bit = 0; bit < 64; ++bit) bits.push_back((word >> bit & 1) != 0);
        for (int byte = 0; byte < 8; ++byte) bytes += static_cast<char>(word >> (8 * byte));
        word = murmur64a(bytes, 4193360111);
    }
    return bits;
}

struct walk_end {
    std::uint32_t bucket;
    std::size_t place;
};

// The walk, step by step.
walk_end walk(const std::vector<bool>& bits, std::size_t base, std::uint32_t buckets) {
    std::size_t top = base;
    for (std::uint32_t n = buckets - 1; n != 0; n /= 2) ++top;
    std::size_t place = top;
    while (true) {
        while (!bits.at(place)) {
            if (--top == base) return {0, place + 23};
            place = top;
        }
        place += 23;
        std::uint32_t bucket = 1;
        for (std::size_t i = base + 1; i < top; ++i, place += 23) {
            bucket = 2 * bucket + (bits.at(place) ? 1 : 0);
        }
        if (bucket < buckets) return {bucket, place};
    }
}

std::vector<double> spread_weights(std::size_t count) {
    std::vector<double> weights(count);
    for (std::size_t i = 0; i < count; ++i) weights[i] = static_cast<double>(i % 5 + 1) / 5;
    return weights;
}

// Policies and their options have their options' type in common here.
template <class Policy>
Policy salted(const std::vector<node>& nodes, const std::string& salt) {
    if constexpr (std::is_same_v<Policy, ch3>) {
        return Policy(nodes, {.salt = salt});
    } else {
        return Policy(nodes, {.weights = spread_weights(nodes.size()), .salt = salt});
    }
}

template <class Policy>
void check_refused(const std::vector<node>& nodes, const std::vector<double>& weights,
                   std::string_view quoted) {
    try {
        const Policy policy(nodes, {.weights = weights});
        FAIL_CHECK("accepted: ", std::string(quoted));
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::invalid_node);
        CAPTURE(error.what());
        CHECK(std::string_view(error.what()).find(quoted) != std::string_view::npos);
    }
}

}  // namespace

TEST_CASE("ch3 takes the bucket that a walk over all bits takes") {
    for (const std::string& key : sample::keys(300)) {
        const auto bits = bit_row(key, 300);
        for (const std::uint32_t buckets : {2U, 3U, 4U, 5U, 31U, 32U, 33U, 1000U, 65536U, 65537U,
                                            99999U, 4194305U, 8388607U, 8388608U}) {
            REQUIRE(ch3_hash(key, buckets) == walk(bits, 0, buckets).bucket);
        }
    }
}

TEST_CASE("with a bucket more a key of ch3 stays or goes to the new bucket") {
    for (const std::string& key : sample::keys(300)) {
        std::uint32_t before = ch3_hash(key, 1);
        REQUIRE(before == 0);
        for (std::uint32_t buckets = 2; buckets <= 300; ++buckets) {
            const std::uint32_t now = ch3_hash(key, buckets);
            REQUIRE((now == before || now == buckets - 1));
            before = now;
        }
    }
}

TEST_CASE("the keys of ch3 spread evenly over any number of nodes") {
    const auto keys = sample::keys(20000);
    for (const std::size_t size : {2U, 3U, 10U, 37U}) {
        const double mean = 20000.0 / static_cast<double>(size);
        CAPTURE(size);
        for (const std::size_t count : sample::load(ch3(sample::nodes(size)), keys)) {
            CHECK(std::abs(static_cast<double>(count) - mean) < 5 * std::sqrt(mean));
        }
    }
}

TEST_CASE("bits are the same one by one and 32 at a time, forth and back to the anchor") {
    const auto bits = bit_row("user:1", 20);
    detail::ch3_bits lazy("user:1");
    for (const std::size_t anchor : {0U, 63U, 64U, 200U, 201U, 700U}) {
        lazy.move_anchor(anchor);
        for (const std::size_t step : {0U, 1U, 23U, 64U, 90U, 31U, 33U, 400U, 2U, 0U}) {
            REQUIRE(lazy[anchor + step] == (bits[anchor + step] ? 1 : 0));
            std::uint32_t want = 0;
            for (std::size_t i = 0; i < 32; ++i) {
                want |= (bits[anchor + step + i] ? 1U : 0U) << i;
            }
            REQUIRE(lazy.read_32(anchor + step) == want);
        }
    }
}

TEST_CASE("weighted furc takes the bucket that a walk over all bits takes") {
    for (const std::size_t size : {2U, 3U, 10U, 100U}) {
        const auto weights = spread_weights(size);
        const weighted_furc policy(sample::nodes(size), {.weights = weights});
        for (const std::string& key : sample::keys(300)) {
            const auto bits = bit_row(key, 500);
            const auto buckets = static_cast<std::uint32_t>(size);
            walk_end end{0, 0};
            for (bool is_accepted = false; !is_accepted;) {
                end = walk(bits, end.place, buckets);
                std::uint64_t draw = 0;
                for (std::size_t i = 0; i < 32; ++i) {
                    draw += (bits.at(end.place + i) ? std::uint64_t{1} : 0) << i;
                }
                const double weight = weights[end.bucket];
                is_accepted =
                    weight == 1 || draw < static_cast<std::uint64_t>(weight * 4294967295.0);
            }
            REQUIRE(policy.owner_of(key) == end.bucket);
        }
    }
}

// From mcrouter's own unit test of the same name and weights.
TEST_CASE("weighted ch3 loads its nodes as mcrouter does") {
    const weighted_ch3 policy(sample::nodes(10), {.weights = {0.429, 0.541, 0.117, 0.998, 0.283,
                                                              0.065, 0.109, 0.042, 0.676, 0.943}});
    std::vector<std::string> keys;
    for (int i = 0; i < 10000; ++i) keys.push_back(std::to_string(i));
    CHECK(sample::load(policy, keys) ==
          std::vector<std::size_t>{1016, 1252, 288, 2354, 661, 195, 247, 122, 1668, 2197});
}

TEST_CASE_TEMPLATE("a weight lowered takes keys from its node and moves no other", Policy,
                   WEIGHTED_POLICIES) {
    auto weights = spread_weights(15);
    const Policy before(sample::nodes(15), {.weights = weights});
    weights[4] = 0.5;
    const Policy after(sample::nodes(15), {.weights = weights});
    std::size_t moved = 0;
    for (const std::string& key : sample::keys(20000)) {
        if (after.owner_of(key) == before.owner_of(key)) continue;
        REQUIRE(before.owner_of(key) == 4);
        ++moved;
    }
    CHECK(moved > 500);
}

TEST_CASE_TEMPLATE("weights are shares", Policy, WEIGHTED_POLICIES) {
    const auto keys = sample::keys(30000);
    const auto loads = sample::load(Policy(sample::nodes(4), {.weights = {1, 0.5, 0, 0.25}}), keys);
    const std::array<double, 4> want{30000 / 1.75, 15000 / 1.75, 0, 7500 / 1.75};
    for (std::size_t i = 0; i < loads.size(); ++i) {
        CHECK(std::abs(static_cast<double>(loads[i]) - want[i]) <= 5 * std::sqrt(want[i]));
    }
}

TEST_CASE_TEMPLATE("all weights 1 make it ch3", Policy, WEIGHTED_POLICIES) {
    const ch3 plain(sample::nodes(20));
    const Policy weighted(sample::nodes(20));
    for (const std::string& key : sample::keys(2000)) {
        REQUIRE(weighted.owner_of(key) == plain.owner_of(key));
    }
}

TEST_CASE_TEMPLATE("without weights in the options those of the nodes count, against the largest",
                   Policy, WEIGHTED_POLICIES) {
    auto nodes = sample::nodes(3);
    nodes[0].weight = 50;
    nodes[1].weight = 200;
    nodes[2].weight = 20;
    const Policy by_nodes(nodes);
    const Policy by_options(nodes, {.weights = {0.25, 1, 0.1}});
    for (const std::string& key : sample::keys(2000)) {
        REQUIRE(by_nodes.owner_of(key) == by_options.owner_of(key));
    }
}

TEST_CASE_TEMPLATE("nodes that accept next to nothing still share all keys", Policy,
                   WEIGHTED_POLICIES) {
    const Policy policy(sample::nodes(3), {.weights = {0, 1e-9, 0}});
    for (const std::size_t count : sample::load(policy, sample::keys(3000))) CHECK(count > 800);
}

TEST_CASE_TEMPLATE("weights that are none are refused with their place", Policy,
                   WEIGHTED_POLICIES) {
    const auto nodes = sample::nodes(3);
    check_refused<Policy>(nodes, {1, 1}, "node 2 \"10.0.0.3:11211\" has no weight in the options");
    check_refused<Policy>(nodes, {1, 1.5, 1}, "node 1 \"10.0.0.2:11211\" has weight 1.5");
    check_refused<Policy>(nodes, {1, 1, -0.25}, "node 2 \"10.0.0.3:11211\" has weight -0.25");
    check_refused<Policy>(nodes, {std::numeric_limits<double>::quiet_NaN(), 1, 1}, "node 0 ");
    check_refused<Policy>(nodes, {1, 1, 1, 1}, "4 weights for 3 nodes");
    CHECK(Policy({}, {.weights = {1}}).node_count() == 0);  // for the lists it is rebuilt for
}

TEST_CASE_TEMPLATE("a salt is hashed behind the key, whatever the length of both", Policy,
                   ALL_POLICIES) {
    const auto nodes = sample::nodes(50);
    const Policy plain = salted<Policy>(nodes, "");
    for (const std::size_t salt_size : {1U, 7U, 700U}) {
        const std::string salt(salt_size, 's');
        const Policy policy = salted<Policy>(nodes, salt);
        const Policy copy = policy;
        for (const std::size_t size : {1U, 200U, 250U, 505U, 511U, 512U, 513U, 3000U}) {
            const std::string key(size, static_cast<char>('a' + size % 26));
            REQUIRE(policy.owner_of(key) == plain.owner_of(key + salt));
            REQUIRE(copy.owner_of(key) == policy.owner_of(key));
        }
    }
}

TEST_CASE("weighted ch3 asks again under the key with the retry's number, last digit first") {
    const auto nodes = sample::nodes(40);
    const std::vector<double> weights(40, 0.05);
    const weighted_ch3 policy(nodes, {.weights = weights});
    for (const std::string& stem : {std::string("user:"), std::string(511, 'x')}) {
        for (int i = 0; i < 300; ++i) {
            const std::string key = stem + std::to_string(i);
            std::uint32_t want = ch3_hash(key, 40);
            std::string text = key;
            for (int retry = 0; retry < 31; ++retry) {
                if (spooky_32(text, 0xface2014) < static_cast<std::uint32_t>(0.05 * 4294967295.0)) {
                    break;
                }
                text = key + static_cast<char>('0' + retry % 10);
                if (retry >= 10) text += static_cast<char>('0' + retry / 10);
                want = ch3_hash(text, 40);
            }
            REQUIRE(policy.owner_of(key) == want);
        }
    }
}

TEST_CASE("more nodes than ch3 tells apart are refused from the first one too many") {
    static_assert(ch3_max_buckets == 8388608);
    const auto nodes = sample::nodes(4);
    CHECK_NOTHROW(detail::require_at_most(4, "mcrouter ch3", nodes));
    try {
        detail::require_at_most(3, "mcrouter ch3", nodes);
        FAIL("accepted");
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::invalid_node);
        CHECK(std::string_view(error.what())
                  .starts_with("mcrouter ch3: node 3 \"10.0.0.4:11211\" is one more than the 3"));
    }
}

TEST_CASE_TEMPLATE("an empty list is a policy of no nodes, a single node owns everything", Policy,
                   ALL_POLICIES) {
    CHECK(Policy().node_count() == 0);
    CHECK(Policy(std::span<const node>()).node_count() == 0);
    const Policy alone(sample::nodes(1));
    CHECK(alone.node_count() == 1);
    for (const std::string& key : sample::keys(200)) REQUIRE(alone.owner_of(key) == 0);
}

TEST_CASE_TEMPLATE("nodes that cannot be servers are refused in the peer's name", Policy,
                   ALL_POLICIES) {
    auto nodes = sample::nodes(3);
    nodes[1].port = 0;
    CHECK_THROWS_WITH_AS(Policy{nodes}, doctest::Contains("node 1 \"10.0.0.2:0\" has port 0"),
                         std::system_error);
    CHECK_THROWS_WITH_AS(Policy{nodes}, doctest::Contains("mcrouter "), std::system_error);
    nodes[1] = nodes[2];
    CHECK_THROWS_WITH_AS(Policy{nodes}, doctest::Contains("node 2 \"10.0.0.3:11211\" comes twice"),
                         std::system_error);
}
