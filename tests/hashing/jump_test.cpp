#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/jump.hpp>

#include "sample_nodes.hpp"

using namespace memring;

// Last value from memcached's proxy selector (commit 2d51e3647).
static_assert(jump_consistent_hash(0, 1) == 0);
static_assert(jump_consistent_hash(15964194995069169740U, 2) == 1);
static_assert(jump_consistent_hash(1668541134799220889U, 1000000) == 408315);

namespace {

// The loop as the paper has it, apart from the library's.
std::uint32_t jump_of_the_paper(std::uint64_t key, std::uint32_t buckets) {
    std::int64_t b = -1;
    std::int64_t j = 0;
    while (j < std::int64_t{buckets}) {
        b = j;
        key = key * 2862933555777941757U + 1;
        j = static_cast<std::int64_t>(
            static_cast<double>(b + 1) *
            (static_cast<double>(1LL << 31) / static_cast<double>((key >> 33) + 1)));
    }
    return static_cast<std::uint32_t>(b);
}

// The number before `key` in the sequence the jumps of a key are drawn from.
std::uint64_t drawn_before(std::uint64_t key) {
    std::uint64_t inverse = 2862933555777941757U;  // of the factor; each round doubles its bits
    for (int i = 0; i < 6; ++i) inverse *= 2 - 2862933555777941757U * inverse;
    return (key - 1) * inverse;
}

std::vector<std::uint64_t> random_keys(std::size_t count) {
    std::mt19937_64 random(5);
    std::vector<std::uint64_t> keys(count);
    std::ranges::generate(keys, random);
    return keys;
}

void check_many(const std::vector<std::uint64_t>& keys, std::uint32_t buckets) {
    std::vector<std::uint32_t> owners(keys.size());
    jump_consistent_hashes(keys, buckets, owners);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::uint32_t wanted = jump_of_the_paper(keys[i], buckets);
        if (owners[i] == wanted && jump_consistent_hash(keys[i], buckets) == wanted) continue;
        FAIL("key " << keys[i] << ", " << buckets << " buckets: " << owners[i] << " and "
                    << jump_consistent_hash(keys[i], buckets) << ", not " << wanted);
    }
}

}  // namespace

TEST_CASE("one key or many: the bucket is the paper's, for every number of buckets to 1100") {
    const auto keys = random_keys(1000);
    for (std::uint32_t buckets = 1; buckets <= 1100; ++buckets) check_many(keys, buckets);
}

TEST_CASE("the bucket is the paper's for numbers of buckets of any size") {
    const auto keys = random_keys(3000);
    for (int bits = 10; bits < 32; ++bits) {
        const std::uint32_t power = std::uint32_t{1} << bits;
        for (const std::uint32_t buckets : {power - 1, power, power + 1, power + power / 3}) {
            check_many(keys, buckets);
        }
    }
    check_many(keys, 4294967295);
}

// Such a draw lands on a whole number, or as near to one as there are draws: where rounding another
// way would show.
TEST_CASE("the bucket is the paper's where a jump ends next to a whole number") {
    std::vector<std::uint64_t> keys;
    const std::uint64_t ends[] = {0, 0x1ffffffff};
    for (std::uint64_t whole = 1; whole <= 3000; ++whole) {
        const std::uint64_t draw = (std::uint64_t{1} << 31) / whole;
        for (std::uint64_t near = draw - std::min<std::uint64_t>(draw, 3); near <= draw + 1;
             ++near) {
            if (near > 0x7fffffff) continue;
            for (const std::uint64_t end : ends) {
                keys.push_back(drawn_before(near << 33 | end));
                keys.push_back(drawn_before(keys.back()));
            }
        }
    }
    REQUIRE(drawn_before(2862933555777941757U * 77 + 1) == 77);
    for (const std::uint32_t buckets : {2U, 3U, 40U, 1000U, 2999U, 3000U, 3001U, 2147483647U}) {
        check_many(keys, buckets);
    }
}

TEST_CASE("any number of keys can be asked for at once") {
    const auto keys = random_keys(40);
    for (std::size_t count = 0; count <= keys.size(); ++count) {
        std::vector<std::uint32_t> owners(count + 1, 77);
        jump_consistent_hashes(std::span(keys).first(count), 40, owners);
        for (std::size_t i = 0; i < count; ++i) {
            REQUIRE(owners[i] == jump_of_the_paper(keys[i], 40));
        }
        CHECK(owners.back() == 77);
    }
}

