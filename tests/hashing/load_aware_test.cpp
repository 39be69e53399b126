#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/ketama.hpp>
#include <memring/hashing/load_aware.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/stable_jump.hpp>

#include "sample_nodes.hpp"

using namespace memring;

// A key without one home must not be taken for a mapping.
static_assert(!hash_policy<load_aware<ketama>>);

namespace {

template <class Make>
[[nodiscard]] std::string refusal(Make make, std::error_code expected) {
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

/// The load a node may reach while all load is `total`.
[[nodiscard]] std::uint64_t limit(std::uint64_t total, std::uint32_t percent, std::uint64_t weight,
                                  std::uint64_t weights) {
    return (percent * total * weight + 100 * weights - 1) / (100 * weights);
}

}  // namespace

TEST_CASE("an idle cluster is routed as its policy says") {
    const load_aware<ketama> router(sample::nodes(9));
    const load_tracker loads(router.node_count());
    for (const std::string& key : sample::keys(300)) {
        REQUIRE(router.owner_of(key, loads) == router.policy().owner_of(key));
    }
}

TEST_CASE("a key goes on to the first candidate that is not too busy") {
    const load_aware<ketama> router(sample::nodes(9));
    for (const std::string& key : sample::keys(100)) {
        std::array<std::uint32_t, 9> candidates{};
        REQUIRE(router.policy().candidates_of(key, candidates) == 9);
        load_tracker loads(9);
        // Full at ceil(1.25 / 9 * (load + 1)) each.
        for (std::size_t busy = 0; busy < 7; ++busy) {
            REQUIRE(router.owner_of(key, loads) == candidates.at(busy));
            loads.add(candidates.at(busy), 100);
        }
        loads.subtract(candidates[0], 99);
        CHECK(router.owner_of(key, loads) == candidates[0]);
    }
}

TEST_CASE("no node ever has more under way than its limit") {
    // The paper's promise: with m requests under way none has more than ceil(c * m / n).
    for (const std::uint32_t percent : {100U, 105U, 125U, 200U}) {
        CAPTURE(percent);
        const load_aware<stable_jump> router(sample::nodes(12), {.percent = percent});
        load_tracker loads(12);
        std::mt19937 random(percent);
        for (std::uint64_t total = 1; total <= 600; ++total) {
            // Few keys, so that plain hashing would pile them up.
            const std::string key = "hot:" + std::to_string(random() % 5);
            const std::uint32_t owner = router.owner_of(key, loads);
            loads.add(owner);
            REQUIRE(loads.load_of(owner) <= limit(total, percent, 1, 12));
        }
        CHECK(loads.total() == 600);
    }
}

TEST_CASE("a heavier node takes more") {
    auto nodes = sample::nodes(4);
    nodes[2].weight = 5;
    const load_aware<ketama> router(nodes, {.percent = 100});
    load_tracker loads(4);
    for (int i = 0; i < 800; ++i) loads.add(router.owner_of("the one hot key", loads));
    CHECK(loads.load_of(2) == 500);
    for (const std::uint32_t light : {0U, 1U, 3U}) CHECK(loads.load_of(light) == 100);
}

TEST_CASE("with every candidate busy the least busy for its weight is taken") {
    // The attempts of `modulus` end after ten, and in 40 nodes do not reach all.
    auto nodes = sample::nodes(40);
    const load_aware<modulus> router(nodes);
    for (const std::string& key : sample::keys(60)) {
        std::array<std::uint32_t, 10> candidates{};
        REQUIRE(router.policy().candidates_of(key, candidates) == 10);
        load_tracker loads(40);
        std::uint32_t load = 1000;
        for (const std::uint32_t candidate : candidates) {
            const auto missing = load - loads.load_of(candidate);
            if (loads.load_of(candidate) == 0) {
                loads.add(candidate, static_cast<std::uint32_t>(missing));
                --load;
            }
        }
        const std::uint32_t taken = router.owner_of(key, loads);
        for (const std::uint32_t candidate : candidates) {
            CHECK(loads.load_of(taken) <= loads.load_of(candidate));
        }
        CHECK(loads.load_of(taken) > 0);
    }
}

TEST_CASE("a load is what was added, less what was subtracted and halved") {
    load_tracker loads(3);
    CHECK(loads.node_count() == 3);
    loads.add(0);
    loads.add(1, 9);
    loads.add(2, 4);
    loads.subtract(2);
    CHECK(loads.load_of(0) == 1);
    CHECK(loads.load_of(1) == 9);
    CHECK(loads.load_of(2) == 3);
    CHECK(loads.total() == 13);
    loads.halve();
    CHECK(loads.load_of(0) == 0);
    CHECK(loads.load_of(1) == 4);
    CHECK(loads.load_of(2) == 1);
    CHECK(loads.total() == 5);
    for (int i = 0; i < 3; ++i) loads.halve();
    CHECK(loads.total() == 0);
}

TEST_CASE("threads lose no load of each other") {
    load_tracker loads(4);
    const load_aware<ketama> router(sample::nodes(4));
    const auto work = [&](std::uint32_t seed) {
        std::mt19937 random(seed);
        for (int i = 0; i < 5000; ++i) {
            const std::uint32_t owner = router.owner_of(std::to_string(random() % 50), loads);
            loads.add(owner, 2);
            loads.subtract(owner);
        }
    };
    std::thread first(work, 1);
    std::thread second(work, 2);
    work(3);
    first.join();
    second.join();
    CHECK(loads.total() == 15000);
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < 4; ++i) sum += loads.load_of(i);
    CHECK(sum == 15000);
}

TEST_CASE("without nodes there is nothing to route") {
    CHECK(load_aware<ketama>().node_count() == 0);
    CHECK(load_aware<ketama>(std::span<const node>()).node_count() == 0);
}

TEST_CASE("load_aware refuses what will not do") {
    const auto invalid_argument = std::make_error_code(std::errc::invalid_argument);
    const auto nodes = sample::nodes(3);
    const auto refuse = [&](load_aware_options options) {
        return refusal([&] { return load_aware<ketama>(nodes, options); }, invalid_argument);
    };
    CHECK(says(refuse({.percent = 99}), "load_aware: a capacity of 99 % is not from 100 to 1000"));
    CHECK(says(refuse({.percent = 1001}), "a capacity of 1001 %"));
    CHECK(says(refusal([&] { return load_aware<ketama>(nodes, ketama(sample::nodes(2))); },
                       invalid_argument),
               "load_aware: a policy of 2 nodes for a list of 3"));
}
