// The state machine that opens a connection, against the replies of memcached 1.6.18, older ones
// and proxies. tests/protocol/wire_io_test.cpp plays it against real servers.

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include <memring/protocol/handshake.hpp>

#include <protocol/reply_frames.hpp>

using namespace memring;
using namespace std::string_literals;
using memring::testing::frame;

namespace {

handshake_state feed(handshake& talk, std::string_view bytes) {
    std::size_t consumed = 0;
    const auto state = talk.feed(bytes, consumed);
    const bool is_taken = state == handshake_state::ready || state == handshake_state::send;
    CHECK(consumed == (is_taken ? bytes.size() : 0));
    return state;
}

/// What `automatic` makes of this answer to its `version`.
handshake asked(std::string_view reply, handshake_state expected) {
    handshake talk({.wanted = protocol::automatic});
    CHECK(talk.start() == handshake_state::send);
    CHECK(talk.to_send() == "version\r\n");
    CHECK(feed(talk, reply) == expected);
    return talk;
}

protocol found(std::string_view reply) { return asked(reply, handshake_state::ready).spoken(); }

}  // namespace

TEST_CASE("without credentials and questions a connection is ready at once") {
    for (const auto wanted : {protocol::meta, protocol::classic, protocol::binary}) {
        handshake talk({.wanted = wanted});
        CHECK(talk.start() == handshake_state::ready);
        CHECK(talk.to_send().empty());
        CHECK(talk.spoken() == wanted);
        CHECK(!talk.error());
        CHECK(talk.server_version().empty());
    }
}

TEST_CASE("a version decides between meta and classic") {
    CHECK(found("VERSION 1.6.18\r\n") == protocol::meta);
    CHECK(found("VERSION 1.6.10\r\n") == protocol::meta);
    CHECK(found("VERSION 1.6.18_foo\r\n") == protocol::meta);
    CHECK(found("VERSION 1.6.22-5-gabcdef\r\n") == protocol::meta);
    CHECK(found("VERSION 1.10.0\r\n") == protocol::meta);
    CHECK(found("VERSION 1.7\r\n") == protocol::meta);
    CHECK(found("VERSION 2.0.0\r\n") == protocol::meta);
    CHECK(found("VERSION 1.6.9\r\n") == protocol::classic);
    CHECK(found("VERSION 1.6\r\n") == protocol::classic);
    CHECK(found("VERSION 1.5.22\r\n") == protocol::classic);
    CHECK(found("VERSION 1.4.39-aws\r\n") == protocol::classic);
    CHECK(found("VERSION mcrouter 40.0.0\r\n") == protocol::classic);
    CHECK(found("VERSION v1.6.18\r\n") == protocol::classic);
    CHECK(found("VERSION 1\r\n") == protocol::classic);
    CHECK(found("VERSION 1.6.99999999999999\r\n") == protocol::classic);
    CHECK(found("VERSION\r\n") == protocol::classic);
    CHECK(asked("VERSION 1.4.39-aws\r\n", handshake_state::ready).server_version() == "1.4.39-aws");
}

TEST_CASE("a proxy that does not know the question speaks classic") {
    CHECK(found("ERROR\r\n") == protocol::classic);
    CHECK(found("CLIENT_ERROR unsupported command\r\n") == protocol::classic);
}

TEST_CASE("what is no answer to the question fails") {
    CHECK(asked("STORED\r\n", handshake_state::failed).error() == errc::malformed_reply);
    CHECK(asked("\x15\x03\x03", handshake_state::failed).error() == errc::malformed_reply);
    CHECK(asked("+OK\r\n", handshake_state::failed).error() == errc::malformed_reply);
    CHECK(asked("SERVER_ERROR busy\r\n", handshake_state::failed).error() == errc::server_error);
    CHECK(asked("CLIENT_ERROR unauthenticated\r\n", handshake_state::failed).error() ==
          errc::authentication_failed);
}

TEST_CASE("an answer in pieces is waited for, and what is behind it is left alone") {
    const std::string_view bytes = "VERSION 1.6.18\r\nHD\r\n";
    for (std::size_t cut = 0; cut < 16; ++cut) {
        handshake talk({.wanted = protocol::automatic});
        REQUIRE(talk.start() == handshake_state::send);
        std::size_t consumed = 7;
        REQUIRE(talk.feed(bytes.substr(0, cut), consumed) == handshake_state::need_more);
        CHECK(consumed == 0);
        CHECK(talk.missing() >= 1);
        CHECK(talk.missing() <= 16 - cut);
        REQUIRE(talk.feed(bytes, consumed) == handshake_state::ready);
        CHECK(consumed == 16);
        CHECK(talk.spoken() == protocol::meta);
        CHECK(talk.feed(bytes.substr(16), consumed) == handshake_state::ready);
        CHECK(consumed == 0);
    }
}

TEST_CASE("credentials in text are a set of what is expired already") {
    for (const auto wanted : {protocol::meta, protocol::classic}) {
        handshake talk({.wanted = wanted, .user = "user", .password = "se:c\r\nret"});
        REQUIRE(talk.start() == handshake_state::send);
        CHECK(talk.to_send() == "set memring_login 0 -1 14\r\nuser se:c\r\nret\r\n");
        CHECK(feed(talk, "STORED\r\n") == handshake_state::ready);
        CHECK(talk.spoken() == wanted);
        CHECK(talk.to_send().empty());
    }
}

