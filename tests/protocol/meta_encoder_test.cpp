// The wire bytes of each meta command, written by hand and tried on memcached 1.6.18. They may
// only change together with the oldest server that is supported.

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <memring/protocol/meta_encoder.hpp>

using namespace memring;

namespace {

command make(verb what, std::string_view key, std::string_view value = {}) {
    command c;
    c.what = what;
    c.key.assign(key);
    c.value = value;
    return c;
}

std::string encoded(const command& c, std::uint32_t opaque = 7) {
    std::string out;
    encode_meta(c, opaque, out);
    return out;
}

}  // namespace

TEST_CASE("a get asks for value, flags and cas") {
    CHECK(encoded(make(verb::get, "k")) == "mg k v f c O7\r\n");
}

TEST_CASE("a get asks for the remaining time and spares the LRU only when told") {
    auto c = make(verb::get, "k");
    c.wants_ttl = true;
    CHECK(encoded(c) == "mg k v f c t O7\r\n");
    c.keeps_lru = true;
    CHECK(encoded(c) == "mg k v f c t u O7\r\n");
    c.wants_ttl = false;
    CHECK(encoded(c) == "mg k v f c u O7\r\n");
}

TEST_CASE("a get-and-touch always names its expiry, for 0 means never") {
    auto c = make(verb::get_and_touch, "k");
    CHECK(encoded(c) == "mg k v f c T0 O7\r\n");
    c.expiry = 60;
    c.wants_ttl = true;
    CHECK(encoded(c) == "mg k v f c t T60 O7\r\n");
}

TEST_CASE("a touch asks for no value") {
    auto c = make(verb::touch, "k");
    c.expiry = 1893456000;
    c.wants_ttl = c.keeps_lru = true;
    CHECK(encoded(c) == "mg k c T1893456000 O7\r\n");
}

TEST_CASE("a lease puts a placeholder where nothing is") {
    auto c = make(verb::lease, "k");
    c.expiry = 30;
    CHECK(encoded(c) == "mg k v f c N30 O7\r\n");
}

TEST_CASE("each kind of store names its mode, and set is the server's default") {
    CHECK(encoded(make(verb::set, "k", "hello")) == "ms k 5 c O7\r\nhello\r\n");
    CHECK(encoded(make(verb::add, "k", "hello")) == "ms k 5 ME c O7\r\nhello\r\n");
    CHECK(encoded(make(verb::replace, "k", "hello")) == "ms k 5 MR c O7\r\nhello\r\n");
    CHECK(encoded(make(verb::append, "k", "hello")) == "ms k 5 MA c O7\r\nhello\r\n");
    CHECK(encoded(make(verb::prepend, "k", "hello")) == "ms k 5 MP c O7\r\nhello\r\n");
}

TEST_CASE("a store carries expiry, flags and compare when they are there") {
    auto c = make(verb::set, "k", "x");
    c.expiry = -1;
    c.flags = std::numeric_limits<std::uint32_t>::max();
    c.compare = std::numeric_limits<std::uint64_t>::max();
    CHECK(encoded(c) == "ms k 1 T-1 F4294967295 C18446744073709551615 c O7\r\nx\r\n");
    c.what = verb::add;
    CHECK(encoded(c) == "ms k 1 T-1 F4294967295 ME C18446744073709551615 c O7\r\nx\r\n");
}

TEST_CASE("append and prepend leave the item's flags and expiry alone") {
    auto c = make(verb::append, "k", "x");
    c.expiry = 60;
    c.flags = 5;
    c.compare = 9;
    CHECK(encoded(c) == "ms k 1 MA C9 c O7\r\nx\r\n");
    c.what = verb::prepend;
    CHECK(encoded(c) == "ms k 1 MP C9 c O7\r\nx\r\n");
}

TEST_CASE("values go out as they are: empty, with line ends, with NUL") {
    using namespace std::string_view_literals;
    CHECK(encoded(make(verb::set, "k", "")) == "ms k 0 c O7\r\n\r\n");
    CHECK(encoded(make(verb::set, "k", "a\r\n\0b"sv)) == "ms k 5 c O7\r\na\r\n\0b\r\n"sv);
}

