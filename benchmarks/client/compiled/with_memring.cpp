// A program with one get, one set and a ketama client over TCP: what its compilation takes is
// measured against asio_alone.cpp.

#include <chrono>
#include <cstdio>
#include <optional>
#include <system_error>

#include <asio/io_context.hpp>

#include <memring/client.hpp>

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
