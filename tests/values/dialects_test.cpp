// What other clients store, byte by byte. The golden bytes were read from memcached 1.6.18 after
// pylibmc 1.6.3, python-memcached 1.59 (Debian's), pymemcache 3.5.2 and 4.0.0 (all under Python
// 3.11) and php-memcached 3.2.0 (PHP 8.2) had stored the value beside them. They change only if
// those clients change what they store.

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/values/compression.hpp>
#include <memring/values/dialect/php.hpp>
#include <memring/values/dialect/python.hpp>
#include <memring/values/fastlz.hpp>
#include <memring/values/value.hpp>
#include <memring/values/zlib.hpp>

using namespace memring;
using namespace std::string_literals;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const value none{std::monostate{}};

struct golden {
    std::string stored;
    std::uint32_t flags;
    value meaning;
};

template <class Dialect>
void check_reads(const Dialect& dialect, const std::vector<golden>& rows) {
    for (const auto& row : rows) {
        CAPTURE(row.stored);
        CAPTURE(row.flags);
        const auto read = dialect.template decode<value>(row.stored, row.flags);
        CHECK(!read.error);
        CHECK((read.value == row.meaning));
    }
}

template <class Dialect>
void check_writes(const Dialect& dialect, const std::vector<golden>& rows) {
    for (const auto& row : rows) {
        CAPTURE(row.stored);
        const auto written = dialect.encode(row.meaning);
        CHECK(!written.error);
        CHECK(written.value.bytes == row.stored);
        CHECK(written.value.flags == row.flags);
    }
}

// For compressed values: zlib's own bytes are not the same in all its versions.
template <class Dialect>
std::vector<golden> written_by(const Dialect& dialect, const std::vector<value>& values,
                               const std::vector<std::uint32_t>& flags) {
    std::vector<golden> rows;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto written = dialect.encode(values[i]).value;
        CHECK(written.flags == flags[i]);
        CHECK(written.bytes.size() < 100);
        rows.push_back({written.bytes, written.flags, values[i]});
    }
    return rows;
}

template <class Dialect>
void check_malformed(const Dialect& dialect, std::uint32_t flags,
                     std::initializer_list<std::string_view> all) {
    for (const auto stored : all) {
        CAPTURE(stored);
        CAPTURE(flags);
        CHECK(dialect.template decode<value>(stored, flags).error == errc::malformed_value);
    }
}

template <class Dialect>
foreign_format format_of(const Dialect& dialect, std::string_view stored, std::uint32_t flags) {
    const auto read = dialect.template decode<value>(stored, flags);
    CHECK(!read.error);
    const auto* const foreign = std::get_if<foreign_value>(&read.value);
    REQUIRE(foreign != nullptr);
    CHECK(foreign->bytes == stored);
    CHECK(foreign->flags == flags);
    return foreign->format;
}

const std::vector<golden> strings_of_python{
    {"h\xc3\xa9llo", 16, value("h\xc3\xa9llo")},
    {"", 16, value("")},
    {"\0\xffraw"s, 0, value(bytes{"\0\xffraw"s})},
    {"", 0, value(bytes{})},
};

// What Python's pickle.dumps(x, protocol) gives for 0, 1, 2 and 5.
const std::vector<golden> scalar_pickles{
    {"F3.25\n.", 1, value(3.25)},
    {"Finf\n.", 1, value(infinity)},
    {"F-inf\n.", 1, value(-infinity)},
    {"F1e+300\n.", 1, value(1e300)},
    {"I01\n.", 1, value(true)},
    {"I00\n.", 1, value(false)},
    {"N.", 1, none},
    {"G@\n\0\0\0\0\0\0."s, 1, value(3.25)},
    {"\x80\x02G@\n\0\0\0\0\0\0."s, 1, value(3.25)},
    {"\x80\x02\x88.", 1, value(true)},
    {"\x80\x02N.", 1, none},
    {"\x80\x05\x95\n\0\0\0\0\0\0\0G@\n\0\0\0\0\0\0."s, 1, value(3.25)},
    {"\x80\x05\x95\n\0\0\0\0\0\0\0G\x7f\xf0\0\0\0\0\0\0."s, 1, value(infinity)},
    {"\x80\x05\x88.", 1, value(true)},
    {"\x80\x05\x89.", 1, value(false)},
    {"\x80\x05N.", 1, none},
};

}  // namespace

