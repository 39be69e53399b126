// Builds a client that speaks TLS without talking to anybody.

#include <vector>

#include <asio/io_context.hpp>

#include <memring/memring.hpp>
#include <memring/transport/tls.hpp>

int main() {
    const std::vector<memring::node> nodes{{.host = "cache1.example"}, {.host = "cache2.example"}};
    const memring::tls_context tls;
    asio::io_context io;
    const memring::client<memring::ketama, memring::tls_transport> cache{
        io.get_executor(), nodes, {}, {tls}};
    return 0;
}
