#pragma once
// XXH3, 64 bits. The one header of memring that includes <xxhash.h>.

#include <cstdint>
#include <string_view>

// Inlined xxHash: nothing to link, and a short key costs a few instructions. Its own header allows
// this even where the application has included <xxhash.h> in the plain way before.
#ifndef XXH_INLINE_ALL
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

namespace memring {

/// XXH3_64bits of `text` (xxHash 0.8); `seed` 0 is the unseeded function.
[[nodiscard]] inline std::uint64_t xxh3(std::string_view text, std::uint64_t seed = 0) noexcept {
    return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

}  // namespace memring
