#pragma once
// Servers in memory and a client of all of them, in a context that the test runs.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/node.hpp>
#include <memring/testing/item_store.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_transport.hpp>

#include "clients.hpp"

namespace memring::testing {

/// No deadline passes on a slow machine, and a node that failed is tried again at once.
[[nodiscard]] inline client_options patient_options() {
    using namespace std::chrono_literals;
    return {.timeout = 20s, .connect_timeout = 20s, .backoff = {.first = 0ms}};
}

/// `cache-0`, `cache-1` and so on.
[[nodiscard]] inline std::vector<node> hosts_in_memory(std::size_t count) {
    std::vector<node> nodes;
    for (std::size_t i = 0; i < count; ++i) nodes.push_back({"cache-" + std::to_string(i)});
    return nodes;
}

struct memory_cluster {
    using client_type = client<ketama, memory_transport>;

    explicit memory_cluster(std::vector<node> at = {node{"here"}},
                            client_options with = patient_options(), std::size_t limit = 0)
        : nodes(std::move(at)), options(std::move(with)), write_limit(limit) {
        for (const node& each : nodes) network->add(each);
        cache = make_client(io);
    }

    /// One more client of the same servers.
    [[nodiscard]] std::unique_ptr<client_type> make_client(asio::io_context& where) const {
        return std::make_unique<client_type>(where.get_executor(), nodes, options,
                                             memory_options{network, write_limit});
    }

    /// The first of the servers.
    [[nodiscard]] memory_server& server() const { return network->server(nodes.front()); }
    [[nodiscard]] memory_server& server_of(std::string_view key) const {
        const auto now = cache->topology_now();
        return network->server(now->nodes()[now->owner_of(key)]);
    }
    void put(std::string_view key, const stored_item& item) const { server_of(key).put(key, item); }
    [[nodiscard]] std::optional<stored_item> peek(std::string_view key) const {
        return server_of(key).peek(key);
    }

    std::vector<node> nodes;
    client_options options;
    std::size_t write_limit;  ///< bytes that a write takes at most; 0 for any number
    asio::io_context io{1};
    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    std::unique_ptr<client_type> cache;
};

}  // namespace memring::testing
