#pragma once
// libmemcached's own lookup, where it is installed: the baseline of ketama.

#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string_view>

#include <libmemcached/memcached.h>

#include <memring/node.hpp>

namespace memring::benchmark {

/// A `memcached_st` set to KETAMA_WEIGHTED, with all servers added at once: one by one it would
/// build its ring again for each of them.
class libmemcached_ring {
public:
    /// Past 160 servers its 1.1.4 aborts on an assertion.
    static constexpr std::uint32_t most_nodes = 160;

    class server_list {
    public:
        explicit server_list(std::span<const node> nodes) {
            memcached_return_t error = MEMCACHED_SUCCESS;
            for (const node& n : nodes) {
                const auto list = memcached_server_list_append_with_weight(
                    x_list.get(), n.host.c_str(), n.port, n.weight, &error);
                if (error != MEMCACHED_SUCCESS) throw std::bad_alloc();
                static_cast<void>(x_list.release());  // the call has replaced it
                x_list.reset(list);
            }
        }
        [[nodiscard]] memcached_server_st* get() const noexcept { return x_list.get(); }

    private:
        struct deleter {
            void operator()(memcached_server_st* list) const noexcept {
                memcached_server_list_free(list);
            }
        };
        std::unique_ptr<memcached_server_st, deleter> x_list;
    };

    explicit libmemcached_ring(const server_list& servers) : x_client(memcached_create(nullptr)) {
        if (!x_client) throw std::bad_alloc();
        memcached_behavior_set(x_client.get(), MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
        if (memcached_server_push(x_client.get(), servers.get()) != MEMCACHED_SUCCESS) {
            throw std::runtime_error("memcached_server_push");
        }
    }

    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        return memcached_generate_hash(x_client.get(), key.data(), key.size());
    }

private:
    struct deleter {
        void operator()(memcached_st* client) const noexcept { memcached_free(client); }
    };
    std::unique_ptr<memcached_st, deleter> x_client;
};

}  // namespace memring::benchmark
