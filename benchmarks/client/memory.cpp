#include "memory.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

#include <asio/io_context.hpp>

#include <memring/client.hpp>
#include <memring/hashing/modulus.hpp>

#include "client_load.hpp"
#include "data_set.hpp"

namespace memring::benchmark {

namespace {

/// Bytes of the heap in use, large blocks included.
[[nodiscard]] double heap_in_use() {
    const auto now = ::mallinfo2();
    return static_cast<double>(now.uordblks + now.hblkhd);
}

[[nodiscard]] double resident() {
    std::ifstream statistics("/proc/self/statm");
    double pages = 0;
    statistics >> pages >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

struct grown {
    double heap = 0;
    double resident = 0;
};

void allow_files(std::size_t count) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= count) return;
    limit.rlim_cur = count;
    if (limit.rlim_max < count) limit.rlim_max = count;  // as root
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        throw std::system_error(errno, std::generic_category(), "RLIMIT_NOFILE");
    }
}

// A ring would be counted, too: modulus keeps no table.
using plain_client = client<modulus>;

/// A few items to and from each node, so that every connection has been at work.
void use_all(asio::io_context& context, const std::vector<std::unique_ptr<plain_client>>& clients,
             const data_set& data) {
    std::size_t failures = 0;
    for (const auto& each : clients) {
        each->async_version([&](std::error_code error, const auto& versions) {
            failures += error ? 1 : 0;
            for (const auto& one : versions) failures += one.error ? 1 : 0;
        });
        context.restart();
        context.run();  // a server takes so many connects at a time
    }
    for (const auto& each : clients) {
        each->async_set_many(data.entries(), [&](std::error_code, const auto& results) {
            for (const auto& one : results) failures += one.error ? 1 : 0;
        });
        context.restart();
        context.run();
        each->async_get_many(data.keys(), [&](std::error_code, const auto& results) {
            for (const auto& one : results) failures += one.error || !one.value ? 1 : 0;
        });
        context.restart();
        context.run();
    }
    if (failures != 0) throw std::runtime_error("operations on many connections have failed");
}

[[nodiscard]] std::size_t open_sockets() {
    std::size_t count = 0;
    for (int handle = 0; handle < 65536; ++handle) {
        struct ::sockaddr_storage peer {};
        ::socklen_t size = sizeof peer;
        if (::getpeername(handle, reinterpret_cast<sockaddr*>(&peer), &size) == 0) ++count;
    }
    return count;
}

[[nodiscard]] grown open_connections(const std::vector<node>& nodes, std::size_t connections) {
    allow_files(connections + 1000);
    const data_set data(nodes.size() * 10, 100);
    asio::io_context context{1};
    {
        // What the first client makes for all: the reactor, the recycled blocks.
        std::vector<std::unique_ptr<plain_client>> first;
        first.push_back(std::make_unique<plain_client>(context.get_executor(), nodes));
        use_all(context, first, data);
    }
    const std::size_t open_before = open_sockets();
    const grown before{heap_in_use(), resident()};
    std::vector<std::unique_ptr<plain_client>> clients;
    for (std::size_t open = 0; open < connections; open += nodes.size()) {
        clients.push_back(std::make_unique<plain_client>(context.get_executor(), nodes));
    }
    use_all(context, clients, data);
    if (open_sockets() - open_before < connections) {
        throw std::runtime_error("not all connections are open at once");
    }
    const auto count = static_cast<double>(connections);
    return {(heap_in_use() - before.heap) / count, (resident() - before.resident) / count};
}

[[nodiscard]] grown in_child(const std::vector<node>& nodes, std::size_t connections) {
    int result[2];
    if (::pipe(result) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            const grown measured = open_connections(nodes, connections);
            const auto written = ::write(result[1], &measured, sizeof measured);
            ::_exit(written == sizeof measured ? 0 : 1);
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "%s\n", failure.what());
            ::_exit(1);
        }
    }
    ::close(result[1]);
    grown measured;
    const auto got = ::read(result[0], &measured, sizeof measured);
    ::close(result[0]);
    ::waitpid(child, nullptr, 0);
    if (got != sizeof measured) throw std::runtime_error("no figures of idle connections");
    return measured;
}

}  // namespace

void measure_idle_connections(const std::vector<node>& nodes, std::size_t connections,
                              figures& out) {
    const grown each = in_child(nodes, connections);
    out.set("client.memory.connections", static_cast<double>(connections));
    out.set("client.memory.idle_connection_bytes", each.heap);
    out.set("client.memory.idle_connection_resident_bytes", each.resident);
}

void measure_heap_growth(const std::vector<node>& nodes, std::size_t gets, figures& out) {
    const data_set data(100, 100);
    client_load<client<>> load(nodes, data);
    load.store_all();
    load.fixed_gets(gets / 20);
    const double before = heap_in_use();
    load.fixed_gets(gets);
    out.set("client.memory.gets", static_cast<double>(gets));
    out.set("client.memory.million_gets_growth_bytes", heap_in_use() - before);
}

}  // namespace memring::benchmark
