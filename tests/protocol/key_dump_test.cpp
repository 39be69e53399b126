// Key dumps as memcached 1.6.18 prints them (metadump), and as its sources say for other versions:
// 1.4.31 (no cls, size), 1.6.24 (flags), 1.6.39 (a space before the line end, ext_ fields), 1.6.43
// (OK first), mgdump from 1.6.19 on.

#include <doctest/doctest.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <memring/protocol/key_dump.hpp>

using namespace memring;
using namespace std::string_view_literals;

namespace {

struct owned_entry {
    std::string key;
    key_dump_entry rest;
};

struct dump_result {
    key_dump_parser parser;
    std::vector<owned_entry> entries;

    dump_state feed(std::string_view chunk) {
        return parser.feed(chunk, [this](const key_dump_entry& e) {
            entries.push_back({std::string(e.key), e});
        });
    }
    std::vector<std::string> keys() const {
        std::vector<std::string> result;
        for (const auto& e : entries) result.push_back(e.key);
        return result;
    }
};

dump_result parsed(std::string_view bytes) {
    dump_result result;
    result.feed(bytes);
    return result;
}

using keys = std::vector<std::string>;

constexpr std::string_view real_dump =
    "key=%C3%A9%3A%2F%251 exp=1795219881 la=1795219781 cas=17 fetch=no cls=1 size=70\n"
    "key=b exp=1795219981 la=1795219782 cas=18 fetch=yes cls=2 size=71\n"
    "key=c exp=-1 la=1795219783 cas=16 fetch=no cls=3 size=66\n"
    "END\r\n";

}  // namespace

TEST_CASE("a dump gives every key decoded, with all the server says about it") {
    const auto dump = parsed(real_dump);
    CHECK(dump.parser.state() == dump_state::finished);
    CHECK_FALSE(dump.parser.error());
    CHECK(dump.parser.entries() == 3);
    CHECK(dump.parser.skipped() == 0);
    REQUIRE(dump.keys() == keys{"\xc3\xa9:/%1", "b", "c"});
    const auto& b = dump.entries[1].rest;
    CHECK(b.expiry == 1795219981);
    CHECK(b.last_access == 1795219782);
    CHECK(b.cas == 18);
    CHECK(b.fetched);
    CHECK(b.slab_class == 2);
    CHECK(b.size == 71);
    CHECK_FALSE(b.flags);
    CHECK(dump.entries[2].rest.expiry == -1);
    CHECK_FALSE(dump.entries[2].rest.fetched);
}

TEST_CASE("a dump may come in two pieces cut anywhere, or byte by byte") {
    for (const std::string_view bytes :
         {real_dump, "OK\r\nmg a\r\nmg Yg== b\r\nmg c\r\nEN\r\n"sv}) {
        const auto whole = parsed(bytes);
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
            CAPTURE(cut);
            dump_result dump;
            dump.feed(bytes.substr(0, cut));
            CHECK((dump.parser.state() == dump_state::finished) == (cut == bytes.size()));
            CHECK(dump.feed(bytes.substr(cut)) == dump_state::finished);
            CHECK(dump.keys() == whole.keys());
        }
        dump_result dump;
        for (const char c : bytes) dump.feed({&c, 1});
        CHECK(dump.parser.state() == dump_state::finished);
        CHECK(dump.keys() == whole.keys());
    }
}

TEST_CASE("dumps of every server version are taken") {
    CHECK(parsed("key=a exp=-1 la=1 cas=2 fetch=no\nEND\r\n").keys() == keys{"a"});
    CHECK(parsed("OK\r\nkey=a exp=-1 la=1 cas=2 fetch=no cls=1 size=9 flags=7 \nEND\r\n").keys() ==
          keys{"a"});
    CHECK(parsed("key=a exp=-1 la=1 cas=2 fetch=no ext_page=1 ext_offset=2 \r\nEND\r\n").keys() ==
          keys{"a"});
    CHECK(parsed("mg a\r\nmg b\r\nEN\r\n").keys() == keys{"a", "b"});
    CHECK(parsed("OK\nEND\n").parser.state() == dump_state::finished);
}

TEST_CASE("the flags of an item are told when the server prints them") {
    const auto dump = parsed("key=a exp=-1 flags=0\nkey=b flags=18446744073709551615\nEND\r\n");
    REQUIRE(dump.entries.size() == 2);
    CHECK(dump.entries[0].rest.flags == 0u);
    CHECK(dump.entries[1].rest.flags == 18446744073709551615u);
}

TEST_CASE("fields may come in any order, and new ones are passed over") {
    const auto dump = parsed("key=a new=x size=9 cas=3 bare exp=5\nEND\r\n");
    REQUIRE(dump.entries.size() == 1);
    CHECK(dump.entries[0].rest.cas == 3);
    CHECK(dump.entries[0].rest.size == 9);
    CHECK(dump.entries[0].rest.expiry == 5);
}

