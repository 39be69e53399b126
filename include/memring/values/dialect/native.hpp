#pragma once
// The dialect of programs that all use memring: what `codec<T>` makes of a type is what is stored.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/values/codec.hpp>
#include <memring/values/compression.hpp>
#include <memring/values/detail/value_mapping.hpp>
#include <memring/values/value.hpp>

namespace memring::dialect {

/// Types are known to those who ask: flags say nothing but how a value is compressed (bits 30 and
/// 31) and what a codec of yours puts into bits 0 to 15. Numbers are decimal text, which the server
/// can increment. As a `value` everything is read as `bytes`, or `foreign_value` if it has flags.
struct native {
    template <class T>
    [[nodiscard]] outcome<encoded_value> encode(const T& t) const {
        if constexpr (std::same_as<T, value>) {
            return std::visit([](const auto& held) { return encode_held(held); }, t);
        } else if constexpr (std::convertible_to<const T&, std::string_view>) {
            return {{}, codec<std::string>::encode(t)};
        } else {
            return {{}, codec<T>::encode(t)};
        }
    }

    template <class T>
    [[nodiscard]] outcome<T> decode(std::string_view stored, std::uint32_t flags) const {
        if (!unseal(stored, flags)) return decode_plain<T>(stored, flags);
        if constexpr (!std::same_as<T, value>)
            return value_detail::failed<T>(errc::foreign_value);
        else
            return {{}, foreign_value{foreign_format::compressed, std::string(stored), flags}};
    }
    template <class T, std::same_as<std::string> Owned>
    [[nodiscard]] outcome<T> decode(Owned&& stored, std::uint32_t flags) const {
        if constexpr (std::same_as<T, std::string>) {
            if (!unseal(stored, flags)) return {{}, std::move(stored)};
        }
        return decode<T>(std::string_view(stored), flags);
    }

    [[nodiscard]] static constexpr bool can_seal(compression_format format) noexcept {
        return flag_of(format) != 0;
    }
    static void seal(compression_format format, std::size_t, encoded_value& sealed) {
        sealed.flags |= flag_of(format);
    }
    [[nodiscard]] static std::optional<sealed_value> unseal(std::string_view stored,
                                                            std::uint32_t flags) noexcept {
        for (const auto format : {compression_format::zlib, compression_format::zstd}) {
            if ((flags & flag_of(format)) == 0) continue;
            return sealed_value{format, stored, std::nullopt, flags & ~flag_of(format)};
        }
        return std::nullopt;
    }

private:
    [[nodiscard]] static constexpr std::uint32_t flag_of(compression_format format) noexcept {
        switch (format) {
            case compression_format::zlib: return std::uint32_t{1} << 30;
            case compression_format::zstd: return std::uint32_t{1} << 31;
            case compression_format::fastlz: return 0;
        }
        return 0;
    }

    template <class Held>
    [[nodiscard]] static outcome<encoded_value> encode_held(const Held& held) {
        if constexpr (codable<Held>)
            return {{}, codec<Held>::encode(held)};
        else
            return value_detail::failed<encoded_value>(errc::unsupported);  // null, or foreign
    }

    template <class T>
    [[nodiscard]] static outcome<T> decode_plain(std::string_view stored, std::uint32_t flags) {
        if constexpr (!std::same_as<T, value>) {
            return codec<T>::decode(stored, flags);
        } else {
            if (flags == 0) return {{}, bytes{std::string(stored)}};
            return {{}, foreign_value{foreign_format::unknown, std::string(stored), flags}};
        }
    }
};

}  // namespace memring::dialect
