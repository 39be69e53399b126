// Replies as answers: what each code means for each verb, and which replies are refused. The
// bytes are those of memcached 1.6.18 unless said otherwise.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <memring/error.hpp>
#include <memring/protocol/meta_decoder.hpp>

using namespace memring;
using namespace std::string_view_literals;

namespace {

constexpr std::uint32_t asked_opaque = 17;

const std::vector<verb> all_verbs{
    verb::get,    verb::set,   verb::add,           verb::replace,   verb::append,    verb::prepend,
    verb::remove, verb::touch, verb::get_and_touch, verb::increment, verb::decrement, verb::lease};

/// The answer, or nothing where the reply is refused.
std::optional<answer> parsed(verb what, std::string_view bytes) {
    reply_parser parser;
    reply r;
    if (parser.parse(bytes, r) != parse_state::complete) return std::nullopt;
    answer out;
    if (!parse_meta_answer({what, asked_opaque}, r, out)) {
        CHECK(out.error == errc::malformed_reply);
        return std::nullopt;
    }
    return out;
}

/// The status where the reply is taken without an error, else nothing.
std::optional<status> status_of(verb what, std::string_view bytes) {
    const auto a = parsed(what, bytes);
    if (!a || a->error) return std::nullopt;
    return a->what;
}

std::error_code error_of(verb what, std::string_view bytes) {
    const auto a = parsed(what, bytes);
    REQUIRE(a);
    return a->error;
}

}  // namespace

TEST_CASE("a hit carries value, flags, cas and the remaining time") {
    const auto a = parsed(verb::get, "VA 2 f5 c123 t60 O17\r\nhi\r\n");
    REQUIRE(a);
    CHECK_FALSE(a->error);
    CHECK(a->what == status::ok);
    CHECK(a->bytes() == "hi");
    CHECK(a->flags == 5);
    CHECK(a->cas == 123);
    CHECK(a->ttl == 60);
    CHECK_FALSE(a->won);
    CHECK_FALSE(a->leased);
    CHECK_FALSE(a->stale);
    CHECK_FALSE(a->is_placeholder());
}

TEST_CASE("no expiry is a remaining time of -1, and so is one that was not asked for") {
    CHECK(parsed(verb::get, "VA 2 t-1 O17\r\nhi\r\n")->ttl == -1);
    CHECK(parsed(verb::get, "VA 2 O17\r\nhi\r\n")->ttl == -1);
    CHECK(parsed(verb::get, "VA 2 t0 O17\r\nhi\r\n")->ttl == 0);
}

TEST_CASE("the largest numbers of the protocol are taken, larger ones refused") {
    const auto a = parsed(
        verb::get, "VA 0 f4294967295 c18446744073709551615 t9223372036854775807 O17\r\n\r\n");
    REQUIRE(a);
    CHECK(a->flags == 4294967295u);
    CHECK(a->cas == 18446744073709551615u);
    CHECK(a->ttl == 9223372036854775807);
    CHECK_FALSE(parsed(verb::get, "VA 0 f4294967296 O17\r\n\r\n"));
    CHECK_FALSE(parsed(verb::get, "VA 0 c18446744073709551616 O17\r\n\r\n"));
    CHECK_FALSE(parsed(verb::get, "VA 0 t9223372036854775808 O17\r\n\r\n"));
}

TEST_CASE("a flag that is not what it should be is refused") {
    for (const std::string_view flag : {"f", "f-1", "f+1", "fx", "f1x", "c", "c-1", "cx", "t",
                                        "t-2", "tx", "t--1", "Wx", "Z1", "Xx"}) {
        CAPTURE(flag);
        CHECK_FALSE(parsed(verb::get, "VA 0 " + std::string(flag) + " O17\r\n\r\n"));
    }
}

TEST_CASE("flags nobody asked for, and spaces that old servers leave, are skipped") {
    const auto a = parsed(verb::get, "VA 2  s2 kkey b h1 l33 y  f5 O17 \r\nhi\r\n");
    REQUIRE(a);
    CHECK(a->flags == 5);
    CHECK(a->bytes() == "hi");
}

