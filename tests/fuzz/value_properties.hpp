#pragma once
// What must hold for every stored value and every set of flags, in every dialect and through every
// decompression, whoever makes the input: the fuzzer, or the deterministic test that runs with the
// others. A broken property throws.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include <memring/error.hpp>
#include <memring/values/compression.hpp>
#include <memring/values/dialect/native.hpp>
#include <memring/values/dialect/php.hpp>
#include <memring/values/dialect/python.hpp>
#include <memring/values/fastlz.hpp>
#include <memring/values/value.hpp>
#include <memring/values/zlib.hpp>
#include <memring/values/zstd.hpp>

namespace memring::fuzz {

inline constexpr std::size_t size_limit = 4096;

inline void require_value(bool holds, const char* property) {
    if (!holds) throw std::logic_error(property);
}

[[nodiscard]] inline bool is_same_value(const value& a, const value& b) {
    const auto* const left = std::get_if<double>(&a);
    const auto* const right = std::get_if<double>(&b);
    if (left != nullptr && right != nullptr && std::isnan(*left)) return std::isnan(*right);
    return a == b;
}

[[nodiscard]] inline std::size_t size_of(const value& v) {
    if (const auto* const text = std::get_if<std::string>(&v)) return text->size();
    if (const auto* const data = std::get_if<bytes>(&v)) return data->data.size();
    if (const auto* const foreign = std::get_if<foreign_value>(&v)) return foreign->bytes.size();
    return 0;
}

/// A typed read succeeds exactly if the value is such a value, and is equal to it.
template <class T, class Held, class Dialect>
void check_typed(const Dialect& dialect, std::string_view stored, std::uint32_t flags,
                 const value& whole) {
    const auto typed = dialect.template decode<T>(stored, flags);
    const auto* const held = std::get_if<Held>(&whole);
    if (held == nullptr) return;
    require_value(!typed.error, "a value is readable as its own type");
    require_value(is_same_value(value(typed.value), whole), "a typed read gives the same value");
}

template <class Dialect>
void check_reading(const Dialect& dialect, std::string_view stored, std::uint32_t flags) {
    const auto read = dialect.template decode<value>(stored, flags);
    require_value(
        is_same_value(read.value, dialect.template decode<value>(std::string(stored), flags).value),
        "a string that may be taken reads the same");
    if (read.error) {
        require_value(read.error == errc::malformed_value || read.error == errc::value_too_large,
                      "a value that is not read is malformed or too large");
        require_value(read.value == value(), "an error comes with no value");
        require_value(static_cast<bool>(dialect.template decode<std::string>(stored, flags).error),
                      "what cannot be read is not read as text either");
        return;
    }
    require_value(size_of(read.value) <= std::max(size_limit, stored.size()),
                  "no value is larger than the limit and what is stored");
    check_typed<bool, bool>(dialect, stored, flags, read.value);
    check_typed<std::int64_t, std::int64_t>(dialect, stored, flags, read.value);
    check_typed<std::uint64_t, std::uint64_t>(dialect, stored, flags, read.value);
    check_typed<double, double>(dialect, stored, flags, read.value);
    check_typed<std::string, std::string>(dialect, stored, flags, read.value);
    check_typed<bytes, bytes>(dialect, stored, flags, read.value);
    // the native dialect leaves flags it does not know to the codec that is asked
    const auto* const foreign = std::get_if<foreign_value>(&read.value);
    if (foreign != nullptr && foreign->format != foreign_format::unknown) {
        require_value(
            dialect.template decode<std::string>(stored, flags).error == errc::foreign_value,
            "a foreign value is no text");
    }
    const auto written = dialect.encode(read.value);
    if (written.error) {
        require_value(written.error == errc::unsupported,
                      "what was read is written or does not exist in the dialect");
        return;
    }
    const auto again = dialect.template decode<value>(written.value.bytes, written.value.flags);
    require_value(!again.error, "what was written is read");
    // a bool that was pickled is an integer once it is written as pylibmc does
    const auto* const b = std::get_if<bool>(&read.value);
    const bool is_integer_now = b != nullptr && again.value == value(std::int64_t{*b});
    require_value(is_integer_now || is_same_value(again.value, read.value),
                  "what was read is written the same");
}

/// Text and numbers made of the input, through `dialect` and back.
template <class Dialect>
void check_there_and_back(const Dialect& dialect, std::string_view input) {
    const bytes data{std::string(input)};
    const auto stored = dialect.encode(data);
    require_value(!stored.error, "bytes are always written");
    const auto read = dialect.template decode<bytes>(stored.value.bytes, stored.value.flags);
    if (input.size() <= size_limit) {
        require_value(!read.error && read.value == data, "bytes come back");
    }
    std::uint64_t bits = 0;
    for (const char c : input.substr(0, 8)) bits = bits << 8 | static_cast<unsigned char>(c);
    const auto number = static_cast<std::int64_t>(bits);
    const auto digits = dialect.encode(number);
    require_value(
        dialect.template decode<std::int64_t>(digits.value.bytes, digits.value.flags).value ==
            number,
        "integers come back");
    const double real = std::ldexp(static_cast<double>(number), -40);
    const auto real_stored = dialect.encode(real);
    require_value(
        dialect.template decode<double>(real_stored.value.bytes, real_stored.value.flags).value ==
            real,
        "doubles come back");
}

template <class Algorithm>
void check_decompression(const Algorithm& algorithm, std::string_view stored) {
    std::string opened;
    const auto error = algorithm.decompress(stored, size_limit, opened);
    if (error) {
        require_value(error == errc::malformed_value || error == errc::value_too_large,
                      "what cannot be decompressed is malformed or too large");
        return;
    }
    require_value(opened.size() <= size_limit, "the limit holds");
    std::string exact;
    require_value(!algorithm.decompress(stored, opened.size(), exact) && exact == opened,
                  "a limit of just its size is enough");
    if (!opened.empty()) {
        require_value(
            algorithm.decompress(stored, opened.size() - 1, exact) == errc::value_too_large,
            "one byte less is not");
    }
}

template <compressor Algorithm>
void check_compression(const Algorithm& algorithm, std::string_view plain) {
    std::string small;
    std::string opened;
    require_value(!algorithm.compress(plain, small), "anything is compressed");
    require_value(!algorithm.decompress(small, plain.size(), opened) && opened == plain,
                  "what was compressed comes back");
}

/// All properties for one input: a byte that picks the dialect, four of flags, the stored value.
inline void check_values(std::string_view input) {
    constexpr std::size_t head = 5;
    if (input.size() < head) return;
    const auto chosen = static_cast<unsigned char>(input.front());
    std::uint32_t flags = 0;
    for (std::size_t i = 1; i != head; ++i) {
        flags = flags << 8 | static_cast<unsigned char>(input[i]);
    }
    input.remove_prefix(head);
    const compression_options options{.threshold = 16, .size_limit = size_limit};
    const auto check = [&](const auto& dialect) {
        check_reading(dialect, input, flags);
        check_there_and_back(dialect, input);
    };
    switch (chosen % 8) {
        case 0: check(dialect::native()); break;
        case 1: check(dialect::pylibmc()); break;
        case 2: check(dialect::pymemcache()); break;
        case 3: check(dialect::php_memcached()); break;
        case 4: check(compressed<dialect::native, zstd_values, zlib_values>(options)); break;
        case 5: check(compressed<dialect::pylibmc, zlib_values>(options)); break;
        case 6:
            check(compressed<dialect::php_memcached, zlib_values, fastlz_values>(options));
            break;
        default:
            check_decompression(fastlz_values(), input);
            check_decompression(zlib_values(), input);
            check_decompression(zstd_values(), input);
            check_compression(zlib_values(), input);
            check_compression(zstd_values(), input);
            break;
    }
}

}  // namespace memring::fuzz
