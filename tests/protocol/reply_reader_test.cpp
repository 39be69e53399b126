#include <doctest/doctest.h>

#include <memring/protocol/reply_reader.hpp>
#include <string>
#include <vector>

using namespace memring;

namespace {

struct result {
    reading what = reading::need_more;
    answer got;
};

const owed_reply single{};
const owed_reply version_line{.shape = reply_shape::admin};
const owed_reply statistics{.shape = reply_shape::admin, .admin = admin_command::kind::stats};

/// Reads to the end of the first answer, as a connection does.
result read(reply_reader& reader, std::string& bytes, owed_reply shape, verb what = verb::get,
            std::uint32_t opaque = 7) {
    result last;
    do {
        std::size_t size = 0;
        last.what = reader.read(bytes, {shape.shape, what, 1, opaque, shape.admin}, last.got, size);
        last.got.own();
        bytes.erase(0, size);
    } while (last.what == reading::continues);
    return last;
}

result read(std::string bytes, owed_reply shape, verb what = verb::get) {
    reply_reader reader;
    return read(reader, bytes, shape, what);
}

}  // namespace

TEST_CASE("a meta reply is the answer to the command with its opaque only") {
    const auto hit = read("VA 5 f3 c9 O7\r\nhello\r\n", single);
    CHECK(hit.what == reading::answered);
    CHECK(hit.got.bytes() == "hello");
    CHECK(read("VA 5 f3 c9 O8\r\nhello\r\n", single).what == reading::malformed);
    CHECK(read("OK\r\n", single).what == reading::malformed);
}

TEST_CASE("a classic get is answered classically over meta, between meta answers") {
    constexpr owed_reply classic{.shape = reply_shape::classic};
    reply_reader reader;
    std::string bytes = "HD O7\r\nVALUE k 3 2 9\r\nab\r\nEND\r\nEND\r\nEN O7\r\n";
    CHECK(read(reader, bytes, single, verb::invalidate).what == reading::answered);
    const auto hit = read(reader, bytes, classic);
    CHECK(hit.what == reading::answered);
    CHECK(hit.got.bytes() == "ab");
    CHECK(hit.got.flags == 3);
    CHECK(hit.got.cas == 9);
    CHECK(read(reader, bytes, classic).got.what == status::miss);
    CHECK(read(reader, bytes, single).got.what == status::miss);
    CHECK(bytes.empty());
    CHECK(read("VA 2 f3 c9 O7\r\nab\r\n", classic).what == reading::malformed);
}

TEST_CASE("replies are read one after the other from one buffer") {
    reply_reader reader;
    std::string bytes = "HD c1 O7\r\nEN O7\r\nVA 1 f0 c2 O7\r\nx";
    CHECK(read(reader, bytes, single, verb::set).what == reading::answered);
    CHECK(read(reader, bytes, single).got.what == status::miss);
    CHECK(read(reader, bytes, single).what == reading::need_more);
    bytes += "\r\n";
    CHECK(read(reader, bytes, single).got.bytes() == "x");
    CHECK(bytes.empty());
}

TEST_CASE("a version and a flush are one line") {
    CHECK(read("VERSION 1.6.18\r\n", version_line).got.bytes() == "1.6.18");
    CHECK(read("OK\r\n", {.shape = reply_shape::admin, .admin = admin_command::kind::flush_all})
              .what == reading::answered);
    CHECK(read("OK\r\n", version_line).what == reading::malformed);
    CHECK(read("END\r\n", version_line).what == reading::malformed);
    CHECK(read("HD O7\r\n", version_line).what == reading::malformed);
    const auto refused = read("CLIENT_ERROR flush_all not allowed\r\n", version_line);
    CHECK(refused.what == reading::answered);
    CHECK(refused.got.error == errc::client_error);
}

TEST_CASE("statistics are gathered until END, with spaces in values and values that are empty") {
    const auto stats = read("STAT pid 12\r\nSTAT args -m 64\r\nSTAT none \r\nEND\r\n", statistics);
    CHECK(stats.what == reading::answered);
    CHECK(stats.got.bytes() == "pid 12\nargs -m 64\nnone \n");
    CHECK(read("END\r\n", statistics).got.bytes().empty());
    CHECK(read("RESET\r\n", statistics).what == reading::answered);
    CHECK(read("OK\r\n", statistics).what == reading::answered);  // `stats detail on`
    CHECK(read("STAT pid 1\r\n", statistics).what == reading::need_more);
}

TEST_CASE("a line that is no statistic is malformed among them") {
    for (const auto* line : {"MN\r\n", "STAT\r\n", "STAT  1\r\n", "HD\r\n", "VERSION 1\r\n"}) {
        CAPTURE(line);
        CHECK(read("STAT pid 12\r\n" + std::string(line), statistics).what == reading::malformed);
    }
}

TEST_CASE("statistics that are refused half way end with the error and leave nothing behind") {
    reply_reader reader;
    std::string bytes = "STAT a 1\r\nSERVER_ERROR out of memory\r\nSTAT b 2\r\nEND\r\n";
    CHECK(read(reader, bytes, statistics).got.error == errc::out_of_memory);
    CHECK(read(reader, bytes, statistics).got.bytes() == "b 2\n");
}

TEST_CASE("statistics without an end are malformed before they fill the memory") {
    reply_reader reader;
    const std::string line = "STAT name " + std::string(1000, 'x') + "\r\n";
    std::size_t bytes = 0;
    reading what = reading::continues;
    for (; what == reading::continues; bytes += line.size()) {
        answer got;
        std::size_t size = 0;
        what = reader.read(line, statistics, got, size);
        REQUIRE(bytes < 2 * admin_reply::max_stats_size);
    }
    CHECK(what == reading::malformed);
}

TEST_CASE("what follows an ERROR, or a refused store, cannot be trusted") {
    CHECK(read("ERROR\r\n", single).what == reading::answered_out_of_step);
    CHECK(read("ERROR\r\n", version_line).what == reading::answered_out_of_step);
    CHECK(read("CLIENT_ERROR bad data chunk\r\n", single, verb::set).what ==
          reading::answered_out_of_step);
    CHECK(read("CLIENT_ERROR nope\r\n", single, verb::get).what == reading::answered);
    CHECK(read("SERVER_ERROR object too large for cache\r\n", single, verb::set).what ==
          reading::answered);
}