TEST_CASE("a remove compares only when told") {
    auto c = make(verb::remove, "k");
    CHECK(encoded(c) == "md k O7\r\n");
    c.compare = 12;
    CHECK(encoded(c) == "md k C12 O7\r\n");
}

TEST_CASE("arithmetic asks for the new number and its cas") {
    auto c = make(verb::increment, "k");
    CHECK(encoded(c) == "ma k v c D1 MI O7\r\n");
    c.delta = std::numeric_limits<std::uint64_t>::max();
    c.compare = 3;
    CHECK(encoded(c) == "ma k v c D18446744073709551615 MI C3 O7\r\n");
    c.what = verb::decrement;
    CHECK(encoded(c) == "ma k v c D18446744073709551615 MD C3 O7\r\n");
}

TEST_CASE("commands are appended behind what is queued already") {
    std::string out;
    encode_meta(make(verb::get, "a"), 1, out);
    encode_meta(make(verb::set, "b", "x"), 2, out);
    out += encoded_barrier;
    CHECK(out == "mg a v f c O1\r\nms b 1 c O2\r\nx\r\nmn\r\n");
}

TEST_CASE("the longest key with every flag at its longest fits the line") {
    const std::string key(max_key_size, 'k');
    auto c = make(verb::replace, key, "x");
    c.expiry = std::numeric_limits<std::int64_t>::min();
    c.flags = std::numeric_limits<std::uint32_t>::max();
    c.compare = std::numeric_limits<std::uint64_t>::max();
    CHECK(encoded(c, std::numeric_limits<std::uint32_t>::max()) ==
          "ms " + key +
              " 1 T-9223372036854775808 F4294967295 MR C18446744073709551615 c "
              "O4294967295\r\nx\r\n");
    c = make(verb::increment, key);
    c.delta = c.compare = std::numeric_limits<std::uint64_t>::max();
    CHECK(encoded(c, std::numeric_limits<std::uint32_t>::max()) ==
          "ma " + key + " v c D18446744073709551615 MI C18446744073709551615 O4294967295\r\n");
}

TEST_CASE("an invalidation marks stale, and shortens the expiry only when told") {
    auto c = make(verb::invalidate, "k");
    CHECK(encoded(c) == "md k I O7\r\n");
    c.expiry = 30;
    c.compare = 9;
    CHECK(encoded(c) == "md k I T30 C9 O7\r\n");
}

TEST_CASE("an inspection is a line without an opaque") {
    CHECK(encoded(make(verb::inspect, "k")) == "me k\r\n");
}

TEST_CASE("a counter that is made where it is absent names its expiry and initial value") {
    auto c = make(verb::increment, "k");
    c.delta = 2;
    c.has_initial = true;
    c.initial = 5;
    CHECK(encoded(c) == "ma k v c D2 MI N0 J5 O7\r\n");
    c.expiry = 60;
    CHECK(encoded(c) == "ma k v c D2 MI N60 J5 O7\r\n");
}

TEST_CASE("a lease that renews early says how early") {
    auto c = make(verb::lease, "k");
    c.expiry = 30;
    c.recache = 20;
    CHECK(encoded(c) == "mg k v f c N30 R20 O7\r\n");
}

TEST_CASE("a key that is no text travels in base64") {
    CHECK(encoded(make(verb::get, std::string_view("\0\1", 2))) == "mg AAE= b v f c O7\r\n");
    CHECK(encoded(make(verb::set, "a b", "v")) == "ms YSBi 1 b c O7\r\nv\r\n");
    CHECK(encoded(make(verb::remove, "a b")) == "md YSBi b O7\r\n");
    CHECK(encoded(make(verb::increment, "a b")) == "ma YSBi b v c D1 MI O7\r\n");
    CHECK(encoded(make(verb::inspect, "a b")) == "me YSBi b\r\n");
}
