#include <doctest/doctest.h>

#include <memring/detail/unheard_reads.hpp>

using memring::detail::unheard_reads;

TEST_CASE("the keys of reads that were given up are kept until they are answered") {
    unheard_reads reads;
    reads.add(9, 0, "nine");
    reads.add(3, 0, "three");
    reads.add(5, 1, "second of five");
    reads.add(5, 0, "");  // reads nothing
    CHECK(reads.key_of(3, 0) == "three");
    CHECK(reads.key_of(5, 0).empty());
    CHECK(reads.key_of(5, 1) == "second of five");
    CHECK(reads.key_of(4, 0).empty());

    reads.forget(5);
    CHECK(reads.key_of(3, 0).empty());
    CHECK(reads.key_of(5, 1).empty());
    CHECK(reads.key_of(9, 0) == "nine");

    reads.clear();
    CHECK(reads.key_of(9, 0).empty());
}
