// The body of `config get cluster` as ElastiCache documents it, and every way in which it has been
// seen, or can be made, to be wrong.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/discovery/cluster_config.hpp>
#include <memring/protocol/classic.hpp>

using namespace memring;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view documented =
    "12\n"
    "pc.0001.use1.cache.example|10.82.235.120|11211 "
    "pc.0002.use1.cache.example|10.80.249.27|11212\n";

/// Why the body is refused; "taken" where it is not.
std::string refusal(std::string_view body) {
    std::error_code error;
    std::string reason;
    const auto config = parse_cluster_config(body, error, &reason);
    if (!error) return "taken";
    CHECK(error == errc::malformed_config);
    CHECK(config == cluster_config{});
    return reason;
}

cluster_config taken(std::string_view body) {
    std::error_code error = errc::malformed_config;
    std::string reason = "left over";
    auto config = parse_cluster_config(body, error, &reason);
    CHECK_MESSAGE(!error, reason);
    CHECK(reason.empty());
    return config;
}

std::vector<node> one_node(std::string host, std::uint16_t port, std::string address) {
    return {{.host = std::move(host), .port = port, .address = std::move(address)}};
}

/// What becomes of the framed reply: the reason it is refused for at any level, or "taken".
std::string outcome_of_reply(std::string_view bytes) {
    reply_parser parser;
    reply r;
    config_reply gathered;
    auto state = lines_state::open;
    while (state == lines_state::open) {
        const auto parse = parser.parse(bytes, r);
        if (parse != parse_state::complete)
            return parse == parse_state::need_more ? "incomplete" : "malformed";
        bytes.remove_prefix(r.size);
        state = gathered.add(r);
    }
    if (state == lines_state::malformed) return "malformed";
    if (gathered.error()) return gathered.error().message();
    return refusal(gathered.take());
}

}  // namespace

TEST_CASE("the documented body gives version, names, addresses and ports in its order") {
    const auto config = taken(documented);
    CHECK(config.version == 12);
    REQUIRE(config.nodes.size() == 2);
    CHECK(config.nodes[0] ==
          node{.host = "pc.0001.use1.cache.example", .port = 11211, .address = "10.82.235.120"});
    CHECK(config.nodes[1].port == 11212);
}

TEST_CASE("an empty ip leaves the name, an empty host is replaced by the ip") {
    CHECK(taken("1\nh||11211\n").nodes == one_node("h", 11211, ""));
    CHECK(taken("1\n|10.0.0.1|11211\n").nodes == one_node("10.0.0.1", 11211, "10.0.0.1"));
    CHECK(taken("1\n10.0.0.1|10.0.0.1|11211\n").nodes == one_node("10.0.0.1", 11211, "10.0.0.1"));
    CHECK(refusal("1\n||11211\n") == "node 1: neither host nor ip");
}

TEST_CASE("an IPv6 literal is a host and an ip like any other") {
    CHECK(taken("1\nh|fe80::1:2|11211\n").nodes == one_node("h", 11211, "fe80::1:2"));
    CHECK(taken("1\n::1||11211\n").nodes == one_node("::1", 11211, ""));
}

TEST_CASE("harmless departures from the format are taken") {
    const auto nodes = taken(documented).nodes;
    CHECK(taken(documented.substr(0, documented.size() - 1)).nodes == nodes);
    CHECK(taken("1\r\nh|1.2.3.4|5\r\n").nodes == one_node("h", 5, "1.2.3.4"));
    CHECK(taken("1 \nh|1.2.3.4|5  \n\n").nodes == one_node("h", 5, "1.2.3.4"));
    CHECK(taken("1\n h|1.2.3.4|5\n").nodes == one_node("h", 5, "1.2.3.4"));
    CHECK(taken("1\na||1  b||2\n").nodes.size() == 2);
    CHECK(taken("1\nh|1.2.3.4|5|zone-a|7\n").nodes == one_node("h", 5, "1.2.3.4"));
    CHECK(taken("0012\nh||5\n").version == 12);
}

TEST_CASE("the largest version is taken, a larger one or none refused") {
    CHECK(taken("18446744073709551615\nh||5\n").version ==
          std::numeric_limits<std::uint64_t>::max());
    for (const std::string_view version :
         {"18446744073709551616", "-1", "+1", "", "x", "1x", "1 2", " 1", "0x1"}) {
        CAPTURE(version);
        CHECK(refusal(std::string(version) + "\nh||5\n") ==
              "the version is no number up to 2^64 - 1");
    }
    CHECK(refusal("1\0\nh||5\n"sv) == "the version is no number up to 2^64 - 1");
    CHECK(refusal("") == "the body is empty");
}

