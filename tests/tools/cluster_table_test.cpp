#include "../../tools/memring/cluster_table.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace memring::tool;

namespace {

server_row row(std::string name, double gets = 0, std::uint64_t items = 0) {
    server_row made;
    made.last.name = std::move(name);
    made.last.items = items;
    made.last.bytes = 1536;
    made.last.limit = 64 << 20;
    made.last.connections = 3;
    made.last.uptime = 3725;
    made.last.version = "1.6.18";
    made.gets = gets;
    made.sets = 2.5;
    made.requests = gets + 2.5;
    made.evictions = 0;
    made.hits = 3;
    made.misses = 1;
    return made;
}

server_row dead(std::string name) {
    server_row made;
    made.last.name = std::move(name);
    made.last.problem = "Connection refused";
    return made;
}

std::vector<std::string> names_of(const std::vector<server_row>& rows) {
    std::vector<std::string> names;
    for (const server_row& one : rows) names.push_back(one.last.name);
    return names;
}

std::size_t widest_of(const std::vector<std::string>& lines) {
    std::size_t widest = 0;
    for (const std::string& line : lines) widest = std::max(widest, columns_of(line));
    return widest;
}

}  // namespace

TEST_CASE("numbers have three digits and a unit") {
    CHECK(compact(0) == "0");
    CHECK(compact(2.5) == "2.5");
    CHECK(compact(9.97) == "10");
    CHECK(compact(42.4) == "42");
    CHECK(compact(9999) == "9999");
    CHECK(compact(9999.5) == "10.0k");
    CHECK(compact(12345) == "12.3k");
    CHECK(compact(99950) == "100k");
    CHECK(compact(999'499) == "999k");
    CHECK(compact(999'500) == "1.00M");
    CHECK(compact(4.56e9) == "4.56G");
    CHECK(compact(1e30) == "1000000000000E");
    CHECK(compact(64.0 * 1024 * 1024, 1024) == "64.0M");
    CHECK(compact(1536, 1024) == "1536");
    CHECK(compact(10240, 1024) == "10.0k");
}

TEST_CASE("a share is rounded down, so that 100 is all") {
    CHECK(share_text(1) == "100.0");
    CHECK(share_text(0.99999) == "99.9");
    CHECK(share_text(0.75) == "75.0");
    CHECK(share_text(0) == "0.0");
}

TEST_CASE("an uptime has its two greatest units") {
    CHECK(uptime_text(45) == "45s");
    CHECK(uptime_text(725) == "12m05s");
    CHECK(uptime_text(3600) == "1h00m");
    CHECK(uptime_text(90061) == "1d01h");
    CHECK(uptime_text(412 * 86400) == "412d");
}

TEST_CASE("text that is too long is cut with a mark, by characters") {
    CHECK(cut("abc", 3) == "abc");
    CHECK(cut("abcd", 3) == "ab~");
    CHECK(cut("äöü", 3) == "äöü");
    CHECK(cut("äöüß", 3) == "äö~");
    CHECK(cut("abc", 0).empty());
    CHECK(cut_name("cluster.0001.cache.example.com:11211", 22) == "cluster.0001.c~m:11211");
    CHECK(cut_name("ääääää", 4) == "ää~ä");
    CHECK(cut_name("abc", 2) == "a~");
}

TEST_CASE("a table has a header, its rows and a total, right-aligned below their titles") {
    const std::vector rows{row("a:11211", 12345, 7), row("host-b:11211", 5, 12)};
    const auto lines = table_of(rows, {});
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] ==
          "NODE          ITEMS  BYTES  LIMIT  USED  HIT %  GET/s  SET/s  REQ/s  EVICTED  EVICT/s  "
          "CONN  IN B/s  OUT B/s  UPTIME  VERSION");
    CHECK(lines[1] ==
          "a:11211           7   1536  64.0M  0.0%   75.0  12.3k    2.5  12.3k        0        0  "
          "   3       -        -   1h02m   1.6.18");
    CHECK(lines[2] ==
          "host-b:11211     12   1536  64.0M  0.0%   75.0      5    2.5    7.5        0        0  "
          "   3       -        -   1h02m   1.6.18");
    CHECK(lines[3] ==
          "total            19   3072   128M  0.0%   75.0  12.3k      5  12.4k        0        0  "
          "   6       -        -           1.6.18");
}

TEST_CASE("a server that does not answer is a row that says why") {
    const auto lines = table_of(std::vector{row("a:1"), dead("b:2")}, {});
    REQUIRE(lines.size() == 4);
    CHECK(lines[2] == "b:2    Connection refused");
}

TEST_CASE("no line is wider than the window, and no window is too small") {
    std::vector rows{row("a-server-of-some-length.example.com:11211", 12345), dead("b:11211")};
    for (std::size_t columns = 1; columns < 160; ++columns) {
        CAPTURE(columns);
        const auto lines = table_of(rows, {.columns = columns});
        REQUIRE(lines.size() == 4);
        if (columns >= 20) CHECK(widest_of(lines) <= columns);
        if (columns >= 80) CHECK(lines[0].find("CONN") != std::string::npos);
    }
}

TEST_CASE("80 columns have room for what matters most") {
    const auto lines = table_of(std::vector{row("10.0.0.1:11211")}, {.columns = 80});
    for (const char* title : {"NODE", "ITEMS", "BYTES", "USED", "HIT %", "GET/s", "SET/s", "REQ/s",
                              "EVICTED", "CONN"}) {
        CAPTURE(title);
        CHECK(lines[0].find(title) != std::string::npos);
    }
    const auto narrow = table_of(std::vector{row("10.0.0.1:11211")}, {.columns = 50});
    CHECK(narrow[0].find("REQ/s") != std::string::npos);  // rather than its parts
}

TEST_CASE("no more lines than the window has, the total among them") {
    std::vector<server_row> rows;
    for (int i = 0; i < 30; ++i) rows.push_back(row("node" + std::to_string(i)));
    const auto lines = table_of(rows, {.lines = 10});
    REQUIRE(lines.size() == 10);
    CHECK(lines[7].starts_with("node6 "));
    CHECK(lines[8] == "23 more");
    CHECK(lines[9].starts_with("total"));
    CHECK(table_of(rows, {.lines = 32}).size() == 32);
    CHECK(table_of(rows, {.lines = 31}).size() == 31);
}

TEST_CASE("rows are sorted by a column, those without a value last, the dead at the end") {
    std::vector rows{row("c", 5, 10), dead("a"), row("b", 50, 10), row("d", 20, 30)};
    rows[3].gets.reset();
    sort_rows(rows, table_column::gets);
    CHECK(names_of(rows) == std::vector<std::string>{"b", "c", "d", "a"});
    sort_rows(rows, table_column::node);
    CHECK(names_of(rows) == std::vector<std::string>{"b", "c", "d", "a"});
    sort_rows(rows, table_column::items);
    CHECK(names_of(rows) == std::vector<std::string>{"d", "b", "c", "a"});
    sort_rows(rows, table_column::version);
    CHECK(names_of(rows) == std::vector<std::string>{"b", "c", "d", "a"});
}

TEST_CASE("every column can be sorted by, and is known by its name") {
    for (const column_definition& column : table_columns) {
        CHECK(column_named(column.name) == column.which);
        std::vector rows{row("a"), dead("b")};
        sort_rows(rows, column.which);
        CHECK(rows[1].is_dead());
    }
    CHECK_FALSE(column_named("nodes"));
}

TEST_CASE("colour is there only where it is wanted, and takes no room") {
    const std::vector rows{row("a:1"), dead("b:2")};
    const auto plain = table_of(rows, {});
    auto coloured = table_of(rows, {.has_colour = true, .sorted_by = table_column::gets});
    CHECK(coloured[0].find("\x1b[7mGET/s\x1b[0m") != std::string::npos);
    CHECK(coloured[2].starts_with("\x1b[31m"));
    for (std::size_t i = 0; i < plain.size(); ++i) {
        CHECK(plain[i].find('\x1b') == std::string::npos);
        for (std::size_t at = 0; (at = coloured[i].find('\x1b')) != std::string::npos;) {
            coloured[i].erase(at, coloured[i].find('m', at) - at + 1);
        }
        CHECK(coloured[i] == plain[i]);
    }
}
