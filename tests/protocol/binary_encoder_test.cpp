// Commands as frames, byte for byte as the memcached binary protocol has them.
// tests/protocol/wire_io_test.cpp shows that memcached understands them.

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include <memring/protocol/binary_encoder.hpp>

using namespace memring;
using namespace std::string_literals;

namespace {

command make(verb what, std::string_view key = "k", std::string_view value = {}) {
    command c;
    c.what = what;
    c.key.assign(key);
    c.value = value;
    return c;
}

std::string encoded(const command& c, bool is_quiet = false, std::uint32_t opaque = 0x01020304) {
    CHECK(!binary_refusal(c));
    std::string out = "before ";
    encode_binary(c, opaque, is_quiet, out);
    return out.substr(7);
}

char opcode(const command& c, bool is_quiet) { return encoded(c, is_quiet)[1]; }

}  // namespace

TEST_CASE("a get is a header and the key") {
    CHECK(encoded(make(verb::get, "Hello"), false, 0xdeadbeef) ==
          "\x80\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x05\xde\xad\xbe\xef"
          "\x00\x00\x00\x00\x00\x00\x00\x00Hello"s);
}

TEST_CASE("a set has flags and expiry before its key, and the compare in its header") {
    command c = make(verb::set, "k", "hi");
    c.flags = 0xa1b2c3d4;
    c.expiry = 0xfffffffe;
    c.compare = 0x0102030405060708;
    CHECK(encoded(c) ==
          "\x80\x01\x00\x01\x08\x00\x00\x00\x00\x00\x00\x0b\x01\x02\x03\x04"
          "\x01\x02\x03\x04\x05\x06\x07\x08\xa1\xb2\xc3\xd4\xff\xff\xff\xfekhi"s);
}

TEST_CASE("a counter has delta, initial value and expiry, or says that it makes nothing") {
    command c = make(verb::increment);
    c.delta = 0x0102030405060708;
    c.initial = 5;
    c.expiry = 9;
    CHECK(encoded(c).substr(24) ==
          "\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\0\0\0\0\0\xff\xff\xff\xffk"s);
    c.has_initial = true;
    CHECK(encoded(c).substr(24) ==
          "\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\0\0\0\0\x05\0\0\0\x09k"s);
}

TEST_CASE("touches have the expiry, extensions only the value, removals only the key") {
    command c = make(verb::touch);
    c.expiry = 0x010203;
    CHECK(encoded(c).substr(24) == "\0\x01\x02\x03k"s);
    c.what = verb::get_and_touch;
    CHECK(encoded(c).substr(24) == "\0\x01\x02\x03k"s);
    c = make(verb::append, "k", "hi");
    c.flags = 7;
    CHECK(encoded(c).substr(24) == "khi");
    c.what = verb::remove;
    CHECK(encoded(c).substr(24) == "k");
}

TEST_CASE("each verb has its operation codes, loud and quiet") {
    struct row {
        verb what;
        char loud, quiet;
    };
    for (const auto& r :
         {row{verb::get, 0x00, 0x09}, row{verb::set, 0x01, 0x11}, row{verb::add, 0x02, 0x12},
          row{verb::replace, 0x03, 0x13}, row{verb::remove, 0x04, 0x14},
          row{verb::increment, 0x05, 0x15}, row{verb::decrement, 0x06, 0x16},
          row{verb::append, 0x0e, 0x19}, row{verb::prepend, 0x0f, 0x1a},
          row{verb::touch, 0x1c, 0x1c}, row{verb::get_and_touch, 0x1d, 0x1e}}) {
        CHECK(opcode(make(r.what), false) == r.loud);
        CHECK(opcode(make(r.what), true) == r.quiet);
        CHECK(has_quiet_form(r.what) == (r.loud != r.quiet));
    }
}

TEST_CASE("a replace over a compare is a set over it, and an add has no use for one") {
    command c = make(verb::replace);
    c.compare = 1;
    CHECK(opcode(c, false) == 0x01);
    CHECK(opcode(c, true) == 0x11);
    c.what = verb::add;
    CHECK(encoded(c).substr(16, 8) == std::string(8, '\0'));
    for (const auto what : {verb::append, verb::prepend, verb::remove, verb::increment,
                            verb::decrement, verb::set, verb::replace}) {
        c.what = what;
        CHECK(encoded(c).substr(16, 8) == "\0\0\0\0\0\0\0\x01"s);
    }
    for (const auto what : {verb::get, verb::touch, verb::get_and_touch}) {
        c.what = what;
        CHECK(encoded(c).substr(16, 8) == std::string(8, '\0'));
    }
}

TEST_CASE("a key of any bytes is sent as it is") {
    for (const auto& key : {"a b\r\n\0\xff"s, std::string(250, '\0')}) {
        CHECK(encoded(make(verb::get, key)).substr(24) == key);
    }
    CHECK(binary_refusal(make(verb::get, "")) == errc::invalid_key);
}

TEST_CASE("what a frame cannot say is refused") {
    for (const auto what : {verb::lease, verb::invalidate, verb::inspect}) {
        CHECK(binary_refusal(make(what)) == errc::unsupported);
    }
    for (const auto what : {verb::get, verb::get_and_touch}) {
        command c = make(what);
        c.keeps_lru = true;
        CHECK(!binary_refusal(c));
        c.wants_ttl = true;
        CHECK(binary_refusal(c) == errc::unsupported);
    }
    for (const std::int64_t expiry : {std::int64_t{-1}, std::int64_t{0xffffffff}}) {
        command c = make(verb::set);
        c.expiry = expiry;
        CHECK(binary_refusal(c) == errc::invalid_expiry);
    }
}

TEST_CASE("barrier and farewell are bare headers") {
    std::string out;
    encode_binary_noop(1, out);
    encode_binary_quit(2, out);
    CHECK(out ==
          "\x80\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0"
          "\x80\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\0"s);
}
