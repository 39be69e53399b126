#pragma once
// The same gets through libmemcached, where it is installed.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <vector>

#include <libmemcached/memcached.h>

#include "data_set.hpp"
#include "stopwatch.hpp"

namespace memring::benchmark {

/// `memcached_mget` of all keys, then each result, one batch after the other.
class libmemcached_load {
public:
    libmemcached_load(std::uint16_t port, const data_set& data)
        : x_data(data), x_client(memcached_create(nullptr)) {
        if (!x_client) throw std::runtime_error("memcached_create");
        memcached_behavior_set(x_client.get(), MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
        memcached_server_add(x_client.get(), "127.0.0.1", port);
        for (const auto key : data.keys()) {
            x_keys.push_back(key.data());
            x_sizes.push_back(key.size());
        }
    }

    void batch_gets(stopwatch& watch) {
        do {
            const auto asked =
                memcached_mget(x_client.get(), x_keys.data(), x_sizes.data(), x_keys.size());
            if (asked != MEMCACHED_SUCCESS) throw std::runtime_error("memcached_mget");
            fetch_all();
        } while (watch.count(key_count));
    }

    void single_gets(stopwatch& watch) {
        std::size_t next = 0;
        do {
            std::size_t size = 0;
            std::uint32_t flags = 0;
            memcached_return_t error{};
            char* const value =
                memcached_get(x_client.get(), x_keys[next], x_sizes[next], &size, &flags, &error);
            std::free(value);
            if (size != x_data.value().size()) throw std::runtime_error("memcached_get");
            next = (next + 1) % x_keys.size();
        } while (watch.count());
    }

private:
    struct deleter {
        void operator()(memcached_st* client) const noexcept { memcached_free(client); }
    };

    void fetch_all() {
        std::size_t found = 0;
        memcached_return_t error{};
        memcached_result_st storage;  // used for one after the other, freed by the last fetch
        memcached_result_st* const result = memcached_result_create(x_client.get(), &storage);
        while (memcached_fetch_result(x_client.get(), result, &error) != nullptr) {
            found += memcached_result_length(result) == x_data.value().size() ? 1 : 0;
        }
        if (found != x_keys.size()) throw std::runtime_error("memcached_fetch_result");
    }

    const data_set& x_data;
    std::unique_ptr<memcached_st, deleter> x_client;
    std::vector<const char*> x_keys;
    std::vector<std::size_t> x_sizes;
};

}  // namespace memring::benchmark
