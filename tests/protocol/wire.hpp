#pragma once
// A blocking socket that speaks one protocol to a real memcached, by the encoders and decoders
// alone: what the tests need to show that the bytes are right.

#include <poll.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <memring/protocol/admin_command.hpp>
#include <memring/protocol/binary_decoder.hpp>
#include <memring/protocol/binary_encoder.hpp>
#include <memring/protocol/classic_decoder.hpp>
#include <memring/protocol/classic_encoder.hpp>
#include <memring/protocol/handshake.hpp>
#include <memring/protocol/meta.hpp>
#include <memring/protocol/protocol.hpp>

#include <support/forked_memcached.hpp>

namespace memring::testing {

class wire {
public:
    wire(std::uint16_t port, protocol spoken) : x_spoken(spoken) {
        const auto address = detail::loopback_address(port);
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
        if (::connect(x_socket.handle(), generic, sizeof address) != 0)
            throw std::runtime_error("no connection to memcached");
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(x_socket.handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) throw std::runtime_error("memcached does not take bytes");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// The answer, which owns its value; what is refused before it is sent has that error.
    answer ask(const command& c, bool is_quiet = false) {
        std::string bytes;
        answer out;
        const std::uint32_t opaque = ++x_opaque;
        switch (x_spoken) {
            case protocol::classic:
                if ((out.error = classic_refusal(c))) return out;
                encode_classic(c, bytes);
                break;
            case protocol::binary:
                if ((out.error = binary_refusal(c))) return out;
                encode_binary(c, opaque, is_quiet, bytes);
                if (is_quiet) encode_binary_noop(++x_opaque, bytes);
                break;
            case protocol::meta:
            case protocol::automatic: encode_meta(c, opaque, bytes); break;
        }
        send(bytes);
        if (x_spoken == protocol::binary) return read_frames(c.what, opaque, is_quiet);
        return x_spoken == protocol::classic ? read_classic(c) : read_meta(c.what, opaque);
    }

    answer ask(const admin_command& c) {
        answer out;
        std::string bytes;
        if ((out.error = admin_refusal(c, x_spoken))) return out;
        const std::uint32_t opaque = ++x_opaque;
        const bool is_binary = x_spoken == protocol::binary;
        if (is_binary) {
            encode_binary_admin(c, opaque, bytes);
        } else {
            encode_admin(c, x_spoken, bytes);
        }
        send(bytes);
        admin_reply gathered;
        lines_state state{};
        do {
            state = is_binary ? gathered.add(c.what, opaque, frame(), out)
                              : gathered.add(c.what, line(), out);
            drop();
        } while (state == lines_state::open);
        if (state == lines_state::malformed) throw std::runtime_error("malformed admin reply");
        return out;
    }

    /// Plays the handshake to its end, which it returns; `talk` then knows the rest.
    handshake_state greet(handshake& talk) {
        auto state = talk.start();
        for (;;) {
            switch (state) {
                case handshake_state::send:
                    send(talk.to_send());
                    state = handshake_state::need_more;
                    break;
                case handshake_state::need_more: {
                    std::size_t consumed = 0;
                    state = talk.feed(x_buffered, consumed);
                    x_buffered.erase(0, consumed);
                    if (state == handshake_state::need_more) receive();
                    break;
                }
                case handshake_state::ready: x_spoken = talk.spoken(); return state;
                case handshake_state::failed: return state;
            }
        }
    }

    /// The next text reply; its views hold until `drop`.
    reply line() {
        reply got;
        reply_parser parser;
        parse_all([&] { return parser.parse(x_buffered, got); });
        x_front = got.size;
        return got;
    }

    /// The next frame; its views hold until `drop`.
    binary_reply frame() {
        binary_reply got;
        binary_parser parser;
        parse_all([&] { return parser.parse(x_buffered, got); });
        x_front = got.size;
        return got;
    }

    void drop() {
        x_buffered.erase(0, x_front);
        x_front = 0;
    }

    /// Whether everything received has been read.
    [[nodiscard]] bool is_drained() const noexcept { return x_buffered.empty(); }

private:
    answer read_meta(verb what, std::uint32_t opaque) {
        answer out;
        if (!parse_meta_answer({what, opaque}, line(), out)) throw std::runtime_error("meta reply");
        return owned(out);
    }

    answer read_classic(const command& c) {
        answer out;
        classic_reader reader;
        parse_all([&] { return reader.read(x_buffered, c.what, c.key.view(), out, x_front); });
        return owned(out);
    }

    answer read_frames(verb what, std::uint32_t opaque, bool is_quiet) {
        answer out;
        binary_reply got = frame();
        if (is_quiet && got.opcode == binary_opcode::noop) {
            assume_silence(what, out);
            return owned(out);
        }
        if (!parse_binary_answer(what, opaque, got, out)) throw std::runtime_error("binary reply");
        out = owned(out);
        if (is_quiet && has_quiet_form(what)) {
            if (frame().opcode != binary_opcode::noop) throw std::runtime_error("no barrier");
            drop();
        }
        return out;
    }

    answer owned(answer& out) {
        out.own();
        drop();
        return out;
    }

    template <class Parse>
    void parse_all(Parse&& parse) {
        for (;;) {
            switch (parse()) {
                case parse_state::complete: return;
                case parse_state::malformed: throw std::runtime_error("malformed reply");
                case parse_state::need_more: receive(); break;
            }
        }
    }

    void receive() {
        pollfd readable{x_socket.handle(), POLLIN, 0};
        if (::poll(&readable, 1, 10'000) != 1) throw std::runtime_error("memcached is silent");
        char bytes[4096];
        const auto size = ::recv(x_socket.handle(), bytes, sizeof bytes, 0);
        if (size <= 0) throw std::runtime_error("memcached has closed the connection");
        x_buffered.append(bytes, static_cast<std::size_t>(size));
    }

    detail::scoped_socket x_socket;
    protocol x_spoken;
    std::string x_buffered;
    std::size_t x_front = 0;  // bytes of the reply that is being looked at
    std::uint32_t x_opaque = 0xfffffff0;
};

}  // namespace memring::testing
