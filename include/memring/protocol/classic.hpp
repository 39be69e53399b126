#pragma once
// The few classic lines a client still needs beside meta: version, flush_all, stats, cluster
// configuration, key dumps. Constants and encoders, and accumulators for replies of several lines.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <memring/error.hpp>
#include <memring/key.hpp>
#include <memring/protocol/meta_decoder.hpp>
#include <memring/protocol/reply_parser.hpp>

namespace memring {

/// Answered by VERSION.
inline constexpr std::string_view encoded_version = "version\r\n";
/// Answered by CONFIG and END; by END alone without a configuration, by ERROR where the server is
/// no ElastiCache node.
inline constexpr std::string_view encoded_config = "config get cluster\r\n";
/// The same configuration as an ordinary key, for ElastiCache nodes before 1.4.14: VALUE and END.
inline constexpr std::string_view encoded_config_key = "get AmazonElastiCache:cluster\r\n";
/// Lists every item once, by walking the hash table (memcached >= 1.6.9; older: BADCLASS).
inline constexpr std::string_view encoded_key_dump = "lru_crawler metadump hash\r\n";
/// Lists the items by LRU (>= 1.4.31): misses some that are locked or moved meanwhile.
inline constexpr std::string_view encoded_key_dump_by_class = "lru_crawler metadump all\r\n";
/// Lists the bare keys by walking the hash table (>= 1.6.19).
inline constexpr std::string_view encoded_bare_key_dump = "lru_crawler mgdump hash\r\n";

/// Appends `flush_all`, answered by OK. `delay` in seconds, 0 for now; above 2,592,000 the server
/// reads it as a Unix time (see `encode_expiry`).
inline void encode_flush_all(std::uint64_t delay, std::string& out) {
    out += "flush_all";
    if (delay != 0) {
        char digits[20];
        out += ' ';
        out.append(digits, std::to_chars(digits, digits + sizeof digits, delay).ptr);
    }
    out += "\r\n";
}

/// Whether `group` may follow `stats`: printable words of at most 250 bytes, or nothing. Anything
/// else could be read as a command of its own.
[[nodiscard]] inline bool is_valid_stats_group(std::string_view group) noexcept {
    return group.size() <= max_key_size && !detail::has_control_byte(group);
}

/// Whether `group` is answered by other lines than statistics, which are no names and values:
/// `cachedump` and `detail dump`, for people.
[[nodiscard]] inline bool is_for_people(std::string_view group) noexcept {
    const std::string_view first = detail::take_word(group);
    return first == "cachedump" || (first == "detail" && detail::take_word(group) == "dump");
}

/// Appends `stats`, answered by STAT lines and END (`reset`: by RESET). Precondition:
/// `is_valid_stats_group(group)`.
inline void encode_stats(std::string_view group, std::string& out) {
    out += "stats";
    if (!group.empty()) (out += ' ') += group;
    out += "\r\n";
}

/// Where a reply of several lines stands after one more of them.
enum class lines_state : std::uint8_t {
    open,      ///< more lines follow
    done,      ///< that was the last one; look at `error()`
    malformed  ///< the line does not belong here: the connection is out of step
};

/// Gathers the reply to `encoded_config` or `encoded_config_key`: one block and END.
class config_reply {
public:
    [[nodiscard]] lines_state add(const reply& line) {
        if (detail::is_error_line(line.kind)) {
            const bool is_refusal = line.kind != reply_kind::server_error;
            x_error = is_refusal ? errc::no_config : detail::parse_error_line(line);
            return lines_state::done;
        }
        if (line.kind == reply_kind::end) {
            if (!x_has_body) x_error = errc::no_config;
            return lines_state::done;
        }
        const bool fits =
            (line.kind == reply_kind::config && line.text.starts_with("cluster ")) ||
            (line.kind == reply_kind::value && line.key == "AmazonElastiCache:cluster");
        if (!fits || x_has_body) return lines_state::malformed;
        x_body = line.value;
        x_has_body = true;
        return lines_state::open;
    }

    /// `errc::no_config` where the server has no configuration or does not know the command (then
    /// it is no ElastiCache node, or an old one: try the key), the server's error, or clear.
    [[nodiscard]] std::error_code error() const noexcept { return x_error; }

    /// For `parse_cluster_config`. Leaves this empty, ready for the next reply.
    [[nodiscard]] std::string take() {
        x_has_body = false;
        x_error.clear();
        return std::exchange(x_body, {});
    }

private:
    std::string x_body;
    bool x_has_body = false;
    std::error_code x_error;
};

}  // namespace memring
