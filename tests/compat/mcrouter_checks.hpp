#pragma once
// Files written by mcrouter.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <memring/hashing/compat/mcrouter.hpp>
#include <memring/hashing/digest/spooky.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// Nodes of whatever name: mcrouter numbers them.
[[nodiscard]] inline std::vector<node> numbered_nodes(std::size_t count) {
    std::vector<node> nodes;
    for (std::size_t i = 0; i < count; ++i) nodes.push_back({.host = "node-" + std::to_string(i)});
    return nodes;
}

/// The value of a fact, which must be there.
[[nodiscard]] inline const vector_fact& required_fact(const vector_file& file,
                                                      const vector_case& current,
                                                      std::string_view name) {
    for (const vector_fact& fact : current.facts) {
        if (fact.name == name) return fact;
    }
    file.reject(current.number, "no fact \"" + std::string(name) + "\"");
}

/// What a fact says between two texts.
[[nodiscard]] inline std::string_view part_of(const vector_file& file, const vector_fact& fact,
                                              std::string_view before, std::string_view behind) {
    const std::string_view value = fact.value;
    const std::size_t from = value.find(before);
    const std::size_t to = from == value.npos ? from : value.find(behind, from + before.size());
    if (from == value.npos || (to == value.npos && !behind.empty())) {
        file.reject(fact.number, "not as \"" + std::string(before) + "...\"");
    }
    return value.substr(from + before.size(),
                        behind.empty() ? value.npos : to - from - before.size());
}

/// `columns: key`, then an owner for each count of servers that the line of columns lists.
template <class Policy>
void check_server_counts(const vector_file& file, const vector_case& current, tally& result) {
    const vector_fact& columns = required_fact(file, current, "columns");
    std::vector<Policy> policies;
    for (const auto count : file.numbers<std::uint32_t>(
             columns.number, part_of(file, columns, "server count n in: ", ""))) {
        policies.push_back(build<Policy>(file, current, numbered_nodes(count)));
    }
    for (const vector_line& row : current.rows) {
        file.require_fields(row, policies.size() + 1);
        const std::string key(key_of(file, row));
        for (std::size_t i = 0; i < policies.size(); ++i) {
            result.expect_number(
                policies[i].owner_of(key),
                file.number<std::uint32_t>(row.number, row.fields[i + 1]), file, row.number,
                "the owner of \"" + key + "\" of " + std::to_string(policies[i].node_count()));
        }
        ++result.rows;
    }
}

/// The fact `weights: 1,0.25,...` of a case.
[[nodiscard]] inline std::vector<double> case_weights(const vector_file& file,
                                                      const vector_case& current) {
    const vector_fact& fact = required_fact(file, current, "weights");
    std::vector<double> weights;
    const char* const end = fact.value.data() + fact.value.size();
    for (const char* next = fact.value.data(); next <= end; ++next) {
        double weight = 0;
        const auto [stop, error] = std::from_chars(next, end, weight);
        if (error != std::errc{} || (stop != end && *stop != ',')) {
            file.reject(fact.number, "weights are numbers with commas between");
        }
        weights.push_back(weight);
        next = stop;
    }
    return weights;
}

template <class Policy>
[[nodiscard]] Policy build_weighted(const vector_file& file, const vector_case& current) {
    const weighted_ch3_options options{.weights = case_weights(file, current), .salt = {}};
    return build<Policy>(file, current, numbered_nodes(options.weights.size()), options);
}

/// The fact `check` at the head of the file: the loads of the keys 0 to 9999 in one of the cases.
inline void check_loads(const vector_file& file, const vector_case& current,
                        const mcrouter_weighted_ch3& policy, tally& result) {
    const vector_fact& fact = required_fact(file, file.cases().front(), "check");
    if (part_of(file, fact, "with weights of case ", " ") != current.name) return;
    const auto want = file.numbers<std::uint32_t>(
        fact.number, part_of(file, fact, "the counts per server are ", ", as"));
    std::vector<std::uint32_t> loads(policy.node_count());
    for (int i = 0; i < 10000; ++i) ++loads[policy.owner_of(std::to_string(i))];
    result.expect(loads == want, file, fact.number, "the loads are " + join(loads));
    ++result.facts;
}

/// `columns: key  server_index  spooky32 of the key`
inline void check_weighted_ch3(const vector_file& file, const vector_case& current, tally& result) {
    const auto policy = build_weighted<mcrouter_weighted_ch3>(file, current);
    check_loads(file, current, policy, result);
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 3);
        check_owner(file, policy, row, result);
        result.expect_number(spooky_32(row.fields[0], 0xface2014),
                             file.number<std::uint32_t>(row.number, row.fields[2]), file,
                             row.number, "the hash of \"" + row.fields[0] + "\"");
    }
}

/// `columns: key  server_index`
inline void check_weighted_furc(const vector_file& file, const vector_case& current,
                                tally& result) {
    const auto policy = build_weighted<mcrouter_weighted_furc>(file, current);
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 2);
        check_owner(file, policy, row, result);
    }
}

inline constexpr known_file mcrouter_files[] = {
    {"mcrouter-ch3.tsv", check_server_counts<mcrouter_ch3>},
    {"mcrouter-crc32.tsv", check_server_counts<mcrouter_crc32>},
    {"mcrouter-weighted-ch3.tsv", check_weighted_ch3},
    {"mcrouter-weighted-furc.tsv", check_weighted_furc},
};

}  // namespace memring::compat
