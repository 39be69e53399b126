#pragma once
// The number by which the SMHasher test suite knows a hash function.

#include <cstddef>
#include <cstdint>
#include <string>

namespace memring {

/// The bytes of a number, the lowest first.
template <class Number>
[[nodiscard]] std::string little_endian(Number number) {
    std::string bytes;
    for (std::size_t i = 0; i < sizeof number; ++i) {
        bytes += static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
    }
    return bytes;
}

/// SMHasher's verification value of `hash(text, seed)`, which returns the bytes of the hash: the
/// texts {}, {0}, {0, 1}, ... are hashed with the seeds 256, 255, 254, ..., then all results
/// together with 0. Every length up to 255 bytes counts, and the bytes from 0x80 on do.
template <class Hash>
[[nodiscard]] std::uint32_t smhasher_value(Hash hash) {
    std::string text;
    std::string results;
    for (std::uint32_t i = 0; i < 256; ++i) {
        results += hash(text, 256 - i);
        text += static_cast<char>(static_cast<unsigned char>(i));
    }
    const std::string last = hash(results, 0);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value |= std::uint32_t{static_cast<unsigned char>(last[i])} << (8 * i);
    }
    return value;
}

}  // namespace memring
