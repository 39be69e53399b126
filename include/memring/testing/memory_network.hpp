#pragma once
// Which in-process server answers under which host and port, and which step of the traffic fails:
// the world that memory_transport connects to.

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <memring/node.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/scripted_session.hpp>

namespace memring::testing {

namespace detail {

// One connection, or the attempt at one. Both ends hold on to it: the transport and its
// operations, which outlive it.
struct memory_link {
    explicit memory_link(const asio::any_io_executor& executor) : wake(executor), late(executor) {
        wake.expires_at(asio::steady_timer::time_point::max());
    }

    void close() {
        is_closed = true;
        wake.cancel();
        late.cancel();
    }
    void cut() {
        if (session) session->cut();
        wake.cancel();
    }

    asio::steady_timer wake;  // never expires: cancelled when a reader has to look again
    asio::steady_timer late;  // for replies that come late
    std::shared_ptr<memory_server> server;
    std::optional<scripted_session> session;  // once connected
    bool is_closed = false;
};

}  // namespace detail

/// Servers by host and port. Thread-safety: none, belongs to the executor of the transports that
/// use it (the servers themselves lock).
///
///     auto network = std::make_shared<memory_network>();
///     network->add({"cache1"});
///     client<ketama, memory_transport> c(executor, {{"cache1"}}, {.transport = {network}});
class memory_network {
public:
    /// Puts `server`, or a new one, behind `where`; replaces what was there.
    memory_server& add(const node& where,
                       std::shared_ptr<memory_server> server = std::make_shared<memory_server>());
    /// Throws `std::out_of_range` if nothing was added there.
    [[nodiscard]] memory_server& server(const node& where);

    /// Ends all connections to `where`, as a crash does.
    void cut_connections(const node& where);
    /// Cuts the connections and refuses new ones until `start`; the items stay.
    void stop(const node& where);
    void start(const node& where);
    /// As `stop`, and forgets the server.
    void remove(const node& where);

    /// Lets the `number`-th transport step from now fail, from 0, and ends its connection. A step
    /// is one connect, read or write of any transport; a write that fails delivers nothing.
    void fail_step(std::size_t number,
                   std::error_code error = std::make_error_code(std::errc::connection_reset));
    /// Steps since the last `fail_step`, or since the start.
    [[nodiscard]] std::size_t steps() const noexcept { return x_steps; }
    /// Whether the step that was to fail has come.
    [[nodiscard]] bool has_failed() const noexcept { return x_fails_at && x_steps > *x_fails_at; }

    /// For transports: counts a step; the error it has to fail with.
    [[nodiscard]] std::error_code take_step() noexcept;
    /// For transports: connects `link`.
    [[nodiscard]] std::error_code connect(const node& where,
                                          const std::shared_ptr<detail::memory_link>& link);

private:
    struct place {
        std::shared_ptr<memory_server> server;
        bool is_stopped = false;
        std::vector<std::weak_ptr<detail::memory_link>> links;
    };

    place* find(const node& where);

    std::map<std::string, place> x_places;
    std::size_t x_steps = 0;
    std::optional<std::size_t> x_fails_at;
    std::error_code x_failure;
};

inline memory_network::place* memory_network::find(const node& where) {
    const auto found = x_places.find(to_string(where));
    return found == x_places.end() ? nullptr : &found->second;
}

inline memory_server& memory_network::add(const node& where,
                                          std::shared_ptr<memory_server> server) {
    cut_connections(where);
    auto& entry = x_places[to_string(where)];
    entry = {.server = std::move(server), .is_stopped = false, .links = {}};
    return *entry.server;
}

inline memory_server& memory_network::server(const node& where) {
    place* const entry = find(where);
    if (entry == nullptr) throw std::out_of_range("no memory_server at " + to_string(where));
    return *entry->server;
}

inline void memory_network::cut_connections(const node& where) {
    place* const entry = find(where);
    if (entry == nullptr) return;
    for (const auto& weak : std::exchange(entry->links, {})) {
        if (const auto link = weak.lock()) link->cut();
    }
}

inline void memory_network::stop(const node& where) {
    cut_connections(where);
    if (place* const entry = find(where)) entry->is_stopped = true;
}

inline void memory_network::start(const node& where) {
    if (place* const entry = find(where)) entry->is_stopped = false;
}

inline void memory_network::remove(const node& where) {
    cut_connections(where);
    x_places.erase(to_string(where));
}

inline void memory_network::fail_step(std::size_t number, std::error_code error) {
    x_steps = 0;
    x_fails_at = number;
    x_failure = error;
}

inline std::error_code memory_network::take_step() noexcept {
    const bool fails = x_fails_at && x_steps == *x_fails_at;
    ++x_steps;
    return fails ? x_failure : std::error_code();
}

inline std::error_code memory_network::connect(const node& where,
                                               const std::shared_ptr<detail::memory_link>& link) {
    place* const entry = find(where);
    if (entry == nullptr || entry->is_stopped ||
        entry->server->current_faults().refuses_connections) {
        return std::make_error_code(std::errc::connection_refused);
    }
    link->server = entry->server;
    link->session.emplace(*link->server);
    std::erase_if(entry->links, [](const auto& weak) { return weak.expired(); });
    entry->links.push_back(link);
    return {};
}

}  // namespace memring::testing
