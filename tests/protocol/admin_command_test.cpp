// Admin commands as bytes of each protocol, and their answers gathered.

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/protocol/admin_command.hpp>

#include <protocol/reply_frames.hpp>

using namespace memring;
using namespace std::string_literals;
using memring::testing::frame;
using memring::testing::reply_parts;
using kind = admin_command::kind;

namespace {

std::string text_of(const admin_command& c, protocol spoken = protocol::meta) {
    CHECK(!admin_refusal(c, spoken));
    std::string out;
    encode_admin(c, spoken, out);
    return out;
}

std::string frame_of(const admin_command& c) {
    CHECK(!admin_refusal(c, protocol::binary));
    std::string out;
    encode_binary_admin(c, 0x01020304, out);
    return out;
}

struct gathered {
    lines_state state{};
    answer out;
    bool is_in_step = true;
};

gathered gather(kind what, std::string_view bytes) {
    admin_reply replies;
    gathered result;
    reply_parser parser;
    reply r;
    while (parser.parse(bytes, r) == parse_state::complete) {
        result.state = replies.add(what, r, result.out);
        if (result.state != lines_state::open) break;
        bytes.remove_prefix(r.size);
    }
    result.is_in_step = replies.is_in_step();
    return result;
}

gathered gather(kind what, const std::vector<reply_parts>& frames) {
    admin_reply replies;
    gathered result;
    for (const auto& parts : frames) {
        const std::string bytes = frame(parts);
        binary_parser parser;
        binary_reply r;
        REQUIRE(parser.parse(bytes, r) == parse_state::complete);
        result.state = replies.add(what, 7, r, result.out);
        if (result.state != lines_state::open) break;
    }
    return result;
}

}  // namespace

TEST_CASE("admin commands are classic lines in both text protocols, the barrier aside") {
    for (const auto spoken : {protocol::meta, protocol::classic}) {
        CHECK(text_of({kind::version, 0, ""}, spoken) == "version\r\n");
        CHECK(text_of({kind::flush_all, 0, ""}, spoken) == "flush_all\r\n");
        CHECK(text_of({kind::flush_all, 30, ""}, spoken) == "flush_all 30\r\n");
        CHECK(text_of({kind::stats, 0, ""}, spoken) == "stats\r\n");
        CHECK(text_of({kind::stats, 0, "slabs"}, spoken) == "stats slabs\r\n");
        CHECK(text_of({kind::verbosity, 2, ""}, spoken) == "verbosity 2\r\n");
    }
    CHECK(text_of({kind::barrier, 0, ""}, protocol::meta) == "mn\r\n");
    CHECK(text_of({kind::barrier, 0, ""}, protocol::classic) == "version\r\n");
}

TEST_CASE("admin commands are frames in the binary protocol") {
    const auto rest = "\x01\x02\x03\x04\0\0\0\0\0\0\0\0"s;
    CHECK(frame_of({kind::version, 0, ""}) == "\x80\x0b\0\0\0\0\0\0\0\0\0\0"s + rest);
    CHECK(frame_of({kind::flush_all, 0, ""}) == "\x80\x08\0\0\0\0\0\0\0\0\0\0"s + rest);
    CHECK(frame_of({kind::flush_all, 30, ""}) ==
          "\x80\x08\0\0\x04\0\0\0\0\0\0\x04"s + rest + "\0\0\0\x1e"s);
    CHECK(frame_of({kind::stats, 0, ""}) == "\x80\x10\0\0\0\0\0\0\0\0\0\0"s + rest);
    CHECK(frame_of({kind::stats, 0, "slabs"}) ==
          "\x80\x10\0\x05\0\0\0\0\0\0\0\x05"s + rest + "slabs");
    CHECK(frame_of({kind::barrier, 0, ""}) == "\x80\x0a\0\0\0\0\0\0\0\0\0\0"s + rest);
}

TEST_CASE("what cannot be asked is refused") {
    for (const auto spoken : {protocol::meta, protocol::classic, protocol::binary}) {
        CHECK(admin_refusal({kind::stats, 0, "a\r\nflush_all"}, spoken) == errc::invalid_key);
        CHECK(admin_refusal({kind::stats, 0, std::string(251, 'g')}, spoken) == errc::invalid_key);
        CHECK(admin_refusal({kind::flush_all, 0x100000000, ""}, spoken) == errc::invalid_expiry);
        for (const char* listing : {"cachedump 1 0", " cachedump", "detail dump", "detail  dump "})
            CHECK(admin_refusal({kind::stats, 0, listing}, spoken) == errc::unsupported);
        for (const char* group : {"detail on", "detail", "dump", "cachedumps", "sizes"})
            CHECK_FALSE(admin_refusal({kind::stats, 0, group}, spoken));
    }
    CHECK(admin_refusal({kind::verbosity, 1, ""}, protocol::binary) == errc::unsupported);
}

