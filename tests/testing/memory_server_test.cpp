// The in-process memcached: what the byte scripts against the real one cannot show, because it
// needs time to pass, a node list, or a fault.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <memring/node.hpp>
#include <memring/testing/binary_frame.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/login.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_session.hpp>
#include <memring/testing/scripted_session.hpp>

#include "frames.hpp"

namespace {

using memring::testing::append_frame;
using memring::testing::big_endian;
using memring::testing::binary_count;
using memring::testing::binary_get;
using memring::testing::binary_set;
using memring::testing::binary_touch;
using memring::testing::faults;
using memring::testing::frame;
using memring::testing::frame_content;
using memring::testing::login_protocol;
using memring::testing::memory_server;
using memring::testing::memory_session;
using memring::testing::of_key;
using memring::testing::opcode;
using memring::testing::required_login;
using memring::testing::scripted_session;

constexpr std::int64_t start_time = 1'700'000'000;

memory_server at_fixed_time() {
    return memory_server({.clock = [] { return start_time; }});
}

std::string ask(memory_server& server, std::string_view bytes) {
    memory_session session(server);
    std::string out;
    session.feed(bytes, out);
    return out;
}

std::string everything_from(scripted_session& session) {
    std::string all;
    while (session.has_reply()) all += session.take_part(1000);
    return all;
}

std::string reply_frame(opcode what, const frame_content& content, std::uint32_t opaque) {
    std::string out;
    append_frame({.what = what, .opaque = opaque}, content, out);
    return out;
}

}  // namespace

TEST_CASE("an item is gone when its time has come, not before") {
    auto server = at_fixed_time();
    ask(server, "ms a 1 T10\r\nx\r\n");
    server.advance(9);
    CHECK(ask(server, "mg a t v\r\n") == "VA 1 t1\r\nx\r\n");
    server.advance(1);
    CHECK(ask(server, "mg a t v\r\n") == "EN\r\n");
    CHECK(server.item_count() == 0);
}

TEST_CASE("an expiry above thirty days is a date") {
    auto server = at_fixed_time();
    ask(server, "ms a 1 T" + std::to_string(start_time + 5) + "\r\nx\r\n");
    CHECK(ask(server, "mg a t\r\n") == "HD t5\r\n");
}

TEST_CASE("a lease that nobody fills ends by itself, and the next one wins") {
    auto server = at_fixed_time();
    CHECK(ask(server, "mg a N3 v\r\n") == "VA 0 W\r\n\r\n");
    server.advance(2);
    CHECK(ask(server, "mg a N3 v\r\n") == "VA 0 Z\r\n\r\n");
    server.advance(1);
    CHECK(ask(server, "mg a N3 v\r\n") == "VA 0 W\r\n\r\n");
}

TEST_CASE("a delayed flush comes a second early, as memcached's does") {
    auto server = at_fixed_time();
    ask(server, "set a 0 0 1\r\nx\r\nflush_all 10\r\n");
    server.advance(8);
    CHECK(ask(server, "get a\r\n") == "VALUE a 0 1\r\nx\r\nEND\r\n");
    server.advance(1);
    CHECK(ask(server, "get a\r\n") == "END\r\n");
    server.advance(1);
    CHECK(ask(server, "get a\r\nset a 0 0 1\r\ny\r\nget a\r\n") ==
          "END\r\nSTORED\r\nVALUE a 0 1\r\ny\r\nEND\r\n");
}

TEST_CASE("an evicted item is a miss, a put one a hit") {
    auto server = at_fixed_time();
    server.put("a", {.value = "x", .flags = 7});
    CHECK(ask(server, "mg a v f\r\n") == "VA 1 f7\r\nx\r\n");
    REQUIRE(server.peek("a").has_value());
    CHECK(server.peek("a")->flags == 7);
    CHECK(server.keys() == std::vector<std::string>{"a"});
    CHECK(server.evict("a"));
    CHECK_FALSE(server.evict("a"));
    CHECK_FALSE(server.peek("a").has_value());
    CHECK(ask(server, "mg a\r\n") == "EN\r\n");
}

