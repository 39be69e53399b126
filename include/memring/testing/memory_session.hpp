#pragma once
// One connection to a memory_server, bytes in and bytes out: meta and classic commands, `config get
// cluster` and key dumps, as memcached 1.6.18 answers them, byte for byte. What it does not have:
// eviction by memory, slab statistics, `me`, `watch`, extstore and the binary protocol.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <memring/testing/admin_commands.hpp>
#include <memring/testing/classic_commands.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/meta_commands.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

/// One connection to a `memory_server`.
///
///     memory_server server;
///     memory_session session(server);
///     session.feed("set greeting 0 0 5\r\nhello\r\n", out);   // out is "STORED\r\n"
///
/// Thread-safety: one thread at a time for a session, any
/// number for different sessions of a server.
class memory_session {
public:
    explicit memory_session(memory_server& server);

    /// Takes bytes from the client, appends what the server answers to `out`.
    void feed(std::string_view bytes, std::string& out);

    /// The two halves of `feed`: take bytes, then answer one command. `step` is false when no
    /// whole command is there.
    void take(std::string_view bytes);
    bool step(std::string& out);

    /// Whether the server ends the connection: after quit, or a line without end.
    [[nodiscard]] bool wants_close() const noexcept { return x_session.wants_close; }
    /// Commands answered so far; one with noreply counts.
    [[nodiscard]] std::size_t commands() const noexcept { return x_commands; }

private:
    bool swallow();
    bool run_line(std::string& out);
    bool finish_store(std::string& out);
    void append_outcome(const pending_store& done, store_outcome outcome, std::uint64_t cas,
                        std::string& out) const;
    [[nodiscard]] std::string_view rest() const noexcept {
        return std::string_view(x_input).substr(x_at);
    }

    memory_server* x_server;
    session_state x_session;
    std::string x_input;
    std::size_t x_at = 0;
    std::size_t x_commands = 0;
};

inline memory_session::memory_session(memory_server& server) : x_server(&server) {
    const std::lock_guard lock(server.x_mutex);
    ++server.x_state.counters.connections;
}

inline void memory_session::feed(std::string_view bytes, std::string& out) {
    take(bytes);
    while (step(out)) {
    }
}

inline void memory_session::take(std::string_view bytes) {
    if (wants_close()) return;
    x_input.erase(0, x_at);
    x_at = 0;
    x_input += bytes;
    x_session.has_unsent_replies = false;
}

inline bool memory_session::swallow() {
    const auto size = std::min(x_session.to_swallow, rest().size());
    x_at += size;
    x_session.to_swallow -= size;
    return x_session.to_swallow == 0;
}

inline bool memory_session::step(std::string& out) {
    const std::lock_guard lock(x_server->x_mutex);
    while (!wants_close() && swallow()) {
        const auto before = out.size();
        if (x_session.pending ? !finish_store(out) : !run_line(out)) return false;
        if (x_session.pending) continue;  // its value may be there already
        const bool is_flushed = std::exchange(x_session.flushes, false);
        x_session.has_unsent_replies =
            !is_flushed && (x_session.has_unsent_replies || out.size() != before);
        ++x_commands;
        ++x_server->x_state.counters.commands;
        return true;
    }
    return false;
}

inline bool memory_session::run_line(std::string& out) {
    const auto input = rest();
    const auto end = input.find('\n');
    if (end == std::string_view::npos) {
        // A multiget may be of any length, everything else has to end some time.
        constexpr std::size_t longest = 2048;
        const bool is_multiget = input.starts_with("get ") || input.starts_with("gets ");
        x_session.wants_close = input.size() > longest && !is_multiget;
        return false;
    }
    auto text = input.substr(0, end);
    x_at += end + 1;
    if (text.ends_with('\r')) text.remove_suffix(1);
    const auto words = words_of(text);
    const command_line line{x_server->x_state, x_session, words, out};
    if (words.empty() ||
        !(run_meta_command(line) || run_classic_command(line) || run_admin_command(line))) {
        out += "ERROR\r\n";
    }
    if (std::exchange(x_session.discards_input, false)) x_at = x_input.size();
    return true;
}

inline bool memory_session::finish_store(std::string& out) {
    const auto size = x_session.pending->size;
    if (rest().size() < size + 2) return false;
    auto done = std::move(*x_session.pending);
    x_session.pending.reset();
    const auto bytes = rest().substr(0, size + 2);
    x_at += bytes.size();
    auto& server = x_server->x_state;
    if (!bytes.ends_with("\r\n")) {
        if (!done.is_quiet || done.is_meta) out += "CLIENT_ERROR bad data chunk\r\n";
        return true;
    }
    const auto value = bytes.substr(0, size);
    if (done.is_config) {
        server.config = value;
        out += "OK\r\n";
        return true;
    }
    ++server.counters.sets;
    done.request.value = value;
    std::uint64_t cas = 0;
    const auto outcome = server.items.store(std::move(done.request), cas);
    append_outcome(done, outcome, cas, out);
    return true;
}

inline void memory_session::append_outcome(const pending_store& done, store_outcome outcome,
                                           std::uint64_t cas, std::string& out) const {
    constexpr const char* classic[] = {"STORED", "NOT_STORED", "EXISTS", "NOT_FOUND"};
    constexpr const char* meta[] = {"HD", "NS", "EX", "NF"};
    const auto index = static_cast<std::size_t>(outcome);
    if (done.is_quiet && (!done.is_meta || outcome == store_outcome::stored)) return;
    out += done.is_meta ? meta[index] : classic[index];
    for (const auto& text : done.echo) out += text == "c" ? " c" + std::to_string(cas) : text;
    out += "\r\n";
}

}  // namespace memring::testing