TEST_CASE("ports are 1 to 65535") {
    CHECK(taken("1\nh||1\n").nodes.front().port == 1);
    CHECK(taken("1\nh||65535\n").nodes.front().port == 65535);
    CHECK(refusal("1\na||1 b||2 c||0\n") == "node 3: port 0");
    for (const std::string_view port : {"65536", "-1", "", "x", "11211x", "99999999999999999999"}) {
        CAPTURE(port);
        CHECK(refusal("1\na||1 h||" + std::string(port) + "\n") == "node 2: bad port");
    }
    CHECK(refusal("1\nh||5\0\n"sv) == "node 1: bad port");
}

TEST_CASE("an empty node list is refused, for it never means that there are no nodes") {
    for (const std::string_view body : {"1"sv, "1\n"sv, "1\n\n"sv, "1\n  \n"sv, "1\r\n\r\n"sv}) {
        CHECK(refusal(body) == "the node list is empty");
    }
}

TEST_CASE("entries that are no node are refused with their place") {
    CHECK(refusal("1\nh\n") == "node 1: not host|ip|port");
    CHECK(refusal("1\na||1 h|11211\n") == "node 2: not host|ip|port");
    CHECK(refusal("1\na||1 |\n") == "node 2: not host|ip|port");
    CHECK(refusal("1\nh\0||5\n"sv) == "node 1: bad host");
    CHECK(refusal("1\nh\t||5\n") == "node 1: bad host");
    CHECK(refusal("1\n[::1]||5\n") == "node 1: bad host");
    CHECK(refusal("1\nh|1.2.3.4\x7f|5\n") == "node 1: bad ip");
    CHECK(refusal("1\nh|a\rb|5\n") == "node 1: bad ip");
}

TEST_CASE("two nodes of one name and port are refused, two ports of one name are not") {
    CHECK(refusal("1\na|1.1.1.1|1 b||1 a|2.2.2.2|1 b||1\n") == "node 3: the same as node 1");
    CHECK(taken("1\na|1.1.1.1|1 a|1.1.1.1|2\n").nodes.size() == 2);
    CHECK(refusal("1\na||1 |a|1\n") == "node 2: the same as node 1");
}

TEST_CASE("text behind the node list is refused") {
    CHECK(refusal("1\na||1\nb||1\n") == "there is text behind the node list");
    CHECK(refusal("1\na||1\n\0"sv) == "there is text behind the node list");
}

TEST_CASE("a list of thousands of nodes is parsed, and a late duplicate in it found") {
    std::string body = "1\n";
    for (int i = 0; i < 5000; ++i) body += "host-" + std::to_string(i) + "|10.0.0.1|11211 ";
    REQUIRE(body.size() > 65536);
    CHECK(taken(body + "\n").nodes.size() == 5000);
    CHECK(refusal(body + "host-17||11211\n") == "node 5001: the same as node 18");
}

TEST_CASE("what is formatted is parsed back, byte for byte the documented body") {
    CHECK(format_cluster_config(taken(documented)) == documented);
    const cluster_config config{
        .version = 7,
        .nodes = {{.host = "a", .port = 1}, {.host = "::1", .port = 2, .address = "::1"}}};
    CHECK(format_cluster_config(config) == "7\na||1 ::1|::1|2\n");
    CHECK(taken(format_cluster_config(config)) == config);
}

TEST_CASE("a framed reply is taken whole, under the command and under the key") {
    CHECK(frame_cluster_config("1\nh||5\n") == "CONFIG cluster 0 7\r\n1\nh||5\n\r\nEND\r\n");
    CHECK(outcome_of_reply(frame_cluster_config(documented)) == "taken");
    CHECK(frame_cluster_config_key("1\nh||5\n") ==
          "VALUE AmazonElastiCache:cluster 0 7\r\n1\nh||5\n\r\nEND\r\n");
    CHECK(outcome_of_reply(frame_cluster_config_key(documented)) == "taken");
}

TEST_CASE("a reply that lies about the length of its body is never taken") {
    const std::string body(documented);
    for (std::size_t length = 0; length < body.size() + 12; ++length) {
        const std::string reply =
            "CONFIG cluster 0 " + std::to_string(length) + "\r\n" + body + "\r\nEND\r\n";
        CAPTURE(length);
        CHECK((outcome_of_reply(reply) == "taken") == (length == body.size()));
    }
}

TEST_CASE("no mutated byte makes a configuration with an illegal node") {
    for (std::size_t place = 0; place < documented.size(); ++place) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string body(documented);
            body[place] = static_cast<char>(byte);
            std::error_code error;
            const auto config = parse_cluster_config(body, error);
            REQUIRE(config.nodes.empty() == static_cast<bool>(error));
            std::size_t bad = 0;
            REQUIRE_FALSE(check_nodes(config.nodes, bad));
        }
    }
}