TEST_CASE("an empty server ends its dump at once") {
    CHECK(parsed("END\r\n").parser.state() == dump_state::finished);
    CHECK(parsed("EN\r\n").parser.state() == dump_state::finished);
    const auto none = parsed("NOTSTARTED no items to crawl\r\n");
    CHECK(none.parser.state() == dump_state::finished);
    CHECK_FALSE(none.parser.error());
}

TEST_CASE("a busy crawler is told apart from one that is closed") {
    for (const std::string_view line :
         {"BUSY currently processing crawler request\r\n", "ERROR locked try again later\r\n"}) {
        const auto dump = parsed(line);
        CHECK(dump.parser.state() == dump_state::busy);
        CHECK(dump.parser.error() == errc::crawler_busy);
    }
    for (const std::string_view line :
         {"CLIENT_ERROR lru crawler disabled\r\n", "ERROR metadump not allowed\r\n",
          "ERROR key dump not allowed\r\n", "ERROR\r\n", "SERVER_ERROR no\r\n",
          "ERROR cannot pipeline other commands before metadump\r\n"}) {
        const auto dump = parsed(line);
        CHECK(dump.parser.state() == dump_state::unavailable);
        CHECK(dump.parser.error() == errc::crawler_unavailable);
    }
    const auto old = parsed("BADCLASS invalid class id\r\n");
    CHECK(old.parser.state() == dump_state::no_class);
    CHECK(old.parser.error() == errc::crawler_unavailable);
    CHECK(old.parser.refusal() == "BADCLASS invalid class id");
}

TEST_CASE("a hash table that starts to grow ends a dump as busy, after its first keys") {
    const auto dump = parsed("OK\r\nkey=a exp=-1\nERROR locked try again later\r\n");
    CHECK(dump.keys() == keys{"a"});
    CHECK(dump.parser.state() == dump_state::busy);
}

TEST_CASE("keys that no client can send are counted, not handed out") {
    const auto dump = parsed(
        "key=a%20b exp=-1\nkey=a%00 exp=-1\nkey=%0A exp=-1\nkey= exp=-1\n"
        "key=% exp=-1\nkey=%4 exp=-1\nkey=%G1 exp=-1\nkey=" +
        std::string(251, 'k') + " exp=-1\nkey=" + std::string(250, 'k') +
        " exp=-1\nmg Zg= b\r\nmg AA== b\r\nmg Zm9v b\r\nmg \x01\r\nEND\r\n");
    CHECK(dump.parser.state() == dump_state::finished);
    CHECK(dump.keys() == keys{std::string(250, 'k'), "foo"});
    CHECK(dump.parser.entries() == 2);
    CHECK(dump.parser.skipped() == 11);
}

TEST_CASE("the longest key survives with every byte encoded") {
    std::string line = "key=";
    for (int i = 0; i < 250; ++i) line += "%c3";
    const auto dump = parsed(line + " exp=-1 la=1 cas=1 fetch=no cls=1 size=1\nEND\r\n");
    CHECK(dump.keys() == keys{std::string(250, '\xc3')});
}

TEST_CASE("lines that are no part of a dump make it malformed") {
    for (const std::string_view bytes : {"\r\n"sv,
                                         "HD\r\n"sv,
                                         "ENDING\r\n"sv,
                                         "exp=-1 key=a\n"sv,
                                         "key=a key=b\n"sv,
                                         "key=a exp=\n"sv,
                                         "key=a exp=x\n"sv,
                                         "key=a exp=-2\n"sv,
                                         "key=a cas=-1\n"sv,
                                         "key=a cas=18446744073709551616\n"sv,
                                         "key=a fetch=maybe\n"sv,
                                         "key=a cls=4294967296\n"sv,
                                         "key=a size=1x\n"sv,
                                         "key=a la=\n"sv,
                                         "key=a flags=z\n"sv,
                                         "mg \r\n"sv,
                                         "mg\r\n"sv,
                                         "ERRORS\r\n"sv,
                                         "key=a exp=-1\nOK\r\n"sv,
                                         "OK\r\nOK\r\n"sv,
                                         "\0\0\n"sv}) {
        CAPTURE(bytes);
        const auto dump = parsed(bytes);
        CHECK(dump.parser.state() == dump_state::malformed);
        CHECK(dump.parser.error() == errc::malformed_reply);
    }
}

TEST_CASE("a line without an end is malformed before it fills the memory") {
    dump_result dump;
    std::size_t fed = 0;
    for (; dump.feed("xxxxxxxx") == dump_state::running && fed < 100000; fed += 8) {
    }
    CHECK(dump.parser.state() == dump_state::malformed);
    CHECK(fed <= key_dump_parser::max_line + 8);
    CHECK(parsed("key=" + std::string(100000, 'a') + "\n").parser.state() == dump_state::malformed);
}

TEST_CASE("what follows the end of a dump is ignored") {
    auto dump = parsed("key=a exp=-1\nEND\r\nkey=b exp=-1\n");
    CHECK(dump.keys() == keys{"a"});
    CHECK(dump.feed("key=c exp=-1\n") == dump_state::finished);
    CHECK(dump.keys() == keys{"a"});
}
