#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/digest/java_hash.hpp>
#include <memring/hashing/digest/utf16.hpp>

using namespace memring;

namespace {

using units = std::vector<std::uint32_t>;

units utf16_of(std::string_view utf8) {
    units out;
    (void)detail::fold_utf16(utf8, std::uint32_t{0}, [&](std::uint32_t hash, std::uint32_t unit) {
        out.push_back(unit);
        return hash;
    });
    return out;
}

// "hello" in Java: 99162322. The others are known for being equal to one another.
static_assert(java_string_hash("hello") == 99162322);
static_assert(java_string_hash("Aa") == 2112 && java_string_hash("BB") == 2112);
static_assert(java_string_hash("") == 0);
static_assert(java_string_hash("polygenelubricants") == 0x80000000);

}  // namespace

TEST_CASE("code points of every length become their UTF-16 units") {
    CHECK(utf16_of("A\x7f") == units{0x41, 0x7f});
    CHECK(utf16_of("\xc2\x80\xc3\xbc\xdf\xbf") == units{0x80, 0xfc, 0x7ff});
    CHECK(utf16_of("\xe0\xa0\x80\xe5\x80\xa4\xef\xbf\xbf") == units{0x800, 0x5024, 0xffff});
    CHECK(utf16_of("\xed\x9f\xbf\xee\x80\x80") == units{0xd7ff, 0xe000});
    CHECK(utf16_of("\xf0\x90\x80\x80") == units{0xd800, 0xdc00});
    CHECK(utf16_of("\xf0\x9f\x98\x80!") == units{0xd83d, 0xde00, 0x21});
    CHECK(utf16_of("\xf4\x8f\xbf\xbf") == units{0xdbff, 0xdfff});
}

// What `new String(bytes, UTF_8)` of OpenJDK 17 gives for the same bytes.
TEST_CASE("invalid UTF-8 becomes the U+FFFD that Java puts there") {
    SUBCASE("stray bytes, one each") {
        CHECK(utf16_of("\x80\xbf") == units{0xfffd, 0xfffd});
        CHECK(utf16_of("\xc0\xaf") == units{0xfffd, 0xfffd});
        CHECK(utf16_of("\xc1\x41") == units{0xfffd, 0x41});
        CHECK(utf16_of("\xf5\x80\xff") == units{0xfffd, 0xfffd, 0xfffd});
    }
    SUBCASE("sequences cut short, one for what there is") {
        CHECK(utf16_of("\xc3") == units{0xfffd});
        CHECK(utf16_of("\xe5\x80") == units{0xfffd});
        CHECK(utf16_of("\xe5\x80\x41") == units{0xfffd, 0x41});
        CHECK(utf16_of("\xf0\x9f\x98") == units{0xfffd});
        CHECK(utf16_of("\xf0\x9f\xf0\x9f\x98\x80") == units{0xfffd, 0xd83d, 0xde00});
    }
    SUBCASE("second bytes out of range, one for each byte") {
        CHECK(utf16_of("\xe0\x80\x80") == units{0xfffd, 0xfffd, 0xfffd});
        CHECK(utf16_of("\xf0\x8f\xbf\xbf") == units{0xfffd, 0xfffd, 0xfffd, 0xfffd});
        CHECK(utf16_of("\xf4\x90\x80\x80") == units{0xfffd, 0xfffd, 0xfffd, 0xfffd});
    }
    SUBCASE("encoded surrogates, one for all three bytes") {
        CHECK(utf16_of("\xed\xa0\x80") == units{0xfffd});
        CHECK(utf16_of("\xed\xbf") == units{0xfffd});
        CHECK(utf16_of("\xed\xa0\x80\xed\xb0\x80") == units{0xfffd, 0xfffd});
    }
}

// Rows of spymemcached 2.12.3; the key has U+1F600, which is two units, and U+00FC.
TEST_CASE("spymemcached's hashes run over UTF-16 units") {
    constexpr std::string_view key =
        "u\xf0\x9f\x98\x80:\xc3\xbc"
        "511";
    CHECK(java_string_hash(key) == 776144955);
    CHECK(java_fnv1_32(key) == 4231689434);
    CHECK(java_fnv1a_32(key) == 4037647640);
    CHECK(java_fnv1_64(key) == 1592716410);
    CHECK(java_fnv1a_64(key) == 3648232856);
}

TEST_CASE("Java's String.hashCode of every length is the sum its documentation states") {
    std::string text;
    for (std::size_t size = 0; size <= 40; ++size) {
        CAPTURE(size);
        for (const std::string& key : {text, text + "\xc3\xbc" + text}) {
            std::uint32_t hash = 0;
            for (const std::uint32_t unit : utf16_of(key)) hash = 31 * hash + unit;
            CHECK(java_string_hash(key) == hash);
        }
        text += static_cast<char>(127 - size * 5 % 128);
    }
}
