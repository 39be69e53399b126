#include <cstddef>
#include <string>

#include <doctest/doctest.h>

#include <memring/hashing/detail/murmur3_prefix.hpp>

using namespace memring;

static_assert(detail::murmur3_prefix("10.0.0.1:11211-").hash_with("user:1") ==
              murmur3_32("10.0.0.1:11211-user:1"));

TEST_CASE("a text cut anywhere has the hash of the whole") {
    std::string text;
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t cut = 0; cut <= size; ++cut) {
            const detail::murmur3_prefix prefix(std::string_view(text).substr(0, cut));
            REQUIRE(prefix.hash_with(std::string_view(text).substr(cut)) == murmur3_32(text));
        }
        text += static_cast<char>(0x51 * size + 0x83);
    }
}
