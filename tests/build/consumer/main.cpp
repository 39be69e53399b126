// A user's program: routes a key, and builds a client without talking to anybody.

#include <string_view>
#include <vector>

#include <asio/io_context.hpp>

#include <memring/memring.hpp>

int main() {
    const std::vector<memring::node> nodes{{.host = "10.0.0.1"}, {.host = "10.0.0.2"}};
    const memring::ketama policy{nodes};
    asio::io_context io;
    const memring::client<memring::ketama, memring::tcp_transport> cache{io.get_executor(), nodes};
    return policy.owner_of("greeting") < nodes.size() ? 0 : 1;
}
