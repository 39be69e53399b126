#pragma once
// What each file of golden vectors is checked against: every row and every stated fact.

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/python_memcached.hpp>
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

/// `columns: key  server_index`
inline void check_ketama(const vector_file& file, const vector_case& current, tally& result) {
    const auto policy = build<ketama>(file, current, addressed_nodes(file, current));
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 2);
        check_owner(file, policy, row, result);
    }
}

/// `columns: key  server_index  hash  attempts_0_to_9`, the attempts with commas between.
inline void check_python_memcached(const vector_file& file, const vector_case& current,
                                   tally& result) {
    const std::vector<node> nodes = addressed_nodes(file, current);
    const auto policy = build<modulus>(file, current, nodes);
    for (const vector_fact& fact : current.facts) {
        if (fact.name != "buckets") continue;
        std::uint64_t buckets = 0;
        for (const node& n : nodes) buckets += n.weight;
        result.expect_number(buckets, file.number<std::uint64_t>(fact.number, fact.value), file,
                             fact.number, "the number of buckets");
        ++result.facts;
    }
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 4);
        check_owner(file, policy, row, result);
        const std::string& key = row.fields[0];
        result.expect_number(python_memcached_hash(key),
                             file.number<std::uint32_t>(row.number, row.fields[2]), file,
                             row.number, "the hash of \"" + key + "\"");
        const auto want = file.numbers<std::uint32_t>(row.number, row.fields[3]);
        if (want.size() != modulus::max_attempts) file.reject(row.number, "not ten attempts");
        std::array<std::uint32_t, modulus::max_attempts> got{};
        const std::size_t count = policy.candidates_of(key, got);
        const std::string tried = join(std::span(got).first(count));
        result.expect(tried == row.fields[3], file, row.number,
                      "the attempts for \"" + key + "\" are " + tried);
    }
}

/// `servers: COUNT` and `columns: key  server_index  xxh3_64`; a seed string stands in the name
/// of the case.
inline void check_proxy_jump(const vector_file& file, const vector_case& current, tally& result) {
    std::vector<node> nodes;
    for (const vector_fact& fact : current.facts) {
        if (fact.name != "servers") continue;
        const auto count = file.number<std::uint16_t>(fact.number, fact.value);
        for (std::uint16_t i = 1; i <= count; ++i) nodes.push_back({.host = "node", .port = i});
    }
    jump_options options;
    if (const std::size_t seed = current.name.find("seed=\""); seed != std::string::npos) {
        const std::size_t end = current.name.rfind('"');
        if (end < seed + 6) file.reject(current.number, "a seed without an end");
        options.seed = xxh3(std::string_view(current.name).substr(seed + 6, end - seed - 6));
    }
    const auto policy = build<jump>(file, current, nodes, options);
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 3);
        check_owner(file, policy, row, result);
        result.expect_number(xxh3(row.fields[0], options.seed),
                             file.number<std::uint64_t>(row.number, row.fields[2]), file,
                             row.number, "the hash of \"" + row.fields[0] + "\"");
    }
}

/// `columns: key (unsigned 64-bit decimal)  number of buckets  bucket`
inline void check_jump(const vector_file& file, const vector_case& current, tally& result) {
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 3);
        const auto key = file.number<std::uint64_t>(row.number, row.fields[0]);
        const auto buckets = file.number<std::uint32_t>(row.number, row.fields[1]);
        const auto want = file.number<std::uint32_t>(row.number, row.fields[2]);
        if (buckets == 0 || want >= buckets) file.reject(row.number, "there is no such bucket");
        result.expect_number(jump_consistent_hash(key, buckets), want, file, row.number,
                             "the bucket of " + row.fields[0]);
        ++result.rows;
    }
}

}  // namespace memring::compat
