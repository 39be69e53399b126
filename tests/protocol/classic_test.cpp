// The classic lines beside meta. The bytes are those of memcached 1.6.18; CONFIG as ElastiCache
// documents it.

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/protocol/classic.hpp>

using namespace memring;

namespace {

using entries = std::vector<std::pair<std::string, std::string>>;

/// Feeds every reply in `bytes` to `gathered`; what the last one that was wanted led to.
template <class Gathered>
lines_state feed(Gathered& gathered, std::string_view bytes) {
    reply_parser parser;
    reply r;
    auto state = lines_state::open;
    while (state == lines_state::open && parser.parse(bytes, r) == parse_state::complete) {
        bytes.remove_prefix(r.size);
        state = gathered.add(r);
    }
    return state;
}

std::string encoded_flush(std::uint64_t delay) {
    std::string out = "mn\r\n";
    encode_flush_all(delay, out);
    return out.substr(4);
}

}  // namespace

TEST_CASE("flush_all names its delay only when there is one") {
    CHECK(encoded_flush(0) == "flush_all\r\n");
    CHECK(encoded_flush(10) == "flush_all 10\r\n");
    CHECK(encoded_flush(18446744073709551615u) == "flush_all 18446744073709551615\r\n");
}

TEST_CASE("stats names its group only when there is one") {
    std::string out;
    encode_stats("", out);
    encode_stats("settings", out);
    encode_stats("cachedump 1 0", out);
    CHECK(out == "stats\r\nstats settings\r\nstats cachedump 1 0\r\n");
}

TEST_CASE("a group that could be read as a command of its own is not valid") {
    CHECK(is_valid_stats_group(""));
    CHECK(is_valid_stats_group("items"));
    CHECK_FALSE(is_valid_stats_group("items\r\nflush_all"));
    CHECK_FALSE(is_valid_stats_group("items\nflush_all"));
    CHECK_FALSE(is_valid_stats_group(std::string_view("a\0b", 3)));
    CHECK_FALSE(is_valid_stats_group(std::string(251, 'a')));
}

TEST_CASE("a configuration is the one block between CONFIG and END") {
    config_reply gathered;
    REQUIRE(feed(gathered, "CONFIG cluster 0 12\r\n1\nh|1.2.3|5\n\r\nEND\r\n") ==
            lines_state::done);
    CHECK_FALSE(gathered.error());
    CHECK(gathered.take() == "1\nh|1.2.3|5\n");
}

TEST_CASE("a configuration under its old key is a value") {
    config_reply gathered;
    REQUIRE(feed(gathered, "VALUE AmazonElastiCache:cluster 0 12\r\n1\nh|1.2.3|5\n\r\nEND\r\n") ==
            lines_state::done);
    CHECK_FALSE(gathered.error());
    CHECK(gathered.take() == "1\nh|1.2.3|5\n");
}

TEST_CASE("an endpoint without a configuration says so with END, one that knows none with ERROR") {
    for (const std::string_view bytes :
         {"END\r\n", "ERROR\r\n", "CLIENT_ERROR bad command line format\r\n"}) {
        CAPTURE(bytes);
        config_reply gathered;
        CHECK(feed(gathered, bytes) == lines_state::done);
        CHECK(gathered.error() == errc::no_config);
        CHECK(gathered.take().empty());
    }
    config_reply gathered;
    CHECK(feed(gathered, "SERVER_ERROR busy\r\n") == lines_state::done);
    CHECK(gathered.error() == errc::server_error);
}

TEST_CASE("a block of another name, a second block and other lines are no configuration") {
    for (const std::string_view bytes :
         {"CONFIG other 0 1\r\nx\r\nEND\r\n", "VALUE cluster 0 1\r\nx\r\nEND\r\n",
          "VALUE AmazonElastiCache:clusters 0 1\r\nx\r\nEND\r\n",
          "CONFIG cluster 0 1\r\nx\r\nCONFIG cluster 0 1\r\ny\r\nEND\r\n", "OK\r\n",
          "VERSION 1\r\n"}) {
        CAPTURE(bytes);
        config_reply gathered;
        CHECK(feed(gathered, bytes) == lines_state::malformed);
    }
}
