// Builds a client without talking to anybody.

#include <vector>

#include <asio/io_context.hpp>

#include <memring/memring.hpp>

int main() {
    const std::vector<memring::node> nodes{{.host = "10.0.0.1"}, {.host = "10.0.0.2"}};
    asio::io_context io;
    const memring::client<memring::ketama, memring::tcp_transport> cache{io.get_executor(), nodes};
    return 0;
}
