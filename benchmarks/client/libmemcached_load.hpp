#pragma once
// The same work through libmemcached, where it is installed.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <libmemcached/memcached.h>

#include <memring/node.hpp>

#include "data_set.hpp"
#include "stopwatch.hpp"

namespace memring::benchmark {

/// A client over a weighted ketama ring, without delays, in one of its two protocols. Beyond 100
/// nodes, which libmemcached 1.1.4 has no room for on a ring, it spreads keys by modulus.
class libmemcached_load {
public:
    enum class protocol : unsigned char { ascii, binary };

    libmemcached_load(const std::vector<node>& nodes, const data_set& data, protocol dialect)
        : x_data(data),
          x_client(make(nodes, dialect, false)),
          x_stores(make(nodes, dialect, true)) {
        for (const auto key : data.keys()) {
            x_keys.push_back(key.data());
            x_sizes.push_back(key.size());
        }
        for (std::size_t i = 0; i < x_keys.size(); ++i) store(x_client.get(), i);
    }

    /// `memcached_mget` of all keys, then each result.
    void get_many(stopwatch& watch) {
        do {
            const auto asked =
                memcached_mget(x_client.get(), x_keys.data(), x_sizes.data(), x_keys.size());
            if (asked != MEMCACHED_SUCCESS) fail("memcached_mget", asked);
            fetch_all();
        } while (watch.count(x_keys.size()));
    }

    /// A buffered `memcached_set` of all keys, and what is left in the buffers flushed: it does not
    /// wait for the replies. Those are read before they get too many, because libmemcached 1.1.4
    /// reads them amid a later command otherwise, and then an assertion may end the process
    /// (`instance->fd != INVALID_SOCKET`).
    void set_many(stopwatch& watch) {
        do {
            for (std::size_t i = 0; i < x_keys.size(); ++i) store(x_stores.get(), i);
            const auto done = memcached_flush_buffers(x_stores.get());
            if (done != MEMCACHED_SUCCESS) fail("memcached_flush_buffers", done);
            x_unread += x_keys.size();
            if (x_unread + x_keys.size() > most_unread) read_replies();
        } while (watch.count(x_keys.size()));
        read_replies();
    }

    void get_one() {
        std::size_t size = 0;
        std::uint32_t flags = 0;
        memcached_return_t error{};
        char* const value =
            memcached_get(x_client.get(), x_keys[x_next], x_sizes[x_next], &size, &flags, &error);
        std::free(value);
        if (size != x_data.value().size()) fail("memcached_get", error);
        x_next = (x_next + 1) % x_keys.size();
    }

    void set_one() {
        store(x_client.get(), x_next);
        x_next = (x_next + 1) % x_keys.size();
    }

private:
    struct deleter {
        void operator()(memcached_st* client) const noexcept { memcached_free(client); }
    };
    using handle = std::unique_ptr<memcached_st, deleter>;
    static constexpr std::size_t most_unread = 1000;
    static constexpr std::size_t most_on_ring = 100;

    [[noreturn]] void fail(const char* what, memcached_return_t error) const {
        throw std::runtime_error(std::string(what) + ": " + memcached_strerror(nullptr, error));
    }

    [[nodiscard]] static handle make(const std::vector<node>& nodes, protocol dialect,
                                     bool is_buffered) {
        handle made(memcached_create(nullptr));
        if (!made) throw std::runtime_error("memcached_create");
        if (nodes.size() <= most_on_ring) {
            memcached_behavior_set(made.get(), MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
        }
        memcached_behavior_set(made.get(), MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
        if (dialect == protocol::binary) {
            memcached_behavior_set(made.get(), MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, 1);
        }
        if (is_buffered) {
            memcached_behavior_set(made.get(), MEMCACHED_BEHAVIOR_BUFFER_REQUESTS, 1);
        }
        for (const node& each : nodes) {
            memcached_server_add(made.get(), each.host.c_str(), each.port);
        }
        return made;
    }

    void store(memcached_st* client, std::size_t i) {
        const auto done = memcached_set(client, x_keys[i], x_sizes[i], x_data.value().data(),
                                        x_data.value().size(), 0, 0);
        if (done != MEMCACHED_SUCCESS && done != MEMCACHED_BUFFERED) fail("memcached_set", done);
    }

    // What asks for a key first reads the replies to everything before.
    void read_replies() {
        const auto asked = memcached_mget(x_stores.get(), x_keys.data(), x_sizes.data(), 1);
        if (asked != MEMCACHED_SUCCESS) fail("memcached_mget", asked);
        memcached_return_t error{};
        while (memcached_fetch_result(x_stores.get(), nullptr, &error) != nullptr) {
        }
        x_unread = 0;
    }

    void fetch_all() {
        std::size_t found = 0;
        memcached_return_t error{};
        memcached_result_st storage;  // used for one after the other
        memcached_result_st* const result = memcached_result_create(x_client.get(), &storage);
        while (memcached_fetch_result(x_client.get(), result, &error) != nullptr) {
            found += memcached_result_length(result) == x_data.value().size() ? 1 : 0;
        }
        memcached_result_free(result);
        if (found != x_keys.size()) fail("memcached_fetch_result", error);
    }

    const data_set& x_data;
    handle x_client;
    handle x_stores;
    std::vector<const char*> x_keys;
    std::vector<std::size_t> x_sizes;
    std::size_t x_next = 0;
    std::size_t x_unread = 0;
};

}  // namespace memring::benchmark
