#pragma once
// An in-process memcached: its items, its time, its node list and its faults, for tests of
// applications and of memring itself. No Asio, no sockets: memory_session.hpp speaks the protocol,
// memory_transport.hpp and loopback_server.hpp connect it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/node.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/login.hpp>
#include <memring/testing/server_counters.hpp>
#include <memring/testing/server_state.hpp>

namespace memring::testing {

/// The body of an answer to `config get cluster`.
[[nodiscard]] inline std::string config_body(std::uint64_t version,
                                             const std::vector<node>& nodes) {
    std::string body = std::to_string(version) + "\n";
    for (const auto& n : nodes) {
        if (body.back() != '\n') body += ' ';
        body += n.host + "|" + n.address + "|" + std::to_string(n.port);
    }
    return body + "\n";
}

struct memory_server_options {
    std::size_t item_size_limit = 1024 * 1024;  ///< bytes, with header and key; default 1 MiB
    /// What `version` announces. An older one lacks what came later: see `server_features`.
    std::string version = "1.6.18";
    std::function<std::int64_t()> clock = nullptr;  ///< Unix seconds; default the system's clock
    std::optional<required_login> login = std::nullopt;  ///< whom to let in; default anybody
};

/// The items and settings that the connections to one server share.
///
/// Thread-safety: every member locks, and so does a session at work. Lifetime: outlives its
/// sessions.
class memory_server {
public:
    explicit memory_server(memory_server_options settings = {});
    memory_server(const memory_server&) = delete;
    memory_server& operator=(const memory_server&) = delete;

    /// The server's time, Unix seconds, and a way to make it pass.
    [[nodiscard]] std::int64_t now() const;
    void advance(std::int64_t seconds);

    /// The item as a client that reads with `u` would find it.
    [[nodiscard]] std::optional<stored_item> peek(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys() const;
    [[nodiscard]] std::size_t item_count() const;
    /// Stores `item` under a new cas number; its times are Unix seconds.
    void put(std::string_view key, stored_item item);
    /// Drops the item, as memory pressure would. False if it is not there.
    bool evict(std::string_view key);

    /// Publishes a node list. Without one, `config` is unknown, as in stock memcached.
    void set_config(std::uint64_t version, const std::vector<node>& nodes);
    /// Publishes only under the key `AmazonElastiCache:cluster` (false), or under both (true, as
    /// from the start).
    void set_config_command(bool is_known);
    /// Answers `config get cluster` with these bytes, whatever they are.
    void set_config_reply(std::string bytes);
    void clear_config();

    /// Whether `lru_crawler` runs and lists keys at all (both true from the start).
    void set_crawler(bool is_enabled, bool is_dump_enabled = true);

    [[nodiscard]] faults current_faults() const;
    void set_faults(faults misbehaviour);

    /// How often each thing was asked for.
    [[nodiscard]] server_counters counters() const;

private:
    friend class memory_session;

    mutable std::mutex x_mutex;
    mutable server_state x_state;  // looking an item up drops it when it has expired
};

inline memory_server::memory_server(memory_server_options settings)
    : x_state(
          settings.clock ? std::move(settings.clock)
                         : [] {
                               const auto time = std::chrono::system_clock::now();
                               const auto passed = time.time_since_epoch();
                               return static_cast<std::int64_t>(
                                   std::chrono::duration_cast<std::chrono::seconds>(passed).count());
                           },
          settings.item_size_limit, std::move(settings.version)) {
    x_state.login = std::move(settings.login);
}

inline std::int64_t memory_server::now() const {
    const std::lock_guard lock(x_mutex);
    return x_state.items.now();
}

inline void memory_server::advance(std::int64_t seconds) {
    const std::lock_guard lock(x_mutex);
    x_state.items.advance(seconds);
}

inline std::optional<stored_item> memory_server::peek(std::string_view key) const {
    const std::lock_guard lock(x_mutex);
    const stored_item* const item = x_state.items.find(key);
    return item == nullptr ? std::nullopt : std::optional(*item);
}

inline std::vector<std::string> memory_server::keys() const {
    const std::lock_guard lock(x_mutex);
    std::vector<std::string> result;
    x_state.items.for_each(
        [&](std::string_view key, const stored_item&) { result.emplace_back(key); });
    return result;
}

inline std::size_t memory_server::item_count() const {
    const std::lock_guard lock(x_mutex);
    return x_state.items.size();
}

inline void memory_server::put(std::string_view key, stored_item item) {
    const std::lock_guard lock(x_mutex);
    x_state.items.put(key, std::move(item));
}

inline bool memory_server::evict(std::string_view key) {
    const std::lock_guard lock(x_mutex);
    return x_state.items.erase(key);
}

inline void memory_server::set_config(std::uint64_t version, const std::vector<node>& nodes) {
    const std::lock_guard lock(x_mutex);
    x_state.config = config_body(version, nodes);
    x_state.config_reply.reset();
}

inline void memory_server::set_config_command(bool is_known) {
    const std::lock_guard lock(x_mutex);
    x_state.has_config_command = is_known;
}

inline void memory_server::set_config_reply(std::string bytes) {
    const std::lock_guard lock(x_mutex);
    x_state.config_reply = std::move(bytes);
}

inline void memory_server::clear_config() {
    const std::lock_guard lock(x_mutex);
    x_state.config.reset();
    x_state.config_reply.reset();
}

inline void memory_server::set_crawler(bool is_enabled, bool is_dump_enabled) {
    const std::lock_guard lock(x_mutex);
    x_state.is_crawler_enabled = is_enabled;
    x_state.is_dump_enabled = is_dump_enabled;
}

inline faults memory_server::current_faults() const {
    const std::lock_guard lock(x_mutex);
    return x_state.misbehaviour;
}

inline void memory_server::set_faults(faults misbehaviour) {
    const std::lock_guard lock(x_mutex);
    x_state.misbehaviour = std::move(misbehaviour);
}

inline server_counters memory_server::counters() const {
    const std::lock_guard lock(x_mutex);
    return x_state.counters;
}

}  // namespace memring::testing
