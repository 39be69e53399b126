#include <limits>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include <memring/reshard/modify.hpp>

using namespace memring;

namespace {

modification count(verb what, std::string value, std::uint64_t delta) {
    command request;
    request.what = what;
    request.delta = delta;
    answer taken;
    taken.what = status::ok;
    taken.value = std::move(value);
    return modify(request, taken, 0);
}

}  // namespace

TEST_CASE("an item keeps its remaining time when it changes its server") {
    constexpr std::int64_t now = 1'800'000'000;
    CHECK(remaining_expiry(-1, now) == 0);
    CHECK(remaining_expiry(1, now) == 1);
    CHECK(remaining_expiry(2'592'000, now) == 2'592'000);
}

TEST_CASE("an item in its last second does not become immortal") {
    CHECK(remaining_expiry(0, 1'800'000'000) == 1);
    CHECK(remaining_expiry(-2, 1'800'000'000) == 1);
}

TEST_CASE("more than thirty days left is sent as a Unix time") {
    CHECK(remaining_expiry(2'592'001, 1'800'000'000) == 1'802'592'001);
}

TEST_CASE("an increment wraps at 2^64") {
    CHECK(count(verb::increment, "41", 1).store.value == "42");
    const std::string largest = std::to_string(std::numeric_limits<std::uint64_t>::max());
    CHECK(count(verb::increment, largest, 1).store.value == "0");
    CHECK(count(verb::increment, largest, 11).result.number == 10);
}

TEST_CASE("a decrement stops at 0") {
    CHECK(count(verb::decrement, "42", 2).store.value == "40");
    CHECK(count(verb::decrement, "42", 42).store.value == "0");
    CHECK(count(verb::decrement, "42", 43).store.value == "0");
}

TEST_CASE("the spaces that a decrement on the server leaves behind are part of a number") {
    CHECK(count(verb::increment, "9 ", 1).store.value == "10");
    CHECK(count(verb::increment, " +9", 1).store.value == "10");  // memcached 1.6.18 takes it too
}

TEST_CASE("what is no decimal number of 64 bits cannot be counted") {
    for (const char* value : {"", " ", "ten", "-1", "+", "++1", "1.5", "0x10", "1 2",
                              "18446744073709551616", "99999999999999999999999"}) {
        CAPTURE(value);
        CHECK(count(verb::increment, value, 1).error == errc::not_a_number);
        CHECK(count(verb::decrement, value, 1).error == errc::not_a_number);
    }
}

TEST_CASE("binary values are joined byte by byte") {
    command request;
    request.what = verb::append;
    request.value = std::string("\0\r\n", 3);
    answer taken;
    taken.value = std::string("a\0", 2);
    CHECK(modify(request, taken, 0).store.value == std::string("a\0\0\r\n", 5));
    request.what = verb::prepend;
    CHECK(modify(request, taken, 0).store.value == std::string("\0\r\na\0", 5));
}
