#pragma once
// The outcome of `memring compare` as people read it.

#include <cstddef>
#include <string>

#include <memring/reshard/diff.hpp>

namespace memring::tool {

struct compared {
    std::string scheme_a;
    std::size_t servers_a;
    std::string scheme_b;
    std::size_t servers_b;
    std::string keys;  ///< where they are from: "of keys.txt"
    bool is_utf8;      ///< whether the chart may use block characters
};

/// A headline, a table and a chart of the servers, in lines of at most 80 columns.
[[nodiscard]] std::string text_of(const change_report& report, const compared& what);

}  // namespace memring::tool