TEST_CASE("a published node list is served as ElastiCache serves it") {
    auto server = at_fixed_time();
    server.set_config(12, {{"cache1", 11211, 1, "10.0.0.1"}, {"::1", 11212}});
    const std::string body = "12\ncache1|10.0.0.1|11211 ::1||11212\n";
    const auto size = std::to_string(body.size());
    CHECK(ask(server, "config get cluster\r\n") ==
          "CONFIG cluster 0 " + size + "\r\n" + body + "\r\nEND\r\n");
    CHECK(ask(server, "get AmazonElastiCache:cluster\r\n") ==
          "VALUE AmazonElastiCache:cluster 0 " + size + "\r\n" + body + "\r\nEND\r\n");
    CHECK(ask(server, "config set cluster 0 5\r\n13\nab\r\nconfig get cluster\r\n") ==
          "OK\r\nCONFIG cluster 0 5\r\n13\nab\r\nEND\r\n");

    server.set_config_command(false);
    CHECK(ask(server, "config get cluster\r\n") == "ERROR\r\n");
    CHECK(ask(server, "get AmazonElastiCache:cluster\r\n").starts_with("VALUE "));

    server.set_config_command(true);
    server.set_config_reply("CONFIG cluster 0 999\r\nlies\r\nEND\r\n");
    CHECK(ask(server, "config get cluster\r\n") == "CONFIG cluster 0 999\r\nlies\r\nEND\r\n");
    server.clear_config();
    CHECK(ask(server, "config get cluster\r\nget AmazonElastiCache:cluster\r\n") ==
          "ERROR\r\nEND\r\n");
}

TEST_CASE("a key dump tells absolute times") {
    auto server = at_fixed_time();
    ask(server, "ms a 1 T10\r\nx\r\n");
    CHECK(ask(server, "lru_crawler metadump hash\r\n") ==
          "key=a exp=1700000010 la=1700000000 cas=1 fetch=no cls=1 size=61\nEND\r\n");
}

TEST_CASE("a dump is refused as busy as often as told") {
    auto server = at_fixed_time();
    server.set_faults({.busy_dumps = 2});
    for (int i = 0; i < 2; ++i) {
        CHECK(ask(server, "lru_crawler metadump hash\r\n") ==
              "BUSY currently processing crawler request\r\n");
    }
    CHECK(ask(server, "lru_crawler metadump hash\r\n") == "END\r\n");
}

TEST_CASE("settings and counters are told") {
    auto server = at_fixed_time();
    CHECK(ask(server, "stats settings\r\n").find("STAT lru_crawler yes\r\n") != std::string::npos);
    CHECK(ask(server, "stats settings\r\n").find("STAT dump_enabled yes\r\n") != std::string::npos);
    server.set_crawler(false, false);
    CHECK(ask(server, "stats settings\r\n").find("STAT lru_crawler no\r\n") != std::string::npos);
    CHECK(ask(server, "stats settings\r\n").find("STAT dump_enabled no\r\n") != std::string::npos);
    ask(server, "set a 0 0 1\r\nx\r\nget a b\r\n");
    const auto stats = ask(server, "stats\r\n");
    CHECK(stats.find("STAT curr_items 1\r\n") != std::string::npos);
    CHECK(stats.find("STAT get_hits 1\r\nSTAT get_misses 1\r\n") != std::string::npos);
    CHECK(stats.ends_with("END\r\n"));
    CHECK(ask(server, "stats items\r\n").starts_with("STAT items:1:number 1\r\n"));
    CHECK(server.counters().hits == 1);
}

