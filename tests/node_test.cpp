#include <doctest/doctest.h>

#include <initializer_list>
#include <memring/key.hpp>
#include <memring/node.hpp>
#include <string>
#include <vector>

using namespace memring;

TEST_CASE("a node is written as host, port and weight") {
    CHECK(parse_node("cache1") == node{"cache1", 11211});
    CHECK(parse_node("cache1:11212") == node{"cache1", 11212});
    CHECK(parse_node("10.0.0.1:11212:3") == node{"10.0.0.1", 11212, 3});
}

TEST_CASE("the path of a UNIX socket is a node without a port") {
    const node socket = parse_node("/run/mc.sock");
    CHECK(socket == node{"/run/mc.sock", 0});
    CHECK(is_unix_socket(socket));
    CHECK(is_valid_node(socket));
    CHECK(to_string(socket) == "/run/mc.sock");
    CHECK(parse_node("/run/mc.sock:0:3") == node{"/run/mc.sock", 0, 3});
    std::error_code error;
    CHECK(parse_node("/run/mc.sock:11211", error) == node{});
    CHECK(error == errc::invalid_node);
    CHECK_FALSE(is_valid_node({"/run/mc.sock", 11211}));
    CHECK_FALSE(is_valid_node({"cache1", 0}));
}

TEST_CASE("an IPv6 literal stands in brackets where a port follows") {
    CHECK(parse_node("[::1]:11212") == node{"::1", 11212});
    CHECK(parse_node("[fe80::1%eth0]:11212:2") == node{"fe80::1%eth0", 11212, 2});
    CHECK(parse_node("[::1]") == node{"::1", 11211});
    CHECK(parse_node("2001:db8::7") == node{"2001:db8::7", 11211});
    CHECK(parse_node("::1") == node{"::1", 11211});
    CHECK(parse_node("fe80::1%eth0") == node{"fe80::1%eth0", 11211});
    CHECK(parse_node("1:2:3:4:5:6:7:8") == node{"1:2:3:4:5:6:7:8", 11211});
    CHECK(parse_node("1:2:3:4:5:6:10.0.0.1") == node{"1:2:3:4:5:6:10.0.0.1", 11211});
}

TEST_CASE("what a person reads parses back to the same node") {
    for (const auto* text : {"cache1:11211", "[::1]:11212", "10.0.0.1:1"}) {
        CHECK(to_string(parse_node(text)) == text);
    }
}

TEST_CASE("text that is no node is refused and quoted") {
    for (const auto* text :
         {"", ":11211", "host:", "host:0", "host:65536", "host:-1", "host:11211:0",
          "host:11211:", "host:11211:x", "host:11211x", "ho st:11211", "[::1", "[::1]11211",
          "[host]:1", "a|b:1", "host:99999999999999999999", "a:1:1:1", "a:1:1:1:1", "host::1"}) {
        CAPTURE(text);
        std::error_code error;
        CHECK(parse_node(text, error) == node{});
        CHECK(error == errc::invalid_node);
        try {
            (void)parse_node(text);
            FAIL("accepted");
        } catch (const std::system_error& thrown) {
            CHECK(std::string(thrown.what()).find('"' + std::string(text) + '"') !=
                  std::string::npos);
        }
    }
}

TEST_CASE("a list of nodes is checked to the first that is bad") {
    std::size_t place = 0;
    CHECK_FALSE(check_nodes({}, place));
    CHECK_FALSE(check_nodes({{"a", 1}, {"a", 2}, {"b", 1}}, place));
    CHECK(check_nodes({{"a", 1}, {"", 1}}, place) == errc::invalid_node);
    CHECK(place == 1);
    CHECK(check_nodes({{"a", 1}, {"b", 1}, {"a", 1, 5}}, place) == errc::duplicate_node);
    CHECK(place == 2);
    CHECK(check_nodes({{"a", 1, 0}}, place) == errc::invalid_node);
}

TEST_CASE("a key has 1 to 250 bytes and neither space nor control byte") {
    CHECK(is_valid_key("k"));
    CHECK(is_valid_key(std::string(250, 'k')));
    CHECK(is_valid_key("schl\xc3\xbcssel"));
    CHECK_FALSE(is_valid_key(""));
    CHECK_FALSE(is_valid_key(std::string(251, 'k')));
    for (int byte = 0; byte < 256; ++byte) {
        const bool is_bad = byte <= 0x20 || byte == 0x7f;
        CAPTURE(byte);
        CHECK(is_valid_key("a" + std::string(1, static_cast<char>(byte)) + "b") == !is_bad);
    }
}

TEST_CASE("a key buffer owns its bytes") {
    std::string text = "some key";
    key_buffer key(text);
    key_buffer copy = key;
    text = "overwritten";
    key.assign("another");
    CHECK(copy.view() == "some key");
    CHECK(key.view() == "another");
    copy = key;
    CHECK(copy.view() == "another");
    CHECK(key_buffer().empty());
    CHECK(key_buffer(std::string(250, 'x')).view() == std::string(250, 'x'));
}
