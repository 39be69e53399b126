#pragma once
// MD5 in one shot, for what ring hashes need: short texts, the digest as four words. Not for
// anything that has to resist an attacker.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace memring {

/// An MD5 digest: word j is bytes 4j to 4j+3 of the digest, read as a little-endian number.
using md5_digest = std::array<std::uint32_t, 4>;

namespace detail {

using md5_words = std::array<std::uint32_t, 16>;

inline constexpr std::size_t md5_block_size = 64;

/// How many bytes fit into a block together with the end mark and the length.
inline constexpr std::size_t md5_max_tail = 55;

inline constexpr md5_digest md5_start{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

// floor(2^32 * |sin(i + 1)|), RFC 1321 section 3.4.
inline constexpr std::array<std::uint32_t, 64> md5_sines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

inline constexpr int md5_rotations[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

// The rounds work on `Word`: one 32-bit number, or one number of each of several texts.

template <int Round, int Turn, class Word>
[[gnu::always_inline]] constexpr void md5_step(Word& a, const Word& b, const Word& c, const Word& d,
                                               const Word& input, std::uint32_t sine) noexcept {
    constexpr bool is_wide = sizeof(Word) > 16;
    a = a + (input + sine);
#ifdef __clang__
    // Otherwise Clang adds the constant last, one more step to wait for in each of 64: 79 instead
    // of 65 ns for a block.
    if constexpr (std::is_same_v<Word, std::uint32_t>) {
        if (!std::is_constant_evaluated()) asm("" : "+r"(a));
    }
#endif
    if constexpr (Round == 0) a = a + (d ^ (b & (c ^ d)));
    // The two halves share no bit, so a sum does what the RFC's "or" does and lets the half that
    // does not wait for b start early. Wide vectors would
    // rather have an operation less than a shorter wait.
    if constexpr (Round == 1 && !is_wide) a = (a + (c & ~d)) + (b & d);
    if constexpr (Round == 1 && is_wide) a = a + (c ^ (d & (b ^ c)));
    if constexpr (Round == 2) a = a + (b ^ (c ^ d));
    if constexpr (Round == 3) a = a + (c ^ (b | ~d));
    a = b + (a << Turn | a >> (32 - Turn));
}

template <int Round>
[[nodiscard]] constexpr std::size_t md5_word_index(std::size_t step) noexcept {
    constexpr std::size_t factor[4] = {1, 5, 3, 7};
    constexpr std::size_t offset[4] = {0, 1, 5, 0};
    return (factor[Round] * step + offset[Round]) % 16;
}

/// Four steps, after which every word of the state has its old place again.
template <int Round, std::size_t Step, class Word>
[[gnu::always_inline]] constexpr void md5_four_steps(std::array<Word, 4>& state,
                                                     const std::array<Word, 16>& words,
                                                     const std::uint32_t* sines) noexcept {
    constexpr const auto& turn = md5_rotations[Round];
    const std::uint32_t* const sine = sines + 16 * Round + Step;
    auto& [a, b, c, d] = state;
    md5_step<Round, turn[0]>(a, b, c, d, words[md5_word_index<Round>(Step)], sine[0]);
    md5_step<Round, turn[1]>(d, a, b, c, words[md5_word_index<Round>(Step + 1)], sine[1]);
    md5_step<Round, turn[2]>(c, d, a, b, words[md5_word_index<Round>(Step + 2)], sine[2]);
    md5_step<Round, turn[3]>(b, c, d, a, words[md5_word_index<Round>(Step + 3)], sine[3]);
}

template <int Round>
[[gnu::always_inline]] constexpr void md5_round(md5_digest& state,
                                                const md5_words& words) noexcept {
    const std::uint32_t* const sines = md5_sines.data();
    md5_four_steps<Round, 0>(state, words, sines);
    md5_four_steps<Round, 4>(state, words, sines);
    md5_four_steps<Round, 8>(state, words, sines);
    md5_four_steps<Round, 12>(state, words, sines);
}

constexpr void md5_absorb(md5_digest& state, const md5_words& words) noexcept {
    md5_digest next = state;
    md5_round<0>(next, words);
    md5_round<1>(next, words);
    md5_round<2>(next, words);
    md5_round<3>(next, words);
    for (std::size_t i = 0; i < state.size(); ++i) state[i] += next[i];
}

/// `size` bytes, at most 64, as little-endian words; the rest is zero.
[[nodiscard]] constexpr md5_words md5_load(const char* bytes, std::size_t size) noexcept {
    md5_words words{};
    if (std::endian::native == std::endian::little && !std::is_constant_evaluated()) {
        if (size != 0) std::memcpy(words.data(), bytes, size);
    } else {
        for (std::size_t i = 0; i < size; ++i) {
            words[i / 4] |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * (i % 4));
        }
    }
    return words;
}

/// The rest of a text, shorter than a block, and the bit that marks its end.
[[nodiscard]] constexpr md5_words md5_load_marked(std::string_view tail) noexcept {
    md5_words words = md5_load(tail.data(), tail.size());
    words[tail.size() / 4] |= std::uint32_t{0x80} << (8 * (tail.size() % 4));
    return words;
}

constexpr void md5_add_length(md5_words& words, std::size_t text_size) noexcept {
    const std::uint64_t bits = std::uint64_t{text_size} * 8;
    words[14] = static_cast<std::uint32_t>(bits);
    words[15] = static_cast<std::uint32_t>(bits >> 32);
}

/// The block that ends a text of `text_size` bytes with `tail`, at most `md5_max_tail` bytes.
[[nodiscard]] constexpr md5_words md5_last_block(std::string_view tail,
                                                 std::size_t text_size) noexcept {
    md5_words words = md5_load_marked(tail);
    md5_add_length(words, text_size);
    return words;
}

}  // namespace detail

/// The MD5 digest of `text` (RFC 1321).
[[nodiscard]] constexpr md5_digest md5(std::string_view text) noexcept {
    md5_digest state = detail::md5_start;
    const char* rest = text.data();
    std::size_t left = text.size();
    for (; left >= detail::md5_block_size; left -= detail::md5_block_size) {
        detail::md5_absorb(state, detail::md5_load(rest, detail::md5_block_size));
        rest += detail::md5_block_size;
    }
    const std::string_view tail(rest, left);
    if (left <= detail::md5_max_tail) {
        detail::md5_absorb(state, detail::md5_last_block(tail, text.size()));
    } else {
        // No room for the length behind the end mark.
        detail::md5_absorb(state, detail::md5_load_marked(tail));
        detail::md5_words last{};
        detail::md5_add_length(last, text.size());
        detail::md5_absorb(state, last);
    }
    return state;
}

/// The MD5 digest of `text` as 32 lower-case hexadecimal characters.
[[nodiscard]] constexpr std::array<char, 32> md5_hex(std::string_view text) noexcept {
    std::array<char, 32> hex{};
    const md5_digest digest = md5(text);
    for (std::size_t i = 0; i < 16; ++i) {
        const std::uint32_t byte = digest[i / 4] >> (8 * (i % 4));
        hex[2 * i] = "0123456789abcdef"[(byte >> 4) & 0xf];
        hex[2 * i + 1] = "0123456789abcdef"[byte & 0xf];
    }
    return hex;
}

}  // namespace memring
