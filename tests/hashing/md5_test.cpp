#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
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

#if defined(__clang__) || __GNUC__ >= 12
namespace {

std::vector<detail::md5_engine> engines_of_this_machine() {
    std::vector<detail::md5_engine> engines{detail::md5_plain_engine};
#ifdef __x86_64__
    if (detail::has_avx2()) engines.push_back(detail::md5_avx2_engine);
    if (detail::has_avx512()) engines.push_back(detail::md5_avx512_engine);
#endif
    return engines;
}

}  // namespace

TEST_CASE("every way of hashing side by side gives MD5, whatever lengths meet in a group") {
    std::mt19937 random(7);
    for (const detail::md5_engine& engine : engines_of_this_machine()) {
        CAPTURE(engine.lanes);
        REQUIRE(engine.lanes <= detail::md5_max_lanes);
        for (std::size_t round = 0; round < 300; ++round) {
            std::vector<std::string> texts;
            const std::size_t count = round < 70 ? round : random() % 200;
            const std::size_t longest = round % 2 == 0 ? 201 : 64;
            while (texts.size() < count) texts.push_back(text_of(random() % longest));
            const std::vector<std::string_view> views(texts.begin(), texts.end());
            std::vector<md5_digest> digests(count);
            detail::md5_each(engine, views,
                             [&](std::size_t i, const std::uint32_t* words, std::size_t stride) {
                                 for (std::size_t j = 0; j < 4; ++j)
                                     digests[i][j] = words[j * stride];
                             });
            for (std::size_t i = 0; i < count; ++i) REQUIRE(digests[i] == md5(texts[i]));
        }
    }
}

TEST_CASE("a group of texts of one length is right for each length and each lane") {
    for (const detail::md5_engine& engine : engines_of_this_machine()) {
        CAPTURE(engine.lanes);
        for (std::size_t size = 0; size <= 200; ++size) {
            CAPTURE(size);
            std::vector<std::string> texts(engine.lanes, text_of(size));
            for (std::size_t i = 0; i < texts.size() && size != 0; ++i) {
                texts[i][(i * 5) % size] = static_cast<char>(i);
            }
            const std::vector<std::string_view> views(texts.begin(), texts.end());
            std::vector<std::uint32_t> words(4 * engine.lanes);
            engine.hash(views.data(), words.data());
            for (std::size_t i = 0; i < texts.size(); ++i) {
                const md5_digest wanted = md5(texts[i]);
                for (std::size_t j = 0; j < 4; ++j) {
                    REQUIRE(words[j * engine.lanes + i] == wanted[j]);
                }
            }
        }
    }
}

// In memory of their own, so that a sanitizer or the heap would notice a byte read beside them.
TEST_CASE("hashing side by side reads no byte beside the texts") {
    std::vector<std::vector<char>> texts;
    for (std::size_t size = 1; size <= 130; ++size) texts.emplace_back(size, 'k');
    std::vector<std::string_view> views;
    for (const auto& text : texts) views.emplace_back(text.data(), text.size());
    std::vector<md5_digest> digests(views.size());
    md5_many(views, digests);
    for (std::size_t i = 0; i < views.size(); ++i) CHECK(digests[i] == md5(views[i]));
}
#endif
