#pragma once
// The end of a text that scores highest by MurmurHash3_x64_128, of many: side by side in vector
// registers, where the machine has them.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/hashing/detail/cpu_features.hpp>
#include <memring/hashing/detail/murmur3_ends.hpp>
#include <memring/hashing/digest/bytes.hpp>

namespace memring::detail {

/// Ends of texts, and which of them scores highest. `Score::make(word)` turns the low 64 bits of a
/// hash, or a vector of such, into scores of 32 bits; it must be inlined always.
template <class Score>
class murmur3_suffixes {
public:
    explicit murmur3_suffixes(std::span<const std::string> ends);

    /// The score of `text` with the end of that number.
    [[nodiscard]] std::uint32_t score(std::uint32_t number, std::string_view text) const noexcept {
        const group& one = x_alone[number];
        std::uint64_t word;
        murmur3_128_ends<std::uint64_t, lanes>::hash(murmur3_128_begun(text),
                                                     x_words.data() + one.begin, one.longest, word);
        Score::make(word);
        return static_cast<std::uint32_t>(word);
    }

    /// The number of the end with the highest score, the last of those. Nanoseconds for 40 nodes
    /// and keys of 16 to 64 bytes (GCC 12, Clang 14; -O3) where a text put together for each node
    /// takes 755 and 862: word by word 276 and 333, AVX2 209 and 212, AVX-512 110 and 112.
    [[nodiscard]] std::uint32_t highest(std::string_view text) const noexcept {
        const murmur3_128_begun begun(text);
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
        if (has_avx512()) return highest_avx512(begun);
        if (has_avx2()) return highest_avx2(begun);
#endif
        return highest_plain(begun);
    }

    /// `highest`, by each kind of machine.
    [[nodiscard]] std::uint32_t highest_plain(const murmur3_128_begun& begun) const noexcept {
        return highest_by<std::uint64_t>(begun);
    }

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    [[nodiscard, gnu::target("avx2")]] std::uint32_t highest_avx2(
        const murmur3_128_begun& begun) const noexcept {
        using words = std::uint64_t __attribute__((vector_size(32)));
        return highest_by<words>(begun);
    }

    [[nodiscard, gnu::target("avx512f,avx512dq,avx512vl")]] std::uint32_t highest_avx512(
        const murmur3_128_begun& begun) const noexcept {
        using words = std::uint64_t __attribute__((vector_size(64)));
        return highest_by<words>(begun);
    }
#endif

private:
    static constexpr std::size_t lanes = 8;

    struct group {
        std::size_t begin;  // in the words
        std::size_t longest;
        std::size_t count;
    };

    void add_group(std::span<const std::string> ends, std::span<const std::uint32_t> numbers);

    template <class Word>
    [[gnu::always_inline]] [[nodiscard]] std::uint32_t highest_by(
        const murmur3_128_begun& begun) const noexcept {
        constexpr std::size_t width = sizeof(Word) / sizeof(std::uint64_t);
        Word best{};
        for (const group& some : x_groups) {
            for (std::size_t lane = 0; lane < some.count; lane += width) {
                const std::uint64_t* const rows = x_words.data() + some.begin + lane;
                Word now;
                murmur3_128_ends<Word, lanes>::hash(begun, rows, some.longest, now);
                Score::make(now);
                Word number;
                std::memcpy(&number, rows + lanes, sizeof number);
                now = now << 32 | number;
                best = now > best ? now : best;
            }
        }
        std::array<std::uint64_t, width> each;
        std::memcpy(each.data(), &best, sizeof best);
        return static_cast<std::uint32_t>(*std::max_element(each.begin(), each.end()));
    }

    std::vector<group> x_groups;
    std::vector<group> x_alone;  // each end, by number
    std::vector<std::uint64_t> x_words;
};

template <class Score>
murmur3_suffixes<Score>::murmur3_suffixes(std::span<const std::string> ends)
    : x_alone(ends.size()) {
    std::vector<std::uint32_t> numbers(ends.size());
    std::iota(numbers.begin(), numbers.end(), 0U);
    // Ends of one length take the same steps.
    std::ranges::sort(numbers, {}, [&](std::uint32_t i) { return std::pair(ends[i].size(), i); });
    const std::span<const std::uint32_t> all(numbers);
    for (std::size_t i = 0; i < all.size(); i += lanes) {
        add_group(ends, all.subspan(i, std::min(lanes, all.size() - i)));
    }
}

template <class Score>
void murmur3_suffixes<Score>::add_group(std::span<const std::string> ends,
                                        std::span<const std::uint32_t> numbers) {
    const std::size_t begin = x_words.size();
    const std::size_t longest = ends[numbers.back()].size();
    x_groups.push_back({begin, longest, numbers.size()});
    x_words.resize(begin + lanes * (4 + 2 * ((longest + 15) / 16 + 1)));
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        // The last one also where there is nothing else: it never beats itself.
        const std::uint32_t number = numbers[std::min(lane, numbers.size() - 1)];
        const std::string& end = ends[number];
        x_words[begin + lane] = end.size();
        x_words[begin + lanes + lane] = number;
        for (std::size_t i = 0; i < end.size(); ++i) {
            x_words[begin + (4 + i / 8) * lanes + lane] |= byte_value<std::uint64_t>(end[i])
                                                           << (8 * (i % 8));
        }
        if (lane < numbers.size()) x_alone[number] = {begin + lane, end.size(), 1};
    }
}

}  // namespace memring::detail
