#pragma once
// Compression over any dialect that has flags for it. The algorithms are in headers of their own
// (zlib.hpp, zstd.hpp, fastlz.hpp); this one knows none of them.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/values/value.hpp>

namespace memring {

enum class compression_format {
    zlib,   ///< RFC 1950
    zstd,   ///< RFC 8878, one frame
    fastlz  ///< FastLZ level 1 or 2, as php-memcached stores it by default
};

/// Undoes a compression. `decompress` replaces `out` by at most `limit` bytes: more is
/// `errc::value_too_large`, and whatever is not exactly one compressed stream
/// `errc::malformed_value`.
template <class C>
concept decompressor = std::copy_constructible<C> &&
    requires(const C& c, std::string_view compressed, std::size_t limit, std::string& out) {
    { C::format } -> std::convertible_to<compression_format>;
    { c.decompress(compressed, limit, out) } -> std::same_as<std::error_code>;
};

/// Compresses, too. An error of `compress` means that the value is stored as it is.
template <class C>
concept compressor = decompressor<C> &&
    requires(const C& c, std::string_view plain, std::string& out) {
    { c.compress(plain, out) } -> std::same_as<std::error_code>;
};

/// Settings of the layer. Thread-safety: read only.
struct compression_options {
    /// Values of more bytes are compressed, and stored so if that makes them smaller. Default 1000.
    std::size_t threshold = 1000;
    /// A value that would decompress to more bytes is `errc::value_too_large`; the longest value
    /// held in memory for the sake of a few bytes from the server. Default 64 MiB.
    std::size_t size_limit = std::size_t{64} << 20;
};

/// A compressed value, taken apart by the dialect that knows its flags.
struct sealed_value {
    compression_format format{};
    std::string_view payload;         ///< what the algorithm made
    std::optional<std::size_t> size;  ///< of the value before compression, where it is stored
    std::uint32_t flags = 0;          ///< those of the value inside
};

/// `Inner`, with values compressed by the first of `Algorithms` and read by any of them.
///
///     using cache_values = memring::compressed<memring::dialect::pylibmc, memring::zlib_values>;
///     memring::typed_client<memring::client<>, cache_values> cache(client);
///
/// A first algorithm that only decompresses leaves new values as they are. A value compressed in
/// another way is a `foreign_value` of `foreign_format::compressed`. Does not compile if the
/// clients that the dialect is named for do not know an algorithm.
template <class Inner, decompressor... Algorithms>
class compressed {
public:
    compressed() = default;
    explicit compressed(const compression_options& options, Inner inner = {})
        : x_options(options), x_inner(std::move(inner)) {}
    /// With settings of the algorithms: `{{}, {}, zlib_values{.level = 9}}`.
    compressed(const compression_options& options, Inner inner, Algorithms... algorithms)
        : x_options(options), x_inner(std::move(inner)), x_algorithms(std::move(algorithms)...) {}

    template <class T>
    [[nodiscard]] outcome<encoded_value> encode(const T& t) const {
        auto encoded = x_inner.encode(t);
        if (!encoded.error && encoded.value.bytes.size() > x_options.threshold) seal(encoded.value);
        return encoded;
    }

    template <class T>
    [[nodiscard]] outcome<T> decode(std::string_view stored, std::uint32_t flags) const {
        const auto sealed = Inner::unseal(stored, flags);
        std::string opened;
        std::error_code error;
        if (!sealed || !open(*sealed, opened, error)) {
            return x_inner.template decode<T>(stored, flags);
        }
        if (error) return {error, T{}};
        return x_inner.template decode<T>(std::move(opened), sealed->flags);
    }
    template <class T, std::same_as<std::string> Owned>
    [[nodiscard]] outcome<T> decode(Owned&& stored, std::uint32_t flags) const {
        if (!Inner::unseal(stored, flags)) {
            return x_inner.template decode<T>(std::move(stored), flags);
        }
        return decode<T>(std::string_view(stored), flags);
    }

private:
    static_assert(sizeof...(Algorithms) > 0 && (Inner::can_seal(Algorithms::format) && ...),
                  "readers of this dialect do not know such a compression");

    using first_algorithm = std::tuple_element_t<0, std::tuple<Algorithms...>>;

    void seal(encoded_value& encoded) const {
        if constexpr (compressor<first_algorithm>) {
            std::string smaller;
            if (std::get<0>(x_algorithms).compress(encoded.bytes, smaller)) return;
            encoded_value sealed{std::move(smaller), encoded.flags};
            Inner::seal(first_algorithm::format, encoded.bytes.size(), sealed);
            // A foreign value may be compressed already: its flags would not come back.
            const auto back = Inner::unseal(sealed.bytes, sealed.flags);
            const bool is_clear = back && back->flags == encoded.flags;
            if (is_clear && sealed.bytes.size() < encoded.bytes.size()) encoded = std::move(sealed);
        }
    }

    // False if there is no algorithm for it.
    bool open(const sealed_value& sealed, std::string& out, std::error_code& error) const {
        const auto open_with = [&](const auto& algorithm) {
            if (algorithm.format != sealed.format) return false;
            error = open_by(algorithm, sealed, out);
            return true;
        };
        return std::apply([&](const auto&... each) { return (open_with(each) || ...); },
                          x_algorithms);
    }

    template <class Algorithm>
    std::error_code open_by(const Algorithm& algorithm, const sealed_value& sealed,
                            std::string& out) const {
        if (!sealed.size) return algorithm.decompress(sealed.payload, x_options.size_limit, out);
        if (*sealed.size > x_options.size_limit) return errc::value_too_large;
        const auto error = algorithm.decompress(sealed.payload, *sealed.size, out);
        // More or less than it says of itself: the limit was its own claim.
        const bool is_other_size =
            error ? error == errc::value_too_large : out.size() != *sealed.size;
        return is_other_size ? make_error_code(errc::malformed_value) : error;
    }

    compression_options x_options;
    [[no_unique_address]] Inner x_inner;
    [[no_unique_address]] std::tuple<Algorithms...> x_algorithms;
};

}  // namespace memring