#if defined(__clang__) || __GNUC__ >= 12
TEST_CASE("every way of jumping side by side gives the paper's bucket") {
    std::vector<detail::jump_engine> engines{&detail::jump_plain};
#ifdef __x86_64__
    if (detail::has_avx2()) engines.push_back(&detail::jump_avx2);
#endif
    const auto keys = random_keys(80000);
    for (const detail::jump_engine engine : engines) {
        for (const std::uint32_t buckets : {1U, 2U, 7U, 40U, 1000U, 123456U, 2147483647U}) {
            for (std::size_t i = 0; i < keys.size(); i += detail::jump_lanes) {
                std::array<std::uint32_t, detail::jump_lanes> owners{};
                engine(keys.data() + i, buckets, owners.data());
                for (std::size_t j = 0; j < owners.size(); ++j) {
                    if (owners[j] != jump_of_the_paper(keys[i + j], buckets)) {
                        FAIL("key " << keys[i + j] << ", " << buckets << " buckets");
                    }
                }
            }
        }
    }
}
#endif

TEST_CASE("the policy gives many keys the owners it gives each") {
    const auto texts = sample::keys(200);
    const std::vector<std::string_view> keys(texts.begin(), texts.end());
    for (const std::uint64_t seed : {std::uint64_t{0}, xxh3("another-pool")}) {
        const jump policy(sample::nodes(40), {.seed = seed});
        std::vector<std::uint32_t> owners(keys.size());
        policy.owners_of(keys, owners);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            REQUIRE(owners[i] == policy.owner_of(keys[i]));
            REQUIRE(owners[i] == jump_of_the_paper(xxh3(keys[i], seed), 40));
        }
    }
}

TEST_CASE("with a bucket more a key stays or goes to the new bucket") {
    for (const std::string& text : sample::keys(500)) {
        const std::uint64_t key = xxh3(text);
        std::uint32_t before = jump_consistent_hash(key, 1);
        REQUIRE(before == 0);
        for (std::uint32_t buckets = 2; buckets <= 200; ++buckets) {
            const std::uint32_t now = jump_consistent_hash(key, buckets);
            REQUIRE((now == before || now == buckets - 1));
            before = now;
        }
    }
}

TEST_CASE("the largest number of buckets is in range") {
    for (const std::uint64_t key : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        CHECK(jump_consistent_hash(key, 4294967295) < 4294967295);
    }
}

TEST_CASE("the keys spread evenly over any number of nodes") {
    const auto keys = sample::keys(20000);
    for (const std::size_t size : {2U, 3U, 10U, 37U}) {
        const double mean = 20000.0 / static_cast<double>(size);
        CAPTURE(size);
        for (const std::size_t count : sample::load(jump(sample::nodes(size)), keys)) {
            // Five standard deviations of a fair draw.
            CHECK(std::abs(static_cast<double>(count) - mean) < 5 * std::sqrt(mean));
        }
    }
}

TEST_CASE("a node appended takes its share and moves no other key") {
    const jump before(sample::nodes(9));
    const jump after(sample::nodes(10));
    std::size_t taken = 0;
    for (const std::string& key : sample::keys(10000)) {
        if (after.owner_of(key) == 9) {
            ++taken;
        } else {
            REQUIRE(after.owner_of(key) == before.owner_of(key));
        }
    }
    CHECK(taken > 850);
    CHECK(taken < 1150);
}

TEST_CASE("a seed gives another mapping of the same nodes") {
    const jump plain(sample::nodes(10));
    const jump seeded(sample::nodes(10), {.seed = xxh3("another-pool")});
    std::size_t equal = 0;
    for (const std::string& key : sample::keys(2000)) {
        if (plain.owner_of(key) == seeded.owner_of(key)) ++equal;
    }
    CHECK(equal > 120);
    CHECK(equal < 280);
}

TEST_CASE("weights and spelling of the nodes are nothing to jump, their number is") {
    auto nodes = sample::nodes(5);
    const jump before(nodes);
    for (node& n : nodes) n = {"other-" + n.host, 1234, 9};
    const jump after(nodes);
    for (const std::string& key : sample::keys(500)) {
        REQUIRE(before.owner_of(key) == after.owner_of(key));
    }
}
