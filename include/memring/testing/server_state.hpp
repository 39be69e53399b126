#pragma once
// What all connections of the in-process memcached share, and what one of its command handlers
// gets to see.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/testing/faults.hpp>
#include <memring/testing/item_store.hpp>

namespace memring::testing {

/// Counters behind `stats`.
struct server_counters {
    std::uint64_t gets = 0;
    std::uint64_t sets = 0;
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t deletes = 0;
    std::uint64_t flushes = 0;
    std::uint64_t touches = 0;
    std::uint64_t commands = 0;
    std::uint64_t connections = 0;
};

struct server_state {
    server_state(item_store::clock now, std::size_t size_limit, std::string announced_version)
        : items(std::move(now), size_limit), version(std::move(announced_version)) {}

    item_store items;
    std::string version;
    faults misbehaviour;
    server_counters counters;
    bool is_crawler_enabled = true;
    bool is_dump_enabled = true;
    std::optional<std::string> config;        ///< body of `config get cluster`; none as in stock
    std::optional<std::string> config_reply;  ///< sent as it is in the place of a reply
    bool has_config_command = true;           ///< else only the key that older versions used
};

/// A store command that waits for its value.
struct pending_store {
    store_request request;
    std::size_t size = 0;
    bool is_meta = false;
    bool is_quiet = false;
    bool is_config = false;
    std::vector<std::string> echo;  ///< meta: what the reply repeats; "c" for the cas number
};

/// One connection's place in the protocol.
struct session_state {
    std::optional<pending_store> pending;
    std::size_t to_swallow = 0;       ///< bytes of a value that belongs to a refused store
    bool flushes = false;             ///< the command sends what is queued, as mn does
    bool has_unsent_replies = false;  ///< since the last flush of memcached's write queue
    bool discards_input = false;      ///< a key dump took the connection over
    bool wants_close = false;
};

/// One command line, and where its reply goes.
struct command_line {
    server_state& server;
    session_state& session;
    std::span<const std::string_view> words;
    std::string& out;
};

}  // namespace memring::testing