TEST_CASE("what pylibmc stores is read, and written as it does") {
    const dialect::pylibmc pylibmc;
    const std::vector<golden> both{
        {"42", 4, value(std::int64_t{42})},
        {"-7", 4, value(std::int64_t{-7})},
        {"0", 4, value(std::int64_t{0})},
        {"18446744073709551615", 4, value(std::numeric_limits<std::uint64_t>::max())},
    };
    check_reads(pylibmc, strings_of_python);
    check_writes(pylibmc, strings_of_python);
    check_reads(pylibmc, both);
    check_writes(pylibmc, both);
    check_reads(pylibmc, scalar_pickles);
    // True and False: as integers, which is also what pylibmc itself gets back
    check_writes(pylibmc, {{"1", 2, value(true)}, {"0", 2, value(false)}});
    check_reads(pylibmc, {{"1", 2, value(std::int64_t{1})}, {"0", 2, value(std::int64_t{0})}});
    CHECK(pylibmc.decode<bool>("1", 2).value);
    CHECK(!pylibmc.decode<bool>("0", 2).value);
    CHECK(pylibmc.decode<bool>("2", 2).error == errc::wrong_value_type);
}

TEST_CASE("what python-memcached and pymemcache store is read, and written as they do") {
    const dialect::python_memcached python;
    const std::vector<golden> both{
        {"42", 2, value(std::int64_t{42})},
        {"-7", 2, value(std::int64_t{-7})},
        {"18446744073709551615", 2, value(std::numeric_limits<std::uint64_t>::max())},
        // protocol 2: not what they write, but what each of them reads (see the test with them)
        {"\x80\x02\x88.", 1, value(true)},
        {"\x80\x02\x89.", 1, value(false)},
        {"\x80\x02N.", 1, none},
        {"\x80\x02G@\n\0\0\0\0\0\0."s, 1, value(3.25)},
    };
    check_reads(python, strings_of_python);
    check_writes(python, strings_of_python);
    check_reads(python, both);
    check_writes(python, both);
    check_reads(python, scalar_pickles);
    check_reads(python, {{"42", 4, value(std::int64_t{42})}});  // a long of Python 2
}

TEST_CASE("text compressed by the Python clients is read with zlib, and foreign without") {
    // 'abc' * 400 and b'xyz' * 400 of all three; pymemcache's by CompressedSerde of 4.0.0
    const auto text =
        "x\x9cKLJN\x1c"
        "E\xa3h\x14\x8d\xa2\xa1\x80\x00\xcf[\xcbp"s;
    const auto data =
        "x\x9c\xab\xa8\xac\xaa\x18"
        "E\xa3h\x14\x8d\xa2\xa1\x80\x00\xc3\x96"
        "7O"s;
    std::string abc;
    std::string xyz;
    for (int i = 0; i < 400; ++i) {
        abc += "abc";
        xyz += "xyz";
    }
    const compressed<dialect::pylibmc, zlib_values> zipped;
    check_reads(zipped, {{text, 24, value(abc)}, {data, 8, value(bytes{xyz})}});
    check_reads(zipped, written_by(zipped, {value(abc), value(bytes{xyz})}, {24, 8}));
    const compressed<dialect::pymemcache, zlib_values> pymemcache;
    check_reads(pymemcache, {{text, 24, value(abc)}, {data, 8, value(bytes{xyz})}});
    CHECK(format_of(dialect::pylibmc{}, text, 24) == foreign_format::compressed);
    CHECK(dialect::pylibmc{}.decode<std::string>(text, 24).error == errc::foreign_value);
    check_malformed(zipped, 24, {"", "x", "not zlib at all", std::string_view(text).substr(0, 19)});
    CHECK(zipped.decode<std::string>(text + 'x', 24).error == errc::malformed_value);
}

TEST_CASE("pickles of anything but one scalar are foreign, and nothing in them is looked at") {
    const dialect::pymemcache python;
    for (const auto& pickle :
         {"\x80\x05\x95\t\0\0\0\0\0\0\0]\x94(K\x01K\x02"
          "e."s,
          "(lp0\nI1\naI2\na."s,
          ""s,
          "."s,
          "\x80"s,
          "\x80\x05"s,
          "\x80\x06N."s,
          "\x80\x01N."s,
          "\x80\x05N"s,
          "N.N."s,
          "I01\n"s,
          "I02\n."s,
          "F\n."s,
          "F1.5."s,
          "F1.5 \n."s,
          "Fx\n."s,
          "G1234567."s,
          "G123456789."s,
          "\x80\x05\x95\x0b\0\0\0\0\0\0\0G@\n\0\0\0\0\0\0."s,  // a frame longer than it is
          "\x80\x05\x95\n\0\0\0\0\0\0\1G@\n\0\0\0\0\0\0."s,    // and much longer
          "cos\nsystem\n(S'true'\ntR."s}) {
        CAPTURE(pickle);
        CHECK(format_of(python, pickle, 1) == foreign_format::python_pickle);
        CHECK(python.decode<double>(pickle, 1).error == errc::foreign_value);
        CHECK(python.decode<std::string>(pickle, 1).error == errc::foreign_value);
        CHECK(python.decode<foreign_value>(pickle, 1).value.bytes == pickle);
    }
}

