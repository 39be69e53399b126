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

#include <memring/hashing/modulus.hpp>

#include "sample_nodes.hpp"

using namespace memring;

// Attempts of python-memcached 1.59 (Debian) with servers of weight 1, 2 and 3.
TEST_CASE("weights repeat a server's bucket, for the owner and for those tried after it") {
    const std::vector<node> nodes{{"10.0.0.1"}, {"10.0.0.2", 11211, 2}, {"10.0.0.3", 11211, 3}};
    const modulus policy(nodes);
    const auto attempts = [&](std::string_view key) {
        std::array<std::uint32_t, 10> out{};
        CHECK(policy.candidates_of(key, out) == 10);
        return out;
    };
    using list = std::array<std::uint32_t, 10>;
    CHECK(attempts("4") == list{0, 2, 1, 1, 1, 2, 2, 0, 2, 2});
    CHECK(attempts("X") == list{1, 2, 1, 2, 1, 1, 1, 2, 1, 2});
    CHECK(attempts("l&C?aX&!>S7P1|_t2No*Dn2") == list{1, 2, 0, 1, 0, 2, 1, 2, 1, 2});
    CHECK(policy.owner_of("ob") == 1);
}

TEST_CASE("no more than ten attempts are named, and as few as asked for") {
    const modulus policy(sample::nodes(3));
    std::array<std::uint32_t, 20> out{};
    REQUIRE(policy.candidates_of("key", out) == 10);
    std::array<std::uint32_t, 4> few{};
    REQUIRE(policy.candidates_of("key", few) == 4);
    CHECK(std::ranges::equal(few, std::span(out).first(4)));
    CHECK(policy.candidates_of("key", {}) == 0);
}

TEST_CASE("buckets past the largest hash cost no memory and change nothing") {
    const std::vector<node> nodes{{"a", 11211, 20000}, {"b", 11211, 4000000000}};
    const modulus policy(nodes);
    for (const std::string& key : sample::keys(2000)) {
        REQUIRE(policy.owner_of(key) == (python_memcached_hash(key) < 20000 ? 0 : 1));
    }
}

TEST_CASE("the largest hash wraps around where there is one bucket too few for it") {
    // 32767 buckets, 0 to 32766: of all hashes only 32767 has to wrap.
    const std::vector<node> nodes{{"a", 11211, 1}, {"b", 11211, 32766}};
    const modulus policy(nodes);
    std::size_t wrapped = 0;
    for (const std::string& key : sample::keys(200000)) {
        const bool wraps = python_memcached_hash(key) == 32767;
        REQUIRE(policy.owner_of(key) == (wraps ? 0 : 1));
        if (wraps) ++wrapped;
    }
    CHECK(wrapped > 0);
}

TEST_CASE("a node no hash can reach is refused by name") {
    const std::vector<node> nodes{{"a", 11211, 32768}, {"b", 11212}};
    try {
        const modulus policy(nodes);
        FAIL("accepted");
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::invalid_node);
        CHECK(std::string(error.what()).find("node 1 \"b:11212\"") != std::string::npos);
    }
}

TEST_CASE("taking out one of five nodes moves about four keys in five") {
    const modulus before(sample::nodes(5));
    const modulus after(sample::nodes(4));
    std::size_t moved = 0;
    for (const std::string& key : sample::keys(10000)) {
        if (before.owner_of(key) != after.owner_of(key)) ++moved;
    }
    CHECK(moved > 7800);
    CHECK(moved < 8200);
}
