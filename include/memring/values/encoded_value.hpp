#pragma once
// A value as it is stored: what a dialect makes of one, and what functions that make values may
// return.

#include <cstdint>
#include <string>

namespace memring {

/// A value ready to be stored.
struct encoded_value {
    std::string bytes;
    std::uint32_t flags = 0;  ///< the client flags to store with it

    friend bool operator==(const encoded_value&, const encoded_value&) = default;
};

}  // namespace memring