TEST_CASE("a lease tells won, held by another and a real value apart") {
    const auto won = parsed(verb::lease, "VA 0 f0 c9 O17 W\r\n\r\n");
    REQUIRE(won);
    CHECK(won->what == status::ok);
    CHECK(won->won);
    CHECK(won->is_placeholder());
    CHECK(won->cas == 9);

    const auto held = parsed(verb::lease, "VA 0 f0 c9 O17 Z\r\n\r\n");
    REQUIRE(held);
    CHECK_FALSE(held->won);
    CHECK(held->leased);
    CHECK(held->is_placeholder());

    for (const std::string_view bytes : {"VA 2 f0 c9 O17\r\nhi\r\n", "VA 0 f0 c9 O17\r\n\r\n"}) {
        const auto value = parsed(verb::lease, bytes);
        REQUIRE(value);
        CHECK_FALSE(value->won);
        CHECK_FALSE(value->leased);
        CHECK_FALSE(value->is_placeholder());
    }
}

TEST_CASE("a stale item is a value that says so, whoever holds its token") {
    const auto first = parsed(verb::get, "VA 2 c11 f0 O17 X W\r\nhi\r\n");
    REQUIRE(first);
    CHECK(first->stale);
    CHECK(first->won);
    CHECK_FALSE(first->is_placeholder());
    const auto second = parsed(verb::get, "VA 2 c11 f0 O17 Z X\r\nhi\r\n");
    REQUIRE(second);
    CHECK(second->stale);
    CHECK(second->leased);
    CHECK(second->bytes() == "hi");
}

TEST_CASE("reads hit with VA, miss with EN, and take nothing else") {
    for (const verb what : {verb::get, verb::get_and_touch, verb::lease}) {
        CHECK(status_of(what, "VA 1 O17\r\nx\r\n") == status::ok);
        CHECK(status_of(what, "EN O17\r\n") == status::miss);
        for (const std::string_view code : {"HD", "NF", "NS", "EX"}) {
            CHECK_FALSE(parsed(what, std::string(code) + " O17\r\n"));
        }
    }
}

TEST_CASE("a touch hits with HD, misses with EN, and takes nothing else") {
    CHECK(status_of(verb::touch, "HD O17\r\n") == status::ok);
    CHECK(status_of(verb::touch, "EN O17\r\n") == status::miss);
    CHECK_FALSE(parsed(verb::touch, "VA 1 O17\r\nx\r\n"));
    for (const std::string_view code : {"NF", "NS", "EX"}) {
        CHECK_FALSE(parsed(verb::touch, std::string(code) + " O17\r\n"));
    }
    CHECK(parsed(verb::touch, "HD O17 Z\r\n")->leased);
}

TEST_CASE("stores say stored, not stored, exists or not found, and take nothing else") {
    for (const verb what : {verb::set, verb::add, verb::replace, verb::append, verb::prepend}) {
        CHECK(status_of(what, "HD c5 O17\r\n") == status::ok);
        CHECK(parsed(what, "HD c5 O17\r\n")->cas == 5);
        CHECK(status_of(what, "NS c0 O17\r\n") == status::not_stored);
        CHECK(status_of(what, "EX c0 O17\r\n") == status::exists);
        CHECK(status_of(what, "NF c0 O17\r\n") == status::not_found);
        CHECK_FALSE(parsed(what, "EN O17\r\n"));
        CHECK_FALSE(parsed(what, "VA 1 O17\r\nx\r\n"));
    }
}

TEST_CASE("a remove says deleted, exists or not found, and takes nothing else") {
    CHECK(status_of(verb::remove, "HD O17\r\n") == status::ok);
    CHECK(status_of(verb::remove, "EX O17\r\n") == status::exists);
    CHECK(status_of(verb::remove, "NF O17\r\n") == status::not_found);
    CHECK_FALSE(parsed(verb::remove, "NS O17\r\n"));
    CHECK_FALSE(parsed(verb::remove, "EN O17\r\n"));
    CHECK_FALSE(parsed(verb::remove, "VA 1 O17\r\nx\r\n"));
}

