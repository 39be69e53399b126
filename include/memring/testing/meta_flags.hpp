#pragma once
// The flags of memcached's meta commands, read as memcached 1.6.18 reads them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <memring/testing/item_store.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

/// The flags of a meta command, read.
struct meta_flags {
    std::string key;           ///< as it is stored
    bool is_binary = false;    ///< the key came in base64
    bool wants_value = false;  ///< v
    bool is_quiet = false;     ///< q
    bool keeps_lru = false;    ///< u
    bool invalidates = false;  ///< I
    char mode = 0;             ///< M
    std::uint32_t client_flags = 0;
    std::optional<std::int64_t> expires_at;    ///< T
    std::optional<std::int64_t> vivify_until;  ///< N
    std::int64_t recache_below = 0;            ///< R
    std::optional<std::uint64_t> compare;      ///< C
    std::uint64_t initial = 0;                 ///< J
    std::uint64_t delta = 1;                   ///< D
    std::span<const std::string_view> list;
};

namespace detail {

inline constexpr const char* opaque_too_long = "CLIENT_ERROR opaque token too long\r\n";
inline constexpr const char* bad_token = "CLIENT_ERROR bad token in command line format\r\n";

// Reads one flag with a token; the error line, or nullptr.
inline const char* read_meta_token(const item_store& items, std::string_view flag,
                                   meta_flags& result) {
    const std::string_view token = flag.substr(1);
    const auto seconds = [&](auto& into) {
        const auto number = parse_int32(token);
        if (number) into = items.expiry_time(*number);
        return number ? nullptr : bad_token;
    };
    const auto counter = [&](auto& into) {
        const auto number = parse_counter(token);
        if (number) into = *number;
        return number ? nullptr : bad_token;
    };
    switch (flag.front()) {
        case 'T': return seconds(result.expires_at);
        case 'N': return seconds(result.vivify_until);
        case 'R': {
            const auto number = parse_int32(token);
            result.recache_below = number.value_or(0);
            return number ? nullptr : bad_token;
        }
        case 'C': return counter(result.compare);
        case 'J': return counter(result.initial);
        case 'D': return counter(result.delta);
        case 'F': {
            const auto number = parse_client_flags(token);
            result.client_flags = number.value_or(0);
            return number ? nullptr : bad_line;
        }
        case 'M':
            if (token.size() != 1) return "CLIENT_ERROR incorrect length for M token\r\n";
            result.mode = token.front();
            return nullptr;
        case 'O': return token.size() > 31 ? opaque_too_long : nullptr;
    }
    return "CLIENT_ERROR invalid flag\r\n";
}

inline const char* read_meta_flag(const item_store& items, std::string_view flag,
                                  meta_flags& result) {
    switch (flag.front()) {
        case 'v': result.wants_value = true; return nullptr;
        case 'q': result.is_quiet = true; return nullptr;
        case 'u': result.keeps_lru = true; return nullptr;
        case 'I': result.invalidates = true; return nullptr;
        case 'b':
        case 'c':
        case 'f':
        case 'h':
        case 'k':
        case 'l':
        case 's':
        case 't': return nullptr;
    }
    return read_meta_token(items, flag, result);
}

// The error line, or nullptr.
inline const char* read_meta_flags(const item_store& items, std::span<const std::string_view> list,
                                   meta_flags& result) {
    std::string seen;
    result.list = list;
    for (const auto flag : list) {
        if (seen.find(flag.front()) != std::string::npos) {
            return "CLIENT_ERROR duplicate flag\r\n";
        }
        seen += flag.front();
    }
    if (seen.find('b') != std::string::npos) {
        const auto key = from_base64(result.key);
        if (!key) return "CLIENT_ERROR error decoding key\r\n";
        result.key = *key;
        result.is_binary = true;
    }
    for (const auto flag : list) {
        if (const char* error = read_meta_flag(items, flag, result)) return error;
    }
    return nullptr;
}

}  // namespace detail

}  // namespace memring::testing
