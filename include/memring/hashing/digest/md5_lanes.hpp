#pragma once
// MD5 of many texts, several side by side in the vector registers of the machine.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <memring/hashing/digest/md5.hpp>

#if (defined(__clang__) || __GNUC__ >= 12) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <memring/hashing/detail/md5_queue.hpp>
#else
namespace memring::detail {

/// Without the vector types of GCC and Clang: one text after the other.
template <class Take>
void md5_each(std::span<const std::string_view> texts, Take take) noexcept {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const md5_digest digest = md5(texts[i]);
        take(i, digest.data(), std::size_t{1});
    }
}

}  // namespace memring::detail
#endif

namespace memring {

/// Writes the MD5 digest of each text: `out[i] == md5(texts[i])`. Precondition:
/// `out.size() >= texts.size()`. A call with 64 texts or more costs a fourth to an eighth of what
/// `md5` costs for each, by the width of the machine's vectors.
inline void md5_many(std::span<const std::string_view> texts, std::span<md5_digest> out) noexcept {
    detail::md5_each(texts, [&](std::size_t i, const std::uint32_t* words, std::size_t stride) {
        out[i] = {words[0], words[stride], words[2 * stride], words[3 * stride]};
    });
}

/// Writes word 0 of the MD5 digest of each text: `out[i] == md5(texts[i])[0]`. Precondition:
/// `out.size() >= texts.size()`.
inline void md5_first_words(std::span<const std::string_view> texts,
                            std::span<std::uint32_t> out) noexcept {
    detail::md5_each(
        texts, [&](std::size_t i, const std::uint32_t* words, std::size_t) { out[i] = words[0]; });
}

}  // namespace memring
