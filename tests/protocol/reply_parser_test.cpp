// Every kind of reply: whole, in pieces, with something behind it, mutated. The bytes are those
// of memcached 1.6.18; CONFIG is as ElastiCache sends it.

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <memring/protocol/reply_parser.hpp>

using namespace memring;
using namespace std::string_view_literals;

namespace {

struct sample {
    std::string_view bytes;
    reply_kind kind;
    std::string_view text;
    std::string_view value;
};

const std::vector<sample> samples{
    {"HD O17\r\n", reply_kind::hd, "O17", ""},
    {"HD\r\n", reply_kind::hd, "", ""},
    {"HD \r\n", reply_kind::hd, "", ""},
    {"VA 2 f5 c1 t-1 O3\r\nhi\r\n", reply_kind::va, " f5 c1 t-1 O3", "hi"},
    {"VA 0 c9 f0 O15 W\r\n\r\n", reply_kind::va, " c9 f0 O15 W", ""},
    {"VA 5\r\n\r\n\0\r\n\r\n"sv, reply_kind::va, "", "\r\n\0\r\n"sv},
    {"EN\r\n", reply_kind::en, "", ""},
    {"EN O1\r\n", reply_kind::en, "O1", ""},
    {"NS c0 O6\r\n", reply_kind::ns, "c0 O6", ""},
    {"EX c0 O5\r\n", reply_kind::ex, "c0 O5", ""},
    {"NF O8\r\n", reply_kind::nf, "O8", ""},
    {"MN\r\n", reply_kind::mn, "", ""},
    {"OK\r\n", reply_kind::ok, "", ""},
    {"END\r\n", reply_kind::end, "", ""},
    {"VALUE k 5 2\r\nhi\r\n", reply_kind::value, "", "hi"},
    {"VALUE k 5 2 77\r\nhi\r\n", reply_kind::value, " 77", "hi"},
    {"CONFIG cluster 0 15\r\n1\nh|1.2.3.4|5\n\n\r\n", reply_kind::config, "cluster 0 15",
     "1\nh|1.2.3.4|5\n\n"},
    {"STAT pid 1\r\n", reply_kind::stat, "pid 1", ""},
    {"VERSION 1.6.18\r\n", reply_kind::version, "1.6.18", ""},
    {"RESET\r\n", reply_kind::reset, "", ""},
    {"STORED\r\n", reply_kind::stored, "", ""},
    {"NOT_STORED\r\n", reply_kind::not_stored, "", ""},
    {"EXISTS\r\n", reply_kind::exists, "", ""},
    {"NOT_FOUND\r\n", reply_kind::not_found, "", ""},
    {"DELETED\r\n", reply_kind::deleted, "", ""},
    {"TOUCHED\r\n", reply_kind::touched, "", ""},
    {"0\r\n", reply_kind::number, "0", ""},
    {"18446744073709551615\r\n", reply_kind::number, "18446744073709551615", ""},
    {"ERROR\r\n", reply_kind::error, "", ""},
    {"ERROR metadump not allowed\r\n", reply_kind::error, "metadump not allowed", ""},
    {"CLIENT_ERROR bad data chunk\r\n", reply_kind::client_error, "bad data chunk", ""},
    {"SERVER_ERROR object too large for cache\r\n", reply_kind::server_error,
     "object too large for cache", ""},
};

void check_is(const sample& s, const reply& r) {
    CHECK(r.kind == s.kind);
    CHECK(r.text == s.text);
    CHECK(r.value == s.value);
    if (s.kind == reply_kind::value) CHECK(r.key == "k");
    if (s.kind == reply_kind::value) CHECK(r.flags == "5");
    CHECK(r.size == s.bytes.size());
}

parse_state parse_whole(std::string_view bytes, reply_limits limits = {}) {
    reply_parser parser(limits);
    reply r;
    return parser.parse(bytes, r);
}

}  // namespace

TEST_CASE("each kind of reply is parsed when it is there in full") {
    for (const sample& s : samples) {
        CAPTURE(s.bytes);
        reply_parser parser;
        reply r;
        REQUIRE(parser.parse(s.bytes, r) == parse_state::complete);
        check_is(s, r);
    }
}