TEST_CASE("arithmetic answers with the number in the data block") {
    for (const verb what : {verb::increment, verb::decrement}) {
        const auto a = parsed(what, "VA 20 c8 O17\r\n18446744073709551615\r\n");
        REQUIRE(a);
        CHECK(a->number == 18446744073709551615u);
        CHECK(a->cas == 8);
        CHECK(a->bytes().empty());
        CHECK(status_of(what, "NF O17\r\n") == status::miss);
        CHECK(status_of(what, "EX O17\r\n") == status::exists);
        CHECK(status_of(what, "NS O17\r\n") == status::not_stored);
        CHECK_FALSE(parsed(what, "HD O17\r\n"));
        CHECK_FALSE(parsed(what, "EN O17\r\n"));
        for (const std::string_view bytes :
             {"VA 0 O17\r\n\r\n", "VA 2 O17\r\n-1\r\n", "VA 2 O17\r\n1x\r\n", "VA 2 O17\r\n9 \r\n",
              "VA 20 O17\r\n18446744073709551616\r\n"}) {
            CHECK_FALSE(parsed(what, bytes));
        }
    }
}

TEST_CASE("another opaque is refused, whatever the reply") {
    for (const verb what : all_verbs) {
        for (const std::string_view opaque :
             {"O18", "O1", "O7", "O170", "O", "O-17", "Ox", "O17x", "O4294967313", "O17 O18"}) {
            for (const std::string_view code : {"HD", "EN", "NS", "EX", "NF"}) {
                CAPTURE(opaque);
                CHECK_FALSE(parsed(what, std::string(code) + " " + std::string(opaque) + "\r\n"));
            }
            CHECK_FALSE(parsed(what, "VA 1 " + std::string(opaque) + "\r\n1\r\n"));
        }
    }
}

TEST_CASE("no opaque is refused, but for the miss of a server before 1.6.18") {
    CHECK_FALSE(parsed(verb::get, "VA 1 f0 c1\r\nx\r\n"));
    CHECK_FALSE(parsed(verb::set, "HD\r\n"));
    CHECK_FALSE(parsed(verb::set, "NS\r\n"));
    CHECK_FALSE(parsed(verb::remove, "NF\r\n"));
    CHECK_FALSE(parsed(verb::remove, "EX\r\n"));
    CHECK(status_of(verb::get, "EN\r\n") == status::miss);
    CHECK(status_of(verb::touch, "EN\r\n") == status::miss);
}

TEST_CASE("what answers other commands is refused for each verb") {
    for (const verb what : all_verbs) {
        for (const std::string_view bytes :
             {"MN\r\n", "OK\r\n", "END\r\n", "VALUE k 0 1\r\nx\r\n", "CONFIG cluster 0 1\r\nx\r\n",
              "STAT a b\r\n", "VERSION 1\r\n", "RESET\r\n"}) {
            CHECK_FALSE(parsed(what, bytes));
        }
    }
}

TEST_CASE("error lines become the error they speak of") {
    CHECK(error_of(verb::set, "SERVER_ERROR object too large for cache\r\n") ==
          errc::value_too_large);
    CHECK(error_of(verb::set, "SERVER_ERROR out of memory storing object\r\n") ==
          errc::out_of_memory);
    CHECK(error_of(verb::get, "SERVER_ERROR out of memory writing get response\r\n") ==
          errc::out_of_memory);
    CHECK(error_of(verb::get, "SERVER_ERROR backend failure\r\n") == errc::server_error);
    CHECK(error_of(verb::get, "SERVER_ERROR\r\n") == errc::server_error);
    CHECK(error_of(verb::increment,
                   "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n") ==
          errc::not_a_number);
    CHECK(error_of(verb::set, "CLIENT_ERROR bad data chunk\r\n") == errc::client_error);
    CHECK(error_of(verb::get, "CLIENT_ERROR bad command line format\r\n") == errc::client_error);
    CHECK(error_of(verb::get, "ERROR\r\n") == errc::client_error);
}

