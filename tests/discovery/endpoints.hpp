#pragma once
// A configuration endpoint, in process or on a port of this machine, and a watcher on it.

#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>

#include <memring/discovery/cluster_config.hpp>
#include <memring/discovery/watcher.hpp>
#include <memring/node.hpp>
#include <memring/testing/loopback_server.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_transport.hpp>
#include <memring/transport/tcp.hpp>

#include "../support/clients.hpp"
#include "../support/stepper.hpp"

namespace memring::testing {

struct memory_endpoint : stepper {
    using transport_type = memory_transport;

    [[nodiscard]] memory_options stream() const { return {network, 0}; }
    void refuse() { network->stop(where); }
    void accept() { network->start(where); }

    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    node where{"config", 11211};
    memory_server& server = network->add(where);
};

struct loopback_endpoint : stepper {
    using transport_type = tcp_transport;

    [[nodiscard]] static tcp_options stream() { return {}; }
    void refuse() { server.set_faults({.refuses_connections = true}); }
    void accept() { server.set_faults({}); }

    loopback_server listener;
    node where = listener.where();
    memory_server& server = listener.items();
};

/// A watcher on an endpoint, and what it has reported.
template <class Endpoint>
struct watched : Endpoint {
    explicit watched(const watcher_options& settings = {.interval = std::chrono::milliseconds(2)})
        : watch(std::make_unique<watcher<typename Endpoint::transport_type>>(
              this->io.get_executor(), this->where, settings, this->stream())) {}

    void run() {
        watch->async_run([this](const cluster_config& config) { seen.push_back(config); },
                         asio::bind_cancellation_slot(stop.slot(), [this](std::error_code error) {
                             REQUIRE_FALSE(ended.has_value());
                             ended = error;
                         }));
    }
    /// Waits for `count` polls that began after this call.
    void poll_again(std::uint64_t count = 1) {
        // The one under way may have its answer already.
        const auto then = watch->polls() + count + 1;
        REQUIRE(this->until([&] { return watch->polls() >= then; }));
    }

    std::vector<cluster_config> seen;
    std::optional<std::error_code> ended;
    asio::cancellation_signal stop;
    std::unique_ptr<watcher<typename Endpoint::transport_type>> watch;
};

}  // namespace memring::testing
