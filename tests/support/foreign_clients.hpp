#pragma once
// Runs scripts that drive other clients of memcached. These come from the system's packages, so it
// is the system's interpreters that find them. POSIX.

#include <sys/wait.h>

#include <cstddef>
#include <cstdio>
#include <string>

#include <doctest/doctest.h>

namespace memring::testing {

struct script_result {
    int status = -1;
    std::string output;
};

/// `interpreter` is a path; a minute is the longest it may take.
[[nodiscard]] inline script_result run_script(const std::string& interpreter,
                                              const std::string& script_and_arguments) {
    const std::string command = "timeout 60 " + interpreter + " " + script_and_arguments + " 2>&1";
    script_result result;
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char piece[4096];
    for (std::size_t size = 0; (size = std::fread(piece, 1, sizeof piece, pipe)) != 0;) {
        result.output.append(piece, size);
    }
    const int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    constexpr int no_such_program = 127;
    if (result.status == no_such_program) {
        result.output += "install Debian's package ";
        result.output += interpreter.ends_with("php") ? "php-cli" : "python3";
    }
    return result;
}

/// Runs a script that ends with 0 if all is well, and else prints what is not.
inline void require_good_script(const std::string& interpreter,
                                const std::string& script_and_arguments) {
    const script_result result = run_script(interpreter, script_and_arguments);
    CAPTURE(result.output);
    REQUIRE(result.status == 0);
}

}  // namespace memring::testing