TEST_CASE("an integer over 64 bits is foreign, with its digits") {
    CHECK(format_of(dialect::pylibmc{}, "1180591620717411303424", 4) ==
          foreign_format::big_integer);
    CHECK(format_of(dialect::pymemcache{}, "-9223372036854775809", 2) ==
          foreign_format::big_integer);
}

TEST_CASE("bytes that are not what the flags of a Python client say are malformed") {
    const dialect::pymemcache python;
    check_malformed(python, 2, {"", "x", "1x", "1.5", "0x1", " ", "-", "1_000"});
    check_malformed(python, 4, {"", "12L"});
    check_malformed(python, 16,
                    {"\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "a\x80"});
    check_reads(python, {{"9 ", 2, value(std::int64_t{9})}});  // decremented from 10 by the server
}

TEST_CASE("flags that a Python client does not use are foreign") {
    for (const std::uint32_t flags : {3u, 6u, 17u, 18u, 32u, 64u, 0x80000000u}) {
        CAPTURE(flags);
        CHECK(format_of(dialect::pymemcache{}, "5", flags) == foreign_format::unknown);
    }
}

TEST_CASE("text that is not UTF-8 is not written to Python, bytes are") {
    CHECK(dialect::pylibmc{}.encode("\xff"s).error == errc::malformed_value);
    CHECK(dialect::pylibmc{}.encode(bytes{"\xff"}).value == encoded_value{"\xff", 0});
    CHECK(dialect::pylibmc{}.encode("\xf0\x9f\x98\x80"s).value ==
          encoded_value{"\xf0\x9f\x98\x80", 16});
}

TEST_CASE("what php-memcached stores is read, and written so that it reads the same") {
    const dialect::php_memcached php;
    const std::vector<golden> both{
        {"h\xc3\xa9llo", 0, value("h\xc3\xa9llo")},
        {"", 0, value("")},
        {"42", 1, value(std::int64_t{42})},
        {"-9223372036854775808", 1, value(std::numeric_limits<std::int64_t>::min())},
        {"3.25", 2, value(3.25)},
        {"1e+300", 2, value(1e300)},
        {"2", 2, value(2.0)},
        {"Infinity", 2, value(infinity)},
        {"-Infinity", 2, value(-infinity)},
        {"1", 3, value(true)},
        {"", 3, value(false)},
        {"N;", 4, none},
    };
    check_reads(php, both);
    check_writes(php, both);
    check_reads(php, {
                         {".1", 2, value(0.1)},
                         {".3333333333333333", 2, value(.3333333333333333)},
                         {"null", 6, none},
                         {"\xc0", 7, none},
                         {"\0\0\0\2\0"s, 5, none},
                         {"x", 0x120000, value("x")},  // OPT_USER_FLAGS
                     });
    CHECK(std::isnan(php.decode<double>("NaN", 2).value));
    CHECK(php.encode(std::nan("")).value == encoded_value{"NaN", 2});
    CHECK(php.encode(bytes{"\xff"}).value == encoded_value{"\xff", 0});
    CHECK(php.encode(std::numeric_limits<std::uint64_t>::max()).error == errc::unsupported);
}

TEST_CASE("objects of PHP are foreign, by their serialiser") {
    const dialect::php_memcached php;
    CHECK(format_of(php, "a:2:{i:0;i:1;i:1;i:2;}", 4) == foreign_format::php_serialized);
    CHECK(format_of(php, "\0\0\0\2\x14\2\6\0\6\1\6\1\6\2"s, 5) == foreign_format::igbinary);
    CHECK(format_of(php, "[1,2]", 6) == foreign_format::json);
    CHECK(format_of(php, "\x92\1\2", 7) == foreign_format::msgpack);
    CHECK(format_of(php, "x", 8) == foreign_format::unknown);
    CHECK(format_of(php, "x", 0x20) == foreign_format::unknown);
    CHECK(php.decode<std::string>("[1,2]", 6).error == errc::foreign_value);
}

TEST_CASE("bytes that are not what the flags of php-memcached say are malformed") {
    const dialect::php_memcached php;
    check_malformed(php, 1, {"", "x", "1.5", "99999999999999999999"});
    check_malformed(php, 2, {"", "x", "1.5x", "inf", "nan", "infinity", "INF", "0x1p3"});
    check_malformed(php, 3, {"0", "2", "11", "true"});
}

TEST_CASE("strings compressed by php-memcached are read with either of its compressions") {
    std::string abc;
    for (int i = 0; i < 1000; ++i) abc += "abc";
    const auto fastlz =
        "\xb8\x0b\0\0\x02"
        "abc\xe0\xfd\x02\xe0\xfd\x02\xe0\xfd\x02\xe0\xfd\x02\xe0\xfd\x02\xe0\xfd\x02"
        "\xe0\xfd\x02\xe0\xfd\x02\xe0\xfd\x02\xe0\xfd\x02\xe0\xfd\x02\xe0\x67\x02\x02"
        "abc"s;
    const auto zlib =
        "\xb8\x0b\0\0\x78\x9c\xed\xc2\x41\x11\0\0\x0c\x02\xa0\xac\x6a\xff\x0e\xab\xb1\x07\x1c\xe9"
        "\xa2"
        "\xaa\xaa\xfe\x7e\xec\xd4\x7c\xad"s;
    const compressed<dialect::php_memcached, zlib_values, fastlz_values> php;
    check_reads(
        php, {{fastlz, 0x50, value(abc)}, {zlib, 0x30, value(abc)}, {"short", 0, value("short")}});
    check_reads(php, written_by(php, {value(abc)}, {0x30}));
    const compressed<dialect::php_memcached, fastlz_values> reader;
    check_reads(reader, {{fastlz, 0x50, value(abc)}});
    check_writes(reader, {{abc, 0, value(abc)}});
    CHECK(format_of(reader, zlib, 0x30) == foreign_format::compressed);
    CHECK(format_of(dialect::php_memcached{}, fastlz, 0x50) == foreign_format::compressed);
    CHECK(format_of(php, fastlz, 0x70) == foreign_format::compressed);  // by both at once
    CHECK(format_of(php, fastlz, 0x10) == foreign_format::compressed);  // by neither

    check_malformed(php, 0x50, {"", "\1", "\1\0\0\0", "\0\0\0\0"});
    check_malformed(php, 0x30, {"", "\1", "\1\0\0\0x"});
    for (const char size : {'\xb7', '\xb9'}) {  // one less and one more than there is
        auto changed = fastlz;
        changed[0] = size;
        CHECK(php.decode<std::string>(changed, 0x50).error == errc::malformed_value);
        changed = zlib;
        changed[0] = size;
        CHECK(php.decode<std::string>(changed, 0x30).error == errc::malformed_value);
    }
}

TEST_CASE("typed reads take what is such a value, and nothing else") {
    const dialect::pymemcache python;
    CHECK(python.decode<std::uint8_t>("255", 2).value == 255);
    CHECK(python.decode<std::uint8_t>("256", 2).error == errc::wrong_value_type);
    CHECK(python.decode<std::uint64_t>("-1", 2).error == errc::wrong_value_type);
    CHECK(python.decode<std::uint64_t>("18446744073709551615", 2).value ==
          std::numeric_limits<std::uint64_t>::max());
    CHECK(python.decode<std::int64_t>("18446744073709551615", 2).error == errc::wrong_value_type);
    CHECK(python.decode<int>("5", 16).error == errc::wrong_value_type);
    CHECK(python.decode<int>("5", 0).error == errc::wrong_value_type);
    CHECK(python.decode<int>("F5.0\n.", 1).error == errc::wrong_value_type);
    CHECK(python.decode<int>("I01\n.", 1).error == errc::wrong_value_type);
    CHECK(python.decode<double>("5", 2).value == 5.0);
    CHECK(python.decode<double>("9007199254740993", 2).error == errc::wrong_value_type);
    CHECK(python.decode<std::string>("raw", 0).value == "raw");
    CHECK(python.decode<bytes>("text", 16).value.data == "text");
    CHECK(python.decode<std::string>("5", 2).error == errc::wrong_value_type);
    CHECK(python.decode<std::string>("N.", 1).error == errc::wrong_value_type);
    CHECK(python.decode<foreign_value>("5", 2).error == errc::wrong_value_type);
}

TEST_CASE("a foreign value is written back as it was read") {
    const dialect::pylibmc pylibmc;
    const auto read = pylibmc.decode<value>("\x80\x02]q\0."s, 1);
    CHECK(pylibmc.encode(read.value).value == encoded_value{"\x80\x02]q\0."s, 1});
    CHECK(std::string(to_string(std::get<foreign_value>(read.value).format)) == "python pickle");
}

TEST_CASE("a foreign value that is compressed is not compressed once more") {
    const compressed<dialect::php_memcached, zlib_values> php({.threshold = 10});
    for (const std::uint32_t flags : {0x50u, 0x10u, 0x70u}) {
        CAPTURE(flags);
        const value foreign(
            foreign_value{foreign_format::compressed, std::string(100, 'x'), flags});
        CHECK(php.encode(foreign).value == encoded_value{std::string(100, 'x'), flags});
        CHECK(php.decode<value>(std::string(100, 'x'), flags).value == foreign);
    }
    // while one that is not may be
    const value object(foreign_value{foreign_format::json, std::string(100, '1'), 6});
    CHECK(php.encode(object).value.flags == 0x36);
    CHECK(php.decode<value>(php.encode(object).value.bytes, 0x36).value == object);
}
