#include <cstdint>

#include <doctest/doctest.h>

#include <memring/hashing/python_memcached.hpp>

using namespace memring;

static_assert(python_memcached_hash("a") == 26807);

TEST_CASE("a key whose 15 bits are 0 hashes to 1") {
    CHECK(memcached_crc("ob") == 0);
    CHECK(python_memcached_hash("ob") == 1);
    CHECK(python_memcached_hash("") == 1);
}

// From Python's zlib.crc32; the first is the peer's own hash of the key.
TEST_CASE("the hashes after dead servers follow from the hash before and the attempt") {
    const std::uint32_t chain[] = {29622, 27975, 13465, 11564, 332,
                                   10547, 32230, 1086,  12689, 31931};
    std::uint32_t hash = python_memcached_hash("4");
    for (std::uint32_t attempt = 0; attempt < 10; ++attempt) {
        CAPTURE(attempt);
        CHECK(hash == chain[attempt]);
        hash = next_python_memcached_hash(hash, attempt);
    }
}

TEST_CASE("the largest numbers fit into the text that is hashed") {
    CHECK(next_python_memcached_hash(4294967295, 4294967295) ==
          python_memcached_hash("42949672954294967295"));
}
