// Links only with cache.cpp. Succeeds if what was compiled there works: a client asks a node that
// is not there and says so.

#include <optional>
#include <system_error>
#include <vector>

#include <asio/io_context.hpp>

#include "cache.hpp"

int main() {
    const std::vector<memring::node> nodes{{"127.0.0.1", 1}};
    asio::io_context context;
    memring::client<> cache(context.get_executor(), nodes);
    std::error_code refused;
    cache.async_get("key",
                    [&](std::error_code error, std::optional<memring::item>) { refused = error; });
    context.run();

    memring::blocking_client<memring::client<memring::jump>> waiting(nodes);
    std::error_code refused_again;
    static_cast<void>(waiting.get("key", refused_again));
    const auto expected = std::errc::connection_refused;
    return refused == expected && refused_again == expected ? 0 : 1;
}