TEST_CASE("after the credentials comes the question, where there is one") {
    handshake talk({.wanted = protocol::automatic, .user = "user", .password = "secret"});
    REQUIRE(talk.start() == handshake_state::send);
    CHECK(feed(talk, "STORED\r\n") == handshake_state::send);
    CHECK(talk.to_send() == "version\r\n");
    CHECK(feed(talk, "VERSION 1.6.18\r\n") == handshake_state::ready);
    CHECK(talk.spoken() == protocol::meta);
    CHECK(talk.server_version() == "1.6.18");
}

TEST_CASE("refused credentials fail for good") {
    for (const auto* reply :
         {"CLIENT_ERROR authentication failure\r\n", "CLIENT_ERROR unauthenticated\r\n",
          "CLIENT_ERROR bad authentication token format\r\n", "ERROR\r\n"}) {
        handshake talk({.user = "user", .password = "wrong"});
        REQUIRE(talk.start() == handshake_state::send);
        CHECK(feed(talk, reply) == handshake_state::failed);
        CHECK(talk.error() == errc::authentication_failed);
        CHECK(talk.to_send().empty());
        CHECK(feed(talk, "STORED\r\n") == handshake_state::failed);
    }
    handshake talk({.user = "user", .password = "wrong"});
    REQUIRE(talk.start() == handshake_state::send);
    CHECK(feed(talk, "VERSION 1.6.18\r\n") == handshake_state::failed);
    CHECK(talk.error() == errc::malformed_reply);
}

TEST_CASE("credentials that would be read as others are not sent") {
    for (const auto& [user, password] : {std::pair{"a b", "secret"}, std::pair{"a:b", "secret"},
                                         std::pair{"user", "secret word"}}) {
        handshake talk({.user = user, .password = password});
        CHECK(talk.start() == handshake_state::failed);
        CHECK(talk.error() == errc::authentication_failed);
        CHECK(talk.to_send().empty());
    }
    for (const auto& [user, password] :
         {std::pair{"us\0er"s, "secret"s}, std::pair{"user"s, "sec\0ret"s}}) {
        handshake talk({.wanted = protocol::binary, .user = user, .password = password});
        CHECK(talk.start() == handshake_state::failed);
        CHECK(talk.error() == errc::authentication_failed);
    }
}

TEST_CASE("a password without a user is not taken for no credentials") {
    for (const auto wanted : {protocol::meta, protocol::classic, protocol::binary}) {
        handshake talk({.wanted = wanted, .user = "", .password = "secret"});
        CHECK(talk.start() == handshake_state::failed);
        CHECK(talk.error() == errc::authentication_failed);
        CHECK(talk.to_send().empty());
    }
}

TEST_CASE("credentials in frames are SASL PLAIN") {
    handshake talk(
        {.wanted = protocol::binary, .user = "user", .password = "se cret", .asks_version = true});
    REQUIRE(talk.start() == handshake_state::send);
    CHECK(talk.to_send() ==
          "\x80\x21\x00\x05\x00\x00\x00\x00\x00\x00\x00\x12\x00\x00\x00\x00"
          "\x00\x00\x00\x00\x00\x00\x00\x00PLAIN\0user\0se cret"s);
    CHECK(feed(talk, frame({.opcode = 0x21, .value = "Authenticated"})) == handshake_state::send);
    CHECK(talk.to_send() == "\x80\x0b"s + std::string(22, '\0'));
    CHECK(feed(talk, frame({.opcode = 0x0b, .value = "1.6.18"})) == handshake_state::ready);
    CHECK(talk.server_version() == "1.6.18");
    CHECK(talk.spoken() == protocol::binary);
}

TEST_CASE("a server that goes on asking is told once more, by a step") {
    handshake talk({.wanted = protocol::binary, .user = "user", .password = "secret"});
    REQUIRE(talk.start() == handshake_state::send);
    const std::string first(talk.to_send());
    CHECK(feed(talk, frame({.opcode = 0x21, .status = 0x21})) == handshake_state::send);
    CHECK(talk.to_send().substr(1, 1) == "\x22");
    CHECK(talk.to_send().substr(2) == first.substr(2));
    CHECK(feed(talk, frame({.opcode = 0x22, .status = 0x21})) == handshake_state::failed);
    CHECK(talk.error() == errc::malformed_reply);
}

TEST_CASE("refused credentials in frames fail, and so does a server without SASL") {
    for (const auto& [status, error] :
         {std::pair{0x20, errc::authentication_failed}, std::pair{0x81, errc::unsupported},
          std::pair{0x01, errc::malformed_reply}}) {
        handshake talk({.wanted = protocol::binary, .user = "user", .password = "wrong"});
        REQUIRE(talk.start() == handshake_state::send);
        CHECK(feed(talk, frame({.opcode = 0x21, .status = status})) == handshake_state::failed);
        CHECK(talk.error() == error);
    }
    for (const auto& bytes : {frame({.opcode = 0x22}), frame({.opcode = 0x21, .opaque = 1}),
                              "CLIENT_ERROR unauthenticated\r\n"s}) {
        handshake talk({.wanted = protocol::binary, .user = "user", .password = "secret"});
        REQUIRE(talk.start() == handshake_state::send);
        CHECK(feed(talk, bytes) == handshake_state::failed);
        CHECK(talk.error() == errc::malformed_reply);
    }
}
