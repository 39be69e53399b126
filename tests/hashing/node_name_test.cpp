#include <doctest/doctest.h>

#include <memring/hashing/node_name.hpp>

using namespace memring;

TEST_CASE("a node is spelled host and port, with no brackets around IPv6") {
    CHECK(host_and_port{}({.host = "10.0.0.1"}) == "10.0.0.1:11211");
    CHECK(host_and_port{}({.host = "::1", .port = 22}) == "::1:22");
}

TEST_CASE("the usual port can be left out, or every port") {
    CHECK(host_and_unusual_port{}({.host = "10.0.0.1"}) == "10.0.0.1");
    CHECK(host_and_unusual_port{}({.host = "::1"}) == "::1");
    CHECK(host_and_unusual_port{}({.host = "10.0.0.1", .port = 11212}) == "10.0.0.1:11212");
    CHECK(host_only{}({.host = "cache-1", .port = 11212}) == "cache-1");
}

TEST_CASE("weight and address are no part of any spelling") {
    const node bare{.host = "a", .port = 1};
    const node dressed{.host = "a", .port = 1, .weight = 7, .address = "10.0.0.9"};
    CHECK(host_and_port{}(bare) == host_and_port{}(dressed));
    CHECK(host_and_unusual_port{}(bare) == host_and_unusual_port{}(dressed));
    CHECK(host_only{}(bare) == host_only{}(dressed));
}
