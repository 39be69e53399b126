#include <cstddef>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/memcached_proxy.hpp>
#include <memring/hashing/ketama.hpp>

#include "../sample_nodes.hpp"
#include "preset_tools.hpp"

using namespace memring;
using namespace memring::compat;

TEST_CASE("a pool's seed string seeds the hash of its keys") {
    const auto nodes = sample::nodes(7);
    const auto keys = sample::keys(2000);
    const memcached_proxy_jump plain(nodes);
    const memcached_proxy_jump seeded(nodes, "another-pool");
    CHECK(sample::differences(plain, jump(nodes), keys) == 0);
    CHECK(sample::differences(seeded, jump(nodes, {.seed = xxh3("another-pool")}), keys) == 0);
    CHECK(sample::differences(plain, seeded, keys) > 1000);
    // An empty seed string is a seed too: the hash of nothing.
    CHECK(sample::differences(plain, memcached_proxy_jump(nodes, ""), keys) > 1000);
}

TEST_CASE("a pool's seed holds for all the lists it is rebuilt for") {
    const auto nodes = sample::nodes(7);
    const auto keys = sample::keys(2000);
    const memcached_proxy_jump seeded(nodes, "another-pool");
    CHECK(sample::differences(rebuilt(rebuilt(seeded, {}), nodes), seeded, keys) == 0);
    const std::vector<node> twice{{"a"}, {"a"}};
    CHECK_THROWS_AS((void)seeded.rebuilt(twice), std::system_error);
}

TEST_CASE("the proxy's ring is that of its model only where the model does not round") {
    const auto keys = sample::keys(5000);
    using proxy = memcached_proxy_ring_twemproxy<hash::md5>;
    CHECK(sample::differences(proxy(sample::nodes(24)), ketama(sample::nodes(24)), keys) == 0);
    CHECK(sample::differences(proxy(sample::nodes(25)), ketama(sample::nodes(25)), keys) > 0);
}

TEST_CASE("weights are ignored by every mode") {
    auto nodes = sample::nodes(3);
    nodes[1].weight = 9;
    const auto keys = sample::keys(2000);
    const auto count = [&](auto policy) {
        using type = decltype(policy);
        return sample::differences(type(nodes), type(sample::nodes(3)), keys);
    };
    CHECK(count(memcached_proxy_jump()) == 0);
    CHECK(count(memcached_proxy_ring_default<>()) == 0);
    CHECK(count(memcached_proxy_ring_ketama<>()) == 0);
    CHECK(count(memcached_proxy_ring_twemproxy<>()) == 0);
    CHECK(count(memcached_proxy_ring_evcache<>()) == 0);
}

TEST_CASE("no two modes of the ring are one mapping") {
    const auto nodes = sample::nodes(5);
    const auto keys = sample::keys(2000);
    const memcached_proxy_ring_ketama<> ketama_mode(nodes);
    CHECK(sample::differences(ketama_mode, memcached_proxy_ring_twemproxy<>(nodes), keys) > 500);
    CHECK(sample::differences(ketama_mode, memcached_proxy_ring_evcache<>(nodes), keys) > 500);
    CHECK(sample::differences(ketama_mode, memcached_proxy_ring_default<>(nodes), keys) > 500);
    CHECK(sample::differences(ketama_mode, memcached_proxy_ring_ketama<hash::md5>(nodes), keys) >
          500);
}

TEST_CASE("errors name the proxy") {
    const std::vector<node> twice{{"a"}, {"a"}};
    CHECK(sample::mentions(sample::refusal<memcached_proxy_jump>(twice),
                           "memcached's proxy: node 1"));
    CHECK(sample::mentions(sample::refusal<memcached_proxy_ring_ketama<>>(twice),
                           "memcached's proxy: node 1"));
}