TEST_CASE("a reply cut at any byte completes with the rest, wherever the buffer has moved") {
    for (const sample& s : samples) {
        for (std::size_t cut = 0; cut < s.bytes.size(); ++cut) {
            CAPTURE(s.bytes);
            CAPTURE(cut);
            reply_parser parser;
            reply r;
            const std::string head(s.bytes.substr(0, cut));
            REQUIRE(parser.parse(head, r) == parse_state::need_more);
            CHECK(parser.missing() >= 1);
            CHECK(parser.missing() <= s.bytes.size() - cut);
            REQUIRE(parser.parse(s.bytes, r) == parse_state::complete);
            check_is(s, r);
        }
    }
}

TEST_CASE("a reply that arrives byte by byte completes with its last byte") {
    for (const sample& s : samples) {
        CAPTURE(s.bytes);
        reply_parser parser;
        reply r;
        for (std::size_t size = 0; size < s.bytes.size(); ++size) {
            REQUIRE(parser.parse(s.bytes.substr(0, size), r) == parse_state::need_more);
        }
        REQUIRE(parser.parse(s.bytes, r) == parse_state::complete);
        check_is(s, r);
    }
}

TEST_CASE("every reply is cut off from the one behind it") {
    for (const sample& first : samples) {
        for (const sample& second : samples) {
            CAPTURE(first.bytes);
            CAPTURE(second.bytes);
            const std::string stream = std::string(first.bytes) + std::string(second.bytes);
            std::string_view bytes = stream;
            reply_parser parser;
            reply r;
            REQUIRE(parser.parse(bytes, r) == parse_state::complete);
            check_is(first, r);
            bytes.remove_prefix(r.size);
            REQUIRE(parser.parse(bytes, r) == parse_state::complete);
            check_is(second, r);
            bytes.remove_prefix(r.size);
            CHECK(parser.parse(bytes, r) == parse_state::need_more);
        }
    }
}

TEST_CASE("garbage behind a reply spoils the next one only") {
    for (const std::string_view garbage : {"\0\0\0\0"sv, "\x81\x01"sv, "hello\r\n"sv, "\r\n"sv}) {
        for (const sample& s : samples) {
            const std::string stream = std::string(s.bytes) + std::string(garbage);
            reply_parser parser;
            reply r;
            REQUIRE(parser.parse(stream, r) == parse_state::complete);
            check_is(s, r);
            CHECK(parser.parse(std::string_view(stream).substr(r.size), r) ==
                  parse_state::malformed);
        }
    }
}

TEST_CASE("no mutated byte makes a reply longer than the buffer or its views leave it") {
    for (const sample& s : samples) {
        for (std::size_t place = 0; place < s.bytes.size(); ++place) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string bytes(s.bytes);
                bytes[place] = static_cast<char>(byte);
                reply_parser parser;
                reply r;
                if (parser.parse(bytes, r) != parse_state::complete) continue;
                REQUIRE(r.size <= bytes.size());
                const char* const end = bytes.data() + r.size;
                REQUIRE((r.text.empty() || r.text.data() + r.text.size() <= end));
                REQUIRE((r.value.empty() || r.value.data() + r.value.size() <= end));
            }
        }
    }
}

TEST_CASE("how much is missing is exact once the length of the block is known") {
    reply_parser parser;
    reply r;
    CHECK(parser.parse("", r) == parse_state::need_more);
    CHECK(parser.missing() == 2);
    CHECK(parser.parse("VA 100000 O1\r", r) == parse_state::need_more);
    CHECK(parser.missing() == 1);
    CHECK(parser.parse("VA 100000 O1\r\nabc", r) == parse_state::need_more);
    CHECK(parser.missing() == 100000 - 3 + 2);
}

TEST_CASE("bytes that are no line of the protocol are malformed") {
    for (const std::string_view bytes : {"\r\n"sv,
                                         "\n"sv,
                                         " \r\n"sv,
                                         "H\r\n"sv,
                                         "HDD\r\n"sv,
                                         "hd\r\n"sv,
                                         "HD\n"sv,
                                         "HD O17\n"sv,
                                         "VA 2 O1\nhi\r\n"sv,
                                         "HD\rO1\r\n"sv,
                                         "HD\0\r\n"sv,
                                         "HD O1\x7f\r\n"sv,
                                         "HD\tO1\r\n"sv,
                                         "STORE\r\n"sv,
                                         "12 \r\n"sv,
                                         "12 13\r\n"sv,
                                         "1a\r\n"sv,
                                         "-1\r\n"sv,
                                         "123456789012345678901\r\n"sv,
                                         "ENDING\r\n"sv,
                                         "HTTP/1.1 400 Bad Request\r\n"sv,
                                         "VALUE\r\n"sv,
                                         "VALUE k\r\n"sv,
                                         "VALUE k 0\r\n"sv,
                                         "CONFIG cluster 0\r\n"sv,
                                         "ERRORS\r\n"sv,
                                         " HD\r\n"sv}) {
        CAPTURE(bytes);
        CHECK(parse_whole(bytes) == parse_state::malformed);
    }
}

