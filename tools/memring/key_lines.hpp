#pragma once
// Keys from a file or a pipe, one a line, read in big blocks.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace memring::tool {

/// What is wrong with `key` as a key of memcached, or nothing: "is longer than 250 bytes".
[[nodiscard]] std::string complaint_about_key(std::string_view key);

/// Cuts what an open file gives into keys and checks them. A last line without its newline counts.
class key_lines {
public:
    /// `handle` stays the caller's. `name` is what errors call the file.
    key_lines(int handle, std::string name);

    /// Replaces `keys` by those of the next block, which live until the next call; false at the
    /// end. A malformed line throws `usage_error` with its number, but only by the call after the
    /// one that gave the keys before it. Throws `std::system_error` when reading fails.
    [[nodiscard]] bool next(std::vector<std::string_view>& keys);

    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return x_bytes_read; }

private:
    [[nodiscard]] bool read_more();
    [[nodiscard]] bool take_line(std::string_view line, std::vector<std::string_view>& keys);

    int x_handle;
    std::string x_name;
    std::vector<char> x_block;
    std::size_t x_begin = 0;  // of what is not cut yet
    std::size_t x_end = 0;
    std::uint64_t x_line = 0;
    std::uint64_t x_bytes_read = 0;
    std::string x_complaint;
    bool x_is_over = false;
};

}  // namespace memring::tool
