// The command-line tool `memring`.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>

#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memring/version.hpp>

#include "application.hpp"
#include "demo.hpp"

namespace {

using namespace memring::tool;

// Where the system tells, the program that runs, whatever became of the working directory.
std::string path_of(const char* invoked_as) {
    constexpr const char* itself = "/proc/self/exe";
    if (::access(itself, X_OK) != 0) return invoked_as;
    std::error_code error;
    const std::string path = std::filesystem::read_symlink(itself, error).string();
    // Another program may have been built in its place meanwhile.
    return !error && ::access(path.c_str(), X_OK) == 0 ? path : itself;
}

CLI::App* add_demo(CLI::App& tool, demo_options& options) {
    CLI::App* const demo = tool.add_subcommand(
        "demo",
        "Runs a cluster of memcached nodes that grows, shrinks and loses a node while two "
        "applications check every value they read");
    demo->add_option("--seconds", options.seconds, "Length of the main part")
        ->check(CLI::Range(10.0, 3600.0))
        ->capture_default_str();
    demo->add_option("--keys", options.keys, "Keys of each application")
        ->check(CLI::Range(1000, 1000000))
        ->capture_default_str();
    demo->add_option("--applications", options.applications, "Application processes")
        ->check(CLI::Range(1, 5))
        ->capture_default_str();
    demo->add_option("--rate", options.operations_per_second,
                     "Requests a second of each application")
        ->check(CLI::Range(100.0, 1e6))
        ->capture_default_str();
    demo->add_option("--report", options.report, "Where to draw the picture of the run")
        ->capture_default_str();
    demo->add_option("--picture", options.picture, "Where to draw the three removals alone");
    demo->add_flag("--plain", options.has_plain_output, "Plain lines, also in a terminal");
    demo->add_flag("--embedded", options.uses_embedded_server,
                   "Use the embedded server, even if there is a memcached");
    return demo;
}

CLI::App* add_application(CLI::App& tool, application_options& options) {
    CLI::App* const application = tool.add_subcommand("application", "One process of the demo");
    application->group("");  // not for people
    application->add_option("--name", options.name)->required();
    application->add_option("--endpoint", options.endpoint)->required();
    application->add_option("--keys", options.keys)->required();
    application->add_option("--rate", options.operations_per_second)->required();
    return application;
}

int run(int argc, char** argv) {
    CLI::App tool("Tools for clusters of memcached servers", "memring");
    tool.set_version_flag("--version", fmt::format("memring {}.{}.{}", MEMRING_VERSION_MAJOR,
                                                   MEMRING_VERSION_MINOR, MEMRING_VERSION_PATCH));
    tool.require_subcommand(1);
    demo_options demo;
    application_options application;
    const CLI::App* const demo_command = add_demo(tool, demo);
    add_application(tool, application);
    CLI11_PARSE(tool, argc, argv);
    if (demo_command->parsed()) return run_demo(demo, path_of(argv[0]));
    run_application(application);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& problem) {
        std::fflush(stdout);
        fmt::print(stderr, "memring: {}\n", problem.what());
        return 1;
    }
}
