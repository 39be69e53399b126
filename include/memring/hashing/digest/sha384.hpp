#pragma once
// SHA-384 in one shot, for the rings that are built from it. Not for anything that has to resist
// an attacker.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/digest/bytes.hpp>

namespace memring {

/// A SHA-384 digest: word j is bytes 4j to 4j+3 of the digest, read as a little-endian number, as
/// in `md5_digest`.
using sha384_digest = std::array<std::uint32_t, 12>;

namespace detail {

using sha512_state = std::array<std::uint64_t, 8>;
using sha512_block = std::array<std::uint64_t, 16>;

inline constexpr std::size_t sha512_block_size = 128;

/// How many bytes fit into a block together with the end mark and the length.
inline constexpr std::size_t sha512_max_tail = 111;

// The first 64 bits of the fractional parts of the square roots of the ninth to sixteenth prime,
// FIPS 180-4 section 5.3.4.
inline constexpr sha512_state sha384_start{
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
    0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4};

// The same of the cube roots of the first eighty primes, FIPS 180-4 section 4.2.3.
inline constexpr std::array<std::uint64_t, 80> sha512_keys{
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

/// Word `i` of the message schedule, in the place of word `i` - 16.
constexpr void sha512_extend(sha512_block& words, std::size_t i) noexcept {
    const auto word = [&](std::size_t back) { return words[(i - back) % 16]; };
    const std::uint64_t early = word(15);
    const std::uint64_t late = word(2);
    words[i % 16] += (std::rotr(early, 1) ^ std::rotr(early, 8) ^ early >> 7) + word(7) +
                     (std::rotr(late, 19) ^ std::rotr(late, 61) ^ late >> 6);
}

constexpr void sha512_absorb(sha512_state& state, sha512_block words) noexcept {
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < sha512_keys.size(); ++i) {
        if (i >= words.size()) sha512_extend(words, i);
        const std::uint64_t added = h + (std::rotr(e, 14) ^ std::rotr(e, 18) ^ std::rotr(e, 41)) +
                                    (g ^ (e & (f ^ g))) + sha512_keys[i] + words[i % 16];
        const std::uint64_t majority = (a & b) | (c & (a | b));
        h = g, g = f, f = e;
        e = d + added;
        d = c, c = b;
        const std::uint64_t turned = std::rotr(a, 28) ^ std::rotr(a, 34) ^ std::rotr(a, 39);
        b = a;
        a = added + turned + majority;
    }
    const sha512_state sum{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < state.size(); ++i) state[i] += sum[i];
}

[[nodiscard]] constexpr std::uint64_t reverse_bytes(std::uint64_t word) noexcept {
    constexpr std::uint64_t every_second = 0x00ff00ff00ff00ff;
    constexpr std::uint64_t every_second_pair = 0x0000ffff0000ffff;
    word = (word >> 8 & every_second) | (word & every_second) << 8;
    word = (word >> 16 & every_second_pair) | (word & every_second_pair) << 16;
    return std::rotl(word, 32);
}

/// At most a block of bytes, as big-endian words; the rest is zero.
[[nodiscard]] constexpr sha512_block sha512_load(std::string_view bytes) noexcept {
    sha512_block words{};
    const std::size_t whole = bytes.size() / 8;
    for (std::size_t i = 0; i < whole; ++i) {
        words[i] = reverse_bytes(load_64(bytes.data() + 8 * i));
    }
    if (const std::size_t left = bytes.size() % 8; left != 0) {
        words[whole] = reverse_bytes(load_tail<std::uint64_t>(bytes, left));
    }
    return words;
}

/// The last block or two: what is left of the text, its end mark, its length in bits.
constexpr void sha512_finish(sha512_state& state, std::string_view tail,
                             std::size_t text_size) noexcept {
    sha512_block words = sha512_load(tail);
    words[tail.size() / 8] |= std::uint64_t{0x80} << (56 - 8 * (tail.size() % 8));
    if (tail.size() > sha512_max_tail) {
        sha512_absorb(state, words);
        words = {};
    }
    words[14] = std::uint64_t{text_size} >> 61;
    words[15] = std::uint64_t{text_size} << 3;
    sha512_absorb(state, words);
}

}  // namespace detail

/// The SHA-384 digest of `text` (FIPS 180-4).
[[nodiscard]] constexpr sha384_digest sha384(std::string_view text) noexcept {
    detail::sha512_state state = detail::sha384_start;
    std::string_view rest = text;
    for (; rest.size() >= detail::sha512_block_size;
         rest.remove_prefix(detail::sha512_block_size)) {
        detail::sha512_absorb(state,
                              detail::sha512_load(rest.substr(0, detail::sha512_block_size)));
    }
    detail::sha512_finish(state, rest, text.size());
    sha384_digest digest{};
    for (std::size_t i = 0; i < digest.size(); i += 2) {
        const std::uint64_t bytes = detail::reverse_bytes(state[i / 2]);
        digest[i] = static_cast<std::uint32_t>(bytes);
        digest[i + 1] = static_cast<std::uint32_t>(bytes >> 32);
    }
    return digest;
}

}  // namespace memring
