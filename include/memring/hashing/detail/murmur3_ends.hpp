#pragma once
// MurmurHash3_x64_128 of one beginning, hashed once, and each of many ends, which may lie side by
// side in vector registers.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>
#include <memring/hashing/digest/murmur3.hpp>

namespace memring::detail {

/// A text as MurmurHash3_x64_128, seed 0, has it before more of it comes.
struct murmur3_128_begun {
    murmur3_digest hash{};
    std::uint64_t first = 0;   ///< the bytes after the last 16 whole ones,
    std::uint64_t second = 0;  ///< in two words
    std::size_t size;

    explicit murmur3_128_begun(std::string_view text) noexcept : size(text.size()) {
        const char* rest = text.data();
        std::size_t left = size;
        for (; left >= 16; left -= 16, rest += 16) {
            murmur3_128_absorb(hash, load_64(rest), load_64(rest + 8));
        }
        first = left < 8 ? load_tail<std::uint64_t>(text, left) : load_64(rest);
        if (left > 8) second = load_tail<std::uint64_t>(text, left - 8);
    }
};

/// The rest of the hash on one word as on a vector of them, which are one node each. The ends are
/// rows of `Lanes` words: the end's size, its number, two of zeros, its bytes, more of zeros.
template <class Word, std::size_t Lanes>
class murmur3_128_ends {
public:
    /// The low 64 bits of the hash of `begun` and the ends whose rows begin at `rows`; the longest
    /// of these has `longest` bytes.
    [[gnu::always_inline]] static void hash(const murmur3_128_begun& begun,
                                            const std::uint64_t* rows, std::size_t longest,
                                            Word& out) noexcept {
        Word first = Word{} + begun.hash[0];
        Word second = Word{} + begun.hash[1];
        absorb(begun, rows, longest, first, second);
        Word size;
        std::memcpy(&size, rows, sizeof size);
        size += begun.size;
        first ^= size;
        second ^= size;
        first += second;
        second += first;
        finish(first);
        finish(second);
        out = first + second;
    }

private:
    [[gnu::always_inline]] static void absorb(const murmur3_128_begun& begun,
                                              const std::uint64_t* rows, std::size_t longest,
                                              Word& first, Word& second) noexcept {
        const std::size_t kept = begun.size % 16;
        const std::uint64_t shift = 8 * (kept % 8);
        Word left;
        std::memcpy(&left, rows, sizeof left);
        left += kept;
        rows += (kept < 8 ? 4 : 3) * Lanes;
        Word low = Word{} + begun.first;
        Word high = Word{} + begun.second;
        for (std::size_t most = longest + kept;; most -= 16, rows += 2 * Lanes) {
            merge_shifted(rows, shift, low);
            merge_shifted(rows + Lanes, shift, high);
            scramble(low, 0x87c37b91114253d5U, 31, 0x4cf5ad432745937fU);
            scramble(high, 0x4cf5ad432745937fU, 33, 0x87c37b91114253d5U);
            first ^= low;
            // An end that is over by now has nothing but zeros here, which change nothing.
            if (most >= 16) mix_first(left, second, first);
            second ^= high;
            if (most < 16) return;
            mix_second(left, first, second);
            low = high = Word{};
        }
    }

    // The word behind the last `shift` bits of the one before it.
    [[gnu::always_inline]] static void merge_shifted(const std::uint64_t* row, std::uint64_t shift,
                                                     Word& word) noexcept {
        Word before;
        Word now;
        std::memcpy(&before, row - Lanes, sizeof before);
        std::memcpy(&now, row, sizeof now);
        // Two shifts, as one by all bits is undefined.
        word |= now << shift | before >> 1 >> (63 - shift);
    }

    // Only those with a whole block left.
    [[gnu::always_inline]] static void mix_first(const Word& left, const Word& second,
                                                 Word& first) noexcept {
        Word mixed = first;
        rotate(mixed, 27);
        mixed = (mixed + second) * 5 + 0x52dce729U;
        first = left > 15 ? mixed : first;
    }

    // The same, and the end of the block.
    [[gnu::always_inline]] static void mix_second(Word& left, const Word& first,
                                                  Word& second) noexcept {
        Word mixed = second;
        rotate(mixed, 31);
        mixed = (mixed + first) * 5 + 0x38495ab5U;
        second = left > 15 ? mixed : second;
        left = left > 15 ? left - 16 : Word{};
    }

    [[gnu::always_inline]] static void scramble(Word& word, std::uint64_t by, int bits,
                                                std::uint64_t then_by) noexcept {
        word *= by;
        rotate(word, bits);
        word *= then_by;
    }

    [[gnu::always_inline]] static void rotate(Word& word, int bits) noexcept {
        word = word << bits | word >> (64 - bits);
    }

    [[gnu::always_inline]] static void finish(Word& word) noexcept {
        word = (word ^ word >> 33) * 0xff51afd7ed558ccdU;
        word = (word ^ word >> 33) * 0xc4ceb9fe1a85ec53U;
        word ^= word >> 33;
    }
};

}  // namespace memring::detail
