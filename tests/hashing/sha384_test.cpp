#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <memring/hashing/digest/sha384.hpp>

using namespace memring;

namespace {

std::string hex_of(std::string_view text) {
    std::string hex;
    for (const std::uint32_t word : sha384(text)) {
        for (int shift = 0; shift < 32; shift += 8) {
            hex += "0123456789abcdef"[(word >> (shift + 4)) & 0xf];
            hex += "0123456789abcdef"[(word >> shift) & 0xf];
        }
    }
    return hex;
}

// Every byte value, a different text for each length.
std::string text_of(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>((i * 7 + size) % 256);
    return text;
}

// The digest begins with the bytes cb 00 75 3f: word 0 is little-endian.
static_assert(sha384("abc")[0] == 0x3f7500cb);

}  // namespace

TEST_CASE("SHA-384 gives the digests of the examples for FIPS 180") {
    CHECK(hex_of("") ==
          "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
          "274edebfe76f65fbd51ad2f14898b95b");
    CHECK(hex_of("abc") ==
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
          "8086072ba1e7cc2358baeca134c825a7");
    CHECK(hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6"
          "b0455a8520bc4e6f5fe95b1fe3c8452b");
    CHECK(hex_of("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                 "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu") ==
          "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712"
          "fcc7c71a557e2db966c3e9fa91746039");
    CHECK(hex_of(std::string(1000000, 'a')) ==
          "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b"
          "07b8b3dc38ecc4ebae97ddd87f3d8985");
}

// These digests come from Python's hashlib (OpenSSL); they never change.
TEST_CASE("SHA-384 is right on either side of every block boundary") {
    const std::pair<std::size_t, std::string_view> digests[] = {
        {1,
         "8d2ce87d86f55fcfab770a047b090da23270fa206832dfea7e0c946fff451f819add242374be551b0d6318ed6"
         "c7d41d8"},
        {7,
         "25c9785f55bf5c6869617981d9dbbb0bc9dcc95d9c818a16c9cfd23dae6a5983c2f180d3c6283d9c01836beb9"
         "284ec95"},
        {8,
         "5aa781feea0d8f2ddbf7436efe7709b8242b9cc9856ccdb98a8addcf277e4dd669095f87feabb9bda82bfc0e8"
         "e807583"},
        {55,
         "a1870e5e4818b0a319866894d848037c75eb7c400de4af9d321dc7e8770ce8f4f272a1f226f4e9c5998bc2811"
         "70a6a80"},
        {64,
         "1c86511a3851b57a6d275ed71c4f8ce6fec2484b73b4ca7fc91d46ad6c74f7fb75a466f57f8244c1143694088"
         "ca09f82"},
        {110,
         "49770a388f8e0144faaf67dbd6111f67b762d578ded64fc7a4f714f346a526778f87d5f08d642681fbfa0cd38"
         "f8989c9"},
        {111,
         "2d39d5e0ed0fd40cb20c860f006219e5299b31e647cd809c21815adf1e0530d707ba123fdc88f0a870aa2b0e2"
         "714307c"},
        {112,
         "babc028556f2216d92f9031cee016565a505209a02e8a8f090fd0164044d5b4f7941a950f40d257624d4c18d5"
         "06d75e7"},
        {113,
         "5830babc023a964e31a63f004364bfc3b60baa9b392f1e8ed1fa7df7c9de864fe691dfc53ff180f31410a677a"
         "d8ea490"},
        {119,
         "6d1e1d4b4b09b453597ebd23b40d279f83b3b3069f5e16621e291fb2a04fdd4ab55fc0ad0ccba1d962f492c08"
         "cadb987"},
        {120,
         "1ceee1153e653990162018e498cb0971c44e2c9993d1c206818500f3e17c123c481a2a125e63c1dd84c21d6b5"
         "b5a6195"},
        {127,
         "d93a1b0c55394b85b694694f0e5e752612485f4011c687b11bbce979bd44346500eb76091df7bbff63d134c6b"
         "2ba30b7"},
        {128,
         "8d22d1dc71336ac63e155f25e0a80c17520502f1e55c26aab685c5d1ed75185dea32236080adffeb53dce3882"
         "df374a9"},
        {129,
         "97c3840582af9f000797553d6dce492e7f259c4e9693bfeb81932521ef273c68b02e637d9019db8456095cb05"
         "a2c014c"},
        {239,
         "d600b69b8514ba65adaed1f6cf2ef6ad03611cc5fb8e2a51cb9cb9d5aaa66a823a79f1459420bc0b5730743ff"
         "7fda05c"},
        {240,
         "14bee8a016082c6484577db08e67b40f5041e7d047458e5898dabbd1a0441603678e669bacc5de06de4d7aaa7"
         "c943bd6"},
        {250,
         "e30e1e6f37fdcd5fe4b0e0f4146a75ec6b324dab4188ed513a9a498cc2f5836b1b3c2df305160b971c8e6c3fb"
         "ce71da7"},
        {256,
         "41a1a4f73e38b8fa8dc8a54a5d566b89cd26b6a3b7df93fbb3f1d9a36c87e7ab6c9d9dcc35e235fd6b87110f9"
         "405dd1a"},
        {300,
         "90c4c78acff9ecbf0bc46892e453dad80d2972c4c9ad4b94995507aca2a5eae8d8acccdcc159cf5b0a7ed24ae"
         "9228eaa"},
    };
    for (const auto& known : digests) {
        const std::size_t size = known.first;
        CAPTURE(size);
        CHECK(hex_of(text_of(size)) == known.second);
    }
}
