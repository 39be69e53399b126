#pragma once
// One connection to a memory_server, bytes in and bytes out: meta, classic and binary commands,
// `config get cluster` and key dumps, as memcached 1.6.18 answers them, byte for byte. What it does
// not have: eviction by memory, the LRU, prefix statistics (`stats detail`), `watch` and extstore.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <memring/testing/admin_commands.hpp>
#include <memring/testing/binary_admin.hpp>
#include <memring/testing/binary_commands.hpp>
#include <memring/testing/binary_frame.hpp>
#include <memring/testing/classic_commands.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/login_commands.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/meta_commands.hpp>
#include <memring/testing/meta_store.hpp>
#include <memring/testing/server_state.hpp>
#include <memring/testing/wire_text.hpp>

namespace memring::testing {

/// One connection to a `memory_server`.
///
///     memory_server server;
///     memory_session session(server);
///     session.feed("set greeting 0 0 5\r\nhello\r\n", out);   // out is "STORED\r\n"
///
/// The first byte decides: 0x80 for the binary protocol, anything else for text; a server that
/// wants a login speaks one of them only. Thread-safety: one thread at a time for a session, any
/// number for different sessions of a server. Lifetime: within the server's.
class memory_session {
public:
    explicit memory_session(memory_server& server);
    memory_session(const memory_session&) = delete;
    memory_session& operator=(const memory_session&) = delete;
    ~memory_session();

    /// Takes bytes from the client, appends what the server answers to `out`.
    void feed(std::string_view bytes, std::string& out);

    /// The two halves of `feed`: take bytes, then answer one command. `step` is false when no
    /// whole command is there.
    void take(std::string_view bytes);
    bool step(std::string& out);

