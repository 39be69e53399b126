#pragma once
// Jump consistent hash of eight keys side by side. One key is a chain of steps that wait for each
// other and end when nobody foresees it; eight share the waiting and, mostly, the end. For GCC
// from 12 on and Clang, whose vector types make code for any width from one text.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include <memring/hashing/detail/cpu_features.hpp>

namespace memring::detail {

inline constexpr std::size_t jump_lanes = 8;

/// A vector of 16 bytes, in three meanings.
struct jump_plain_vectors {
    using keys = std::uint64_t __attribute__((vector_size(16)));
    using reals = double __attribute__((vector_size(16)));
    using counts = std::int32_t __attribute__((vector_size(8)));
};

struct jump_wide_vectors {
    using keys = std::uint64_t __attribute__((vector_size(32)));
    using reals = double __attribute__((vector_size(32)));
    using counts = std::int32_t __attribute__((vector_size(16)));
};

/// Everything is inlined into a function that says which instructions it may use, and no vector is
/// passed by value: that would depend on them.
template <class Vectors>
class jump_group {
public:
    static constexpr std::size_t lanes = jump_lanes;

    /// Writes the buckets of `lanes` keys: for each what `jump_consistent_hash` gives, bit by bit
    /// by the same arithmetic. Precondition: `1 <= buckets < 2^31`.
    [[gnu::always_inline]] static void hash(const std::uint64_t* in, std::uint32_t buckets,
                                            std::uint32_t* out) noexcept {
        constexpr std::make_index_sequence<lanes / width> each;
        part parts[lanes / width];
        for (std::size_t i = 0; i < lanes / width; ++i) parts[i].begin(in + i * width);
        while (step(parts, static_cast<double>(buckets), each)) {
        }
        for (std::size_t i = 0; i < lanes / width; ++i) parts[i].write(out + i * width);
    }

private:
    using keys = typename Vectors::keys;
    using reals = typename Vectors::reals;
    using counts = typename Vectors::counts;

    static constexpr std::size_t width = sizeof(keys) / sizeof(std::uint64_t);

    struct part {
        keys key;
        keys jumping;  ///< all bits of a lane that has not jumped past the last bucket
        reals after;   ///< the bucket reached, plus 1

        [[gnu::always_inline]] void begin(const std::uint64_t* in) noexcept {
            std::memcpy(&key, in, sizeof key);
            jumping = ~keys{};
            after = reals{} + 1.0;
        }

        [[gnu::always_inline]] void step(double buckets) noexcept {
            key = key * 2862933555777941757U + 1;
            // These bits under those of 2^52 are a number of that size: no conversion is needed.
            const keys sized = key >> 33 | 0x4330000000000000U;
            const reals divisor = reinterpret_cast<reals>(sized) - (4503599627370496.0 - 1.0);
            const reals next = after * (2147483648.0 / divisor);
            jumping = jumping & reinterpret_cast<keys>(next < buckets);
            const keys landed = reinterpret_cast<keys>(next) & jumping;
            reals whole;
            truncate(landed, whole);
            whole = whole + 1.0;
            // A lane still under way only grows; one that has ended lands on 0.
            after = after > whole ? after : whole;
        }

        [[gnu::always_inline]] void write(std::uint32_t* out) const noexcept {
            const counts owners = __builtin_convertvector(after - 1.0, counts);
            std::memcpy(out, &owners, sizeof owners);
        }
    };

    /// The whole part of numbers given as their bits, below 2^31.
    [[gnu::always_inline]] static void truncate(const keys& bits, reals& whole) noexcept {
        if constexpr (width == 2) {
            whole = __builtin_convertvector(
                __builtin_convertvector(reinterpret_cast<reals>(bits), counts), reals);
        } else {
            // Drops the bits behind the point: 6.0 ns instead of 7.4 for a key and 40 buckets, as
            // GCC 12 takes wide conversions apart. The 63 only matters to 0, which stays 0.
            const keys cut = ~keys{} << ((1075 - (bits >> 52)) & 63);
            whole = reinterpret_cast<reals>(bits & cut);
        }
    }

    /// Whether any lane has still to jump.
    template <std::size_t... I>
    [[gnu::always_inline]] [[nodiscard]] static bool step(part* parts, double buckets,
                                                          std::index_sequence<I...>) noexcept {
        (parts[I].step(buckets), ...);
        const keys some = (parts[I].jumping | ...);
        std::uint64_t any = 0;
        for (std::size_t lane = 0; lane < width; ++lane) any |= some[lane];
        return any != 0;
    }
};

/// `jump_consistent_hash` of one key, in a tenth less time: a number that stays in the vector
/// registers between its conversions has a shorter way. Both lanes do the same. Precondition:
/// `1 <= buckets < 2^31`.
[[nodiscard]] inline std::uint32_t jump_alone(std::uint64_t key, std::uint32_t buckets) noexcept {
    using reals = jump_plain_vectors::reals;
    using counts = jump_plain_vectors::counts;
    const double end = buckets;
    counts after{1, 1};
    while (true) {
        key = key * 2862933555777941757U + 1;
        const double stretch = 2147483648.0 / static_cast<double>((key >> 33) + 1);
        const reals next = __builtin_convertvector(after, reals) * stretch;
        if (next[0] >= end) return static_cast<std::uint32_t>(after[0] - 1);
        after = __builtin_convertvector(next, counts) + 1;
    }
}

inline void jump_plain(const std::uint64_t* keys, std::uint32_t buckets,
                       std::uint32_t* out) noexcept {
    jump_group<jump_plain_vectors>::hash(keys, buckets, out);
}

#ifdef __x86_64__
[[gnu::target("avx2")]] inline void jump_avx2(const std::uint64_t* keys, std::uint32_t buckets,
                                              std::uint32_t* out) noexcept {
    jump_group<jump_wide_vectors>::hash(keys, buckets, out);
}
#endif

using jump_engine = void (*)(const std::uint64_t* keys, std::uint32_t buckets,
                             std::uint32_t* out) noexcept;

/// Nanoseconds for a key and 40 buckets where one by one takes 22: SSE2 9.4, AVX2 6.0. With AVX-512
/// it would be 5.
[[nodiscard]] inline jump_engine jump_best_engine() noexcept {
#ifdef __x86_64__
    if (has_avx2()) return &jump_avx2;
#endif
    return &jump_plain;
}

/// Writes the buckets of the first keys, as many as are worth a group, and returns how many.
inline std::size_t jump_in_groups(std::span<const std::uint64_t> keys, std::uint32_t buckets,
                                  std::span<std::uint32_t> out) noexcept {
    if (buckets > 0x7fffffff) return 0;
    const jump_engine engine = jump_best_engine();
    std::size_t done = 0;
    for (; keys.size() - done >= jump_lanes; done += jump_lanes) {
        engine(keys.data() + done, buckets, out.data() + done);
    }
    if (keys.size() - done < jump_lanes / 2) return done;
    std::array<std::uint64_t, jump_lanes> last{};
    std::array<std::uint32_t, jump_lanes> owners;
    std::copy(keys.begin() + static_cast<std::ptrdiff_t>(done), keys.end(), last.begin());
    engine(last.data(), buckets, owners.data());
    std::copy_n(owners.begin(), keys.size() - done, out.data() + done);
    return keys.size();
}

}  // namespace memring::detail