TEST_CASE("another protocol is recognised by its first bytes, without waiting for a line end") {
    CHECK(parse_whole("\x81") == parse_state::malformed);          // binary memcached
    CHECK(parse_whole("\x15\x03\x03") == parse_state::malformed);  // a TLS alert
    CHECK(parse_whole("-ERR") == parse_state::malformed);          // Redis
    CHECK(parse_whole("220 smtp.example.com ESMTP") == parse_state::malformed);
    CHECK(parse_whole("123456789012345678901") == parse_state::malformed);  // no counter's number
    CHECK(parse_whole("HD \x01") == parse_state::malformed);
    CHECK(parse_whole("HD\0"sv) == parse_state::malformed);
}

TEST_CASE("a length that is no number, too large, or not there is malformed at once") {
    for (const std::string_view bytes :
         {"VA\r\n"sv, "VA \r\n"sv, "VA x\r\n"sv, "VA -1\r\n"sv, "VA +1\r\n"sv, "VA 1x\r\n"sv,
          "VA 0x10\r\n"sv, "VA 18446744073709551615 O1\r\n"sv, "VA 18446744073709551616 O1\r\n"sv,
          "VA 99999999999999999999999 O1\r\n"sv, "VA 134217729 O1\r\n"sv, "VALUE k 0 x\r\n"sv,
          "VALUE k 0 134217729\r\n"sv, "CONFIG cluster 0 -1\r\n"sv}) {
        CAPTURE(bytes);
        CHECK(parse_whole(bytes) == parse_state::malformed);
    }
    CHECK(parse_whole("VA 134217728 O1\r\n") == parse_state::need_more);
}

TEST_CASE("the limit of a value is the caller's to set") {
    CHECK(parse_whole("VA 11 O1\r\n", {.value = 10}) == parse_state::malformed);
    CHECK(parse_whole("VA 10 O1\r\n", {.value = 10}) == parse_state::need_more);
    CHECK(parse_whole("VA 10 O1\r\n0123456789\r\n", {.value = 10}) == parse_state::complete);
}

TEST_CASE("a block that does not end where its length says is malformed") {
    CHECK(parse_whole("VA 2 O1\r\nabc\r\n") == parse_state::malformed);
    CHECK(parse_whole("VA 2 O1\r\na\r\nHD") == parse_state::malformed);
    CHECK(parse_whole("VA 2 O1\r\nab\n\n") == parse_state::malformed);
    CHECK(parse_whole("VA 2 O1\r\nab\r\r") == parse_state::malformed);
    CHECK(parse_whole("VA 2 O1\r\nabc") == parse_state::malformed);
}

TEST_CASE("a line over the limit is malformed with or without its end, and fits up to it") {
    const std::string line = "STAT " + std::string(2048 - 7, 'x');
    CHECK(parse_whole(line + "\r\n") == parse_state::complete);
    CHECK(parse_whole(line + "\r") == parse_state::need_more);
    CHECK(parse_whole(line + "x\r\n") == parse_state::malformed);
    CHECK(parse_whole(line + "xx") == parse_state::malformed);
    CHECK(parse_whole(line + std::string(100000, 'x')) == parse_state::malformed);
}

TEST_CASE("a value in many pieces is not scanned again with each of them") {
    // 4 MiB in pieces of 16 bytes: 262,144 calls. Rescanning would touch 5 * 10^11 bytes.
    const std::size_t size = 4u << 20;
    const std::string bytes =
        "VA " + std::to_string(size) + " O1\r\n" + std::string(size, 'v') + "\r\n";
    reply_parser parser;
    reply r;
    auto state = parse_state::need_more;
    for (std::size_t have = 0; state == parse_state::need_more; have += 16) {
        state = parser.parse(std::string_view(bytes).substr(0, have), r);
    }
    CHECK(state == parse_state::complete);
    CHECK(r.value.size() == size);
}

TEST_CASE("after a reset the half-parsed reply is forgotten") {
    reply_parser parser;
    reply r;
    REQUIRE(parser.parse("VA 1000 O1\r\nabc", r) == parse_state::need_more);
    parser.reset();
    REQUIRE(parser.parse("MN\r\n", r) == parse_state::complete);
    CHECK(r.kind == reply_kind::mn);
}
