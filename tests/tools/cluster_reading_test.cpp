#include "../../tools/memring/cluster_reading.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "../../tools/memring/cluster_json.hpp"

using namespace memring::tool;

namespace {

using statistics = std::vector<std::pair<std::string, std::string>>;

// As memcached 1.6.18 tells them, those that are read.
statistics told() {
    return {{"pid", "7"},
            {"uptime", "100"},
            {"version", "1.6.18"},
            {"curr_connections", "5"},
            {"cmd_get", "1000"},
            {"cmd_set", "200"},
            {"cmd_flush", "1"},
            {"cmd_touch", "2"},
            {"cmd_meta", "900"},
            {"get_hits", "900"},
            {"get_misses", "100"},
            {"delete_misses", "3"},
            {"delete_hits", "4"},
            {"incr_misses", "5"},
            {"incr_hits", "6"},
            {"decr_misses", "7"},
            {"decr_hits", "8"},
            {"bytes_read", "5000"},
            {"bytes_written", "9000"},
            {"limit_maxbytes", "67108864"},
            {"bytes", "33554432"},
            {"curr_items", "42"},
            {"evictions", "11"}};
}

server_reading reading(std::string name, double at, std::uint64_t gets = 0,
                       std::uint64_t hits = 0) {
    server_reading made;
    made.name = std::move(name);
    made.at = at;
    made.gets = gets;
    made.hits = hits;
    made.misses = gets - hits;
    made.uptime = static_cast<std::uint64_t>(at);
    return made;
}

server_reading dead(std::string name) {
    server_reading made;
    made.name = std::move(name);
    made.problem = "Connection refused";
    return made;
}

}  // namespace

TEST_CASE("a server's statistics are read by their names") {
    const server_reading read = reading_of("a:1", 7.5, told());
    CHECK(read.problem.empty());
    CHECK(read.name == "a:1");
    CHECK(read.at == 7.5);
    CHECK(read.items == 42);
    CHECK(read.bytes == 33554432);
    CHECK(read.limit == 67108864);
    CHECK(read.gets == 1000);
    CHECK(read.sets == 200);
    CHECK(read.others == 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8);
    CHECK(read.hits == 900);
    CHECK(read.misses == 100);
    CHECK(read.evictions == 11);
    CHECK(read.connections == 5);
    CHECK(read.bytes_in == 5000);
    CHECK(read.bytes_out == 9000);
    CHECK(read.uptime == 100);
    CHECK(read.version == "1.6.18");
}

TEST_CASE("what does not tell a memcached's statistics is no memcached") {
    CHECK_FALSE(reading_of("a:1", 0, {}).problem.empty());
    CHECK_FALSE(reading_of("a:1", 0, statistics{{"curr_items", "1"}}).problem.empty());
}

TEST_CASE("a server cannot write to the terminal by way of its version") {
    statistics rude = told();
    rude[2].second = "\x1b[31m1.6\r\n\xff and a lot more than a version has";
    CHECK(reading_of("a:1", 0, rude).version == "[31m1.6and");
}

TEST_CASE("rates are differences over the time between two readings") {
    statistics later = told();
    later[4].second = "1500";   // cmd_get
    later[5].second = "210";    // cmd_set
    later[7].second = "12";     // cmd_touch
    later[9].second = "1300";   // get_hits
    later[10].second = "200";   // get_misses
    later[17].second = "6000";  // bytes_read
    later[18].second = "9500";  // bytes_written
    later[22].second = "61";    // evictions
    const server_reading before = reading_of("a:1", 10, told());
    const server_row row = row_of(reading_of("a:1", 12, later), &before);
    CHECK(row.gets == 250);
    CHECK(row.sets == 5);
    CHECK(row.requests == 260);
    CHECK(row.evictions == 25);
    CHECK(row.bytes_in == 500);
    CHECK(row.bytes_out == 250);
    CHECK(row.hit_share() == 0.8);
    CHECK(row.used_share() == 0.5);
}

TEST_CASE("one reading, a restart in between, or an outage give no rates") {
    const server_reading before = reading("a:1", 10, 1000, 500);
    CHECK_FALSE(row_of(reading("a:1", 12, 1010, 505), nullptr).gets);
    SUBCASE("its uptime began again") {
        server_reading now = reading("a:1", 12, 2000, 600);
        now.uptime = 1;
        CHECK_FALSE(row_of(now, &before).gets);
    }
    SUBCASE("its counters went back") {
        CHECK_FALSE(row_of(reading("a:1", 12, 5, 5), &before).gets);
    }
    SUBCASE("it did not answer before") {
        const server_reading gone = dead("a:1");
        CHECK_FALSE(row_of(reading("a:1", 12, 2000, 600), &gone).gets);
    }
    SUBCASE("it does not answer now") {
        CHECK(row_of(dead("a:1"), &before).is_dead());
        CHECK_FALSE(row_of(dead("a:1"), &before).gets);
    }
}

TEST_CASE("servers without gets in between have no hit share") {
    const server_reading before = reading("a:1", 10, 1000, 500);
    const server_row row = row_of(reading("a:1", 12, 1000, 500), &before);
    CHECK(row.gets == 0);
    CHECK_FALSE(row.hit_share());
}

TEST_CASE("readings are compared with those of the same server, whatever the order") {
    const std::vector<server_reading> before{reading("a:1", 10, 100, 0),
                                             reading("b:1", 10, 500, 0)};
    const std::vector<server_reading> now{reading("b:1", 11, 600, 0), reading("c:1", 11, 9, 0),
                                          reading("a:1", 11, 103, 0)};
    const auto rows = rows_of(now, before);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].gets == 100);
    CHECK_FALSE(rows[1].gets);
    CHECK(rows[2].gets == 3);
}

TEST_CASE("the total is that of the servers that answered") {
    std::vector<server_reading> before{reading("a:1", 10, 100, 50), reading("b:1", 10, 0, 0)};
    std::vector<server_reading> now{reading("a:1", 11, 110, 55), reading("b:1", 11, 30, 30),
                                    dead("c:1")};
    for (auto* one : {&now[0], &now[1]}) {
        one->items = 21;
        one->connections = 2;
        one->version = "1.6.18";
    }
    const server_row total = total_of(rows_of(now, before));
    CHECK(total.last.items == 42);
    CHECK(total.last.connections == 4);
    CHECK(total.gets == 40);
    CHECK(total.hit_share() == 35.0 / 40.0);
    CHECK(total.last.version == "1.6.18");
    now[1].version = "1.6.40";
    CHECK(total_of(rows_of(now, before)).last.version == "mixed");
    CHECK_FALSE(total_of({}).gets);
}

TEST_CASE("JSON tells what the table tells, and null for what is not known") {
    std::vector<server_reading> now{reading("a:1", 11, 110, 55), dead("/run/\"c\"\\")};
    const std::string line = json_line_of(rows_of(now, {}), 1700000000);
    CHECK(line.starts_with(R"({"time":1700000000,"nodes":[{"node":"a:1","items":0,)"));
    CHECK(line.find(R"("gets_per_second":null)") != std::string::npos);
    CHECK(line.find(R"({"node":"/run/\"c\"\\","error":"Connection refused"}],"total":{)") !=
          std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(json_line_of({}, 1).starts_with(R"({"time":1,"nodes":[],"total":{)"));
}
