#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/key_hashes.hpp>

using namespace memring;

namespace {

/// Calls `check(hash)` with each key hash there is.
template <class Check>
void for_each_key_hash(Check check) {
    const auto each = [&](auto... hashes) { (check(hashes), ...); };
    each(hash::md5{}, hash::crc{}, hash::crc32{}, hash::crc16{}, hash::fnv1_32{}, hash::fnv1a_32{},
         hash::fnv1_64{}, hash::fnv1a_64{}, hash::one_at_a_time{}, hash::murmur{}, hash::murmur3{},
         hash::jenkins{}, hash::hsieh{}, hash::xxh3{}, hash::sha384{}, hash::java_native{},
         hash::java_crc{}, hash::java_fnv1_32{}, hash::java_fnv1a_32{}, hash::java_fnv1_64{},
         hash::java_fnv1a_64{});
}

// A different text for each size; not ASCII, and not UTF-8 either.
std::string text_of(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>((i * 7 + size) % 256);
    return text;
}

// No hash of the library knows this one.
struct own_hash {
    std::uint16_t operator()(std::string_view key) const noexcept {
        return static_cast<std::uint16_t>(key.size());
    }
};

struct throwing_hash {
    std::uint32_t operator()(std::string_view key) const {
        return static_cast<std::uint32_t>(key.size());
    }
};

struct signed_hash {
    int operator()(std::string_view) const noexcept { return -1; }
};

static_assert(key_hash<own_hash>);
static_assert(!key_hash<throwing_hash>);
static_assert(!key_hash<signed_hash>);
static_assert(!key_hash<int>);

}  // namespace

// Values of libhashkit 1.1.4 on x86; libhashkit of Debian has no hsieh.
TEST_CASE("libmemcached's hashes have libhashkit's values") {
    CHECK(hash::one_at_a_time{}("ob") == 325265795);
    CHECK(hash::md5{}("ob") == 1324284569);
    CHECK(hash::crc{}("ob") == 0);
    CHECK(hash::crc{}("a") == 26807);
    CHECK(hash::fnv1_64{}("ob") == 3035308146);
    CHECK(hash::fnv1a_64{}("ob") == 3042342868);
    CHECK(hash::fnv1_32{}("ob") == 1651971890);
    CHECK(hash::fnv1a_32{}("ob") == 1832141492);
    CHECK(hash::murmur{}("ob") == 2229592618);
    CHECK(hash::jenkins{}("ob") == 3231520963);
    CHECK(hash::murmur3{}("ob") == 3465089889);
    CHECK(hash::crc32{}("ob") == 26083);
}

TEST_CASE("each key hash is a function object with a name of its own") {
    std::set<std::string_view> names;
    std::size_t count = 0;
    for_each_key_hash([&]<class Hash>(Hash hash) {
        static_assert(key_hash<Hash>);
        CHECK(hash("user:1") != hash("user:2"));
        names.insert(Hash::name);
        ++count;
    });
    CHECK(names.size() == count);
    CHECK_FALSE(names.contains(""));
}

TEST_CASE("a key's hash depends on its bytes alone, and reads no others") {
    for_each_key_hash([]<class Hash>(Hash hash) {
        CAPTURE(Hash::name);
        for (std::size_t size = 0; size <= 270; ++size) {
            const std::string text = text_of(size);
            const auto want = hash(text);
            for (const std::size_t offset : {0U, 1U, 3U, 7U}) {
                // Exactly as long as need be, so that a sanitizer sees a byte too many.
                const auto copy = std::make_unique<char[]>(offset + size);
                std::memcpy(copy.get() + offset, text.data(), size);
                const bool is_same = hash({copy.get() + offset, size}) == want;
                if (!is_same) FAIL_CHECK("size ", size, " at offset ", offset);
            }
        }
    });
}

TEST_CASE("many keys hash as each one does") {
    std::vector<std::string> texts;
    for (std::size_t size = 0; size <= 250; ++size) texts.push_back(text_of(size));
    const std::vector<std::string_view> keys(texts.begin(), texts.end());
    for_each_key_hash([&]<class Hash>(Hash hash) {
        CAPTURE(Hash::name);
        for (const std::size_t count : {0U, 1U, 5U, 64U, 251U}) {
            const auto some = std::span(keys).first(count);
            std::vector<std::uint32_t> out(count + 1, 42);
            detail::hash_many(hash, some, out);
            for (std::size_t i = 0; i < count; ++i) {
                const bool is_same = out[i] == static_cast<std::uint32_t>(hash(keys[i]));
                if (!is_same) FAIL_CHECK("key ", i, " of ", count);
            }
            CHECK(out[count] == 42);
        }
    });
}

TEST_CASE("many keys can be hashed with a hash of one's own") {
    const std::vector<std::string_view> keys{"a", "", "abc"};
    std::vector<std::uint32_t> out(3);
    detail::hash_many(own_hash{}, keys, out);
    CHECK(out == std::vector<std::uint32_t>{1, 0, 3});
}

TEST_CASE("the hashes whose peers sign bytes agree with the others on ASCII") {
    CHECK(hash::fnv1_32{}("key~") == hash::java_fnv1_32{}("key~"));
    CHECK(hash::fnv1a_32{}("key~") == hash::java_fnv1a_32{}("key~"));
    CHECK(hash::fnv1_64{}("key~") == hash::java_fnv1_64{}("key~"));
    CHECK(hash::fnv1a_64{}("key~") == hash::java_fnv1a_64{}("key~"));
    CHECK(hash::fnv1a_64{}("k\xc3\xbc") != hash::java_fnv1a_64{}("k\xc3\xbc"));
}
