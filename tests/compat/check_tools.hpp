#pragma once
// What the checks of golden vectors have in common.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/key.hpp>
#include <memring/node.hpp>

#include "vector_file.hpp"

namespace memring::compat {

/// The shortest text that reads back as the same number.
template <class Number>
[[nodiscard]] std::string to_text(Number value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// What came out of one file.
struct tally {
    std::size_t rows = 0;   ///< data rows checked
    std::size_t facts = 0;  ///< comment lines checked
    std::vector<std::string> differences;

    void expect(bool is_equal, const vector_file& file, std::size_t line, const std::string& what) {
        if (!is_equal) differences.push_back(file.at(line) + ": " + what);
    }

    template <class Number>
    void expect_number(Number got, Number want, const vector_file& file, std::size_t line,
                       const std::string& what) {
        expect(got == want, file, line,
               what + " is " + to_text(got) + ", the peer has " + to_text(want));
    }
};

/// A file of vectors, and what holds one case of it to its policy.
struct known_file {
    std::string_view name;
    void (*check)(const vector_file&, const vector_case&, tally&);
};

[[nodiscard]] inline std::string join(std::span<const std::uint32_t> numbers) {
    std::string text;
    for (const std::uint32_t n : numbers) text += (text.empty() ? "" : ",") + std::to_string(n);
    return text;
}

/// The key of a row, which must be one memcached takes.
[[nodiscard]] inline std::string_view key_of(const vector_file& file, const vector_line& row) {
    const std::string_view key = row.fields[0];
    if (!is_valid_key(key)) file.reject(row.number, "no valid key");
    return key;
}

/// Builds a policy, so that nodes it refuses are an error of the file.
template <class Policy, class... Arguments>
[[nodiscard]] Policy build(const vector_file& file, const vector_case& current,
                           const std::vector<node>& nodes, const Arguments&... arguments) {
    if (nodes.empty()) file.reject(current.number, "a case without servers");
    try {
        return Policy(std::span<const node>(nodes), arguments...);
    } catch (const std::system_error& error) {
        file.reject(current.number, error.what());
    }
}

/// Rows `key, server_index` and more: the owner, which must be a node there is.
template <class Policy>
void check_owner(const vector_file& file, const Policy& policy, const vector_line& row,
                 tally& result) {
    const std::string_view key = key_of(file, row);
    const auto want = file.number<std::uint32_t>(row.number, row.fields[1]);
    if (want >= policy.node_count()) file.reject(row.number, "there is no such server");
    result.expect_number(policy.owner_of(key), want, file, row.number,
                         "the owner of \"" + std::string(key) + "\"");
    ++result.rows;
}

/// Servers `index, host, port, weight`.
[[nodiscard]] inline std::vector<node> addressed_nodes(const vector_file& file,
                                                       const vector_case& current) {
    std::vector<node> nodes;
    for (const vector_line& server : current.servers) {
        file.require_fields(server, 4);
        nodes.push_back({.host = server.fields[1],
                         .port = file.number<std::uint16_t>(server.number, server.fields[2]),
                         .weight = file.number<std::uint32_t>(server.number, server.fields[3])});
    }
    return nodes;
}

}  // namespace memring::compat
