#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <memring/hashing/digest/xxh3.hpp>

using namespace memring;

// The hashes memcached's proxy (commit 2d51e3647) has for these keys.
TEST_CASE("XXH3 hashes keys as memcached's proxy does") {
    CHECK(xxh3("4") == 16323597026812985407U);
    CHECK(xxh3("X") == 8169000404195870007U);
    CHECK(xxh3("L") == 8640948454356727894U);
}

TEST_CASE("XXH3 with a seed gives another hash, and seed 0 the unseeded one") {
    CHECK(xxh3("&+", xxh3("another-pool")) == 9957612636465076359U);
    CHECK(xxh3("&+", 0) == xxh3("&+"));
    CHECK(xxh3("&+", 1) != xxh3("&+"));
}

TEST_CASE("XXH3 knows texts apart by every byte and by their length") {
    const std::string zeros(301, '\0');
    for (std::size_t size = 1; size <= 300; ++size) {
        const std::string_view text = std::string_view(zeros).substr(0, size);
        std::string other(text);
        other[size / 2] = 'x';
        CAPTURE(size);
        CHECK(xxh3(text) != xxh3(other));
        CHECK(xxh3(text) != xxh3(std::string_view(zeros).substr(0, size + 1)));
    }
}
