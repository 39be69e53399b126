// Which classic replies are answers to which verb, and the reader that waits for END. The bytes are
// those of memcached 1.6.18.

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <memring/protocol/classic_decoder.hpp>

using namespace memring;
using namespace std::string_view_literals;

namespace {

constexpr verb every_verb[] = {verb::get,           verb::set,       verb::add,       verb::replace,
                               verb::append,        verb::prepend,   verb::remove,    verb::touch,
                               verb::get_and_touch, verb::increment, verb::decrement, verb::lease,
                               verb::inspect,       verb::invalidate};

reply parsed(std::string_view bytes) {
    reply_parser parser;
    reply r;
    REQUIRE(parser.parse(bytes, r) == parse_state::complete);
    return r;
}

/// "ok", "miss", ...; the error; or "malformed".
std::string told(verb what, std::string_view bytes) {
    answer a;
    const bool is_answer = parse_classic_answer(what, parsed(bytes), a);
    CHECK(is_answer == (a.error != errc::malformed_reply));
    if (!is_answer) return "malformed";
    if (a.error) return a.error.message();
    constexpr std::string_view names[] = {"ok", "miss", "not stored", "exists", "not found"};
    return std::string(names[static_cast<int>(a.what)]);
}

struct reading_result {
    parse_state state{};
    answer out;
    std::size_t consumed = 0;
    bool is_in_step = true;
};

reading_result read_whole(std::string_view bytes, verb what, std::string_view key = {}) {
    classic_reader reader;
    reading_result result;
    result.state = reader.read(bytes, what, key, result.out, result.consumed);
    result.is_in_step = reader.is_in_step();
    return result;
}

}  // namespace

TEST_CASE("each verb has its own words, and every other is malformed") {
    struct row {
        std::string_view bytes;
        std::vector<std::pair<verb, std::string_view>> answers;
    };
    const std::vector<row> rows{
        {"STORED\r\n",
         {{verb::set, "ok"},
          {verb::add, "ok"},
          {verb::replace, "ok"},
          {verb::append, "ok"},
          {verb::prepend, "ok"}}},
        {"NOT_STORED\r\n",
         {{verb::add, "not stored"},
          {verb::replace, "not stored"},
          {verb::append, "not stored"},
          {verb::prepend, "not stored"}}},
        {"EXISTS\r\n", {{verb::set, "exists"}, {verb::replace, "exists"}}},
        {"NOT_FOUND\r\n",
         {{verb::set, "not found"},
          {verb::replace, "not found"},
          {verb::remove, "not found"},
          {verb::touch, "miss"},
          {verb::increment, "miss"},
          {verb::decrement, "miss"}}},
        {"DELETED\r\n", {{verb::remove, "ok"}}},
        {"TOUCHED\r\n", {{verb::touch, "ok"}}},
        {"END\r\n", {{verb::get, "miss"}, {verb::get_and_touch, "miss"}}},
        {"VALUE k 0 2 7\r\nhi\r\n", {{verb::get, "ok"}, {verb::get_and_touch, "ok"}}},
        {"17\r\n", {{verb::increment, "ok"}, {verb::decrement, "ok"}}},
        {"18446744073709551616\r\n", {}},
        {"OK\r\n", {}},
        {"HD\r\n", {}},
        {"EN\r\n", {}},
        {"VERSION 1.6.18\r\n", {}},
        {"STAT a b\r\n", {}}};
    for (const auto& r : rows) {
        for (const auto what : every_verb) {
            CAPTURE(r.bytes);
            CAPTURE(static_cast<int>(what));
            std::string_view expected = "malformed";
            for (const auto& [answered, text] : r.answers) {
                if (answered == what) expected = text;
            }
            CHECK(told(what, r.bytes) == expected);
        }
    }
}

TEST_CASE("error lines are errors of every verb") {
    for (const auto what : every_verb) {
        CHECK(told(what, "ERROR\r\n") == make_error_code(errc::client_error).message());
        CHECK(told(what, "CLIENT_ERROR bad data chunk\r\n") ==
              make_error_code(errc::client_error).message());
        CHECK(told(what, "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n") ==
              make_error_code(errc::not_a_number).message());
        CHECK(told(what, "SERVER_ERROR object too large for cache\r\n") ==
              make_error_code(errc::value_too_large).message());
        CHECK(told(what, "SERVER_ERROR out of memory storing object\r\n") ==
              make_error_code(errc::out_of_memory).message());
        CHECK(told(what, "SERVER_ERROR\r\n") == make_error_code(errc::server_error).message());
    }
}

