#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/python_consistent_memcached.hpp>

#include "../sample_nodes.hpp"
#include "preset_tools.hpp"

using namespace memring;
using namespace memring::compat;

TEST_CASE("the two tables differ in their slots and so in owners") {
    const auto nodes = sample::nodes(4);
    const python_consistent_memcached<> plain(nodes);
    const python_consistent_memcached_weighted<> weighted(nodes);
    CHECK(plain.slots().size() == 16387);
    CHECK(weighted.slots().size() == 32775);
    CHECK(sample::differences(plain, weighted, sample::keys(2000)) > 500);
}

TEST_CASE("the string that the fleet hashes for a server is the mapping") {
    const auto nodes = sample::nodes(4);
    const auto keys = sample::keys(2000);
    CHECK(sample::differences(python_consistent_memcached<>(nodes),
                              python_consistent_memcached<host_only>(nodes), keys) > 500);
    CHECK(sample::differences(python_consistent_memcached<host_only>(nodes),
                              python_consistent_memcached<host_and_unusual_port>(nodes),
                              keys) == 0);
}
