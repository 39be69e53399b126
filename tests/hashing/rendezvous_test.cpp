#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/rendezvous.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

std::vector<node> weighted_nodes(std::size_t count) {
    auto nodes = sample::nodes(count);
    for (std::size_t i = 0; i < count; ++i) nodes[i].weight = 1 + static_cast<std::uint32_t>(i % 7);
    return nodes;
}

std::vector<std::vector<node>> fleets() {
    return {sample::nodes(2),  sample::nodes(9),   sample::nodes(13),  sample::nodes(64),
            weighted_nodes(2), weighted_nodes(12), weighted_nodes(13), weighted_nodes(64)};
}

// The squared distance of the loads from what they should be, in standard deviations of a fair
// draw: within 5 unless something is wrong.
double strain(std::span<const std::size_t> loads, std::span<const double> shares) {
    const auto total =
        static_cast<double>(std::accumulate(loads.begin(), loads.end(), std::size_t{0}));
    double chi_square = 0;
    for (std::size_t i = 0; i < loads.size(); ++i) {
        const double want = total * shares[i];
        chi_square +=
            (static_cast<double>(loads[i]) - want) * (static_cast<double>(loads[i]) - want) / want;
    }
    const auto freedom = static_cast<double>(loads.size() - 1);
    return std::abs(chi_square - freedom) / std::sqrt(2 * freedom);
}

std::vector<std::uint64_t> random_words(std::size_t count) {
    std::mt19937_64 random(7);
    std::vector<std::uint64_t> words(count);
    for (std::uint64_t& word : words) word = random();
    return words;
}

}  // namespace

TEST_CASE("taking a node out moves its keys only, each to its next candidate") {
    const auto keys = sample::keys(2000);
    for (const auto& nodes : fleets()) {
        const rendezvous before(nodes);
        for (std::size_t gone = 0; gone < nodes.size(); gone += 1 + nodes.size() / 8) {
            const rendezvous after(sample::without(nodes, gone));
            for (const std::string& key : keys) {
                std::array<std::uint32_t, 2> ranked{};
                before.candidates_of(key, ranked);
                std::uint32_t want = ranked[0] == gone ? ranked[1] : ranked[0];
                if (want > gone) --want;
                REQUIRE(after.owner_of(key) == want);
            }
        }
    }
}

TEST_CASE("the candidates of a key are all nodes, and a shorter list is their beginning") {
    for (const auto& nodes : fleets()) {
        const rendezvous policy(nodes);
        for (const std::string& key : sample::keys(50)) {
            std::vector<std::uint32_t> all(nodes.size() + 3);
            REQUIRE(policy.candidates_of(key, all) == nodes.size());
            all.resize(nodes.size());
            CHECK(all.front() == policy.owner_of(key));
            for (std::size_t size = 0; size < all.size(); size += 1 + size / 2) {
                std::vector<std::uint32_t> some(size);
                REQUIRE(policy.candidates_of(key, some) == size);
                CHECK(std::ranges::equal(some, std::span(all).first(size)));
            }
            std::ranges::sort(all);
            CHECK(std::ranges::adjacent_find(all) == all.end());
        }
    }
}

TEST_CASE("the order of the list has no say in the mapping") {
    for (const auto& nodes : fleets()) {
        auto shuffled = nodes;
        std::ranges::shuffle(shuffled, std::mt19937(3));
        const rendezvous before(nodes);
        const rendezvous after(shuffled);
        for (const std::string& key : sample::keys(500)) {
            REQUIRE(nodes[before.owner_of(key)] == shuffled[after.owner_of(key)]);
        }
    }
}

TEST_CASE("a weight that grows draws keys to its node and moves no other") {
    const auto before_nodes = weighted_nodes(20);
    auto nodes = before_nodes;
    nodes[11].weight += 3;
    const rendezvous before(before_nodes);
    const rendezvous after(nodes);
    std::size_t drawn = 0;
    for (const std::string& key : sample::keys(20000)) {
        if (after.owner_of(key) == before.owner_of(key)) continue;
        REQUIRE(after.owner_of(key) == 11);
        ++drawn;
    }
    CHECK(drawn > 500);
}

TEST_CASE("only the proportions of the weights count") {
    const auto plain = sample::nodes(30);
    auto heavy = plain;
    for (node& n : heavy) n.weight = 4'000'000'000;
    auto odd = weighted_nodes(30);
    auto odd_heavy = odd;
    for (node& n : odd_heavy) n.weight *= 500'000'000;
    for (const std::string& key : sample::keys(3000)) {
        REQUIRE(rendezvous(plain).owner_of(key) == rendezvous(heavy).owner_of(key));
        REQUIRE(rendezvous(odd).owner_of(key) == rendezvous(odd_heavy).owner_of(key));
    }
}

