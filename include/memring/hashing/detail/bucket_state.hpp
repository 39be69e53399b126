#pragma once
// The text in which a stable_jump passes its history on.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/error.hpp>
#include <memring/hashing/detail/node_list.hpp>
#include <memring/node.hpp>

namespace memring::detail {

/// What the mapping of a stable_jump consists of, and no more.
struct bucket_state {
    std::uint64_t seed = 0;
    std::vector<node> holders = {};           // of each bucket: who has it, or had it last
    std::vector<std::uint32_t> removed = {};  // the buckets that are out, oldest first
};

inline constexpr std::string_view bucket_state_mark = "stable_jump:1";

/// `stable_jump:1|SEED|NODE,NODE,...|BUCKET,BUCKET,...`; a host holds neither `|` nor `,`.
[[nodiscard]] inline std::string bucket_state_text(std::uint64_t seed,
                                                   std::span<const node> holders,
                                                   std::span<const std::uint32_t> removed) {
    std::string text(bucket_state_mark);
    text += "|" + std::to_string(seed) + "|";
    for (std::size_t i = 0; i < holders.size(); ++i) {
        if (i != 0) text += ',';
        text += to_string(holders[i]);
    }
    text += '|';
    for (std::size_t i = 0; i < removed.size(); ++i) {
        if (i != 0) text += ',';
        text += std::to_string(removed[i]);
    }
    return text;
}

[[noreturn]] inline void refuse_state(const std::string& reason) {
    throw std::system_error(errc::malformed_config, "stable_jump: a state " + reason);
}

/// What stands between the separators; nothing at all in an empty text.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t stop = std::min(text.find(separator), text.size());
        parts.push_back(text.substr(0, stop));
        if (stop + 1 == text.size()) parts.emplace_back();
        text.remove_prefix(std::min(stop + 1, text.size()));
    }
    return parts;
}

/// A node in the one spelling that `to_string` has for it.
[[nodiscard]] inline node read_holder(std::string_view text, std::size_t place) {
    std::error_code error;
    const bool is_path = text.starts_with('/');  // which may hold colons
    node result = is_path ? node{std::string(text), 0} : parse_node(text, error);
    if (error || !is_valid_node(result) || to_string(result) != text) {
        refuse_state("with \"" + std::string(text) + "\" for node " + std::to_string(place) +
                     ", which is no host:port");
    }
    return result;
}

[[nodiscard]] inline std::vector<std::uint32_t> read_removed(std::string_view text,
                                                             std::size_t buckets) {
    std::vector<std::uint32_t> removed;
    for (const std::string_view part : split(text, ',')) {
        std::uint32_t bucket = 0;
        if (!parse_number(part, bucket) || bucket >= buckets) {
            refuse_state("of " + std::to_string(buckets) + " buckets with \"" + std::string(part) +
                         "\" for a bucket that is out");
        }
        if (std::ranges::find(removed, bucket) != removed.end()) {
            refuse_state("with bucket " + std::to_string(bucket) + " out twice");
        }
        removed.push_back(bucket);
    }
    return removed;
}

/// Throws `std::system_error` (`errc::malformed_config`) that says what is wrong.
[[nodiscard]] inline bucket_state parse_bucket_state(std::string_view text) {
    const auto fields = split(text, '|');
    if (fields.empty() || fields[0] != bucket_state_mark) {
        refuse_state("has to begin with \"" + std::string(bucket_state_mark) + "|\"");
    }
    if (fields.size() != 4) {
        refuse_state("of " + std::to_string(fields.size()) + " fields, not 4");
    }
    bucket_state state;
    if (!parse_number(fields[1], state.seed)) {
        refuse_state("with \"" + std::string(fields[1]) + "\" for a seed");
    }
    for (const std::string_view part : split(fields[2], ',')) {
        state.holders.push_back(read_holder(part, state.holders.size()));
    }
    const std::size_t again = find_duplicate(std::span<const node>(state.holders), [&](auto place) {
        return to_string(state.holders[place]);
    });
    if (again != state.holders.size()) {
        refuse_state("with \"" + to_string(state.holders[again]) + "\" for two nodes");
    }
    state.removed = read_removed(fields[3], state.holders.size());
    return state;
}

}  // namespace memring::detail
