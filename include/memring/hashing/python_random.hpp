#pragma once
// The random numbers of CPython 2.7, bit for bit, for mappings that were built with them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace memring {

/// The hash of a byte string in 64-bit CPython 2.7 without hash randomisation.
[[nodiscard]] constexpr std::uint64_t python2_string_hash(std::string_view text) noexcept {
    if (text.empty()) return 0;
    std::uint64_t hash = std::uint64_t{static_cast<unsigned char>(text.front())} << 7;
    for (const char c : text) hash = (hash * 1000003) ^ static_cast<unsigned char>(c);
    hash ^= text.size();
    // -1 is CPython's mark of an error.
    return hash == ~std::uint64_t{0} ? ~std::uint64_t{1} : hash;
}

/// The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998) seeded with an array of words:
/// their `init_by_array` of 2002, which no constructor of `std::mt19937` does.
class mersenne_twister {
public:
    /// Precondition: 1 to 624 words.
    explicit constexpr mersenne_twister(std::span<const std::uint32_t> seed) noexcept;

    /// The next 32 random bits.
    [[nodiscard]] constexpr std::uint32_t operator()() noexcept {
        if (x_next == size) refill();
        std::uint32_t word = x_state[x_next++];
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c5680;
        word ^= (word << 15) & 0xefc60000;
        return word ^ (word >> 18);
    }

private:
    static constexpr std::size_t size = 624;

    constexpr void refill() noexcept {
        for (std::size_t i = 0; i < size; ++i) {
            const std::uint32_t following = x_state[(i + 1) % size];
            const std::uint32_t joined = (x_state[i] & 0x80000000) | (following & 0x7fffffff);
            x_state[i] = x_state[(i + 397) % size] ^ (joined >> 1) ^
                         ((following & 1) != 0 ? 0x9908b0dfU : 0U);
        }
        x_next = 0;
    }

    // One stirring step: moves on to word `i` and returns the mixed word before it.
    constexpr std::uint32_t stir(std::size_t& i, std::uint32_t factor) noexcept {
        if (++i == size) {
            x_state[0] = x_state[size - 1];
            i = 1;
        }
        return x_state[i] ^ ((x_state[i - 1] ^ (x_state[i - 1] >> 30)) * factor);
    }

    std::array<std::uint32_t, size> x_state{};
    std::size_t x_next = size;
};

constexpr mersenne_twister::mersenne_twister(std::span<const std::uint32_t> seed) noexcept {
    x_state[0] = 19650218;
    for (std::uint32_t i = 1; i < size; ++i) {
        x_state[i] = 1812433253 * (x_state[i - 1] ^ (x_state[i - 1] >> 30)) + i;
    }
    std::size_t i = 0;
    for (std::size_t step = 0; step < size; ++step) {
        const std::size_t j = step % seed.size();
        const std::uint32_t mixed = stir(i, 1664525);
        x_state[i] = mixed + seed[j] + static_cast<std::uint32_t>(j);
    }
    for (std::size_t step = 1; step < size; ++step) {
        const std::uint32_t mixed = stir(i, 1566083941);
        x_state[i] = mixed - static_cast<std::uint32_t>(i);
    }
    x_state[0] = 0x80000000;
}

/// The stream of `random.Random(text)` in 64-bit CPython 2.7 for a byte string.
class python2_random {
public:
    explicit constexpr python2_random(std::string_view text) noexcept
        : python2_random(python2_string_hash(text)) {}

    /// The next 32 random bits: `getrandbits(32)`.
    [[nodiscard]] constexpr std::uint32_t next_word() noexcept { return x_words(); }

    /// The next `random.random()`: at least 0, below 1, 53 bits.
    [[nodiscard]] constexpr double next_double() noexcept {
        const std::uint64_t high = x_words() >> 5;
        const std::uint64_t low = x_words() >> 6;
        return static_cast<double>(high << 26 | low) / 9007199254740992.0;
    }

    /// The next `random.randrange(limit)`. Precondition: `limit` is 1 to 2^31.
    [[nodiscard]] constexpr std::uint32_t next_below(std::uint32_t limit) noexcept {
        return static_cast<std::uint32_t>(next_double() * limit);
    }

private:
    // The hash counts as an unsigned number, cut into words from the low end, no leading zeros.
    explicit constexpr python2_random(std::uint64_t hash) noexcept
        : x_words(std::span<const std::uint32_t>(std::array{static_cast<std::uint32_t>(hash),
                                                            static_cast<std::uint32_t>(hash >> 32)})
                      .first(hash >> 32 == 0 ? 1 : 2)) {}

    mersenne_twister x_words;
};

}  // namespace memring
