#pragma once
// The baseline: a blocking socket without any client. It writes commands that were built before
// and reads until as many bytes are there as their replies have; it looks at none of them.

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <support/forked_memcached.hpp>

namespace memring::benchmark {

class plain_socket {
public:
    explicit plain_socket(std::uint16_t port) {
        const auto address = testing::detail::loopback_address(port);
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
        if (::connect(x_socket.handle(), generic, sizeof address) != 0) fail("connect");
        const int on = 1;
        ::setsockopt(x_socket.handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }

    /// Sends `commands` once to learn how long their replies are; `replies_to` must have as many.
    [[nodiscard]] std::size_t learn(std::string_view commands) {
        constexpr std::string_view barrier = "MN\r\n";
        write(std::string(commands) + "mn\r\n");
        std::string replies;
        while (!replies.ends_with(barrier)) replies.append(x_bytes.data(), read());
        return replies.size() - barrier.size();
    }

    /// One round trip: `reply_size` is what `learn` said of the same commands.
    void round_trip(std::string_view commands, std::size_t reply_size) {
        write(commands);
        std::size_t got = 0;
        while (got < reply_size) got += read();
        if (got != reply_size) throw std::runtime_error("the replies have changed their length");
    }

private:
    [[noreturn]] static void fail(const char* what) {
        throw std::system_error(errno, std::generic_category(), what);
    }

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(x_socket.handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) fail("send");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    [[nodiscard]] std::size_t read() {
        const auto got = ::recv(x_socket.handle(), x_bytes.data(), x_bytes.size(), 0);
        if (got <= 0) fail("recv");
        return static_cast<std::size_t>(got);
    }

    testing::detail::scoped_socket x_socket;
    std::array<char, 256 * 1024> x_bytes;
};

}  // namespace memring::benchmark
