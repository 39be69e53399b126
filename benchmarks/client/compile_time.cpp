#include "compile_time.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "measurement.hpp"

namespace memring::benchmark {

namespace {

struct spent {
    double processor = 0;
    double wall = 0;
};

[[nodiscard]] double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

[[nodiscard]] spent run(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const auto before = std::chrono::steady_clock::now();
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("CCACHE_DISABLE", "1", 1);  // where the compiler's name is a cache's
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    int status = 0;
    rusage used{};
    if (child < 0 || ::wait4(child, &status, 0, &used) != child || status != 0) {
        throw std::runtime_error("cannot compile with " + command[0]);
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - before;
    return {seconds_of(used.ru_utime) + seconds_of(used.ru_stime), wall.count()};
}

[[nodiscard]] spent compile(const std::string& file, const std::string& way = "TOGETHER") {
    return run({MEMRING_BENCHMARK_COMPILER, "-std=c++20", "-O2", "-DASIO_STANDALONE", "-D" + way,
                "-I" MEMRING_BENCHMARK_INCLUDE, "-c", MEMRING_BENCHMARK_COMPILED "/" + file, "-o",
                "/dev/null"});
}

}  // namespace

void measure_compile_time(int rounds, figures& out) {
    std::vector<double> memring;
    std::vector<double> asio;
    std::vector<double> ratios;
    std::vector<double> wall_ratios;
    std::vector<double> separate_ratios;
    // The first of several fills the system's file cache.
    for (int round = rounds > 1 ? -1 : 0; round < rounds; ++round) {
        const spent alone = compile("asio_alone.cpp");
        const spent with = compile("with_memring.cpp");
        const spent separate = compile("with_memring.cpp", "SEPARATE");
        if (round < 0) continue;
        asio.push_back(alone.processor);
        memring.push_back(with.processor);
        ratios.push_back(with.processor / alone.processor);
        wall_ratios.push_back(with.wall / alone.wall);
        separate_ratios.push_back(separate.processor / alone.processor);
    }
    out.set("compile.asio_seconds", median(std::move(asio)));
    out.set("compile.memring_seconds", median(std::move(memring)));
    out.set("compile.vs_asio", median(std::move(ratios)));
    out.set("compile.vs_asio_wall", median(std::move(wall_ratios)));
    out.set("compile.separate_vs_asio", median(std::move(separate_ratios)));
}

}  // namespace memring::benchmark
