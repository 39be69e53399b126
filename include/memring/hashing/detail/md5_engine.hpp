#pragma once
// The widest way to hash texts side by side that the machine has. For GCC from 12 on and Clang.
// Nanoseconds for a text of 16 to 64 bytes among 64 of them (GCC 12, a Xeon of 2023 at 3.8 GHz),
// where one by one takes 85: SSE2 29, AVX2 20, AVX-512 14.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <memring/hashing/detail/cpu_features.hpp>
#include <memring/hashing/detail/md5_group.hpp>

namespace memring::detail {

/// How to hash a group of texts: see `md5_group::hash`.
struct md5_engine {
    std::size_t lanes;
    void (*hash)(const std::string_view* texts, std::uint32_t* digests) noexcept;
};

/// The most lanes any engine has.
inline constexpr std::size_t md5_max_lanes = 32;

/// With what every machine of its kind has: SSE2 on x86-64, NEON on 64-bit ARM.
using md5_plain_group = md5_group<md5_quad, 2>;

inline void md5_hash_plain(const std::string_view* texts, std::uint32_t* digests) noexcept {
    md5_plain_group::hash(texts, digests);
}

inline constexpr md5_engine md5_plain_engine{md5_plain_group::lanes, &md5_hash_plain};

#ifdef __x86_64__

using md5_avx2_vector = std::uint32_t __attribute__((vector_size(32)));
using md5_avx2_group = md5_group<md5_avx2_vector, 2>;

[[gnu::target("avx2")]] inline void md5_hash_avx2(const std::string_view* texts,
                                                  std::uint32_t* digests) noexcept {
    md5_avx2_group::hash(texts, digests);
}

inline constexpr md5_engine md5_avx2_engine{md5_avx2_group::lanes, &md5_hash_avx2};

using md5_avx512_vector = std::uint32_t __attribute__((vector_size(64)));
using md5_avx512_group = md5_group<md5_avx512_vector, 1>;

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] inline void md5_hash_avx512(
    const std::string_view* texts, std::uint32_t* digests) noexcept {
    md5_avx512_group::hash(texts, digests);
}

inline constexpr md5_engine md5_avx512_engine{md5_avx512_group::lanes, &md5_hash_avx512};

#endif

/// The fastest engine of the machine.
[[nodiscard]] inline const md5_engine& md5_best_engine() noexcept {
#ifdef __x86_64__
    if (has_avx512()) return md5_avx512_engine;
    if (has_avx2()) return md5_avx2_engine;
#endif
    return md5_plain_engine;
}

}  // namespace memring::detail
