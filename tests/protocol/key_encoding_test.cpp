// The base64 rows are the test vectors of RFC 4648, section 10.

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include <memring/protocol/key_encoding.hpp>

using namespace memring;

TEST_CASE("percent-encoded bytes are decoded in either case, others are left alone") {
    std::string out = "left over";
    CHECK(decode_percent("", out));
    CHECK(out.empty());
    CHECK(decode_percent("a+b%2Fc%2f%00%ff%25", out));
    CHECK(out == std::string_view("a+b/c/\0\xff%", 9));
}

TEST_CASE("a percent sign without two hex digits is refused") {
    std::string out;
    for (const std::string_view text : {"%", "a%", "%1", "%1g", "%g1", "%%41", "% 1"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_percent(text, out));
    }
}

TEST_CASE("base64 is decoded as the RFC says") {
    std::string out = "left over";
    const std::pair<std::string_view, std::string_view> rows[] = {{"", ""},
                                                                  {"Zg==", "f"},
                                                                  {"Zm8=", "fo"},
                                                                  {"Zm9v", "foo"},
                                                                  {"Zm9vYg==", "foob"},
                                                                  {"Zm9vYmE=", "fooba"},
                                                                  {"Zm9vYmFy", "foobar"},
                                                                  {"++//", "\xfb\xef\xff"}};
    for (const auto& [text, bytes] : rows) {
        CHECK(decode_base64(text, out));
        CHECK(out == bytes);
    }
}

TEST_CASE("base64 with a wrong length, letter or padding is refused") {
    std::string out;
    for (const std::string_view text : {"Z", "Zg", "Zg=", "Z===", "====", "=",
                                        "Zg==Zg==", "Zm9v=", "Zm-v", "Zm v", "Zh==", "Zm9="}) {
        CAPTURE(text);
        CHECK_FALSE(decode_base64(text, out));
    }
}
