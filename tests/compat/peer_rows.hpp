#pragma once
// Rows and head of a file that one hash and one policy account for.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <memring/hashing/hash_policy.hpp>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// Rows of `fields` fields, the first two `key  server_index`: one by one and as a batch.
template <class Policy>
void check_rows(const vector_file& file, const vector_case& current, const Policy& policy,
                std::size_t fields, tally& result) {
    std::vector<std::string_view> keys;
    for (const vector_line& row : current.rows) {
        file.require_fields(row, fields);
        check_owner(file, policy, row, result);
        keys.push_back(row.fields[0]);
    }
    std::vector<std::uint32_t> owners(keys.size());
    memring::owners_of(policy, keys, owners);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        result.expect(owners[i] == policy.owner_of(keys[i]), file, current.rows[i].number,
                      "a batch has another owner");
    }
}

/// Another policy that should give the same owners, for each row.
template <class Policy, class Other>
void check_same_owners(const vector_file& file, const vector_case& current, const Policy& policy,
                       const Other& other, std::string_view what, tally& result) {
    for (const vector_line& row : current.rows) {
        const std::string& key = row.fields[0];
        result.expect(policy.owner_of(key) == other.owner_of(key), file, row.number,
                      "the owner of \"" + key + "\" is another " + std::string(what));
    }
}

/// The third column is the key's hash.
template <class KeyHash>
void check_hash_column(const vector_file& file, const vector_case& current, tally& result) {
    using number = std::invoke_result_t<KeyHash, std::string_view>;
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 3);
        result.expect_number(KeyHash{}(row.fields[0]),
                             file.number<number>(row.number, row.fields[2]), file, row.number,
                             "the hash of \"" + row.fields[0] + "\"");
    }
}

/// The fact of this name, which must be there once.
[[nodiscard]] inline const vector_fact& fact_of(const vector_file& file, const vector_case& current,
                                                std::string_view name) {
    const vector_fact* found = nullptr;
    for (const vector_fact& fact : current.facts) {
        if (fact.name != name) continue;
        if (found != nullptr) file.reject(fact.number, "\"" + fact.name + "\" again");
        found = &fact;
    }
    if (found == nullptr) file.reject(current.number, "\"" + std::string(name) + "\" is missing");
    return *found;
}

inline void expect_fact(const vector_file& file, const vector_fact& fact, std::string_view got,
                        tally& result) {
    result.expect(fact.value == got, file, fact.number,
                  fact.name + " is \"" + std::string(got) + "\" here");
    ++result.facts;
}

/// Holds `key hash:` in the head of the file to the name its users write, once a file.
inline void check_hash_name(const vector_file& file, const vector_case& current,
                            std::string_view name, tally& result) {
    if (&current != &file.cases()[1]) return;
    expect_fact(file, fact_of(file, file.cases().front(), "key hash"), name, result);
}

}  // namespace memring::compat
