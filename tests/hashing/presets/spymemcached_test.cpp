#include <cstddef>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/spymemcached.hpp>
#include <memring/hashing/ketama.hpp>

#include "../sample_nodes.hpp"
#include "preset_tools.hpp"

using namespace memring;
using namespace memring::compat;

TEST_CASE("a point that two servers have belongs to the later one, in libmemcached to the first") {
    using spy_rule = spymemcached_ketama<>::rule_type;
    const std::vector<node> nodes = [] {
        std::vector<node> list;
        for (int i = 0; i < 1200; ++i) {
            list.push_back(
                {"10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250), 22000});
        }
        return list;
    }();
    const auto shared = sample::shared_points<java_socket_address>(nodes);
    REQUIRE(!shared.empty());
    const ring<spy_rule, sample::spelled_hash> last(nodes);
    const ring<ring_rule<md5_points, host_and_port, equal_texts<40>>, sample::spelled_hash> first(
        nodes);
    for (const sample::shared_point& point : shared) {
        const std::string key = std::to_string(point.value);
        CHECK(last.owner_of(key) == point.second);
        CHECK(first.owner_of(key) == point.first);
    }
}

TEST_CASE("a server given by its name needs the IP that is hashed with it") {
    const std::vector<node> nodes{{.host = "10.0.0.1"}, {.host = "cache-2"}};
    const std::system_error error = sample::refusal<spymemcached_ketama<>>(nodes);
    CHECK(error.code() == errc::invalid_node);
    CHECK(sample::mentions(error, "spymemcached: node 1 \"cache-2:11211\" has no IP address"));
    CHECK(sample::refusal<spymemcached_ketama_weighted>(nodes).code() == errc::invalid_node);
    CHECK_FALSE(sample::refusal<spymemcached_ketama_libmemcached_format<>>(nodes).code());
    CHECK_FALSE(sample::refusal<spymemcached_arraymod<>>(nodes).code());
    const std::vector<node> known{{.host = "10.0.0.1"}, {.host = "cache-2", .address = "10.0.0.2"}};
    CHECK_FALSE(sample::refusal<spymemcached_ketama<>>(known).code());
}

TEST_CASE("Java's clients know no UNIX sockets") {
    const std::vector<node> nodes{{.host = "/run/memcached.sock", .port = 0}};
    const std::system_error error =
        sample::refusal<spymemcached_ketama_libmemcached_format<>>(nodes);
    CHECK(error.code() == errc::invalid_node);
    CHECK(sample::mentions(error, "is a UNIX socket"));
}

TEST_CASE("the IP of a server counts in one format, and only there") {
    const auto with_address = [](const char* address) {
        std::vector<node> nodes = sample::nodes(3);
        nodes.push_back({.host = "cache-4", .address = address});
        return nodes;
    };
    const auto keys = sample::keys(2000);
    const auto count = [&](auto policy) {
        using type = decltype(policy);
        return sample::differences(type(with_address("10.0.0.4")), type(with_address("10.0.0.5")),
                                   keys);
    };
    CHECK(count(spymemcached_ketama<>()) > 0);
    CHECK(count(spymemcached_ketama_libmemcached_format<>()) == 0);
    CHECK(count(spymemcached_arraymod<>()) == 0);
}

TEST_CASE(
    "with libmemcached's names it is libmemcached's ring, without weights if nothing rounds") {
    const auto keys = sample::keys(2000);
    const auto fifty = sample::nodes(50);
    const auto ten = sample::nodes(10);
    using unweighted = spymemcached_ketama_libmemcached_format<>;
    CHECK(sample::differences(spymemcached_ketama_libmemcached_format_weighted(fifty),
                              ketama(fifty), keys) == 0);
    CHECK(sample::differences(unweighted(ten), ketama(ten), keys) == 0);
    CHECK(sample::differences(unweighted(fifty), ketama(fifty), keys) > 0);
}

TEST_CASE("weights count only where a preset says so") {
    auto nodes = sample::nodes(3);
    nodes[0].weight = 7;
    const auto keys = sample::keys(2000);
    CHECK(sample::differences(spymemcached_ketama<>(nodes), spymemcached_ketama<>(sample::nodes(3)),
                              keys) == 0);
    CHECK(sample::differences(spymemcached_arraymod<>(nodes),
                              spymemcached_arraymod<>(sample::nodes(3)), keys) == 0);
    CHECK(sample::load(spymemcached_ketama_weighted(nodes), keys)[0] > 1400);
}
