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

#include <memring/testing/binary_frame.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/login.hpp>
#include <memring/testing/server_counters.hpp>
#include <memring/testing/server_features.hpp>
#include <memring/testing/slab_classes.hpp>

namespace memring::testing {

struct server_state {
    server_state(item_store::clock now, std::size_t size_limit, std::string announced_version)
        : items(std::move(now), size_limit),
          version(std::move(announced_version)),
          features(features_of(version)),
          started_at(items.now()) {}

    /// The counters of the slab class that the item is in.
    class_counters& class_of(std::string_view key, const stored_item& item) {
        return counters.classes[slab_class_of(stored_size(key, item.value.size(), item.flags))];
    }
    /// Counts the read of a key; `item` is null for a miss.
    void count_get(std::string_view key, const stored_item* item) {
        ++counters.gets;
        ++(item != nullptr ? counters.hits : counters.misses);
        if (item != nullptr) ++class_of(key, *item).get_hits;
    }
    void count_touch(std::string_view key, const stored_item* item) {
        ++counters.touches;
        ++(item != nullptr ? class_of(key, *item).touch_hits : counters.touch_misses);
    }

    item_store items;
    std::string version;
    server_features features;
    std::int64_t started_at;  // Unix seconds
    std::optional<required_login> login;
    faults misbehaviour;
    server_counters counters;
    std::uint64_t open_connections = 0;
    std::uint32_t verbosity = 0;
    bool is_crawler_enabled = true;
    bool is_dump_enabled = true;
    std::optional<std::string> config;        ///< body of `config get cluster`; none as in stock
    std::optional<std::string> config_reply;  ///< sent as it is in the place of a reply
    bool has_config_command = true;           ///< else only the key that older versions used
};

/// What a value that is still to come is for.
enum class value_use { classic, meta, config, text_login, binary, sasl };

/// A command that waits for its value.
struct pending_store {
    store_request request = {};
    std::size_t size = 0;
    value_use use = value_use::classic;
    bool is_quiet = false;
    std::vector<std::string> echo = {};  ///< meta: what the reply repeats; "c" for the cas number
    request_header header = {};          ///< binary, sasl
};

enum class wire_protocol { text, binary };

/// One connection's place in the protocol.
struct session_state {
    std::optional<wire_protocol> protocol;  ///< the first byte decides
    std::optional<pending_store> pending;
    std::size_t to_swallow = 0;       ///< bytes of a value that belongs to a refused store
    bool flushes = false;             ///< the command sends what is queued, as mn does
    bool has_unsent_replies = false;  ///< since the last flush of memcached's write queue
    bool discards_input = false;      ///< a key dump took the connection over
    bool wants_close = false;
    bool is_logged_in = false;
    bool has_sasl_started = false;
    bool is_sasl_done = false;
};

/// One command line, and where its reply goes.
struct command_line {
    server_state& server;
    session_state& session;
    std::span<const std::string_view> words;
    std::string& out;
};

/// One request of the binary protocol without its value, and where its reply goes.
struct binary_request {
    server_state& server;
    session_state& session;
    const request_header& header;
    std::string_view extras;
    std::string_view key;
    std::string& out;

    [[nodiscard]] loud_opcode command() const noexcept { return loud_form(header.what); }
    [[nodiscard]] std::size_t value_size() const noexcept {
        return header.body_size - header.key_size - header.extras_size;
    }
};

/// Counts a value that has arrived, before anybody looks at it.
inline void count_set(server_state& server, const store_request& request, std::size_t size) {
    ++server.counters.sets;
    ++server.counters.classes[slab_class_of(stored_size(request.key, size, request.flags))].sets;
}

/// Counts and carries out a store whose value has arrived; `cas` gets the new item's number.
inline store_outcome finish_store(server_state& server, store_request request, std::uint64_t& cas) {
    const bool compares = request.mode == store_mode::cas;
    const stored_item* const old = server.items.find(request.key);
    const auto old_class =
        old == nullptr ? 0 : slab_class_of(stored_size(request.key, old->value.size(), old->flags));
    const auto outcome = server.items.store(std::move(request), cas);
    if (!compares) return outcome;
    if (old_class == 0) {
        ++server.counters.cas_misses;
    } else {
        auto& counted = server.counters.classes[old_class];
        ++(outcome == store_outcome::stored ? counted.cas_hits : counted.cas_mismatches);
    }
    return outcome;
}

/// Counts and carries out arithmetic.
inline delta_result apply_delta(server_state& server, std::string_view key,
                                const delta_request& request) {
    const stored_item* const old = server.items.find(key);
    class_counters* const counted = old == nullptr ? nullptr : &server.class_of(key, *old);
    const auto result = server.items.apply_delta(key, request);
    if (result.outcome == delta_outcome::ok) {
        ++(request.is_up ? counted->increment_hits : counted->decrement_hits);
    }
    return result;
}

}  // namespace memring::testing
