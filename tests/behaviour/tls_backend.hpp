#pragma once
// Real memcached processes that speak TLS. Each server has a port without it, too, for being asked
// past the client.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <memring/node.hpp>
#include <memring/transport/tls.hpp>

#include "../support/certificates.hpp"
#include "../support/forked_memcached.hpp"
#include "../support/temporary_directory.hpp"
#include "backends.hpp"

namespace memring::testing {

class tls_backend : public real_time {
public:
    static constexpr const char* name = "memcached with TLS";
    using transport_type = tls_transport;

    [[nodiscard]] std::vector<node> nodes() const {
        std::vector<node> all;
        for (const auto& server : x_servers) all.push_back({"127.0.0.1", server.port()});
        return all;
    }
    [[nodiscard]] tls_options stream_options() const { return {x_context}; }
    [[nodiscard]] std::string ask(std::size_t index, std::string_view request) {
        return ask_port(x_servers[index].plain_port(), request);
    }

private:
    temporary_directory x_directory;
    certificate_authority x_authority{x_directory};
    std::string x_certificate = x_authority.issue("server", {.names = "IP:127.0.0.1"});
    tls_context x_context{{.ca_file = x_authority.certificate_file()}};
    std::array<forked_memcached, 3> x_servers{
        forked_memcached::with_tls(presenting(x_certificate)),
        forked_memcached::with_tls(presenting(x_certificate)),
        forked_memcached::with_tls(presenting(x_certificate))};
};

}  // namespace memring::testing
