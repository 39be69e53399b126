#pragma once
// MurmurHash3_x86_32 of many beginnings and one end, for the beginning with the highest hash. The
// beginnings that have as many bytes behind their last whole word meet the same words of the end:
// what can be done to these words is done once.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/detail/cpu_features.hpp>
#include <memring/hashing/detail/murmur3_prefix.hpp>
#include <memring/hashing/digest/bytes.hpp>
#include <memring/hashing/digest/murmur3.hpp>

namespace memring::detail {

/// Beginnings of texts, and which of them hashes highest.
class murmur3_prefixes {
public:
    explicit murmur3_prefixes(std::span<const std::string> beginnings) {
        for (std::uint32_t number = 0; number < beginnings.size(); ++number) {
            x_alone.emplace_back(beginnings[number]);
            add(x_alone.back(), number);
        }
    }

    /// The hash of the beginning of that number and `text`.
    [[nodiscard]] std::uint32_t score(std::uint32_t number, std::string_view text) const noexcept {
        return x_alone[number].hash_with(text);
    }

    /// The number of the beginning with the highest hash, the last of those. Nanoseconds for 40
    /// nodes and keys of 16 to 64 bytes (GCC 12, Clang 14; -O3): one by one 384 and 418, SSE2 225
    /// and 179, AVX2 135 and 197.
    [[nodiscard]] std::uint32_t highest(std::string_view text) const noexcept {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
        if (x_alone.size() >= few) return has_avx2() ? highest_avx2(text) : highest_by_lanes(text);
#endif
        return highest_one_by_one(text);
    }

    /// `highest`, without the help of vectors.
    [[nodiscard]] std::uint32_t highest_one_by_one(std::string_view text) const noexcept {
        std::uint64_t best = 0;
        for (std::uint32_t number = 0; number < x_alone.size(); ++number) {
            best = std::max(best, std::uint64_t{score(number, text)} << 32 | number);
        }
        return static_cast<std::uint32_t>(best);
    }

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    /// `highest`, by vectors every such machine has, and by those of most.
    [[nodiscard]] std::uint32_t highest_by_lanes(std::string_view text) const noexcept {
        return highest_of_groups(text);
    }

    [[nodiscard, gnu::target("avx2")]] std::uint32_t highest_avx2(
        std::string_view text) const noexcept {
        return highest_of_groups(text);
    }
#endif

private:
    static constexpr std::size_t lanes = 8;
    // Below so many nodes one by one is as fast.
    static constexpr std::size_t few = 3;

    // Lanes without a beginning of their own repeat another: it never beats itself.
    struct group {
        std::size_t kept = 0;  // bytes behind the last whole word, of each
        std::size_t count = 0;
        std::array<std::uint32_t, lanes> hashes{};
        std::array<std::uint32_t, lanes> tails{};
        std::array<std::uint32_t, lanes> sizes{};
        std::array<std::uint32_t, lanes> numbers{};
    };

    void add(const murmur3_prefix& beginning, std::uint32_t number) {
        auto last = std::ranges::find_if(x_groups, [&](const group& some) {
            return some.kept == beginning.kept() && some.count < lanes;
        });
        if (last == x_groups.end()) {
            last = x_groups.insert(last, group{beginning.kept()});
        }
        for (std::size_t lane = last->count++; lane < lanes; ++lane) {
            last->hashes[lane] = beginning.hash();
            last->tails[lane] = beginning.tail();
            last->sizes[lane] = beginning.size();
            last->numbers[lane] = number;
        }
    }

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    using words = std::uint32_t __attribute__((vector_size(4 * lanes)));

    [[gnu::always_inline]] [[nodiscard]] std::uint32_t highest_of_groups(
        std::string_view text) const noexcept {
        std::array<std::uint32_t, lanes> hashes;
        std::uint64_t best = 0;
        for (const group& some : x_groups) {
            words hash;
            hash_group(some, text, hash);
            std::memcpy(hashes.data(), &hash, sizeof hash);
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                best = std::max(best, std::uint64_t{hashes[lane]} << 32 | some.numbers[lane]);
            }
        }
        return static_cast<std::uint32_t>(best);
    }

    [[gnu::always_inline]] static void hash_group(const group& some, std::string_view text,
                                                  words& hash) noexcept {
        words tail;
        words size;
        std::memcpy(&hash, some.hashes.data(), sizeof hash);
        std::memcpy(&tail, some.tails.data(), sizeof tail);
        std::memcpy(&size, some.sizes.data(), sizeof size);
        size += static_cast<std::uint32_t>(text.size());
        const std::size_t lacking = some.kept == 0 ? 0 : 4 - some.kept;
        const std::string_view joined = text.substr(0, lacking);
        if (lacking != 0) {
            tail |= load_tail<std::uint32_t>(joined, joined.size()) << (8 * some.kept);
            scramble(tail);
            hash ^= tail;
        }
        if (joined.size() == lacking) {
            if (lacking != 0) mix(hash);
            absorb(text.substr(lacking), hash);
        }
        hash ^= size;
        hash = (hash ^ hash >> 16) * 0x85ebca6bU;
        hash = (hash ^ hash >> 13) * 0xc2b2ae35U;
        hash ^= hash >> 16;
    }

    [[gnu::always_inline]] static void absorb(std::string_view text, words& hash) noexcept {
        std::size_t i = 0;
        for (; i + 4 <= text.size(); i += 4) {
            hash ^= murmur3_scramble(load_32(text.data() + i));
            mix(hash);
        }
        hash ^= murmur3_scramble(load_tail<std::uint32_t>(text, text.size() - i));
    }

    [[gnu::always_inline]] static void scramble(words& word) noexcept {
        word *= 0xcc9e2d51U;
        word = (word << 15 | word >> 17) * 0x1b873593U;
    }

    [[gnu::always_inline]] static void mix(words& hash) noexcept {
        hash = hash << 13 | hash >> 19;
        hash = (hash << 2) + hash + 0xe6546b64U;
    }
#endif

    std::vector<murmur3_prefix> x_alone;  // by number
    std::vector<group> x_groups;
};

}  // namespace memring::detail
