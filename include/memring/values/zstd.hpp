#pragma once
// Compression by Zstandard (RFC 8878). The only header that includes <zstd.h>: link libzstd where
// it is used.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include <zstd.h>
#include <zstd_errors.h>

#include <memring/error.hpp>
#include <memring/values/compression.hpp>

namespace memring {

/// Zstandard for `compressed`. Thread-safety: none needed, each call has a context of its own.
struct zstd_values {
    static constexpr auto format = compression_format::zstd;

    int level = 3;  ///< 1 (fastest) to 22 (smallest), negative for faster still; default 3

    std::error_code compress(std::string_view plain, std::string& out) const;
    std::error_code decompress(std::string_view stored, std::size_t limit, std::string& out) const;
};

namespace value_detail {

struct zstd_stream_deleter {
    void operator()(ZSTD_DCtx* stream) const noexcept { ::ZSTD_freeDCtx(stream); }
};

// The smallest window that holds `limit` bytes, and the 8 MiB that RFC 8878 asks of every decoder:
// a writer that does not know the size beforehand takes a window larger than its value.
[[nodiscard]] inline int zstd_window_log(std::size_t limit) noexcept {
    constexpr int smallest = 23;
    constexpr int largest = 27;
    int log = smallest;
    while (log < largest && (std::size_t{1} << log) < limit) ++log;
    return log;
}

}  // namespace value_detail

inline std::error_code zstd_values::compress(std::string_view plain, std::string& out) const {
    out.resize(::ZSTD_compressBound(plain.size()));
    const auto size = ::ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), level);
    if (::ZSTD_isError(size) != 0) return std::make_error_code(std::errc::not_enough_memory);
    out.resize(size);
    return {};
}

inline std::error_code zstd_values::decompress(std::string_view stored, std::size_t limit,
                                               std::string& out) const {
    constexpr std::string_view magic = "\x28\xb5\x2f\xfd";  // of a frame that is no skippable one
    out.clear();
    limit = std::min(limit, out.max_size() - 1);
    // A value is one frame: no other one, nor any byte, may follow.
    if (!stored.starts_with(magic) ||
        ::ZSTD_findFrameCompressedSize(stored.data(), stored.size()) != stored.size()) {
        return errc::malformed_value;
    }
    const auto claimed = ::ZSTD_getFrameContentSize(stored.data(), stored.size());
    if (claimed == ZSTD_CONTENTSIZE_ERROR) return errc::malformed_value;
    const bool is_size_known = claimed != ZSTD_CONTENTSIZE_UNKNOWN;
    if (is_size_known && claimed > limit) return errc::value_too_large;
    const std::unique_ptr<ZSTD_DCtx, value_detail::zstd_stream_deleter> stream(::ZSTD_createDCtx());
    if (!stream) return std::make_error_code(std::errc::not_enough_memory);
    ::ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax,
                             value_detail::zstd_window_log(limit));
    ZSTD_inBuffer in{stored.data(), stored.size(), 0};
    std::size_t done = 0;
    std::size_t hint = 1;
    while (hint != 0) {
        if (done == out.size()) {
            if (done > limit) return errc::value_too_large;
            // The claim is not trusted with memory either: growth is by what has been seen.
            out.resize(std::min(limit + 1, std::max<std::size_t>(done * 2, stored.size() * 4)));
        }
        ZSTD_outBuffer piece{out.data() + done, out.size() - done, 0};
        const auto unread = in.pos;
        hint = ::ZSTD_decompressStream(stream.get(), &piece, &in);
        if (::ZSTD_getErrorCode(hint) == ZSTD_error_frameParameter_windowTooLarge) {
            return errc::value_too_large;
        }
        if (::ZSTD_isError(hint) != 0) return errc::malformed_value;
        done += piece.pos;
        if (hint != 0 && piece.pos == 0 && in.pos == unread) return errc::malformed_value;
    }
    out.resize(done);
    if (done > limit) return errc::value_too_large;
    return in.pos == stored.size() ? std::error_code() : make_error_code(errc::malformed_value);
}

static_assert(compressor<zstd_values>);

}  // namespace memring