TEST_CASE("commands may come in any pieces") {
    const std::string script =
        "set a 1 0 5\r\nhello\r\nms b 2 T0 c\r\nxy\r\nget a b\r\nmg b v k\r\nms c 1 "
        "zz\r\nx\r\nmn\r\n";
    auto whole = at_fixed_time();
    const auto expected = ask(whole, script);
    for (std::size_t piece = 1; piece < script.size(); ++piece) {
        auto server = at_fixed_time();
        memory_session session(server);
        std::string out;
        for (std::size_t at = 0; at < script.size(); at += piece) {
            session.feed(std::string_view(script).substr(at, piece), out);
        }
        CHECK(out == expected);
    }
}

TEST_CASE("quit ends the session, and nothing behind it is carried out") {
    auto server = at_fixed_time();
    memory_session session(server);
    std::string out;
    session.feed("quit\r\nset a 0 0 1\r\nx\r\n", out);
    CHECK(session.wants_close());
    CHECK(out.empty());
    CHECK(server.item_count() == 0);
}

TEST_CASE("replies are split in the sizes asked for, over and over") {
    auto server = at_fixed_time();
    server.set_faults({.split_sizes = {1, 3}});
    scripted_session session(server);
    session.receive("mn\r\nmn\r\n");
    CHECK(session.take_part(100) == "M");
    CHECK(session.take_part(100) == "N\r\n");
    CHECK(session.take_part(100) == "M");
    CHECK(session.take_part(2) == "N\r");
    server.set_faults({});
    CHECK(session.take_part(100) == "\n");
    CHECK_FALSE(session.has_reply());
}

TEST_CASE("a stream is cut after so many bytes, and what they answer is done") {
    auto server = at_fixed_time();
    server.set_faults({.cut_after_bytes = 10});
    scripted_session session(server);
    session.receive("ms a 1\r\nx\r\nms b 1\r\nx\r\nms c 1\r\nx\r\nms d 1\r\nx\r\n");
    CHECK(everything_from(session) == "HD\r\nHD\r\nHD");
    CHECK(session.has_ended());
    CHECK(server.peek("c").has_value());
    CHECK_FALSE(server.peek("d").has_value());
}

TEST_CASE("a stream is cut after so many commands, and the next one is not done") {
    auto server = at_fixed_time();
    server.set_faults({.cut_after_commands = 1});
    scripted_session session(server);
    session.receive("ms a 1\r\nx\r\nms b 1\r\nx\r\n");
    CHECK_FALSE(session.has_ended());
    CHECK(everything_from(session) == "HD\r\n");
    CHECK(session.has_ended());
    CHECK_FALSE(server.peek("b").has_value());
}

TEST_CASE("a server that stalls carries out and keeps quiet") {
    auto server = at_fixed_time();
    server.set_faults({.stall_after_commands = 1});
    scripted_session session(server);
    session.receive("ms a 1\r\nx\r\nms b 1\r\nx\r\n");
    CHECK(everything_from(session) == "HD\r\n");
    CHECK_FALSE(session.has_ended());
    CHECK(server.peek("b").has_value());
}

TEST_CASE("garbage stands in for one reply") {
    auto server = at_fixed_time();
    server.set_faults({.garbage_at_command = 1, .garbage = "???\r\n"});
    scripted_session session(server);
    session.receive("mn\r\nmn\r\nmn\r\n");
    CHECK(everything_from(session) == "MN\r\n???\r\nMN\r\n");
}

TEST_CASE("a reply repeats a wrong opaque when told to") {
    auto server = at_fixed_time();
    server.set_faults({.wrong_opaque_at_command = 1});
    scripted_session session(server);
    session.receive("mg a O17\r\nmg a O17 k\r\nmg a O17\r\n");
    CHECK(everything_from(session) == "EN O17\r\nEN O18 ka\r\nEN O17\r\n");

    scripted_session binary(server);
    const auto request = frame(opcode::noop, {.opaque = 0x01020304});
    binary.receive(request + request + request);
    const auto right = reply_frame(opcode::noop, {}, 0x01020304);
    CHECK(everything_from(binary) == right + reply_frame(opcode::noop, {}, 0x01020305) + right);
}

