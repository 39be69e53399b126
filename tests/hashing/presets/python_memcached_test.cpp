#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/python_memcached.hpp>

#include "../sample_nodes.hpp"
#include "preset_tools.hpp"

using namespace memring;
using namespace memring::compat;

namespace {

const std::vector<node> weighted{{"10.0.0.1"}, {"10.0.0.2", 11211, 2}, {"10.0.0.3", 11211, 3}};

using list = std::array<std::uint32_t, 10>;

list attempts_of_hash(std::int64_t number) {
    list out{};
    CHECK(python_memcached_1_60(weighted).candidates_of_hash(number, out) == 10);
    return out;
}

}  // namespace

TEST_CASE("the hash 0 became 1 up to 1.59 and stays 0 from 1.60 on") {
    CHECK(python_memcached_1_59(weighted).owner_of("ob") == 1);
    CHECK(python_memcached_1_60(weighted).owner_of("ob") == 0);
    std::size_t zeros = 0;
    const auto keys = sample::keys(100000);
    for (const std::string& key : keys) zeros += hash::crc{}(key) == 0 ? 1 : 0;
    CHECK(zeros > 0);
    CHECK(sample::differences(python_memcached_1_59(weighted), python_memcached_1_60(weighted),
                              keys) == zeros);
}

// Computed by CPython's own integers: number % 6, and zlib.crc32 of str(number) + str(attempt).
TEST_CASE("the number of a tuple is its hash, also a negative one") {
    CHECK(attempts_of_hash(-5) == list{1, 0, 1, 1, 1, 2, 2, 0, 1, 0});
    CHECK(attempts_of_hash(std::numeric_limits<std::int64_t>::min()) ==
          list{2, 0, 2, 2, 1, 0, 0, 1, 1, 0});
    CHECK(attempts_of_hash(std::numeric_limits<std::int64_t>::max()) ==
          list{1, 1, 1, 2, 1, 2, 0, 1, 2, 2});
    const python_memcached_1_59 policy(weighted);
    for (std::int64_t number = -12; number < 12; ++number) {
        const std::uint32_t owners[] = {0, 1, 1, 2, 2, 2};
        CHECK(policy.owner_of_hash(number) == owners[(number + 12) % 6]);
    }
}

TEST_CASE("numbers reach buckets past 32 bits") {
    const std::vector<node> nodes{{"a", 11211, 30000}, {"b", 11211, 4294967295}};
    const python_memcached_1_60 policy(nodes);
    CHECK(policy.owner_of_hash(29999) == 0);
    CHECK(policy.owner_of_hash(30000) == 1);
    CHECK(policy.owner_of_hash(4294997294) == 1);
    CHECK(policy.owner_of_hash(4294997295) == 0);
    CHECK(policy.owner_of_hash(-1) == 1);
}

TEST_CASE("the attempts of a tuple are as few as asked for, and none without servers") {
    const python_memcached_1_60 policy(weighted);
    std::array<std::uint32_t, 20> many{};
    CHECK(policy.candidates_of_hash(-5, many) == 10);
    CHECK(policy.candidates_of_hash(-5, std::span(many).first(3)) == 3);
    CHECK(policy.candidates_of_hash(-5, {}) == 0);
    CHECK(python_memcached_1_60().candidates_of_hash(-5, many) == 0);
}

TEST_CASE("errors name python-memcached") {
    const std::vector<node> twice{{"a"}, {"a"}};
    CHECK(sample::mentions(sample::refusal<python_memcached_1_60>(twice),
                           "python-memcached: node 1"));
}
