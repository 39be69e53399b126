#pragma once
// Compression by zlib (RFC 1950). The only header that includes <zlib.h>: link zlib where it is
// used, in CMake ZLIB::ZLIB.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include <zlib.h>

#include <memring/error.hpp>
#include <memring/values/compression.hpp>

namespace memring {

/// zlib for `compressed`. Thread-safety: none needed, each call has a stream of its own.
struct zlib_values {
    static constexpr auto format = compression_format::zlib;

    int level = Z_DEFAULT_COMPRESSION;  ///< 0 (none) to 9 (smallest), or zlib's default

    /// `std::errc::invalid_argument` for another level.
    std::error_code compress(std::string_view plain, std::string& out) const;
    std::error_code decompress(std::string_view stored, std::size_t limit, std::string& out) const;
};

namespace value_detail {

/// An inflating stream that is ended whatever happens.
class inflater {
public:
    inflater() noexcept : x_is_ready(::inflateInit(&x_stream) == Z_OK) {}
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;
    ~inflater() {
        if (x_is_ready) ::inflateEnd(&x_stream);
    }

    [[nodiscard]] bool is_ready() const noexcept { return x_is_ready; }

    void read_from(std::string_view stored) noexcept {
        // zlib takes no const pointer unless ZLIB_CONST is defined, and writes nothing there.
        x_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stored.data()));
        x_stream.avail_in = static_cast<uInt>(stored.size());
    }

    /// Inflates into `out` from `done` on; zlib's result.
    int fill(std::string& out, std::size_t& done) noexcept {
        x_stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
        x_stream.avail_out = static_cast<uInt>(out.size() - done);
        const int result = ::inflate(&x_stream, Z_NO_FLUSH);
        done = out.size() - x_stream.avail_out;
        return result;
    }

    [[nodiscard]] std::size_t unread() const noexcept { return x_stream.avail_in; }

private:
    z_stream x_stream{};
    bool x_is_ready;
};

}  // namespace value_detail

inline std::error_code zlib_values::compress(std::string_view plain, std::string& out) const {
    uLongf size = ::compressBound(static_cast<uLong>(plain.size()));
    out.resize(size);
    const int result = ::compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                                   reinterpret_cast<const Bytef*>(plain.data()),
                                   static_cast<uLong>(plain.size()), level);
    if (result == Z_STREAM_ERROR) return std::make_error_code(std::errc::invalid_argument);
    if (result != Z_OK) return std::make_error_code(std::errc::not_enough_memory);
    out.resize(size);
    return {};
}

inline std::error_code zlib_values::decompress(std::string_view stored, std::size_t limit,
                                               std::string& out) const {
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    if (stored.size() > most) return errc::value_too_large;
    value_detail::inflater stream;
    if (!stream.is_ready()) return std::make_error_code(std::errc::not_enough_memory);
    stream.read_from(stored);
    // One byte over the limit tells a value that ends there from one that does not.
    const std::size_t largest = std::min(limit, most - 1) + 1;
    std::size_t done = 0;
    int result = Z_OK;
    out.resize(std::min(largest, std::max<std::size_t>(256, stored.size() * 3)));
    while ((result = stream.fill(out, done)) == Z_OK && done < largest) {
        if (done == out.size())
            out.resize(std::min(largest, done * 2));
        else if (stream.unread() == 0)
            break;  // cut off
    }
    out.resize(done);
    if (done > limit) return errc::value_too_large;
    if (result == Z_MEM_ERROR) return std::make_error_code(std::errc::not_enough_memory);
    if (result != Z_STREAM_END || stream.unread() != 0) return errc::malformed_value;
    return {};
}

static_assert(compressor<zlib_values>);

}  // namespace memring
