#include <concepts>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/aws_java.hpp>
#include <memring/hashing/compat/spymemcached.hpp>

#include "../sample_nodes.hpp"
#include "preset_tools.hpp"

using namespace memring;
using namespace memring::compat;

// The first six bytes of FIPS 180's SHA-384 of "abc" are cb 00 75 3f 45 a3.
TEST_CASE("points are the first four words of SHA-384, little-endian") {
    const auto points = sha384_points{}("abc");
    CHECK(points.size() == 4);
    CHECK(points[0] == 0x3f7500cb);
    CHECK(hash::sha384{}("abc") == points[0]);
}

TEST_CASE("the ring is not that of spymemcached, the modulus is") {
    const auto nodes = sample::nodes(5);
    const auto keys = sample::keys(2000);
    CHECK(sample::differences(aws_java_ketama<>(nodes), spymemcached_ketama<>(nodes), keys) > 1000);
    CHECK(sample::differences(aws_java_ketama<hash::java_fnv1a_32>(nodes),
                              spymemcached_ketama<hash::java_fnv1a_32>(nodes), keys) == 0);
    CHECK(sample::differences(aws_java_arraymod<>(nodes), spymemcached_arraymod<>(nodes), keys) ==
          0);
}

TEST_CASE("in dynamic mode the IP stands for the host, if the configuration has it") {
    std::vector<node> by_name;
    for (int i = 1; i <= 4; ++i) {
        by_name.push_back(
            {.host = "cache-" + std::to_string(i), .address = "10.0.0." + std::to_string(i)});
    }
    const auto by_ip = sample::nodes(4);
    const auto keys = sample::keys(2000);
    CHECK(sample::differences(aws_java_dynamic<>(by_name), aws_java_ketama<>(by_ip), keys) == 0);
    CHECK(sample::differences(aws_java_dynamic<>(by_name), aws_java_dynamic<>(by_ip), keys) == 0);
    CHECK(sample::differences(aws_java_dynamic_without_ips<>(by_name), aws_java_dynamic<>(by_name),
                              keys) > 500);
}

TEST_CASE("dynamic mode refuses a server whose IP is not known, and two of one IP and port") {
    const std::vector<node> unknown{{.host = "cache-1"}};
    const std::system_error error = sample::refusal<aws_java_dynamic<>>(unknown);
    CHECK(error.code() == errc::invalid_node);
    CHECK(sample::mentions(error, "AWS ElastiCache client for Java: node 0"));
    CHECK(sample::refusal<aws_java_dynamic_without_ips<>>(unknown).code() == errc::invalid_node);
    const std::vector<node> twice{{.host = "cache-1", .address = "10.0.0.1"},
                                  {.host = "cache-2", .address = "10.0.0.1"}};
    CHECK(sample::refusal<aws_java_dynamic<>>(twice).code() == errc::duplicate_node);
    CHECK_FALSE(sample::refusal<aws_java_dynamic_without_ips<>>(twice).code());
}