TEST_CASE("single answers in text have the kind their command is owed") {
    CHECK(gather(kind::version, "VERSION 1.6.18\r\n").out.value == "1.6.18");
    CHECK(gather(kind::flush_all, "OK\r\n").state == lines_state::done);
    CHECK(gather(kind::verbosity, "OK\r\n").state == lines_state::done);
    CHECK(gather(kind::barrier, "MN\r\n").out.what == status::ok);
    CHECK(gather(kind::barrier, "VERSION 1.4.5\r\n").out.value.empty());
    for (const auto what : {kind::version, kind::flush_all, kind::verbosity, kind::barrier}) {
        for (const auto* bytes : {"STORED\r\n", "STAT a b\r\n", "END\r\n", "HD\r\n"}) {
            const auto got = gather(what, bytes);
            CHECK(got.state == lines_state::malformed);
            CHECK(got.out.error == errc::malformed_reply);
        }
    }
    CHECK(gather(kind::flush_all, "VERSION 1\r\n").state == lines_state::malformed);
}

TEST_CASE("statistics are gathered the same way from text and from frames") {
    const auto text = gather(kind::stats, "STAT pid 1\r\nSTAT empty\r\nSTAT a b c\r\nEND\r\n");
    CHECK(text.state == lines_state::done);
    CHECK(text.out.value == "pid 1\nempty \na b c\n");
    const auto frames =
        gather(kind::stats, {{.opcode = 0x10, .opaque = 7, .key = "pid", .value = "1"},
                             {.opcode = 0x10, .opaque = 7, .key = "empty"},
                             {.opcode = 0x10, .opaque = 7, .key = "a", .value = "b c"},
                             {.opcode = 0x10, .opaque = 7}});
    CHECK(frames.state == lines_state::done);
    CHECK(frames.out.value == text.out.value);
    CHECK(gather(kind::stats, "RESET\r\n").state == lines_state::done);
    CHECK(gather(kind::stats, "OK\r\n").state == lines_state::done);
    CHECK(gather(kind::stats, "STAT pid 1\r\n").state == lines_state::open);
}

TEST_CASE("a statistic that could be taken for another line is malformed") {
    for (const auto& parts :
         {reply_parts{.opcode = 0x10, .opaque = 7, .key = "a b", .value = "1"},
          reply_parts{.opcode = 0x10, .opaque = 7, .key = "a\nb", .value = "1"},
          reply_parts{.opcode = 0x10, .opaque = 7, .key = "a", .value = "1\nb 2"},
          reply_parts{.opcode = 0x10, .opaque = 7, .value = "1"}}) {
        CHECK(gather(kind::stats, std::vector{parts}).state == lines_state::malformed);
    }
    CHECK(gather(kind::stats, "STAT  b\r\n").state == lines_state::malformed);
}

TEST_CASE("frames must be to the command that was asked") {
    CHECK(gather(kind::version, {{.opcode = 0x0b, .opaque = 7, .value = "1.6.18"}}).out.value ==
          "1.6.18");
    CHECK(gather(kind::barrier, {{.opcode = 0x0a, .opaque = 7}}).state == lines_state::done);
    CHECK(gather(kind::flush_all, {{.opcode = 0x08, .opaque = 7}}).state == lines_state::done);
    for (const auto& parts :
         {reply_parts{.opcode = 0x0b, .opaque = 8, .value = "1.6.18"},
          reply_parts{.opcode = 0x0a, .opaque = 7}, reply_parts{.opcode = 0x0b, .opaque = 7},
          reply_parts{.opcode = 0x0b, .opaque = 7, .key = "k", .value = "1"}}) {
        CHECK(gather(kind::version, std::vector{parts}).state == lines_state::malformed);
    }
}

TEST_CASE("refusals are errors, and an ERROR leaves the connection in doubt") {
    const auto unknown = gather(kind::stats, "STAT a b\r\nERROR\r\n");
    CHECK(unknown.state == lines_state::done);
    CHECK(unknown.out.error == errc::client_error);
    CHECK(!unknown.is_in_step);
    CHECK(unknown.out.value.empty());
    CHECK(gather(kind::flush_all, "CLIENT_ERROR no\r\n").is_in_step);
    CHECK(gather(kind::flush_all, {{.opcode = 0x08, .status = 0x20, .opaque = 7}}).out.error ==
          errc::authentication_failed);
    CHECK(gather(kind::stats, {{.opcode = 0x10, .status = 1, .opaque = 7}}).out.error ==
          errc::client_error);
}