TEST_CASE("what else can go wrong goes wrong in frames, too") {
    auto server = at_fixed_time();
    const auto request = frame(opcode::noop);
    const auto reply = reply_frame(opcode::noop, {}, 7);
    const auto ask_thrice = [&](const faults& misbehaviour) {
        server.set_faults(misbehaviour);
        scripted_session session(server);
        session.receive(request + request + request);
        return everything_from(session);
    };
    CHECK(ask_thrice({}) == reply + reply + reply);
    CHECK(ask_thrice({.cut_after_bytes = 30}) == reply + reply.substr(0, 6));
    CHECK(ask_thrice({.cut_after_commands = 2}) == reply + reply);
    CHECK(ask_thrice({.stall_after_commands = 1}) == reply);
    CHECK(ask_thrice({.garbage_at_command = 1, .garbage = "???"}) == reply + "???" + reply);
    CHECK(ask_thrice({.garbage_at_command = 0, .garbage = ""}) == reply + reply);
}

TEST_CASE("frames may come in any pieces") {
    const std::string script = binary_set("a", "hello", 7) + of_key(opcode::get_key, "a") +
                               binary_set("b", "") + of_key(opcode::get_quiet, "no") +
                               binary_set("big", std::string(2000, 'x')) + binary_get("big") +
                               of_key(opcode::stat, "sizes") + frame(opcode::noop);
    auto whole = at_fixed_time();
    const auto expected = ask(whole, script);
    for (const std::size_t piece : {1U, 2U, 7U, 23U, 24U, 25U, 100U, 1000U}) {
        CAPTURE(piece);
        auto server = at_fixed_time();
        memory_session session(server);
        std::string out;
        for (std::size_t at = 0; at < script.size(); at += piece) {
            session.feed(std::string_view(script).substr(at, piece), out);
        }
        CHECK(out == expected);
    }
}

TEST_CASE("the protocols share the items") {
    auto server = at_fixed_time();
    ask(server, binary_set("a", "x", 3, 100));
    CHECK(ask(server, "mg a v f t\r\n") == "VA 1 f3 t100\r\nx\r\n");
    ask(server, "set a 9 0 2\r\nyz\r\n");
    const auto cas = server.peek("a")->cas;
    CHECK(ask(server, binary_get("a")) ==
          reply_frame(opcode::get, {.extras = big_endian(9, 4), .value = "yz", .cas = cas}, 7));
    ask(server, binary_count(opcode::increment, "n", {.initial = 5, .expiry = 50}));
    CHECK(ask(server, "mg n v t\r\n") == "VA 1 t50\r\n5\r\n");
}

TEST_CASE("times of the binary protocol are never negative") {
    auto server = at_fixed_time();
    ask(server, binary_set("a", "x", 0, 0xffffffff));
    REQUIRE(server.peek("a").has_value());
    CHECK(server.peek("a")->expires_at == 0xffffffff);
    ask(server, binary_touch(opcode::touch, "a", 10));
    server.advance(9);
    CHECK(server.peek("a").has_value());
    server.advance(1);
    CHECK_FALSE(server.peek("a").has_value());
    ask(server, binary_set("b", "x") + frame(opcode::flush, {.extras = big_endian(10, 4)}));
    server.advance(8);
    CHECK(server.peek("b").has_value());
    server.advance(1);
    CHECK_FALSE(server.peek("b").has_value());
}

TEST_CASE("a server from before the meta commands knows none of them") {
    memory_server server({.version = "1.4.39"});
    CHECK(ask(server, "version\r\nmn\r\nmg a v\r\nme a\r\nms a 1\r\nx\r\nmd a\r\nma a\r\n") ==
          "VERSION 1.4.39\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\nERROR\r\n");
    CHECK(ask(server, "set a 0 0 1\r\nx\r\ntouch a 10\r\ngat 10 a\r\nget a\r\n") ==
          "STORED\r\nTOUCHED\r\nERROR\r\nVALUE a 0 1\r\nx\r\nEND\r\n");
    CHECK(ask(server, "lru_crawler metadump hash\r\n") == "BADCLASS invalid class id\r\n");
    CHECK(ask(server, "lru_crawler metadump all\r\n").starts_with("key=a "));
    CHECK(ask(server, frame(opcode::version)) ==
          reply_frame(opcode::version, {.value = "1.4.39"}, 7));
}

