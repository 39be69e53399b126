// Commands as classic lines, byte for byte. tests/protocol/wire_io_test.cpp shows that memcached
// understands them.

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/protocol/classic_encoder.hpp>

using namespace memring;

namespace {

command make(verb what, std::string_view key = "k", std::string_view value = {}) {
    command c;
    c.what = what;
    c.key.assign(key);
    c.value = value;
    return c;
}

std::string encoded(const command& c) {
    CHECK(!classic_refusal(c));
    std::string out = "before ";
    encode_classic(c, out);
    return out.substr(7);
}

constexpr verb every_verb[] = {verb::get,           verb::set,       verb::add,       verb::replace,
                               verb::append,        verb::prepend,   verb::remove,    verb::touch,
                               verb::get_and_touch, verb::increment, verb::decrement, verb::lease,
                               verb::inspect,       verb::invalidate};

}  // namespace

TEST_CASE("each verb has its classic line") {
    CHECK(encoded(make(verb::get)) == "gets k\r\n");
    CHECK(encoded(make(verb::set, "k", "hi")) == "set k 0 0 2\r\nhi\r\n");
    CHECK(encoded(make(verb::set)) == "set k 0 0 0\r\n\r\n");
    CHECK(encoded(make(verb::add, "k", "hi")) == "add k 0 0 2\r\nhi\r\n");
    CHECK(encoded(make(verb::replace, "k", "hi")) == "replace k 0 0 2\r\nhi\r\n");
    CHECK(encoded(make(verb::append, "k", "hi")) == "append k 0 0 2\r\nhi\r\n");
    CHECK(encoded(make(verb::prepend, "k", "hi")) == "prepend k 0 0 2\r\nhi\r\n");
    CHECK(encoded(make(verb::remove)) == "delete k\r\n");
    CHECK(encoded(make(verb::touch)) == "touch k 0\r\n");
    CHECK(encoded(make(verb::get_and_touch)) == "gats 0 k\r\n");
    CHECK(encoded(make(verb::increment)) == "incr k 1\r\n");
    CHECK(encoded(make(verb::decrement)) == "decr k 1\r\n");
}

TEST_CASE("flags, expiry and compare go where a classic line has them") {
    command c = make(verb::set, "key", "v\r\n");
    c.flags = 0xffffffff;
    c.expiry = 2592001;
    CHECK(encoded(c) == "set key 4294967295 2592001 3\r\nv\r\n\r\n");
    c.compare = 0xffffffffffffffff;
    CHECK(encoded(c) == "cas key 4294967295 2592001 3 18446744073709551615\r\nv\r\n\r\n");
    c.what = verb::replace;
    CHECK(encoded(c) == "cas key 4294967295 2592001 3 18446744073709551615\r\nv\r\n\r\n");
    c.what = verb::add;
    CHECK(encoded(c) == "add key 4294967295 2592001 3\r\nv\r\n\r\n");
    c.compare = 0;
    c.what = verb::append;
    CHECK(encoded(c) == "append key 0 0 3\r\nv\r\n\r\n");
    c = make(verb::get_and_touch);
    c.expiry = 60;
    CHECK(encoded(c) == "gats 60 k\r\n");
    c.what = verb::touch;
    CHECK(encoded(c) == "touch k 60\r\n");
    c = make(verb::decrement);
    c.delta = 0xffffffffffffffff;
    CHECK(encoded(c) == "decr k 18446744073709551615\r\n");
}

TEST_CASE("what a classic line cannot say is refused") {
    for (const auto what : {verb::lease, verb::invalidate, verb::inspect}) {
        CHECK(classic_refusal(make(what)) == errc::unsupported);
    }
    for (const auto what :
         {verb::append, verb::prepend, verb::remove, verb::increment, verb::decrement}) {
        command c = make(what);
        CHECK(!classic_refusal(c));
        c.compare = 1;
        CHECK(classic_refusal(c) == errc::unsupported);
    }
    for (const auto what : {verb::increment, verb::decrement}) {
        command c = make(what);
        c.has_initial = true;
        CHECK(classic_refusal(c) == errc::unsupported);
    }
    for (const auto what : {verb::get, verb::get_and_touch}) {
        command c = make(what);
        c.wants_ttl = true;
        CHECK(classic_refusal(c) == errc::unsupported);
    }
}

TEST_CASE("a key that is no text is refused for every verb, and the longest that is one is not") {
    for (const auto what : every_verb) {
        for (const std::string& key : {std::string("a b"), std::string("a\r\nflush_all"),
                                       std::string("\0", 1), std::string(), std::string("\x7f")}) {
            CHECK(classic_refusal(make(what, key)) == errc::invalid_key);
        }
    }
    CHECK(encoded(make(verb::get, std::string(250, '\xff'))) ==
          "gets " + std::string(250, '\xff') + "\r\n");
}

TEST_CASE("a read that should leave the LRU alone is sent as one that does not") {
    command c = make(verb::get);
    c.keeps_lru = true;
    CHECK(encoded(c) == "gets k\r\n");
}

TEST_CASE("many keys share one line") {
    std::string out;
    encode_classic_gets(std::vector<std::string_view>{"a"}, out);
    encode_classic_gets(std::vector<std::string>{"b", "c", "d"}, out);
    CHECK(out == "gets a\r\ngets b c d\r\n");
}
