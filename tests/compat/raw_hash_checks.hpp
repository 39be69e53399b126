#pragma once
// Digests of single keys: columns of libhashkit, python-memcached, MD5, CRC-32 and MurmurHash3.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/digest/murmur3.hpp>
#include <memring/hashing/key_hashes.hpp>
#include <memring/hashing/python_memcached.hpp>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// A column of hashes, and what gives the same ones.
struct hash_column {
    std::string_view name;
    std::uint32_t (*hash)(std::string_view);
};

inline constexpr hash_column hash_columns[] = {
    {"lh_default_one_at_a_time", [](std::string_view key) { return hash::one_at_a_time{}(key); }},
    {"lh_md5", [](std::string_view key) { return hash::md5{}(key); }},
    {"lh_crc", [](std::string_view key) { return hash::crc{}(key); }},
    {"lh_fnv1_64", [](std::string_view key) { return hash::fnv1_64{}(key); }},
    {"lh_fnv1a_64", [](std::string_view key) { return hash::fnv1a_64{}(key); }},
    {"lh_fnv1_32", [](std::string_view key) { return hash::fnv1_32{}(key); }},
    {"lh_fnv1a_32", [](std::string_view key) { return hash::fnv1a_32{}(key); }},
    {"lh_murmur", [](std::string_view key) { return hash::murmur{}(key); }},
    {"lh_jenkins", [](std::string_view key) { return hash::jenkins{}(key); }},
    {"lh_murmur3", [](std::string_view key) { return hash::murmur3{}(key); }},
    {"crc32", [](std::string_view key) { return hash::crc32{}(key); }},
    {"cmemcache_hash_1.59", [](std::string_view key) { return python_memcached_hash(key); }},
    {"cmemcache_hash_1.60", [](std::string_view key) { return memcached_crc(key); }},
    {"murmur3_x86_32_seed0", [](std::string_view key) { return murmur3_32(key); }},
};

/// The bytes that hexadecimal digits stand for.
[[nodiscard]] inline std::string bytes_of_hex(const vector_file& file, const vector_line& row) {
    const std::string& hex = row.fields[0];
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        unsigned byte = 0;
        const char* const digits = hex.data() + i;
        if (i + 2 > hex.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
            file.reject(row.number, "\"" + hex + "\" is not made of bytes");
        }
        bytes += static_cast<char>(static_cast<unsigned char>(byte));
    }
    return bytes;
}

/// The names of the columns; the first must be the key.
[[nodiscard]] inline std::vector<std::string> column_names(const vector_file& file,
                                                           const vector_case& current) {
    for (const vector_fact& fact : current.facts) {
        if (fact.name != "columns") continue;
        std::vector<std::string> names{""};
        for (const char c : fact.value) {
            if (c == '\t') {
                names.emplace_back();
            } else {
                names.back() += c;
            }
        }
        if (names[0] != "key_hex") file.reject(fact.number, "the first column is not the key");
        return names;
    }
    file.reject(current.number, "no names of columns");
}

/// The hash of the column in decimal, or the MD5 digest in hexadecimal. Empty: no such column.
[[nodiscard]] inline std::string hash_text(std::string_view column, std::string_view key) {
    if (column == "md5_hex") {
        const auto hex = md5_hex(key);
        return {hex.data(), hex.size()};
    }
    for (const hash_column& known : hash_columns) {
        if (known.name == column) return to_text(known.hash(key));
    }
    return {};
}

/// `columns: key_hex  NAME...`
inline void check_raw_hashes(const vector_file& file, const vector_case& current, tally& result) {
    const std::vector<std::string> names = column_names(file, current);
    for (const vector_line& row : current.rows) {
        file.require_fields(row, names.size());
        const std::string key = bytes_of_hex(file, row);
        for (std::size_t i = 1; i < names.size(); ++i) {
            const std::string got = hash_text(names[i], key);
            if (got.empty()) file.reject(row.number, "nothing here knows " + names[i]);
            result.expect(got == row.fields[i], file, row.number,
                          names[i] + " of " + row.fields[0] + " is " + got + ", the peer has " +
                              row.fields[i]);
        }
        ++result.rows;
    }
}

inline constexpr known_file raw_hash_files[] = {{"raw-hashes.tsv", check_raw_hashes}};

}  // namespace memring::compat
