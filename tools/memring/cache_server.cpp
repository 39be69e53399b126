#include "cache_server.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

namespace memring::tool {

bool has_memcached() {
    const std::string program = testing::memcached_program();
    if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0;
    const char* const path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        const std::string place = std::string(rest.substr(0, end)) + "/" + program;
        if (::access(place.c_str(), X_OK) == 0) return true;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
}

cache_server::cache_server(bool is_real) {
    if (is_real) {
        // Memory enough that nothing is evicted: every miss has a cause that can be named.
        x_process.emplace(std::vector<std::string>{"-m", "256"});
        x_where = {.host = "127.0.0.1", .port = x_process->port()};
    } else {
        x_embedded = std::make_unique<testing::loopback_server>();
        x_where = x_embedded->where();
    }
}

void cache_server::ask_to_stop() noexcept {
    if (x_process && x_process->is_running()) ::kill(x_process->pid(), SIGTERM);
    x_embedded.reset();
}

void cache_server::kill() noexcept {
    if (x_process) x_process->kill();
    x_embedded.reset();
}

}  // namespace memring::tool
