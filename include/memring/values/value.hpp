#pragma once
// What a stored value may turn out to be, as types: a number, text, bytes, or something of another
// language that is handed on as it is. Nothing here reads or writes bytes.

#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include <memring/values/encoded_value.hpp>

namespace memring {

/// Bytes that are no text: Python's `bytes`, as opposed to its `str`.
struct bytes {
    // No aggregate, so that it can be written in a co_await: GCC 12 destroys those twice there.
    bytes() = default;
    explicit bytes(std::string stored) noexcept : data(std::move(stored)) {}

    std::string data;

    friend bool operator==(const bytes&, const bytes&) = default;
    friend auto operator<=>(const bytes&, const bytes&) = default;
};

/// What a `foreign_value` is, as its flags say; its bytes are not looked into further.
enum class foreign_format {
    python_pickle,   ///< a pickled Python object
    php_serialized,  ///< PHP's serialize()
    igbinary,        ///< PHP's igbinary serialiser
    json,            ///< PHP's json_encode()
    msgpack,         ///< PHP's msgpack serialiser
    big_integer,     ///< decimal digits of an integer that takes over 64 bits
    compressed,      ///< compressed in a way that the reader was not told to undo
    unknown          ///< flags that the dialect does not know
};

[[nodiscard]] constexpr const char* to_string(foreign_format format) noexcept {
    switch (format) {
        case foreign_format::python_pickle: return "python pickle";
        case foreign_format::php_serialized: return "php serialized";
        case foreign_format::igbinary: return "igbinary";
        case foreign_format::json: return "json";
        case foreign_format::msgpack: return "msgpack";
        case foreign_format::big_integer: return "big integer";
        case foreign_format::compressed: return "compressed";
        case foreign_format::unknown: return "unknown";
    }
    return "unknown";
}

/// What is known to be there but is not read. `bytes` and `flags` are as stored, after
/// decompression if the value was compressed.
struct foreign_value {
    foreign_value() = default;
    foreign_value(foreign_format what, std::string stored, std::uint32_t stored_flags) noexcept
        : format(what), bytes(std::move(stored)), flags(stored_flags) {}

    foreign_format format = foreign_format::unknown;
    std::string bytes;
    std::uint32_t flags = 0;

    friend bool operator==(const foreign_value&, const foreign_value&) = default;
};

/// Whatever is there, for readers that cannot know. `std::monostate` is None or null; an integer is
/// a `std::int64_t` whenever it fits; `std::string` is text.
using value = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
                           bytes, foreign_value>;

}  // namespace memring