TEST_CASE("a VALUE line gives key, flags, cas and value") {
    std::string_view key;
    answer a;
    REQUIRE(parse_value_line(parsed("VALUE some/key 4294967295 2 18446744073709551615\r\nhi\r\n"),
                             key, a));
    CHECK(key == "some/key");
    CHECK(a.what == status::ok);
    CHECK(a.flags == 0xffffffff);
    CHECK(a.cas == 0xffffffffffffffff);
    CHECK(a.bytes() == "hi");
    REQUIRE(parse_value_line(parsed("VALUE k 0 0\r\n\r\n"), key, a));
    CHECK(key == "k");
    CHECK(a.cas == 0);
    CHECK(a.bytes().empty());
}

TEST_CASE("a VALUE line with a field too many or one that is no number is refused") {
    for (const auto bytes :
         {"VALUE k x 2 7\r\nhi\r\n"sv, "VALUE k -1 2 7\r\nhi\r\n"sv, "VALUE k 0 2 x\r\nhi\r\n"sv,
          "VALUE k 0 2 7 8\r\nhi\r\n"sv, "VALUE k 4294967296 2 7\r\nhi\r\n"sv,
          "CONFIG cluster 0 2\r\nhi\r\n"sv, "END\r\n"sv}) {
        CAPTURE(bytes);
        std::string_view key = "untouched";
        answer a;
        a.value = "untouched";
        CHECK(!parse_value_line(parsed(bytes), key, a));
        CHECK(key == "untouched");
        CHECK(a.value == "untouched");
    }
}

TEST_CASE("a read is answered once its END is there, and its value is in the buffer") {
    const std::string_view bytes = "VALUE k 5 7 9\r\nEND\r\nhi\r\nEND\r\nSTORED\r\n";
    for (const auto key : {""sv, "k"sv}) {
        const auto got = read_whole(bytes, verb::get, key);
        REQUIRE(got.state == parse_state::complete);
        CHECK(got.out.what == status::ok);
        CHECK(got.out.flags == 5);
        CHECK(got.out.cas == 9);
        CHECK(got.out.view.data() == bytes.data() + 15);
        CHECK(got.out.bytes() == "END\r\nhi");
        CHECK(got.consumed == bytes.size() - 8);
        CHECK(got.is_in_step);
    }
}

TEST_CASE("an answer cut anywhere completes with the rest, wherever the buffer has moved") {
    const std::string_view bytes = "VALUE k 5 2 9\r\nhi\r\nEND\r\n";
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        CAPTURE(cut);
        classic_reader reader;
        answer a;
        std::size_t consumed = 0;
        REQUIRE(reader.read(std::string(bytes.substr(0, cut)), verb::get, "k", a, consumed) ==
                parse_state::need_more);
        CHECK(reader.missing() >= 1);
        CHECK(reader.missing() <= bytes.size() - cut);
        const std::string whole(bytes);
        REQUIRE(reader.read(whole, verb::get, "k", a, consumed) == parse_state::complete);
        CHECK(consumed == bytes.size());
        CHECK(a.bytes() == "hi");
        CHECK(a.flags == 5);
        REQUIRE(reader.read("1\r\n", verb::increment, "k", a, consumed) == parse_state::complete);
        CHECK(consumed == 3);
        CHECK(a.number == 1);
    }
}

TEST_CASE("a read with another key, two values, or no END behind one is malformed") {
    for (const auto bytes :
         {"VALUE other 0 2 9\r\nhi\r\nEND\r\n"sv, "VALUE kk 0 2 9\r\nhi\r\nEND\r\n"sv,
          "VALUE k 0 2 9\r\nhi\r\nVALUE k 0 2 9\r\nhi\r\nEND\r\n"sv,
          "VALUE k 0 2 9\r\nhi\r\nSTORED\r\n"sv, "VALUE k 0 2 9\r\nhi\r\n\x81"sv,
          "VALUE k 0 2 9\r\nhi\r\nSERVER_ERROR out of memory\r\n"sv, "STORED\r\n"sv, "\x81"sv}) {
        CAPTURE(bytes);
        const auto got = read_whole(bytes, verb::get, "k");
        CHECK(got.state == parse_state::malformed);
        CHECK(got.out.error == errc::malformed_reply);
        CHECK(got.out.bytes().empty());
        CHECK(!got.is_in_step);
    }
}

TEST_CASE("after an error that may leave a payload behind nothing can be trusted") {
    CHECK(read_whole("SERVER_ERROR object too large for cache\r\n", verb::set).is_in_step);
    CHECK(read_whole("CLIENT_ERROR non-numeric\r\n", verb::increment).is_in_step);
    CHECK(!read_whole("CLIENT_ERROR bad data chunk\r\n", verb::set).is_in_step);
    CHECK(!read_whole("ERROR\r\n", verb::get).is_in_step);
}
