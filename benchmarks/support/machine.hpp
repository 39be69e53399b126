#pragma once
// What the figures were measured on, and which core runs what.

#ifdef __linux__
#include <sched.h>
#endif
#include <sys/utsname.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace memring::benchmark {

/// The cores this program may use; empty where the system does not tell.
[[nodiscard]] inline std::vector<int> usable_cores() {
    std::vector<int> cores;
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &set)) cores.push_back(core);
    }
#endif
    return cores;
}

/// Binds the calling thread, and what it starts from now on, to one of the usable cores.
inline void run_on_core([[maybe_unused]] int core) noexcept {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    ::sched_setaffinity(0, sizeof set, &set);
#endif
}

[[nodiscard]] inline std::string processor_name() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown processor";
}

[[nodiscard]] inline std::string machine_name() {
    return processor_name() + ", " + std::to_string(std::thread::hardware_concurrency()) +
           " cores seen";
}

[[nodiscard]] inline std::string kernel_version() {
    utsname name{};
    if (::uname(&name) != 0) return "unknown system";
    return std::string(name.sysname) + " " + name.release;
}

[[nodiscard]] inline std::string compiler_name() {
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "g++ " __VERSION__;
#else
    return "unknown compiler";
#endif
}

}  // namespace memring::benchmark
