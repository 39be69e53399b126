// Frames of the binary protocol: cut from a stream, and taken for the answer to a command, or not.
// The statuses are those of memcached 1.6.18.

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/protocol/binary_decoder.hpp>

#include <protocol/reply_frames.hpp>

using namespace memring;
using namespace std::string_literals;
using memring::testing::big_endian;
using memring::testing::frame;
using memring::testing::reply_parts;

namespace {

constexpr verb every_verb[] = {verb::get,           verb::set,       verb::add,       verb::replace,
                               verb::append,        verb::prepend,   verb::remove,    verb::touch,
                               verb::get_and_touch, verb::increment, verb::decrement, verb::lease,
                               verb::inspect,       verb::invalidate};

answer decoded(verb what, std::uint32_t opaque, const reply_parts& parts) {
    const std::string bytes = frame(parts);
    binary_parser parser;
    binary_reply r;
    REQUIRE(parser.parse(bytes, r) == parse_state::complete);
    answer a;
    const bool is_answer = parse_binary_answer(what, opaque, r, a);
    CHECK(is_answer == (a.error != errc::malformed_reply));
    a.own();
    return a;
}

std::string told(verb what, const reply_parts& parts) {
    const answer a = decoded(what, parts.opaque, parts);
    if (a.error == errc::malformed_reply) return "malformed";
    if (a.error) return a.error.message();
    constexpr std::string_view names[] = {"ok", "miss", "not stored", "exists", "not found"};
    return std::string(names[static_cast<int>(a.what)]);
}

parse_state parse_whole(std::string_view bytes, reply_limits limits = {}) {
    binary_parser parser(limits);
    binary_reply r;
    return parser.parse(bytes, r);
}

}  // namespace

TEST_CASE("a frame is cut from the stream with all its parts") {
    const std::string bytes = frame({.opcode = 0x0d,
                                     .status = 0x81,
                                     .opaque = 0xdeadbeef,
                                     .cas = 0x0102030405060708,
                                     .extras = "extr",
                                     .key = "key",
                                     .value = "value"});
    const std::string stream = bytes + frame({.opcode = 0x0a});
    binary_parser parser;
    binary_reply r;
    REQUIRE(parser.parse(stream, r) == parse_state::complete);
    CHECK(r.opcode == static_cast<binary_opcode>(0x0d));
    CHECK(r.status == binary_status::unknown_command);
    CHECK(r.opaque == 0xdeadbeef);
    CHECK(r.cas == 0x0102030405060708);
    CHECK(r.extras == "extr");
    CHECK(r.key == "key");
    CHECK(r.value == "value");
    CHECK(r.size == bytes.size());
    REQUIRE(parser.parse(std::string_view(stream).substr(r.size), r) == parse_state::complete);
    CHECK(r.opcode == binary_opcode::noop);
    CHECK(r.size == binary_header_size);
}

TEST_CASE("a frame cut at any byte completes with the rest, and says how much is missing") {
    const std::string bytes = frame({.extras = "extr", .key = "key", .value = "value"});
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        CAPTURE(cut);
        binary_parser parser;
        binary_reply r;
        REQUIRE(parser.parse(bytes.substr(0, cut), r) == parse_state::need_more);
        CHECK(parser.missing() == (cut < 24 ? 24 : bytes.size()) - cut);
        REQUIRE(parser.parse(bytes, r) == parse_state::complete);
        CHECK(r.value == "value");
    }
}

TEST_CASE("another magic is malformed with its first byte") {
    for (int byte = 0; byte < 256; ++byte) {
        CAPTURE(byte);
        CHECK(parse_whole(std::string(1, static_cast<char>(byte))) ==
              (byte == 0x81 ? parse_state::need_more : parse_state::malformed));
    }
}

TEST_CASE("lengths that contradict each other or exceed the limit are malformed with the header") {
    std::string bytes = frame({.extras = "extr", .key = "key"});
    bytes[11] = 6;  // the body's length: 7
    CHECK(parse_whole(bytes.substr(0, 24)) == parse_state::malformed);
    const std::string header = frame({}).substr(0, 8);
    const auto with_body = [&](std::uint64_t size) {
        return header + big_endian(size, 4) + std::string(12, '\0');
    };
    CHECK(parse_whole(with_body(10), {.value = 10}) == parse_state::need_more);
    CHECK(parse_whole(with_body(11), {.value = 10}) == parse_state::malformed);
    CHECK(parse_whole(with_body(0xffffffff)) == parse_state::malformed);
}

TEST_CASE("a hit gives value, flags and cas") {
    for (const auto& [what, opcode] :
         {std::pair{verb::get, 0x00}, std::pair{verb::get, 0x09},
          std::pair{verb::get_and_touch, 0x1d}, std::pair{verb::get_and_touch, 0x1e}}) {
        const answer a = decoded(what, 7,
                                 {.opcode = opcode,
                                  .opaque = 7,
                                  .cas = 0xffffffffffffffff,
                                  .extras = "\xff\xff\xff\xfe",
                                  .value = "hi"});
        CHECK(!a.error);
        CHECK(a.what == status::ok);
        CHECK(a.flags == 0xfffffffe);
        CHECK(a.cas == 0xffffffffffffffff);
        CHECK(a.ttl == -1);
        CHECK(a.bytes() == "hi");
    }
}

TEST_CASE("a counter gives its number and cas, a store its cas") {
    const answer counted = decoded(
        verb::increment, 7,
        {.opcode = 0x05, .opaque = 7, .cas = 9, .value = "\x01\x02\x03\x04\x05\x06\x07\x08"});
    CHECK(counted.number == 0x0102030405060708);
    CHECK(counted.cas == 9);
    CHECK(counted.bytes().empty());
    CHECK(decoded(verb::set, 7, {.opcode = 0x01, .opaque = 7, .cas = 9}).cas == 9);
}

