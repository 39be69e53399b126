#pragma once
// MD5 of a group of texts side by side. One MD5 is a chain of 64 steps that wait for each other;
// many of them fit into the vector registers of a machine and take little more time than one.
// Written with the vector types of GCC and Clang: the same text makes code for any width.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include <memring/hashing/digest/md5.hpp>

namespace memring::detail {

/// How many blocks a text of `size` bytes makes, with the end mark and the length.
[[nodiscard]] constexpr std::size_t md5_block_count(std::size_t size) noexcept {
    return (size + 8) / md5_block_size + 1;
}

/// Copies `size` bytes, below 64, in pieces of fixed size that overlap where they must: a `memcpy`
/// of any length is a call full of jumps that nobody foresees for keys of any length.
inline void md5_copy(char* to, const char* from, std::size_t size) noexcept {
    if (size >= 16) {
        const std::size_t last = size - 16;
        for (const std::size_t place : {std::size_t{0}, std::min<std::size_t>(last, 16),
                                        std::min<std::size_t>(last, 32), last}) {
            std::memcpy(to + place, from + place, 16);
        }
    } else if (size >= 4) {
        const std::size_t last = size - 4;
        for (const std::size_t place : {std::size_t{0}, std::min<std::size_t>(last, 4),
                                        std::min<std::size_t>(last, 8), last}) {
            std::memcpy(to + place, from + place, 4);
        }
    } else {
        for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
    }
}

/// Writes block `number` of a text into 64 bytes of zeros.
inline void md5_write_block(std::string_view text, std::size_t number, char* to) noexcept {
    const std::size_t from = number * md5_block_size;
    if (text.size() >= from + md5_block_size) {
        std::memcpy(to, text.data() + from, md5_block_size);
        return;
    }
    const bool is_last = number + 1 == md5_block_count(text.size());
    const std::uint64_t bits = is_last ? std::uint64_t{text.size()} * 8 : 0;
    std::memcpy(to + md5_max_tail + 1, &bits, sizeof bits);
    if (from > text.size()) return;  // the end mark found room in the block before
    const std::size_t tail = text.size() - from;
    md5_copy(to, text.data() + from, tail);
    to[tail] = static_cast<char>(0x80);
}

/// Sixteen words of four texts, as wide as any machine's vectors are.
using md5_quad = std::uint32_t __attribute__((vector_size(16)));

/// Four times four words, turned: `rows[i]` has word i of the texts `blocks` begins with.
[[gnu::always_inline]] inline void md5_transpose(const char* blocks, md5_quad (&rows)[4]) noexcept {
    md5_quad a, b, c, d;
    std::memcpy(&a, blocks, sizeof a);
    std::memcpy(&b, blocks + md5_block_size, sizeof b);
    std::memcpy(&c, blocks + 2 * md5_block_size, sizeof c);
    std::memcpy(&d, blocks + 3 * md5_block_size, sizeof d);
    const md5_quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const md5_quad ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const md5_quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const md5_quad cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    rows[0] = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    rows[1] = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    rows[2] = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    rows[3] = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/// The MD5 of as many texts as `Count` vectors have lanes. More than one vector, because the steps
/// of one leave the machine idle while they wait. Everything is inlined into a function that says
/// which instructions it may use, and no vector is passed by value: that would depend on them.
template <class Vector, std::size_t Count>
struct md5_group {
    static constexpr std::size_t lanes = Count * sizeof(Vector) / sizeof(std::uint32_t);

    using state = std::array<Vector, 4>;
    using words = std::array<Vector, 16>;

    /// `texts` are `lanes` texts, the one with the most blocks first; `digests` has room for 4
    /// times `lanes` words, the first words of all texts, then the second, and so on.
    [[gnu::always_inline]] static void hash(const std::string_view* texts,
                                            std::uint32_t* digests) noexcept {
        state now[Count];
        for (auto& one : now) {
            for (std::size_t j = 0; j < 4; ++j) one[j] = Vector{} + md5_start[j];
        }
        const std::size_t blocks = md5_block_count(texts[0].size());
        for (std::size_t number = 0; number < blocks; ++number) {
            words input[Count];
            load(texts, number, input);
            state next[Count];
            std::copy(now, now + Count, next);
            rounds(next, input);
            keep(texts, number, next, now);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            for (std::size_t i = 0; i < Count; ++i) {
                std::memcpy(digests + j * lanes + i * lanes / Count, &now[i][j], sizeof(Vector));
            }
        }
    }

private:
    [[gnu::always_inline]] static void load(const std::string_view* texts, std::size_t number,
                                            words* input) noexcept {
        alignas(64) char blocks[lanes * md5_block_size] = {};
        for (std::size_t i = 0; i < lanes; ++i) {
            if (number < md5_block_count(texts[i].size())) {
                md5_write_block(texts[i], number, blocks + i * md5_block_size);
            }
        }
        for (std::size_t lane = 0; lane < lanes; lane += 4) {
            words& target = input[lane / (lanes / Count)];
            const std::size_t place = lane % (lanes / Count);
            for (std::size_t j = 0; j < 16; j += 4) {
                md5_quad rows[4];
                md5_transpose(blocks + lane * md5_block_size + j * sizeof(std::uint32_t), rows);
                for (std::size_t k = 0; k < 4; ++k) {
                    std::memcpy(reinterpret_cast<std::uint32_t*>(&target[j + k]) + place, &rows[k],
                                sizeof rows[k]);
                }
            }
        }
    }

    template <int Round, std::size_t... I>
    [[gnu::always_inline]] static void round(state* next, const words* input,
                                             const std::uint32_t* sines,
                                             std::index_sequence<I...>) noexcept {
        (md5_four_steps<Round, 0>(next[I], input[I], sines), ...);
        (md5_four_steps<Round, 4>(next[I], input[I], sines), ...);
        (md5_four_steps<Round, 8>(next[I], input[I], sines), ...);
        (md5_four_steps<Round, 12>(next[I], input[I], sines), ...);
    }

    [[gnu::always_inline]] static void rounds(state* next, const words* input) noexcept {
        const std::uint32_t* sines = md5_sines.data();
        // A vector of one number in all lanes is best loaded as such. GCC, knowing the number,
        // makes it in a register, with instructions that stand in the way of others.
        if constexpr (sizeof(Vector) > sizeof(md5_quad)) asm("" : "+r"(sines));
        constexpr std::make_index_sequence<Count> each;
        round<0>(next, input, sines, each);
        round<1>(next, input, sines, each);
        round<2>(next, input, sines, each);
        round<3>(next, input, sines, each);
    }

    /// Adds what the rounds made to the state of the texts that have a block of this number.
    [[gnu::always_inline]] static void keep(const std::string_view* texts, std::size_t number,
                                            const state* next, state* now) noexcept {
        std::uint32_t has_block[lanes];
        for (std::size_t i = 0; i < lanes; ++i) {
            has_block[i] = number < md5_block_count(texts[i].size()) ? 0xffffffff : 0;
        }
        for (std::size_t i = 0; i < Count; ++i) {
            Vector mask;
            std::memcpy(&mask, has_block + i * lanes / Count, sizeof mask);
            for (std::size_t j = 0; j < 4; ++j) now[i][j] = now[i][j] + (next[i][j] & mask);
        }
    }
};

}  // namespace memring::detail
