#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/rj_ketama.hpp>

#include "../sample_nodes.hpp"
#include "preset_tools.hpp"

using namespace memring;
using namespace memring::compat;

TEST_CASE("equal memory gives 40 texts, but 39 for 61 servers") {
    for (std::size_t n = 1; n <= 100; ++n) {
        CAPTURE(n);
        CHECK(rj_ketama_texts{}(100, 100 * n, n) == (n == 61 ? 39 : 40));
    }
}

TEST_CASE("only shares of memory count, not its unit") {
    auto nodes = sample::nodes(3);
    for (std::uint32_t i = 0; i < 3; ++i) nodes[i].weight = i + 1;
    const rj_ketama small(nodes);
    for (node& n : nodes) n.weight *= 1024;
    CHECK(sample::differences(small, rj_ketama(nodes), sample::keys(2000)) == 0);
}

TEST_CASE("a name of more than 21 characters is refused") {
    const std::vector<node> fits{{.host = "cache-1.a.example"}, {.host = "cache-22.example"}};
    REQUIRE(host_and_port{}(fits[0]).size() == 23);
    const std::system_error error = sample::refusal<rj_ketama>(fits);
    CHECK(error.code() == errc::invalid_node);
    CHECK(sample::mentions(error, "RJ's ketama: node 0"));
    CHECK(sample::mentions(error, "more than 21 characters"));
    const std::vector<node> longest{{.host = "255.255.255.255", .port = 65535}};
    REQUIRE(host_and_port{}(longest[0]).size() == 21);
    CHECK_FALSE(sample::refusal<rj_ketama>(longest).code());
}
