#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/digest/md5.hpp>
#include <memring/hashing/digest/md5_lanes.hpp>

using namespace memring;

namespace {

std::string hex_of(std::string_view text) {
    const auto hex = md5_hex(text);
    return {hex.data(), hex.size()};
}

// Every byte value, a different text for each length.
std::string text_of(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>((i * 7 + size) % 256);
    return text;
}

constexpr md5_digest abc_digest{0x98500190, 0xb04fd23c, 0x7d3f96d6, 0x727fe128};
static_assert(md5("abc") == abc_digest);
static_assert(md5_hex("")[0] == 'd' && md5_hex("")[31] == 'e');

}  // namespace

TEST_CASE("MD5 gives the digests of RFC 1321") {
    CHECK(hex_of("") == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(hex_of("a") == "0cc175b9c0f1b6a831c399e269772661");
    CHECK(hex_of("abc") == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(hex_of("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
    CHECK(hex_of("abcdefghijklmnopqrstuvwxyz") == "c3fcd3d76192e4007dfb496cca67e13b");
    CHECK(hex_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
          "d174ab98d277d9f5a5611c2c9f419d9f");
    CHECK(hex_of(
              "12345678901234567890123456789012345678901234567890123456789012345678901234567890") ==
          "57edf4a22be3c955ac49da2e2107b67a");
}

// The digests of the two cases below come from Python's hashlib (OpenSSL); they never change.
TEST_CASE("MD5 is right on either side of every block boundary") {
    const std::pair<std::size_t, std::string_view> digests[] = {
        {1, "55a54008ad1ba589aa210d2629c1df41"},   {3, "c9aee4810523ef8658121b8d492c6b41"},
        {4, "7b31cea375d4e548ef05d513710c9b32"},   {55, "f1289732253518750e22b62a571a1748"},
        {56, "179e3b9fa272a23e2a8b32bde1015414"},  {57, "d5f0a59aa9d6d8164d3754fb91f67809"},
        {63, "dd785945d1d6b87eca0d276dbb8756fd"},  {64, "e3ab394ce4eb7da020a27d2e2443143c"},
        {65, "28a6b0f918d9aea03e979a1657d8d0f6"},  {119, "d49720530a386a3191eac0dc840dd1bd"},
        {120, "8a440004b569286a42c722295ce1c5a6"}, {128, "52cc29caecfd9380a2261a80c58e6787"},
        {250, "abe6f21a0a17a6db3010d1e6c9c068cb"}, {300, "59b0f2798dbe78320010d9c83672f8f6"},
    };
    for (const auto& wanted : digests) {
        CAPTURE(wanted.first);
        CHECK(hex_of(text_of(wanted.first)) == wanted.second);
    }
}

TEST_CASE("MD5 is right for every length from 0 to 300") {
    std::string all;
    for (std::size_t size = 0; size <= 300; ++size) all += hex_of(text_of(size));
    CHECK(hex_of(all) == "6b17c297413904f899439ba384a83c93");
}

TEST_CASE("MD5 reads from any address") {
    const std::string padded = "xxxxxxxx" + text_of(65) + "xxxxxxxx";
    for (std::size_t offset = 0; offset < 8; ++offset) {
        const std::string moved = padded.substr(8 - offset);
        CAPTURE(offset);
        CHECK(md5(std::string_view(moved).substr(offset, 65)) == md5(text_of(65)));
    }
}

TEST_CASE("MD5 gives the same at compile time as at run time") {
    constexpr md5_digest digest = md5("key\xc3\xbc");
    const std::string text = "key\xc3\xbc";
    CHECK(md5(text) == digest);
}

TEST_CASE("MD5 of many texts gives word 0 of each, whatever lengths stand together") {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 1000; ++i) texts.push_back(text_of(i * i % 71));
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    for (const std::size_t count : {0U, 1U, 3U, 4U, 5U, 8U, 11U, 1000U}) {
        CAPTURE(count);
        std::vector<std::uint32_t> words(count + 1, 77);
        md5_first_words(std::span(views).first(count), words);
        for (std::size_t i = 0; i < count; ++i) REQUIRE(words[i] == md5(texts[i])[0]);
        CHECK(words.back() == 77);
    }
}

TEST_CASE("MD5 of four texts side by side is right for every length that fits a block") {
    for (std::size_t size = 0; size <= 56; ++size) {
        const std::string texts[] = {text_of(size), text_of(55 - std::min<std::size_t>(size, 55)),
                                     std::string(size, 'a'), text_of(7)};
        const std::string_view views[] = {texts[0], texts[1], texts[2], texts[3]};
        std::array<std::uint32_t, 4> words{};
        md5_first_words(views, words);
        CAPTURE(size);
        for (std::size_t i = 0; i < 4; ++i) CHECK(words[i] == md5(texts[i])[0]);
    }
}

TEST_CASE("MD5 of many texts gives whole digests, whatever lengths stand together") {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 1000; ++i) texts.push_back(text_of(i * i * 7 % 201));
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    for (const std::size_t count : {0U, 1U, 7U, 9U, 64U, 1000U}) {
        CAPTURE(count);
        std::vector<md5_digest> digests(count + 1, md5_digest{7, 7, 7, 7});
        md5_many(std::span(views).first(count), digests);
        for (std::size_t i = 0; i < count; ++i) REQUIRE(digests[i] == md5(texts[i]));
        CHECK(digests.back() == md5_digest{7, 7, 7, 7});
    }
}
