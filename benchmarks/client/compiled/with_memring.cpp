// A program with one get, one set and a ketama client over TCP: what its compilation takes is
// measured against asio_alone.cpp. With SEPARATE it is one of the files of a program that compiles
// its clients in another one.

#include <chrono>
#include <cstdio>
#include <optional>
#include <system_error>

#include <asio/io_context.hpp>

#include <memring/client.hpp>
#ifdef SEPARATE
#include <memring/separate.hpp>

MEMRING_DECLARE_CONNECTION(memring::tcp_transport);
MEMRING_DECLARE_CLIENT(memring::ketama, memring::tcp_transport);
#endif

int main() {
    asio::io_context context;
    memring::client<> cache(context.get_executor(), {{"127.0.0.1"}});
    cache.async_set("greeting", "hello", [&](std::error_code error, memring::store_result) {
        if (error) return;
        cache.async_get("greeting", [](std::error_code, const std::optional<memring::item>& hit) {
            if (hit) std::puts(hit->value.c_str());
        });
    });
    context.run();
}
