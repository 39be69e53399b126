#pragma once
// The limit: a blocking socket to each node, without any client. It writes commands that were built
// before and reads until as many bytes are there as their replies have; it looks at none of them.

#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <memring/hashing/ketama.hpp>
#include <memring/node.hpp>

#include <support/forked_memcached.hpp>

#include "data_set.hpp"

namespace memring::benchmark {

/// The bytes for all keys of a data set, in the dialects there are.
enum class wire_form : unsigned char {
    classic_gets,  ///< one `gets k1 k2 ... kn` for each node
    meta_gets,     ///< an `mg` for each key, as a client must ask that checks its answers
    classic_sets,  ///< a `set` for each key, answered one by one
    meta_sets,     ///< an `ms` for each key, answered one by one
    quiet_sets,    ///< an `ms` with `q` for each key and one `mn`: only failures are answered
    classic_get,   ///< a `get` for each key
    meta_get,      ///< an `mg` for each key, without the cas number that changes replies' length
};

class plain_sockets {
public:
    plain_sockets(const std::vector<node>& nodes, const data_set& data)
        : x_data(data), x_policy(nodes), x_bytes(256 * 1024) {
        for (const node& each : nodes) x_lines.push_back(connect(each.port));
    }

    /// Commands for every key, to its owner.
    class batch {
    public:
        batch(plain_sockets& sockets, wire_form form)
            : x_sockets(&sockets), x_commands(sockets.batch_commands(form)) {}

        /// Learns how long the replies are; again before each slice, because the cas number in
        /// them grows with the stores of other loads.
        void learn() {
            x_reply_sizes.clear();
            for (std::size_t i = 0; i < x_commands.size(); ++i) {
                x_reply_sizes.push_back(x_sockets->learn(i, x_commands[i]));
            }
        }

        /// All nodes are written to, then all are read from.
        void round_trip() {
            for (std::size_t i = 0; i < x_commands.size(); ++i) {
                x_sockets->write(i, x_commands[i]);
            }
            for (std::size_t i = 0; i < x_commands.size(); ++i) {
                x_sockets->read(i, x_reply_sizes[i]);
            }
        }

    private:
        plain_sockets* x_sockets;
        std::vector<std::string> x_commands;  // by node
        std::vector<std::size_t> x_reply_sizes;
    };

    /// Commands for one key after the other.
    class single {
    public:
        single(plain_sockets& sockets, wire_form form) : x_sockets(&sockets) {
            for (const auto key : sockets.x_data.keys()) {
                x_owners.push_back(sockets.x_policy.owner_of(key));
                x_commands.push_back(sockets.command(form, key));
            }
            x_reply_size = sockets.learn(x_owners[0], x_commands[0]);
        }

        void round_trip() {
            x_sockets->write(x_owners[x_next], x_commands[x_next]);
            x_sockets->read(x_owners[x_next], x_reply_size);
            x_next = (x_next + 1) % x_commands.size();
        }

    private:
        plain_sockets* x_sockets;
        std::vector<std::uint32_t> x_owners;
        std::vector<std::string> x_commands;
        std::size_t x_reply_size = 0;  // the same for all keys
        std::size_t x_next = 0;
    };

private:
    using line = std::unique_ptr<testing::detail::scoped_socket>;
    static constexpr std::string_view barrier = "mn\r\n";
    static constexpr std::string_view barrier_reply = "MN\r\n";

    [[noreturn]] static void fail(const char* what) {
        throw std::system_error(errno, std::generic_category(), what);
    }

    [[nodiscard]] static line connect(std::uint16_t port) {
        auto made = std::make_unique<testing::detail::scoped_socket>();
        const auto address = testing::detail::loopback_address(port);
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
        if (::connect(made->handle(), generic, sizeof address) != 0) fail("connect");
        const int on = 1;
        ::setsockopt(made->handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return made;
    }

    [[nodiscard]] std::string command(wire_form form, std::string_view key) const {
        const std::string name(key);
        const std::string size = std::to_string(x_data.value().size());
        const std::string block = "\r\n" + x_data.value() + "\r\n";
        switch (form) {
            case wire_form::classic_gets: return " " + name;
            case wire_form::classic_get: return "get " + name + "\r\n";
            case wire_form::meta_get: return "mg " + name + " v f O1234\r\n";
            case wire_form::meta_gets: return "mg " + name + " v f c O1234\r\n";
            case wire_form::classic_sets: return "set " + name + " 0 0 " + size + block;
            case wire_form::meta_sets: return "ms " + name + " " + size + " O1234" + block;
            case wire_form::quiet_sets: return "ms " + name + " " + size + " q" + block;
        }
        return {};
    }

    [[nodiscard]] std::vector<std::string> batch_commands(wire_form form) const {
        std::vector<std::string> commands(x_lines.size());
        for (const auto key : x_data.keys()) {
            commands[x_policy.owner_of(key)].append(command(form, key));
        }
        for (std::string& each : commands) {
            if (each.empty()) continue;  // a node without keys is not asked
            if (form == wire_form::classic_gets) each = "gets" + each + "\r\n";
            if (form == wire_form::quiet_sets) each.append(barrier);
        }
        return commands;
    }

    /// Sends `commands` once to learn how long their replies are.
    [[nodiscard]] std::size_t learn(std::size_t where, const std::string& commands) {
        if (commands.empty()) return 0;
        const bool has_barrier = commands.ends_with(barrier);
        write(where, has_barrier ? commands : commands + std::string(barrier));
        std::string end;
        std::size_t size = 0;
        while (!end.ends_with(barrier_reply)) {
            const std::size_t got = read_some(where);
            size += got;
            end.append(x_bytes.data(), got);
            if (end.size() > 64) end.erase(0, end.size() - 64);
        }
        return has_barrier ? size : size - barrier_reply.size();
    }

    void write(std::size_t where, std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent =
                ::send(x_lines[where]->handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) fail("send");
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void read(std::size_t where, std::size_t reply_size) {
        std::size_t got = 0;
        while (got < reply_size) got += read_some(where);
        if (got != reply_size) throw std::runtime_error("the replies have changed their length");
    }

    [[nodiscard]] std::size_t read_some(std::size_t where) {
        const auto got = ::recv(x_lines[where]->handle(), x_bytes.data(), x_bytes.size(), 0);
        if (got <= 0) fail("recv");
        return static_cast<std::size_t>(got);
    }

    const data_set& x_data;
    ketama x_policy;
    std::vector<line> x_lines;
    std::vector<char> x_bytes;
};

}  // namespace memring::benchmark