    /// Whether the server ends the connection: after quit, a line without end, or a frame that
    /// makes no sense.
    [[nodiscard]] bool wants_close() const noexcept { return x_session.wants_close; }
    /// Commands answered so far; one with noreply counts, and so does a quiet one.
    [[nodiscard]] std::size_t commands() const noexcept { return x_commands; }

private:
    bool swallow();
    bool run_whole(std::string& out);
    bool run_next(std::string& out);
    bool run_frame(std::string& out);
    bool run_line(std::string& out);
    bool finish_pending(std::string& out);
    void use_value(pending_store& done, std::string_view value, std::string& out);
    [[nodiscard]] wire_protocol protocol_of(char first) const;
    [[nodiscard]] bool has_to_log_in() const;
    [[nodiscard]] bool speaks_sasl() const;
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
    ++server.x_state.open_connections;
}

inline memory_session::~memory_session() {
    const std::lock_guard lock(x_server->x_mutex);
    --x_server->x_state.open_connections;
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
    const std::lock_guard lock(x_server->x_mutex);
    x_server->x_state.counters.bytes_read += bytes.size();
}

inline bool memory_session::swallow() {
    const auto size = std::min(x_session.to_swallow, rest().size());
    x_at += size;
    x_session.to_swallow -= size;
    return x_session.to_swallow == 0;
}

inline bool memory_session::step(std::string& out) {
    const std::lock_guard lock(x_server->x_mutex);
    auto& counters = x_server->x_state.counters;
    const auto before = out.size();
    const bool is_login = has_to_log_in() && !speaks_sasl();
    if (!run_whole(out)) return false;
    // memcached has room for one reply in front of a login: of several in one go, the last is sent.
    for (std::string next; is_login && has_to_log_in() && run_whole(next); next.clear()) {
        out.replace(before, std::string::npos, next);
    }
    const bool is_flushed = std::exchange(x_session.flushes, false);
    x_session.has_unsent_replies =
        !is_flushed && (x_session.has_unsent_replies || out.size() != before);
    ++x_commands;
    ++counters.commands;
    counters.bytes_written += out.size() - before;
    return true;
}

inline bool memory_session::run_whole(std::string& out) {
    while (!wants_close() && swallow()) {
        if (x_session.pending ? !finish_pending(out) : !run_next(out)) return false;
        if (!x_session.pending) return true;
    }
    return false;
}

inline wire_protocol memory_session::protocol_of(char first) const {
    const bool has_login = x_server->x_state.login.has_value();
    const bool is_binary = has_login ? speaks_sasl() : first == request_magic;
    return is_binary ? wire_protocol::binary : wire_protocol::text;
}

inline bool memory_session::speaks_sasl() const {
    const auto& login = x_server->x_state.login;
    return login && login->how == login_protocol::sasl;
}

inline bool memory_session::has_to_log_in() const {
    return x_server->x_state.login.has_value() && !x_session.is_logged_in;
}

inline bool memory_session::run_next(std::string& out) {
    if (rest().empty()) return false;
    if (!x_session.protocol) x_session.protocol = protocol_of(rest().front());
    return *x_session.protocol == wire_protocol::binary ? run_frame(out) : run_line(out);
}

inline bool memory_session::run_frame(std::string& out) {
    if (rest().size() < frame_header_size) return false;
    const auto header = read_header(rest());
    if (header.magic != request_magic) {
        x_session.wants_close = true;
        return false;
    }
    const std::size_t size = frame_header_size + header.extras_size + header.key_size;
    if (rest().size() < size) return false;
    const auto frame = rest().substr(0, size);
    x_at += size;
    run_binary_command({.server = x_server->x_state,
                        .session = x_session,
                        .header = header,
                        .extras = frame.substr(frame_header_size, header.extras_size),
                        .key = frame.substr(frame_header_size + header.extras_size),
                        .out = out});
    return true;
}

inline bool memory_session::run_line(std::string& out) {
    const auto input = rest();
    const auto end = input.find('\n');
    if (end == std::string_view::npos) {
        // A multiget may be of any length, everything else has to end some time.
        constexpr std::size_t longest = 2048;
        const bool is_multiget = input.starts_with("get ") || input.starts_with("gets ");
        x_session.wants_close = input.size() > longest && (has_to_log_in() || !is_multiget);
        return false;
    }
    auto text = input.substr(0, end);
    x_at += end + 1;
    if (text.ends_with('\r')) text.remove_suffix(1);
    const auto words = words_of(text);
    const command_line line{x_server->x_state, x_session, words, out};
    if (has_to_log_in()) {
        run_text_login(line);
    } else if (words.empty() ||
               !(run_meta_command(line) || run_classic_command(line) || run_admin_command(line))) {
        out += "ERROR\r\n";
    }
    if (std::exchange(x_session.discards_input, false)) x_at = x_input.size();
    return true;
}

inline bool memory_session::finish_pending(std::string& out) {
    const auto use = x_session.pending->use;
    const bool is_line = use != value_use::binary && use != value_use::sasl;
    const auto size = x_session.pending->size;
    if (rest().size() < size + (is_line ? 2 : 0)) return false;
    auto done = std::move(*x_session.pending);
    x_session.pending.reset();
    const auto bytes = rest().substr(0, size + (is_line ? 2 : 0));
    x_at += bytes.size();
    const bool is_store =
        use == value_use::classic || use == value_use::meta || use == value_use::binary;
    if (is_store) count_set(x_server->x_state, done.request, size);
    if (!is_line || bytes.ends_with("\r\n")) {
        use_value(done, bytes.substr(0, size), out);
    } else if (use == value_use::text_login) {
        out += "CLIENT_ERROR bad command line termination\r\n";
    } else if (use != value_use::classic || !done.is_quiet) {
        out += "CLIENT_ERROR bad data chunk\r\n";
    }
    return true;
}

inline void memory_session::use_value(pending_store& done, std::string_view value,
                                      std::string& out) {
    auto& server = x_server->x_state;
    switch (done.use) {
        case value_use::config:
            server.config = value;
            out += "OK\r\n";
            return;
        case value_use::text_login: return finish_text_login(server, x_session, value, out);
        case value_use::sasl: return detail::finish_sasl(server, x_session, done, value, out);
        case value_use::classic:
        case value_use::meta:
        case value_use::binary: break;
    }
    done.request.value = value;
    std::uint64_t cas = 0;
    const auto outcome = finish_store(server, done.request, cas);
    if (done.use == value_use::classic) detail::append_classic_outcome(done, outcome, out);
    if (done.use == value_use::meta) detail::append_meta_outcome(done, outcome, cas, out);
    if (done.use == value_use::binary) detail::append_binary_outcome(done, outcome, cas, out);
}

}  // namespace memring::testing
