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
    std::int64_t recache_before = 0;           ///< R, as a time
    std::optional<std::uint64_t> compare;      ///< C
    std::uint64_t initial = 0;                 ///< J
    std::uint64_t delta = 1;                   ///< D
    std::span<const std::string_view> list;
};

namespace detail {

inline constexpr const char* opaque_too_long = "CLIENT_ERROR opaque token too long\r\n";
inline constexpr const char* unknown_flag = "CLIENT_ERROR invalid flag\r\n";
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
    const auto counter = [&](auto& into, const char* error) {
        const auto number = parse_counter(token);
        if (number) into = *number;
        return number ? nullptr : error;
    };
    switch (flag.front()) {
        case 'T': return seconds(result.expires_at);
        case 'N': return seconds(result.vivify_until);
        case 'R': return seconds(result.recache_before);
        case 'C': return counter(result.compare, bad_token);
        case 'J': return counter(result.initial, "CLIENT_ERROR invalid numeric initial value\r\n");
        case 'D': return counter(result.delta, "CLIENT_ERROR invalid numeric delta value\r\n");
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
    return unknown_flag;
}

inline const char* decode_key(meta_flags& result) {
    const auto key = from_base64(result.key);
    if (!key) return "CLIENT_ERROR error decoding key\r\n";
    result.key = *key;
    result.is_binary = true;
    return nullptr;
}

inline const char* read_meta_flag(const item_store& items, std::string_view flag,
                                  meta_flags& result) {
    switch (flag.front()) {
        case 'v': result.wants_value = true; return nullptr;
        case 'q': result.is_quiet = true; return nullptr;
        case 'u': result.keeps_lru = true; return nullptr;
        case 'I': result.invalidates = true; return nullptr;
        case 'b': return decode_key(result);
        case 'L':
        case 'P':
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

// The error line, or nullptr. A flag twice or unknown ends the reading; of other errors memcached
// tells the last one, those of F and O only if there is no other.
inline const char* read_meta_flags(const item_store& items, std::span<const std::string_view> list,
                                   meta_flags& result) {
    std::string seen;
    const char* last_error = nullptr;
    result.list = list;
    for (const auto flag : list) {
        const bool is_repeated = seen.find(flag.front()) != std::string::npos;
        if (is_repeated || static_cast<unsigned char>(flag.front()) >= 127) {
            return "CLIENT_ERROR duplicate flag\r\n";
        }
        seen += flag.front();
        const char* const error = read_meta_flag(items, flag, result);
        if (error == unknown_flag) return error;
        const bool is_weak = error == bad_line || error == opaque_too_long;
        if (error != nullptr && !(is_weak && last_error != nullptr)) last_error = error;
    }
    return last_error;
}

}  // namespace detail

}  // namespace memring::testing
