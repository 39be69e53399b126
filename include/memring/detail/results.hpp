#pragma once
// From the answer of a node to what the application gets. Each has `result` and
// `convert(answer&&, error&)`.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/item.hpp>
#include <memring/protocol/command.hpp>

namespace memring::detail {

struct to_item {
    using result = std::optional<item>;
    static result convert(answer&& got, const std::error_code& error) {
        // The placeholder of a key that is being moved is no value.
        if (error || got.what != status::ok || got.is_placeholder()) return std::nullopt;
        return item{got.take_value(), got.flags, got.cas};
    }
};

struct to_store_result {
    using result = store_result;
    static result convert(answer&& got, const std::error_code& error) noexcept {
        if (error) return store_result::not_stored;
        switch (got.what) {
            case status::ok: return store_result::stored;
            case status::exists: return store_result::exists;
            case status::not_stored: return store_result::not_stored;
            case status::miss:
            case status::not_found: return store_result::not_found;
        }
        return store_result::not_stored;
    }
};

struct to_found {
    using result = bool;
    static result convert(answer&& got, const std::error_code& error) noexcept {
        return !error && got.what == status::ok;
    }
};

struct to_metadata {
    using result = std::optional<item_metadata>;
    static result convert(answer&& got, const std::error_code& error) noexcept {
        if (error || got.what != status::ok) return std::nullopt;
        item_metadata known{.idle = std::chrono::seconds(got.idle),
                            .hit_before = got.hit_before,
                            .size = got.size,
                            .cas = got.cas};
        if (got.ttl >= 0) known.expires_in = std::chrono::seconds(got.ttl);
        return known;
    }
};

struct to_number {
    using result = std::optional<std::uint64_t>;
    static result convert(answer&& got, const std::error_code& error) noexcept {
        if (error || got.what != status::ok) return std::nullopt;
        return got.number;
    }
};

struct to_text {
    using result = std::string;
    static result convert(answer&& got, const std::error_code& error) {
        return error ? std::string() : got.take_value();
    }
};

/// `STAT name value` lines, as the node sent them.
struct to_statistics {
    using result = std::vector<std::pair<std::string, std::string>>;
    static result convert(answer&& got, const std::error_code& error) {
        result pairs;
        if (error) return pairs;
        std::string_view rest = got.bytes();
        while (!rest.empty()) {
            const auto line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            const auto blank = std::min(line.find(' '), line.size());
            pairs.emplace_back(line.substr(0, blank),
                               line.substr(std::min(blank + 1, line.size())));
        }
        return pairs;
    }
};

}  // namespace memring::detail
