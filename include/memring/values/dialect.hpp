#pragma once
// What a value dialect is: the translation between types and the items of one kind of client.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <memring/item.hpp>
#include <memring/values/value.hpp>

namespace memring {

/// Whether `D` writes and reads `T`. `encode` may fail with `errc::unsupported` (no such value in
/// that language) or `malformed_value` (text that is not UTF-8); `decode` with `malformed_value`
/// (the bytes are not what the flags say), `foreign_value` (a pickle, a serialised object),
/// `wrong_value_type` or, where there is decompression, `value_too_large`. Both are called from
/// the threads that use the client. Any dialect also reads a `value`: whatever is there.
template <class D, class T>
concept dialect_of = std::copy_constructible<D> && std::default_initializable<T> &&
    requires(const D& d, const T& t, std::string_view stored, std::string owned,
             std::uint32_t flags) {
    { d.encode(t) } -> std::same_as<outcome<encoded_value>>;
    { d.template decode<T>(stored, flags) } -> std::same_as<outcome<T>>;
    { d.template decode<T>(std::move(owned), flags) } -> std::same_as<outcome<T>>;
};

template <class D>
concept value_dialect = dialect_of<D, value> && dialect_of<D, std::string>;

}  // namespace memring