TEST_CASE("statuses become the outcomes that meta has for the same situation") {
    CHECK(told(verb::get, {.opcode = 0x00, .status = 1, .value = "Not found"}) == "miss");
    CHECK(told(verb::get_and_touch, {.opcode = 0x1d, .status = 1}) == "miss");
    CHECK(told(verb::touch, {.opcode = 0x1c, .status = 1}) == "miss");
    CHECK(told(verb::touch, {.opcode = 0x1c, .extras = "flag"}) == "ok");
    CHECK(told(verb::touch, {.opcode = 0x1c}) == "ok");
    CHECK(told(verb::increment, {.opcode = 0x05, .status = 1}) == "miss");
    CHECK(told(verb::decrement, {.opcode = 0x06, .status = 2}) == "exists");
    CHECK(told(verb::increment, {.opcode = 0x05, .status = 6}) ==
          make_error_code(errc::not_a_number).message());
    CHECK(told(verb::remove, {.opcode = 0x04}) == "ok");
    CHECK(told(verb::remove, {.opcode = 0x04, .status = 1}) == "not found");
    CHECK(told(verb::remove, {.opcode = 0x04, .status = 2}) == "exists");
    CHECK(told(verb::add, {.opcode = 0x02, .status = 2}) == "not stored");
    CHECK(told(verb::replace, {.opcode = 0x03, .status = 1}) == "not stored");
    CHECK(told(verb::replace, {.opcode = 0x01, .status = 1}) == "not found");  // a compare's
    CHECK(told(verb::replace, {.opcode = 0x01, .status = 2}) == "exists");
    CHECK(told(verb::set, {.opcode = 0x01, .status = 1}) == "not found");
    CHECK(told(verb::set, {.opcode = 0x11, .status = 2}) == "exists");
    CHECK(told(verb::append, {.opcode = 0x0e, .status = 5}) == "not stored");
    CHECK(told(verb::prepend, {.opcode = 0x0f, .status = 2}) == "exists");
}

TEST_CASE("statuses that have nothing to do with the item are errors") {
    for (const auto& [status, error] :
         {std::pair{0x03, errc::value_too_large}, std::pair{0x04, errc::client_error},
          std::pair{0x20, errc::authentication_failed}, std::pair{0x81, errc::unsupported},
          std::pair{0x82, errc::out_of_memory}, std::pair{0x83, errc::unsupported},
          std::pair{0x84, errc::server_error}, std::pair{0x85, errc::server_error},
          std::pair{0x86, errc::server_error}, std::pair{0x07, errc::server_error}}) {
        CHECK(told(verb::set, {.opcode = 0x01, .status = status, .value = "text"}) ==
              make_error_code(error).message());
        CHECK(told(verb::get, {.opcode = 0x00, .status = status, .value = "text"}) ==
              make_error_code(error).message());
    }
}

TEST_CASE("a frame with another opaque or to another operation is no answer") {
    for (const auto what : every_verb) {
        for (int opcode = 0; opcode < 256; ++opcode) {
            for (const int status : {0, 1, 2, 5, 0x21}) {
                CAPTURE(static_cast<int>(what));
                CAPTURE(opcode);
                const reply_parts parts{.opcode = opcode, .status = status, .opaque = 7};
                CHECK(decoded(what, 8, parts).error == errc::malformed_reply);
                if (!detail::fits_verb(static_cast<binary_opcode>(opcode), what)) {
                    CHECK(told(what, parts) == "malformed");
                }
            }
        }
    }
}

TEST_CASE("a success with a body of another shape, and a status of another verb, are malformed") {
    CHECK(told(verb::get, {.opcode = 0x00, .value = "hi"}) == "malformed");
    CHECK(told(verb::get, {.opcode = 0x00, .extras = "long flags", .value = "hi"}) == "malformed");
    CHECK(told(verb::get, {.opcode = 0x00, .extras = "flag", .key = "k", .value = "hi"}) ==
          "malformed");
    CHECK(told(verb::get, {.opcode = 0x00, .status = 2}) == "malformed");
    CHECK(told(verb::get, {.opcode = 0x00, .status = 0x21}) == "malformed");
    CHECK(told(verb::set, {.opcode = 0x01, .value = "hi"}) == "malformed");
    CHECK(told(verb::set, {.opcode = 0x01, .extras = "flag"}) == "malformed");
    CHECK(told(verb::set, {.opcode = 0x01, .status = 5}) == "malformed");
    CHECK(told(verb::add, {.opcode = 0x02, .status = 1}) == "malformed");
    CHECK(told(verb::remove, {.opcode = 0x04, .key = "k"}) == "malformed");
    CHECK(told(verb::remove, {.opcode = 0x04, .status = 5}) == "malformed");
    CHECK(told(verb::increment, {.opcode = 0x05, .value = "1234567"}) == "malformed");
    CHECK(told(verb::increment, {.opcode = 0x05, .value = "123456789"}) == "malformed");
    CHECK(told(verb::touch, {.opcode = 0x1c, .value = "hi"}) == "malformed");
}

TEST_CASE("silence means a miss to a quiet read and success to a quiet write") {
    answer a;
    a.value = "old";
    assume_silence(verb::get, a);
    CHECK(a.what == status::miss);
    CHECK(a.bytes().empty());
    assume_silence(verb::get_and_touch, a);
    CHECK(a.what == status::miss);
    assume_silence(verb::set, a);
    CHECK(a.what == status::ok);
    assume_silence(verb::remove, a);
    CHECK(a.what == status::ok);
}
