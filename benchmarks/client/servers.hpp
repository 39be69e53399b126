#pragma once
// The memcached processes that are measured against, on a core of their own.

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include <memring/node.hpp>

#include <support/forked_memcached.hpp>

#include "../support/machine.hpp"

namespace memring::benchmark {

/// What `memcached --version` says.
[[nodiscard]] inline std::string memcached_version() {
    const std::string command = testing::memcached_program() + " --version";
    std::FILE* const output = ::popen(command.c_str(), "r");
    if (output == nullptr) return "unknown";
    char line[128] = {};
    const char* const got = std::fgets(line, sizeof line, output);
    ::pclose(output);
    const std::string words = got != nullptr ? got : "unknown";
    return words.substr(0, words.find('\n'));
}

/// One-threaded memcacheds on the last of the usable cores; this program, and what it starts later,
/// on the first.
class servers {
public:
    explicit servers(std::size_t count) : x_cores(usable_cores()) {
        if (are_apart()) run_on_core(x_cores.back());
        for (std::size_t i = 0; i < count; ++i) {
            // A limit, not a reservation: values of 1 MB must not be evicted.
            x_processes.emplace_back(std::vector<std::string>{"-m", "1024"});
            x_nodes.push_back(node{.host = "127.0.0.1", .port = x_processes.back().port()});
        }
        if (are_apart()) run_on_core(x_cores.front());
    }

    [[nodiscard]] std::size_t count() const noexcept { return x_nodes.size(); }
    [[nodiscard]] std::vector<node> first(std::size_t count) const {
        return {x_nodes.begin(), x_nodes.begin() + static_cast<std::ptrdiff_t>(count)};
    }

    [[nodiscard]] std::string placement() const {
        if (!are_apart()) return "not bound to cores: expect more noise";
        return "memcached on core " + std::to_string(x_cores.back()) + ", the clients on core " +
               std::to_string(x_cores.front());
    }

private:
    [[nodiscard]] bool are_apart() const noexcept { return x_cores.size() >= 2; }

    std::vector<int> x_cores;
    std::vector<testing::forked_memcached> x_processes;
    std::vector<node> x_nodes;
};

}  // namespace memring::benchmark