TEST_CASE("a version decides what a server knows") {
    const auto knows = [](const char* version, const char* command) {
        memory_server server({.version = version});
        return ask(server, command) != "ERROR\r\n";
    };
    for (const char* const version : {"1.6.10", "1.6.18", "1.7.0", "2.0", "1.6.22-custom"}) {
        CHECK(knows(version, "mn\r\n"));
    }
    for (const char* const version : {"1.6.9", "1.6.0", "1.5.22", "1.4.39", "unknown", ""}) {
        CHECK_FALSE(knows(version, "mn\r\n"));
    }
    CHECK(knows("1.5.3", "gat 1 a\r\n"));
    CHECK_FALSE(knows("1.5.2", "gat 1 a\r\n"));
    CHECK(knows("1.4.8", "touch a 1\r\n"));
    CHECK_FALSE(knows("1.4.7", "touch a 1\r\n"));
    CHECK(knows("1.4.31", "lru_crawler metadump all\r\n"));
    CHECK_FALSE(knows("1.4.30", "lru_crawler metadump all\r\n"));
}

TEST_CASE("a login counts for its connection only") {
    for (const auto how : {login_protocol::text, login_protocol::sasl}) {
        memory_server server({.login = required_login{how, "alice", "secret"}});
        const bool is_text = how == login_protocol::text;
        const std::string login =
            is_text ? "set x 0 0 12\r\nalice secret\r\n"
                    : frame(opcode::sasl_auth,
                            {.key = "PLAIN", .value = std::string("\0alice\0secret", 13)});
        const std::string question = is_text ? "get a\r\n" : binary_get("a");
        memory_session one(server);
        std::string before;
        one.feed(login, before);
        CHECK(server.counters().logins == 1);
        CHECK(server.counters().failed_logins == 0);
        std::string answered;
        one.feed(question, answered);
        CHECK(server.counters().gets == 1);
        CHECK(ask(server, question) != answered);
        CHECK(server.counters().gets == 1);
    }
}

TEST_CASE("a password has to be the whole of it") {
    memory_server server({.login = required_login{login_protocol::text, "alice", "secret"}});
    for (const char* const password : {"secre", "secrets", "Secret", "alice"}) {
        const std::string value = std::string("alice ") + password;
        CHECK(ask(server, "set x 0 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\n") ==
              "CLIENT_ERROR authentication failure\r\n");
    }
    CHECK(server.counters().failed_logins == 4);
}

TEST_CASE("connections and the level of the log are told") {
    auto server = at_fixed_time();
    memory_session one(server);
    CHECK(ask(server, "stats\r\n").find("STAT curr_connections 2\r\n") != std::string::npos);
    CHECK(ask(server, "stats\r\n").find("STAT total_connections 3\r\n") != std::string::npos);
    ask(server, "verbosity 99\r\n");
    CHECK(ask(server, "stats settings\r\n").find("STAT verbosity 10\r\n") != std::string::npos);
    memory_server small({.item_size_limit = 2048});
    CHECK(ask(small, "stats settings\r\n").find("STAT item_size_max 2048\r\n") !=
          std::string::npos);
}

TEST_CASE("a limit of its own and a version of its own can be given") {
    memory_server server({.item_size_limit = 100, .version = "1.5.6"});
    CHECK(ask(server, "version\r\nset a 0 0 50\r\n" + std::string(50, 'x') + "\r\n") ==
          "VERSION 1.5.6\r\nSERVER_ERROR object too large for cache\r\n");
}