TEST_CASE("the connection loses step after ERROR and after a refused payload") {
    for (const verb what : all_verbs) {
        CHECK_FALSE(keeps_step(what, reply_kind::error));
        CHECK(keeps_step(what, reply_kind::server_error));
        CHECK(keeps_step(what, reply_kind::client_error) == !has_payload(what));
        CHECK(keeps_step(what, reply_kind::hd));
    }
}

TEST_CASE("an answer that is used again keeps nothing of the one before") {
    reply_parser parser;
    reply r;
    answer a;
    REQUIRE(parser.parse("VA 2 f5 c1 t9 O17 W X\r\nhi\r\n", r) == parse_state::complete);
    REQUIRE(parse_meta_answer({verb::get, 17}, r, a));
    REQUIRE(parser.parse("EN O18\r\n", r) == parse_state::complete);
    REQUIRE(parse_meta_answer({verb::get, 18}, r, a));
    CHECK(a.what == status::miss);
    CHECK(a.bytes().empty());
    CHECK(a.flags == 0);
    CHECK(a.cas == 0);
    CHECK(a.ttl == -1);
    CHECK_FALSE(a.won);
    CHECK_FALSE(a.stale);
}

TEST_CASE("no mutated byte turns a reply into the answer to another command") {
    // The reply is to opaque 17; what is asked is 18. Only a mutation of the 7 may pass, or one
    // that makes the line an error line or a miss, which need no opaque.
    for (const std::string_view bytes : {"VA 2 f5 c123 O17\r\nhi\r\n", "HD c5 O17\r\n",
                                         "EN O17\r\n", "NS O17\r\n", "EX O17\r\n", "NF O17\r\n"}) {
        const std::size_t seven = bytes.find("O17") + 2;
        for (const verb what : all_verbs) {
            for (std::size_t place = 0; place < bytes.size(); ++place) {
                for (int byte = 0; byte < 256; ++byte) {
                    std::string mutated(bytes);
                    mutated[place] = static_cast<char>(byte);
                    reply_parser parser;
                    reply r;
                    if (parser.parse(mutated, r) != parse_state::complete) continue;
                    answer a;
                    if (!parse_meta_answer({what, 18}, r, a)) continue;
                    const bool is_the_asked_one = place == seven && byte == '8';
                    const bool is_bare_miss = r.kind == reply_kind::en && place == seven - 2;
                    REQUIRE((is_the_asked_one || is_bare_miss));
                }
            }
        }
    }
}

TEST_CASE("an inspection tells what memcached knows of the item") {
    const auto a = parsed(verb::inspect, "ME k exp=-100 la=3 cas=9 fetch=yes cls=1 size=71\r\n");
    REQUIRE(a);
    CHECK(a->what == status::ok);
    CHECK(a->ttl == 100);
    CHECK(a->idle == 3);
    CHECK(a->cas == 9);
    CHECK(a->hit_before);
    CHECK(a->size == 71);
    const auto endless = parsed(verb::inspect, "ME k exp=-1 la=0 cas=1 fetch=no cls=1 size=9\r\n");
    REQUIRE(endless);
    CHECK(endless->ttl == -1);
    CHECK_FALSE(endless->hit_before);
    const auto absent = parsed(verb::inspect, "EN\r\n");
    REQUIRE(absent);
    CHECK(absent->what == status::miss);
}

TEST_CASE("an inspection with a field missing or mangled is malformed") {
    CHECK_FALSE(parsed(verb::inspect, "ME k exp=1 la=0 cas=1 fetch=no cls=1\r\n"));
    CHECK_FALSE(parsed(verb::inspect, "ME k exp=1 la=x cas=1 fetch=no cls=1 size=9\r\n"));
    CHECK_FALSE(parsed(verb::inspect, "ME k\r\n"));
    CHECK_FALSE(parsed(verb::inspect, "ME\r\n"));
    CHECK_FALSE(parsed(verb::get, "ME k exp=1 la=0 cas=1 fetch=no cls=1 size=9\r\n"));
}