TEST_CASE("nodes of equal weight are ranked alike by score and by logarithm") {
    auto nodes = sample::nodes(25);
    const rendezvous plain(nodes);
    // One other weight makes the policy go by logarithms; so light a node gets no key here.
    for (node& n : nodes) n.weight = 4'000'000'000;
    nodes.push_back({.host = "10.9.9.9", .weight = 1});
    const rendezvous by_logarithm(nodes);
    for (const std::string& key : sample::keys(5000)) {
        REQUIRE(plain.owner_of(key) == by_logarithm.owner_of(key));
    }
}

TEST_CASE("every node owns its weight's share") {
    const auto keys = sample::keys(200'000);
    for (const auto& nodes : fleets()) {
        double total = 0;
        for (const node& n : nodes) total += n.weight;
        std::vector<double> shares;
        for (const node& n : nodes) shares.push_back(n.weight / total);
        CAPTURE(nodes.size());
        CHECK(strain(sample::load(rendezvous(nodes), keys), shares) < 5);
    }
}

TEST_CASE("a node of a thousandth of the weight gets a thousandth of the keys") {
    const std::vector<node> nodes{{"a", 11211, 999'000}, {"b", 11211, 1'000}};
    const std::array<double, 2> shares{0.999, 0.001};
    CHECK(strain(sample::load(rendezvous(nodes), sample::keys(300'000)), shares) < 5);
}

TEST_CASE("all orders of four nodes are equally frequent") {
    const rendezvous policy(sample::nodes(4));
    std::vector<std::size_t> orders(256);
    for (const std::string& key : sample::keys(100'000)) {
        std::array<std::uint32_t, 4> ranked{};
        policy.candidates_of(key, ranked);
        ++orders[ranked[0] << 6 | ranked[1] << 4 | ranked[2] << 2 | ranked[3]];
    }
    std::erase(orders, 0U);
    REQUIRE(orders.size() == 24);
    const std::vector<double> shares(24, 1.0 / 24);
    CHECK(strain(orders, shares) < 5);
}

TEST_CASE("a thousand nodes share the keys evenly") {
    const std::vector<double> shares(1000, 0.001);
    CHECK(strain(sample::load(rendezvous(sample::nodes(1000)), sample::keys(100'000)), shares) < 5);
}

TEST_CASE("a key hash of 32 bits spreads as well") {
    const std::vector<double> shares(20, 0.05);
    const basic_rendezvous<hash::md5> policy(sample::nodes(20));
    CHECK(strain(sample::load(policy, sample::keys(100'000)), shares) < 5);
}

TEST_CASE("the names decide, as the naming spells them") {
    const std::vector<node> nodes{{"a", 11211}, {"b", 11211}, {"c", 11211}};
    const std::vector<node> moved{{"a", 1}, {"b", 2}, {"c", 3}};
    using by_host = basic_rendezvous<hash::xxh3, host_only>;
    std::size_t differ = 0;
    for (const std::string& key : sample::keys(300)) {
        REQUIRE(by_host(nodes).owner_of(key) == by_host(moved).owner_of(key));
        if (rendezvous(nodes).owner_of(key) != rendezvous(moved).owner_of(key)) ++differ;
    }
    CHECK(differ > 100);
}

TEST_CASE("two nodes of one name are refused") {
    const std::vector<node> nodes{{"a", 1}, {"b", 1}, {"a", 2}};
    using by_host = basic_rendezvous<hash::xxh3, host_only>;
    try {
        const by_host policy(nodes);
        FAIL("accepted");
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::duplicate_node);
        CHECK(std::string_view(error.what())
                  .starts_with("rendezvous: node 2 \"a:2\" has the name of another node"));
    }
}

TEST_CASE("the highest score is found alike by vectors and one by one") {
    for (const std::size_t size : {1U, 7U, 8U, 12U, 13U, 16U, 17U, 100U, 1000U}) {
        auto words = random_words(size);
        if (size > 16) words[size - 1] = words[3];  // a tie whenever it is the highest
        const detail::rendezvous_seeds seeds(words);
        REQUIRE(seeds.size() == size);
        for (std::uint64_t key = 0; key < 3000; ++key) {
            const std::uint64_t hash = key * 0x9e3779b97f4a7c15;
            const std::uint32_t place = seeds.highest(hash);
            REQUIRE(place == seeds.highest_one_by_one(hash));
            for (std::uint32_t other = 0; other < size; ++other) {
                REQUIRE(seeds.score(other, hash) <= seeds.score(place, hash));
            }
        }
    }
}

TEST_CASE("near places are visited alike by vectors and one by one") {
    for (const std::size_t size : {2U, 12U, 13U, 100U, 999U}) {
        const detail::rendezvous_seeds seeds(random_words(size));
        std::vector<float> inverses;
        for (std::size_t i = 0; i < (size + 7) / 8 * 8; ++i) {
            inverses.push_back(i < size ? 1.0F / static_cast<float>(1 + i % 9) : 0.0F);
        }
        for (std::uint64_t key = 0; key < 500; ++key) {
            const std::uint64_t hash = key * 0x9e3779b97f4a7c15;
            const auto trace = [&](auto walk) {
                std::vector<std::int64_t> visited;
                float limit = 0x1p31F;
                walk([&](std::uint32_t place, std::int32_t score) {
                    visited.push_back(place);
                    visited.push_back(score);
                    return limit /= 1.5F;
                });
                return visited;
            };
            const auto by_lanes =
                trace([&](auto visit) { seeds.visit_near(hash, inverses, 0x1p31F, visit); });
            const auto singly = trace(
                [&](auto visit) { seeds.visit_near_one_by_one(hash, inverses, 0x1p31F, visit); });
            REQUIRE(by_lanes == singly);
        }
    }
}

TEST_CASE("the smallest logarithm over weight owns the key, as all nodes show when asked") {
    const auto nodes = weighted_nodes(250);
    const rendezvous policy(nodes);
    std::vector<std::uint64_t> words;
    for (const node& n : nodes) words.push_back(xxh3(host_and_port{}(n)));
    const detail::rendezvous_seeds seeds(words);
    for (const std::string& key : sample::keys(5000)) {
        long double least = std::numeric_limits<long double>::infinity();
        std::uint32_t want = 0;
        for (std::uint32_t i = 0; i < seeds.size(); ++i) {
            const std::uint32_t gap = seeds.gap_of(seeds.score(i, xxh3(key)));
            const long double distance =
                static_cast<long double>(detail::log_of_gap(gap)) / nodes[i].weight;
            if (distance < least) want = i;
            least = std::min(least, distance);
        }
        REQUIRE(policy.owner_of(key) == want);
    }
}

TEST_CASE("nodes with the same score keep their order, however they are listed") {
    // Enough nodes that some have the same score for this key.
    const std::string key = "user:1";
    std::vector<std::uint64_t> words;
    std::vector<std::string> hosts;
    for (std::size_t i = 0; i < 300'000; ++i) {
        hosts.push_back("cache-" + std::to_string(i));
        words.push_back(xxh3(hosts.back() + ":11211"));
    }
    const detail::rendezvous_seeds seeds(words);
    std::vector<std::pair<std::int32_t, std::uint32_t>> scores;
    for (std::uint32_t i = 0; i < seeds.size(); ++i) {
        scores.emplace_back(seeds.score(i, xxh3(key)), i);
    }
    std::ranges::sort(scores);
    std::size_t ties = 0;
    for (std::size_t i = 1; i < scores.size(); ++i) {
        if (scores[i - 1].first != scores[i].first) continue;
        ++ties;
        const node a{hosts[scores[i - 1].second]};
        const node b{hosts[scores[i].second]};
        // So light that it is last; with it the policy goes by logarithms.
        for (const std::uint32_t weight : {5U, 4'000'000'000U}) {
            std::vector<node> nodes{a, b, {.host = "light", .weight = 1}};
            nodes[0].weight = nodes[1].weight = weight;
            if (weight == 5) nodes.pop_back();
            const rendezvous policy(nodes);
            std::array<std::uint32_t, 2> ranked{};
            REQUIRE(policy.candidates_of(key, ranked) == 2);
            CHECK(ranked[0] == policy.owner_of(key));
            CHECK(ranked[1] == 1 - ranked[0]);
            std::ranges::swap(nodes[0], nodes[1]);
            const rendezvous swapped(nodes);
            CHECK(swapped.owner_of(key) == 1 - policy.owner_of(key));
            swapped.candidates_of(key, ranked);
            CHECK(ranked[0] == swapped.owner_of(key));
            CHECK(ranked[1] == policy.owner_of(key));
        }
    }
    CHECK(ties > 0);
}

// Made by this implementation; they may never change, or deployed caches lose their keys.
TEST_CASE("the mapping stays what it is") {
    const rendezvous even(sample::nodes(20));
    const rendezvous weighted(weighted_nodes(20));
    std::string owners;
    for (const std::string& key : sample::keys(12)) {
        owners +=
            std::to_string(even.owner_of(key)) + "/" + std::to_string(weighted.owner_of(key)) + " ";
    }
    CHECK(owners == "9/9 6/6 0/13 7/12 14/14 11/11 3/3 15/15 4/4 15/2 5/5 17/17 ");
}
