#include "key_lines.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <memring/key.hpp>

#include "usage_error.hpp"

namespace memring::tool {

namespace {

constexpr std::size_t block_size = std::size_t{1} << 20;

}  // namespace

std::string complaint_about_key(std::string_view key) {
    if (is_valid_key(key)) return {};
    if (key.empty()) return "is empty";
    if (key.size() > max_key_size) return fmt::format("is longer than {} bytes", max_key_size);
    const char* const bad = std::ranges::find_if(key.data(), key.data() + key.size(), [](char c) {
        return !is_valid_key({&c, 1});
    });
    if (*bad == ' ') return "has a blank in it";
    return fmt::format("has the control byte 0x{:02x} in it", static_cast<unsigned char>(*bad));
}

key_lines::key_lines(int handle, std::string name)
    : x_handle(handle), x_name(std::move(name)), x_block(block_size) {}

bool key_lines::next(std::vector<std::string_view>& keys) {
    keys.clear();
    while (keys.empty()) {
        if (!x_complaint.empty()) {
            throw usage_error(fmt::format("{}:{}: the key {}", x_name, x_line, x_complaint));
        }
        if (x_is_over) return false;
        if (!read_more()) {
            x_is_over = true;
            const std::string_view rest(x_block.data() + x_begin, x_end - x_begin);
            if (!rest.empty()) (void)take_line(rest, keys);
            continue;
        }
        const char* const data = x_block.data();
        while (const void* newline = std::memchr(data + x_begin, '\n', x_end - x_begin)) {
            const auto end = static_cast<std::size_t>(static_cast<const char*>(newline) - data);
            const std::string_view line(data + x_begin, end - x_begin);
            x_begin = end + 1;
            if (!take_line(line, keys)) break;
        }
        // A line may be as long as it likes, the block is not.
        const std::string_view rest(data + x_begin, x_end - x_begin);
        if (x_complaint.empty() && rest.size() > max_key_size) (void)take_line(rest, keys);
    }
    return true;
}

// False at the end of the file.
bool key_lines::read_more() {
    // What is left of the last block is the beginning of a line.
    std::memmove(x_block.data(), x_block.data() + x_begin, x_end - x_begin);
    x_end -= x_begin;
    x_begin = 0;
    ::ssize_t count = 0;
    do {
        count = ::read(x_handle, x_block.data() + x_end, x_block.size() - x_end);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        throw std::system_error(errno, std::generic_category(), "cannot read " + x_name);
    }
    x_end += static_cast<std::size_t>(count);
    x_bytes_read += static_cast<std::uint64_t>(count);
    return count > 0;
}

bool key_lines::take_line(std::string_view line, std::vector<std::string_view>& keys) {
    ++x_line;
    x_complaint = complaint_about_key(line);
    if (!x_complaint.empty()) return false;
    keys.push_back(line);
    return true;
}

}  // namespace memring::tool
