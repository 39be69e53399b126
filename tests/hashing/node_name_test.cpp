#include <string>
#include <string_view>

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

TEST_CASE("twemproxy's name of a node goes before its address") {
    CHECK(twemproxy_name{}({.host = "10.0.0.1", .port = 22, .name = "cache-a"}) == "cache-a");
    CHECK(twemproxy_name{}({.host = "10.0.0.1"}) == "10.0.0.1");
    CHECK(twemproxy_name{}({.host = "10.0.0.1", .port = 22}) == "10.0.0.1:22");
    CHECK(twemproxy_name{}({.host = "/run/a.sock", .port = 0}) == "/run/a.sock:");
}

TEST_CASE("EVCache's spelling has the host twice, emcache's has no colon") {
    CHECK(evcache_name{}({.host = "cache-1"}) == "cache-1/cache-1:11211");
    CHECK(host_joined_port{}({.host = "cache-1"}) == "cache-111211");
    CHECK(host_joined_port{}({.host = "/run/a.sock", .port = 0}) == "/run/a.sock");
}

// What OpenJDK 17.0.15 writes for `new InetSocketAddress(literal, 11211)`.
TEST_CASE("Java writes every group of an IPv6 address, in brackets") {
    struct {
        std::string_view literal;
        std::string_view text;
    } const cases[] = {
        {"10.0.0.1", "10.0.0.1:11211"},
        {"010.0.0.1", "10.0.0.1:11211"},
        {"::1", "[0:0:0:0:0:0:0:1]:11211"},
        {"::", "[0:0:0:0:0:0:0:0]:11211"},
        {"1::", "[1:0:0:0:0:0:0:0]:11211"},
        {"1:2:3:4:5:6:7::", "[1:2:3:4:5:6:7:0]:11211"},
        {"2001:DB8:0:0:1::a", "[2001:db8:0:0:1:0:0:a]:11211"},
        {"::1.2.3.4", "[0:0:0:0:0:0:102:304]:11211"},
        {"1:2:3:4:5:6:1.2.3.4", "[1:2:3:4:5:6:102:304]:11211"},
        {"fe80::1%1", "[fe80:0:0:0:0:0:0:1%1]:11211"},
        {"::ffff:10.0.0.1", "10.0.0.1:11211"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.literal);
        CHECK(java_socket_address{}({.host = std::string(one.literal)}) == one.text);
    }
}

TEST_CASE("Java writes host and address, or that there is none") {
    CHECK(java_socket_address{}({.host = "cache-1", .port = 22, .address = "10.0.0.1"}) ==
          "cache-1/10.0.0.1:22");
    CHECK(java_socket_address{}({.host = "cache-1", .address = "2001:db8::1"}) ==
          "cache-1/[2001:db8:0:0:0:0:0:1]:11211");
    CHECK(java_socket_address{}({.host = "cache-1"}) == "cache-1/<unresolved>:11211");
    CHECK(java_socket_address{}({.host = "10.0.0.1", .address = "10.0.0.2"}) == "10.0.0.1:11211");
}

TEST_CASE("what looks almost like an IP address is a name") {
    for (const std::string host :
         {"10.0.0",    "10.0.0.1.2",    "10.0.0.256",        "10.0.0.",        ".10.0.0",
          "10..0.1",   "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",        "1:2:3:4::5:6:7:8",
          "::12345",   "::g",           ":1:2:3:4:5:6:7",    "1:2:3:4:5:6:7:", "::1.2.3",
          "1.2.3.4::", "::+1",          "10.0.0.-1",         "0010.0.0.1",     ":",
          ":::"}) {
        CAPTURE(host);
        CHECK(java_socket_address{}({.host = host}) == host + "/<unresolved>:11211");
        CHECK_FALSE(java_socket_address::is_resolved({.host = host}));
        CHECK_FALSE(java_socket_address::is_resolved({.host = "a", .address = host}));
    }
    CHECK(java_socket_address::is_resolved({.host = "a", .address = "::1"}));
    CHECK(java_socket_address::is_resolved({.host = "::1"}));
}

TEST_CASE("a known address can stand for the host") {
    CHECK(java_ip_and_port{}({.host = "cache-1", .address = "10.0.0.1"}) == "10.0.0.1:11211");
    CHECK(java_ip_and_port{}({.host = "10.0.0.2"}) == "10.0.0.2:11211");
    CHECK(java_ip_and_port{}({.host = "cache-1"}) == "cache-1/<unresolved>:11211");
}
