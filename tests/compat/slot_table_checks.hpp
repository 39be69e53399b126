#pragma once
// The vectors of python_consistent_memcached: besides the rows, each case states facts about the
// whole slot table and about the random stream of two of its hosts.

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <memring/hashing/digest/md5.hpp>
#include <memring/hashing/node_name.hpp>
#include <memring/hashing/python_memcached.hpp>
#include <memring/hashing/python_random.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/node.hpp>

#include "check_tools.hpp"
#include "vector_file.hpp"

namespace memring::compat {

/// The part of `text` behind `label`, up to the next `stop`.
[[nodiscard]] inline std::string_view part_of(const vector_file& file, const vector_fact& fact,
                                              std::string_view label, char stop) {
    const std::string_view text = fact.value;
    const std::size_t begin = text.find(label);
    if (begin == text.npos) file.reject(fact.number, "no \"" + std::string(label) + "\"");
    const std::size_t end = text.find(stop, begin + label.size());
    return text.substr(begin + label.size(), end - begin - label.size());
}

inline void check_seed(const vector_file& file, const vector_fact& fact, std::string_view hex,
                       tally& result) {
    const std::uint64_t hash = python2_string_hash(hex);
    result.expect_number(
        hash,
        file.number<std::uint64_t>(fact.number, part_of(file, fact, "seed (unsigned 64)=", ';')),
        file, fact.number, "the seed");
    result.expect_number(
        static_cast<std::int64_t>(hash),
        file.number<std::int64_t>(fact.number, part_of(file, fact, "py2 hash (signed)=", ';')),
        file, fact.number, "the string hash");
    const auto words =
        file.numbers<std::uint32_t>(fact.number, part_of(file, fact, "init_by_array key=[", ']'));
    std::uint64_t joined = 0;
    for (std::size_t i = words.size(); i-- > 0;) joined = joined << 32 | words[i];
    result.expect_number(hash, joined, file, fact.number, "the array key");
}

/// `debug host NAME: md5 hex=..; ..; first N randint(..)=..`: the stream of one host, which each
/// list of draws shows from its start.
inline void check_stream(const vector_file& file, const vector_fact& fact, std::uint32_t slots,
                         tally& result) {
    const std::string host = fact.name.substr(std::string_view("debug host ").size());
    const auto digits = md5_hex(host);
    const std::string_view hex(digits.data(), digits.size());
    result.expect(part_of(file, fact, "md5 hex=", ';') == hex, file, fact.number,
                  "the MD5 of the host is " + std::string(hex));
    check_seed(file, fact, hex, result);

    python2_random words(hex);
    for (const auto want :
         file.numbers<std::uint32_t>(fact.number, part_of(file, fact, "32-bit MT outputs=", ';'))) {
        result.expect_number(words.next_word(), want, file, fact.number, "a word of the stream");
    }
    python2_random doubles(hex);
    for (const auto want :
         file.numbers<double>(fact.number, part_of(file, fact, " random()=", ';'))) {
        result.expect_number(doubles.next_double(), want, file, fact.number, "a random()");
    }
    python2_random draws(hex);
    const std::string range = "randint(0," + std::to_string(slots - 1) + ")=";
    for (const auto want :
         file.numbers<std::uint32_t>(fact.number, part_of(file, fact, range, ';'))) {
        result.expect_number(draws.next_below(slots), want, file, fact.number, "a slot drawn");
    }
    ++result.facts;
}

/// One fact about the table; those that say nothing about it are passed over.
inline void check_table_fact(const vector_file& file, const vector_fact& fact,
                             std::span<const std::uint32_t> table, std::size_t nodes,
                             tally& result) {
    std::string got;
    if (fact.name == "slots") {
        got = std::to_string(table.size());
    } else if (fact.name == "first 64 slots") {
        got = join(table.first(64));
    } else if (fact.name == "last 8 slots") {
        got = join(table.last(8));
    } else if (fact.name == "slots per server") {
        std::vector<std::uint32_t> counts(nodes);
        for (const std::uint32_t owner : table) ++counts[owner];
        got = join(counts);
    } else if (fact.name == "md5 of whole table") {
        const auto hex = md5_hex(join(table));
        got.assign(hex.data(), hex.size());
    } else {
        return;
    }
    const std::string want = fact.value.substr(0, fact.value.find(' '));
    result.expect(got == want, file, fact.number, fact.name + ": " + got);
    ++result.facts;
}

template <class Policy>
void check_slot_table(const vector_file& file, const vector_case& current,
                      const std::vector<node>& nodes, tally& result) {
    const auto policy = build<Policy>(file, current, nodes);
    const std::vector<std::uint32_t> table(policy.slots().begin(), policy.slots().end());
    for (const vector_fact& fact : current.facts) {
        check_table_fact(file, fact, table, nodes.size(), result);
        if (fact.name.starts_with("debug host ")) {
            check_stream(file, fact, static_cast<std::uint32_t>(table.size()), result);
        }
    }
    for (const vector_line& row : current.rows) {
        file.require_fields(row, 3);
        check_owner(file, policy, row, result);
        result.expect_number(python_memcached_hash(row.fields[0]),
                             file.number<std::uint32_t>(row.number, row.fields[2]), file,
                             row.number, "the hash of \"" + row.fields[0] + "\"");
    }
}

/// Cuts `host:port`; false for a bare name, which is then the host as a whole.
[[nodiscard]] inline bool split_name(const std::string& name, node& out) {
    const std::size_t colon = name.rfind(':');
    out.host = name.substr(0, colon);
    if (colon == std::string::npos) return false;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + colon + 1, end, out.port);
    if (error == std::errc{} && stop == end) return true;
    out.host = name;
    return false;
}

/// Servers `index, name, weight` and `columns: key  server_index  hash`. A case whose names are
/// all `host:port` is built as applications do; one with bare names by the host alone.
template <std::uint32_t Slots>
void check_consistent_memcached(const vector_file& file, const vector_case& current,
                                tally& result) {
    std::vector<node> nodes;
    std::vector<node> whole_names;
    bool all_have_ports = true;
    for (const vector_line& server : current.servers) {
        file.require_fields(server, 3);
        const auto weight = file.number<std::uint32_t>(server.number, server.fields[2]);
        node& split = nodes.emplace_back();
        if (!split_name(server.fields[1], split)) all_have_ports = false;
        split.weight = weight;
        whole_names.push_back({.host = server.fields[1], .weight = weight});
    }
    if (all_have_ports) {
        check_slot_table<basic_rehash_modulus<Slots>>(file, current, nodes, result);
    } else {
        using by_host = basic_rehash_modulus<Slots, host_only>;
        check_slot_table<by_host>(file, current, whole_names, result);
    }
}

inline constexpr known_file slot_table_files[] = {
    {"python-consistent-memcached-plain.tsv", check_consistent_memcached<16387>},
    {"python-consistent-memcached-weighted.tsv", check_consistent_memcached<32775>},
};

}  // namespace memring::compat
