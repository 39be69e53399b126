#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/emcache.hpp>
#include <memring/hashing/detail/cpu_features.hpp>
#include <memring/hashing/detail/murmur3_prefixes.hpp>
#include <memring/hashing/detail/murmur3_suffixes.hpp>

using namespace memring;

namespace {

std::string noise(std::mt19937& random, std::size_t size) {
    std::string text(size, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    return text;
}

std::vector<std::string> noises(std::mt19937& random, std::size_t count, std::size_t spread) {
    const std::size_t least = 1 + random() % 60;
    std::vector<std::string> all(count);
    for (auto& text : all)
        text = noise(random, std::min<std::size_t>(60, least + random() % spread));
    return all;
}

// The last of those that hash highest.
template <class Hash>
std::uint32_t highest(const std::vector<std::string>& texts, Hash hash) {
    std::uint32_t best = 0;
    for (std::uint32_t i = 1; i < texts.size(); ++i) {
        if (hash(texts[i]) >= hash(texts[best])) best = i;
    }
    return best;
}

struct low_half {
    template <class Word>
    [[gnu::always_inline]] static constexpr void make(Word& word) noexcept {
        word &= 0xffffffff;
    }
};

template <class Score, class Hash>
void check_ends(const std::vector<std::string>& ends, const std::string& key, Hash hash) {
    const detail::murmur3_suffixes<Score> suffixes(ends);
    for (std::uint32_t i = 0; i < ends.size(); ++i) {
        REQUIRE(suffixes.score(i, key) == hash(key + ends[i]));
    }
    const std::uint32_t want = highest(ends, [&](const auto& end) { return hash(key + end); });
    const detail::murmur3_128_begun begun(key);
    REQUIRE(suffixes.highest(key) == want);
    REQUIRE(suffixes.highest_plain(begun) == want);
#ifdef __x86_64__
    if (detail::has_avx2()) REQUIRE(suffixes.highest_avx2(begun) == want);
    if (detail::has_avx512()) REQUIRE(suffixes.highest_avx512(begun) == want);
#endif
}

void check_beginnings(const std::vector<std::string>& beginnings, const std::string& key) {
    const detail::murmur3_prefixes prefixes(beginnings);
    for (std::uint32_t i = 0; i < beginnings.size(); ++i) {
        REQUIRE(prefixes.score(i, key) == murmur3_32(beginnings[i] + key));
    }
    const std::uint32_t want =
        highest(beginnings, [&](const auto& text) { return murmur3_32(text + key); });
    REQUIRE(prefixes.highest(key) == want);
    REQUIRE(prefixes.highest_one_by_one(key) == want);
#ifdef __x86_64__
    REQUIRE(prefixes.highest_by_lanes(key) == want);
    if (detail::has_avx2()) REQUIRE(prefixes.highest_avx2(key) == want);
#endif
}

}  // namespace

TEST_CASE("a key hashed once before many ends has the hashes of the whole texts") {
    std::mt19937 random(20);
    for (std::size_t size = 0; size <= 300; ++size) {
        const std::string key = noise(random, size);
        for (const std::size_t spread : {1U, 3U, 60U}) {
            const auto ends = noises(random, 1 + random() % 20, spread);
            check_ends<low_half>(ends, key, [](const std::string& text) {
                return static_cast<std::uint32_t>(murmur3_128(text)[0]);
            });
            check_ends<compat::emcache_score>(ends, key, compat::emcache_hash);
        }
    }
}

TEST_CASE("every end of up to 60 bytes is hashed behind every key of up to 40") {
    std::mt19937 random(21);
    std::vector<std::string> ends;
    for (std::size_t size = 1; size <= 60; ++size) ends.push_back(noise(random, size));
    for (std::size_t size = 0; size <= 40; ++size) {
        check_ends<low_half>(ends, noise(random, size), [](const std::string& text) {
            return static_cast<std::uint32_t>(murmur3_128(text)[0]);
        });
    }
}

TEST_CASE("one key behind many beginnings has the hashes of the whole texts") {
    std::mt19937 random(22);
    for (std::size_t size = 0; size <= 300; ++size) {
        const std::string key = noise(random, size);
        for (const std::size_t spread : {1U, 3U, 60U}) {
            check_beginnings(noises(random, 1 + random() % 20, spread), key);
        }
    }
}

TEST_CASE("of equal scores the last wins, wherever it stands in the vectors") {
    for (std::size_t count = 1; count <= 20; ++count) {
        const std::vector<std::string> same(count, "10.0.0.1:11211");
        CHECK(detail::murmur3_prefixes(same).highest("key") == count - 1);
        check_beginnings(same, "key");
        check_ends<compat::emcache_score>(same, "key", compat::emcache_hash);
    }
}
