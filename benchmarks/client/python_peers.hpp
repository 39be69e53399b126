#pragma once
// The Python clients, where they are installed: a script that this program starts and asks for one
// slice after the other.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <memring/node.hpp>

#include <support/forked_memcached.hpp>

#include "data_set.hpp"
#include "stopwatch.hpp"

namespace memring::benchmark {

/// Runs `python_peers.py` with the system's Python, or with the one named in MEMRING_PYTHON: the
/// packages of a distribution belong to its own.
class python_peers {
public:
    python_peers(const std::vector<node>& nodes, const data_set& data) {
        std::vector<std::string> command{python_program(), MEMRING_BENCHMARK_PYTHON_PEERS,
                                         std::to_string(data.value().size()),
                                         std::to_string(data.count())};
        for (const node& each : nodes) command.push_back(std::to_string(each.port));
        start(command);
        read_versions();
    }
    python_peers(const python_peers&) = delete;
    python_peers& operator=(const python_peers&) = delete;
    ~python_peers() {
        if (x_to != nullptr) std::fclose(x_to);  // the end of its input is its end
        if (x_from != nullptr) std::fclose(x_from);
        if (x_pid > 0) ::waitpid(x_pid, nullptr, 0);
    }

    /// Empty where the package is missing.
    [[nodiscard]] std::string version(const std::string& peer) const {
        const auto found = x_versions.find(peer);
        return found == x_versions.end() ? std::string() : found->second;
    }

    /// `operation`: get_many, set_many, get or set.
    void run(const std::string& peer, const std::string& operation, stopwatch& watch) {
        const double seconds = std::chrono::duration<double>(watch.length()).count();
        std::fprintf(x_to, "%s %s %g\n", peer.c_str(), operation.c_str(), seconds);
        std::fflush(x_to);
        std::istringstream answer(read_line());
        std::uint64_t count = 0;
        double wall = 0;
        double processor = 0;
        if (!(answer >> count >> wall >> processor)) {
            throw std::runtime_error("python_peers.py has failed at " + peer + " " + operation);
        }
        watch.take(count, wall, processor);
    }

private:
    [[nodiscard]] static std::string python_program() {
        const char* const named = std::getenv("MEMRING_PYTHON");
        return named != nullptr && *named != '\0' ? named : "/usr/bin/python3";
    }

    void start(const std::vector<std::string>& command) {
        if (::access(command[0].c_str(), X_OK) != 0) return;
        std::vector<char*> arguments;
        for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        int to[2];
        int from[2];
        if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0)
            throw std::runtime_error("pipe");
        x_pid = ::fork();
        if (x_pid == 0) {
            ::dup2(to[0], STDIN_FILENO);
            ::dup2(from[1], STDOUT_FILENO);
            ::close_range(STDERR_FILENO + 1, ~0u, 0);  // libmemcached's sockets, too
            ::execv(arguments[0], arguments.data());
            ::_exit(127);
        }
        ::close(to[0]);
        ::close(from[1]);
        x_to = ::fdopen(to[1], "w");
        x_from = ::fdopen(from[0], "r");
        ::signal(SIGPIPE, SIG_IGN);  // a script that has died shows in its answer
    }

    void read_versions() {
        if (x_from == nullptr) return;
        std::istringstream words(read_line());
        for (std::string word; words >> word;) {
            const auto equals = word.find('=');
            if (equals != word.npos && word.substr(equals) != "=-") {
                x_versions[word.substr(0, equals)] = word.substr(equals + 1);
            }
        }
    }

    [[nodiscard]] std::string read_line() {
        std::string line;
        for (int c = std::fgetc(x_from); c != EOF && c != '\n'; c = std::fgetc(x_from)) {
            line.push_back(static_cast<char>(c));
        }
        return line;
    }

    pid_t x_pid = -1;
    std::FILE* x_to = nullptr;
    std::FILE* x_from = nullptr;
    std::map<std::string, std::string> x_versions;
};

}  // namespace memring::benchmark
