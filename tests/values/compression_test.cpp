// The compressions and the layer that uses them: there and back, with a limit that holds, and
// nothing but errors for what is no compressed value.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/error.hpp>
#include <memring/values/compression.hpp>
#include <memring/values/dialect/native.hpp>
#include <memring/values/dialect/php.hpp>
#include <memring/values/dialect/python.hpp>
#include <memring/values/fastlz.hpp>
#include <memring/values/value.hpp>
#include <memring/values/zlib.hpp>
#include <memring/values/zstd.hpp>

using namespace memring;
using namespace std::string_literals;

namespace {

std::string text_of_size(std::size_t size, unsigned letters) {
    std::mt19937 random(7);
    std::string text;
    while (text.size() < size) text.push_back(static_cast<char>('a' + random() % letters));
    return text;
}

template <class Algorithm>
void check_there_and_back(const Algorithm& algorithm) {
    for (const std::size_t size : {0u, 1u, 100u, 255u, 256u, 257u, 10'000u, 1'000'000u}) {
        for (const unsigned letters : {1u, 4u, 26u}) {
            CAPTURE(size);
            CAPTURE(letters);
            const auto plain = text_of_size(size, letters);
            std::string small;
            std::string opened("left over");
            REQUIRE(!algorithm.compress(plain, small));
            CHECK(!algorithm.decompress(small, size, opened));
            CHECK(opened == plain);
            CHECK(!algorithm.decompress(small, std::string().max_size(), opened));
            CHECK(opened == plain);
            if (size == 0) continue;
            CHECK(algorithm.decompress(small, size - 1, opened) == errc::value_too_large);
            CHECK(opened.size() <= size);
            CHECK(algorithm.decompress(small, 0, opened) == errc::value_too_large);
        }
    }
}

template <class Algorithm>
void check_damage(const Algorithm& algorithm) {
    const auto plain = text_of_size(3000, 4);
    std::string small;
    std::string opened;
    REQUIRE(!algorithm.compress(plain, small));
    for (std::size_t size = 0; size < small.size(); ++size) {
        CHECK(algorithm.decompress(std::string_view(small).substr(0, size), 10'000, opened) ==
              errc::malformed_value);
    }
    CHECK(algorithm.decompress(small + 'x', 10'000, opened) == errc::malformed_value);
    CHECK(algorithm.decompress(small + small, 10'000, opened) == errc::malformed_value);
    CHECK(algorithm.decompress("no such stream", 10'000, opened) == errc::malformed_value);
}

// A megabyte for each thousand bytes stored.
template <class Algorithm>
std::string bomb(const Algorithm& algorithm) {
    std::string small;
    REQUIRE(!algorithm.compress(std::string(std::size_t{64} << 20, '\0'), small));
    return small;
}

}  // namespace

TEST_CASE("zlib and zstd give back what they were given, up to the limit and not beyond") {
    check_there_and_back(zlib_values{});
    check_there_and_back(zlib_values{.level = 0});
    check_there_and_back(zstd_values{});
    check_there_and_back(zstd_values{.level = -5});
}

TEST_CASE("a stream that is cut, followed by anything, or no stream at all is malformed") {
    check_damage(zlib_values{});
    check_damage(zstd_values{});
    std::string opened;
    // a skippable frame of zstd
    CHECK(zstd_values{}.decompress("\x50\x2a\x4d\x18\1\0\0\0x"s, 100, opened) ==
          errc::malformed_value);
}

TEST_CASE("a frame of zstd that does not tell its size is read up to the limit") {
    const auto plain = text_of_size(3000, 4);
    std::string frame(10'000, '\0');
    ZSTD_CCtx* const stream = ::ZSTD_createCCtx();
    ::ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, 12);  // a window of over 2 MiB
    ZSTD_inBuffer in{plain.data(), plain.size(), 0};
    ZSTD_outBuffer out{frame.data(), frame.size(), 0};
    CHECK(::ZSTD_isError(::ZSTD_compressStream2(stream, &out, &in, ZSTD_e_continue)) == 0);
    CHECK(::ZSTD_compressStream2(stream, &out, &in, ZSTD_e_end) == 0);
    ::ZSTD_freeCCtx(stream);
    frame.resize(out.pos);
    REQUIRE(::ZSTD_getFrameContentSize(frame.data(), frame.size()) == ZSTD_CONTENTSIZE_UNKNOWN);
    std::string opened;
    CHECK(!zstd_values{}.decompress(frame, 3000, opened));
    CHECK(opened == plain);
    CHECK(zstd_values{}.decompress(frame, 2999, opened) == errc::value_too_large);
    // the byte after the magic number and the frame's descriptor is the window's size: 2^27
    REQUIRE(frame[4] == 0);
    frame[5] = '\x88';
    CHECK(zstd_values{}.decompress(frame, 3000, opened) == errc::value_too_large);
}

TEST_CASE("a small value that would grow beyond all bounds takes no more memory than the limit") {
    std::string opened;
    CHECK(zlib_values{}.decompress(bomb(zlib_values{}), 100'000, opened) == errc::value_too_large);
    CHECK(opened.capacity() <= 200'010);
    opened = std::string();
    CHECK(zstd_values{}.decompress(bomb(zstd_values{}), 100'000, opened) == errc::value_too_large);
    CHECK(opened.capacity() <= 200'010);
    opened = std::string();
    std::string endless("\x20");
    endless[0] = '\0';
    endless += 'x';
    for (int i = 0; i < 100'000; ++i) endless += "\xe0\xff\0"s;
    CHECK(fastlz_values{}.decompress(endless, 100'000, opened) == errc::value_too_large);
    CHECK(opened.capacity() <= 200'010);
}

TEST_CASE("a level that zlib does not have leaves the value as it is") {
    std::string small;
    CHECK(zlib_values{.level = 77}.compress("x", small) == std::errc::invalid_argument);
    const compressed<dialect::pylibmc, zlib_values> odd({.threshold = 10}, {}, {.level = 77});
    CHECK(odd.encode(std::string(100, 'x')).value == encoded_value{std::string(100, 'x'), 16});
}

TEST_CASE("fastlz reads literals, matches that overlap themselves, and long matches") {
    const fastlz_values fastlz;
    std::string out;
    const auto read = [&](const std::string& stored) {
        const auto error = fastlz.decompress(stored, 100'000, out);
        return error ? error.message() : out;
    };
    CHECK(read("\x02"
               "abc"s) == "abc");
    CHECK(read("\x02"
               "abc\x01"
               "de"s) == "abcde");
    CHECK(read("\x02"
               "abc\x20\x02"s) == "abcabc");  // 3 bytes from 3 back
    CHECK(read("\x00"
               "a\x60\x00"s) == "aaaaaa");  // 5 bytes from 1 back
    CHECK(read("\x00"
               "a\xe0\x05\x00"s) == std::string(15, 'a'));
    // level 2: the length goes on for as long as its bytes are 255
    CHECK(read("\x20"
               "a\xe0\xff\x05\x00"s) == std::string(1 + 9 + 255 + 5, 'a'));
    // level 2: an offset of 8191 + 3 + 1
    std::string far(
        "\x20"
        "x"s);
    std::string plain("x");
    while (plain.size() < 8195) {
        const auto piece = text_of_size(std::min<std::size_t>(32, 8195 - plain.size()), 20);
        far += static_cast<char>(piece.size() - 1) + piece;
        plain += piece;
    }
    CHECK(read(far + "\x3f\xff\x00\x03"s) == plain + plain.substr(0, 3));
    CHECK(read(far + "\x3f\xff\x00\x04"s) == make_error_code(errc::malformed_value).message());
}

TEST_CASE("fastlz refuses what reaches beyond either end") {
    const fastlz_values fastlz;
    std::string out;
    for (const auto& stored : {""s,
                               "\x40"
                               "a"s,
                               "\xe0"
                               "a"s,
                               "\x02"
                               "ab"s,
                               "\x00"s,
                               "\x00"
                               "a\x20"s,
                               "\x00"
                               "a\x20\x01"s,
                               "\x00"
                               "a\xe0"s,
                               "\x00"
                               "a\xe0\x05"s,
                               "\x00"
                               "a\x3f\xff"s,
                               "\x20"
                               "a\xe0\xff\xff"s,
                               "\x20"
                               "a\x3f\xff\x00"s,
                               "\x20"
                               "a\x3f\xff"s}) {
        CAPTURE(stored);
        CHECK(fastlz.decompress(stored, 1000, out) == errc::malformed_value);
    }
    CHECK(fastlz.decompress("\x02"
                            "abc"s,
                            2, out) == errc::value_too_large);
    CHECK(fastlz.decompress("\x02"
                            "abc\x20\x02"s,
                            5, out) == errc::value_too_large);
}

TEST_CASE("a value is compressed above the threshold if that makes it smaller") {
    const compressed<dialect::native, zstd_values> zipped({.threshold = 100});
    CHECK(zipped.encode(std::string(100, 'x')).value.flags == 0);
    const auto small = zipped.encode(std::string(101, 'x')).value;
    CHECK(small.flags == 0x80000000u);
    CHECK(small.bytes.size() < 101);
    CHECK(zipped.decode<std::string>(small.bytes, small.flags).value == std::string(101, 'x'));
    std::mt19937 random(1);
    std::string noise;
    for (int i = 0; i < 500; ++i) noise.push_back(static_cast<char>(random()));
    CHECK(zipped.encode(noise).value == encoded_value{noise, 0});
}

TEST_CASE("values of another compression, or of none, are still read") {
    const compressed<dialect::native, zstd_values, zlib_values> both({.threshold = 10});
    const compressed<dialect::native, zlib_values> zlib_only({.threshold = 10});
    const std::string text(500, 'x');
    const auto by_zlib = zlib_only.encode(text).value;
    const auto by_zstd = both.encode(text).value;
    CHECK(by_zlib.flags == 0x40000000u);
    CHECK(both.decode<std::string>(by_zlib.bytes, by_zlib.flags).value == text);
    CHECK(both.decode<std::string>(text, 0).value == text);
    CHECK(zlib_only.decode<std::string>(by_zstd.bytes, by_zstd.flags).error == errc::foreign_value);
    CHECK(zlib_only.decode<value>(by_zstd.bytes, by_zstd.flags).value ==
          value(foreign_value{foreign_format::compressed, by_zstd.bytes, by_zstd.flags}));
    CHECK(dialect::native{}.decode<std::string>(by_zlib.bytes, by_zlib.flags).error ==
          errc::foreign_value);
}

TEST_CASE("a value that would be larger than the limit says so") {
    const std::string text(5000, 'x');
    const auto check = [&](auto writer, auto reader) {
        const auto stored = writer.encode(text).value;
        CHECK(stored.bytes.size() < 200);
        CHECK(writer.template decode<std::string>(stored.bytes, stored.flags).value == text);
        CHECK(reader.template decode<std::string>(stored.bytes, stored.flags).error ==
              errc::value_too_large);
    };
    const compression_options tight{.size_limit = 4999};
    check(compressed<dialect::native, zstd_values>(),
          compressed<dialect::native, zstd_values>(tight));
    check(compressed<dialect::pylibmc, zlib_values>(),
          compressed<dialect::pylibmc, zlib_values>(tight));
    check(compressed<dialect::php_memcached, zlib_values>(),
          compressed<dialect::php_memcached, zlib_values>(tight));
}

static_assert(!dialect::pylibmc::can_seal(compression_format::zstd));
static_assert(!dialect::native::can_seal(compression_format::fastlz));
