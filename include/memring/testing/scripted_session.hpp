#pragma once
// The server's end of one connection, with the faults its server is told to have: what a transport
// to the in-process memcached pushes bytes into and draws replies out of. No Asio.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <memring/testing/binary_frame.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_session.hpp>

namespace memring::testing {

namespace detail {

// The reply with another opaque in it.
[[nodiscard]] inline std::string with_wrong_opaque(std::string reply) {
    if (reply.size() >= frame_header_size && reply.front() == reply_magic) {
        constexpr std::size_t last_byte = 15;
        reply[last_byte] = static_cast<char>(reply[last_byte] ^ 1);
        return reply;
    }
    const auto line = std::string_view(reply).substr(0, reply.find("\r\n"));
    const auto at = line.find(" O");
    if (at == std::string_view::npos) return reply;
    const auto end = std::min(line.find(' ', at + 1), line.size());
    char& last = reply[end - 1];
    last = last == '7' ? '8' : '7';
    return reply;
}

}  // namespace detail

/// Thread-safety: as `memory_session`.
class scripted_session {
public:
    explicit scripted_session(memory_server& server) : x_server(&server), x_session(server) {}

    /// Takes bytes from the client and carries out what they ask for.
    void receive(std::string_view bytes);

    /// The next bytes for the client, at most `limit` of them and not more than the faults let
    /// through at a time; empty while there are none.
    [[nodiscard]] std::string take_part(std::size_t limit);
    [[nodiscard]] bool has_reply() const noexcept { return !x_replies.empty(); }

    /// Whether the stream is over: nothing will come any more.
    [[nodiscard]] bool has_ended() const noexcept {
        return x_replies.empty() && (x_is_cut || x_session.wants_close());
    }
    /// Ends the stream at once; replies not drawn are lost.
    void cut() noexcept {
        x_replies.clear();
        x_is_cut = true;
    }

private:
    void append(std::string reply, const faults& misbehaviour);

    memory_server* x_server;
    memory_session x_session;
    std::string x_replies;
    std::size_t x_reply_bytes = 0;
    std::size_t x_parts = 0;
    bool x_is_cut = false;
};

inline void scripted_session::receive(std::string_view bytes) {
    if (x_is_cut) return;
    x_session.take(bytes);
    const auto misbehaviour = x_server->current_faults();
    while (!x_is_cut) {
        if (misbehaviour.cut_after_commands &&
            x_session.commands() >= *misbehaviour.cut_after_commands) {
            x_is_cut = true;
            return;
        }
        std::string reply;
        if (!x_session.step(reply)) return;
        append(std::move(reply), misbehaviour);
    }
}

inline void scripted_session::append(std::string reply, const faults& misbehaviour) {
    const auto index = x_session.commands() - 1;
    if (misbehaviour.garbage_at_command == index) reply = misbehaviour.garbage;
    if (misbehaviour.wrong_opaque_at_command == index) reply = detail::with_wrong_opaque(reply);
    if (misbehaviour.stall_after_commands && index >= *misbehaviour.stall_after_commands) return;
    if (misbehaviour.cut_after_bytes) {
        const auto allowed = *misbehaviour.cut_after_bytes;
        const auto left = allowed - std::min(allowed, x_reply_bytes);
        x_is_cut = reply.size() >= left;
        reply.resize(std::min(reply.size(), left));
    }
    x_reply_bytes += reply.size();
    x_replies += reply;
}

inline std::string scripted_session::take_part(std::size_t limit) {
    const auto sizes = x_server->current_faults().split_sizes;
    if (!sizes.empty() && has_reply()) {
        limit = std::min(limit, std::max<std::size_t>(1, sizes[x_parts++ % sizes.size()]));
    }
    std::string part = x_replies.substr(0, limit);
    x_replies.erase(0, part.size());
    return part;
}

}  // namespace memring::testing
