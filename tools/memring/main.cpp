// The command-line tool `memring`.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memring/version.hpp>

#include "application.hpp"
#include "compare.hpp"
#include "demo.hpp"
#include "route.hpp"
#include "scheme_list.hpp"
#include "top.hpp"
#include "usage_error.hpp"

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

constexpr const char* servers_help =
    "host[:port[:weight]] [name], or host|ip|port where a scheme hashes IPs; separated by commas, "
    "or "
    "@FILE with one a line and # comments";

CLI::App* add_route(CLI::App& tool, route_options& options) {
    CLI::App* const route = tool.add_subcommand(
        "route", "Prints KEY<TAB>INDEX<TAB>SERVER for each key: which server of the list has it");
    route->add_option("--scheme", options.scheme, "How keys are placed; see `memring schemes`")
        ->capture_default_str();
    route->add_option("--servers", options.servers, servers_help)->required();
    route->add_flag("--from-stdin", options.reads_stdin, "Read keys from stdin, one a line");
    route->add_option("key", options.keys, "Keys")->type_name("KEY");
    route->footer(
        "A bad option or key is reported before anything is printed. A bad line of stdin ends the\n"
        "command after the answers to the lines before it. Either way the exit status is 2.");
    return route;
}

// CLI11 takes a positional argument in brackets for a list and cuts it at its commas, and it knows
// no
// "--" after a first key; but a key may be anything. A control byte in front, which no key has,
// keeps it whole.
constexpr char guard = '\x01';

std::vector<std::string> guarded_arguments(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.empty() || arguments.front() != "route") return arguments;
    const auto mark = std::ranges::find(arguments, "--");
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
        const bool is_list = argument->starts_with('[') && argument->ends_with(']');
        if (is_list || argument > mark || argument->starts_with(guard)) {
            argument->insert(argument->begin(), guard);
        }
    }
    if (mark != arguments.end()) arguments.erase(mark);
    return arguments;
}

void remove_guards(route_options& options) {
    const auto remove = [](std::string& argument) {
        if (argument.starts_with(guard)) argument.erase(0, 1);
    };
    remove(options.scheme);
    remove(options.servers);
    std::ranges::for_each(options.keys, remove);
}

// CLI11 takes -1 for the greatest number there is, and what is greater for that too.
std::string whole_number(const std::string& text) {
    constexpr std::size_t most_digits = 12;
    const bool is_number = !text.empty() && text.size() <= most_digits &&
                           text.find_first_not_of("0123456789") == std::string::npos;
    return is_number
               ? std::string()
               : fmt::format("{} is no number from 1 to 999999999999", memring::tool::quoted(text));
}

CLI::App* add_compare(CLI::App& tool, compare_options& options) {
    CLI::App* const compare = tool.add_subcommand(
        "compare", "Tells which share of the keys two configurations place differently");
    compare->add_option("--a", options.scheme_a, "How A places keys; see `memring schemes`")
        ->capture_default_str();
    compare->add_option("--servers-a", options.servers_a, servers_help)->required();
    compare->add_option("--b", options.scheme_b, "How B places keys")->capture_default_str();
    compare->add_option("--servers-b", options.servers_b, "The same for B")->required();
    CLI::Option* const keys =
        compare->add_option("--keys", options.keys, "File with one key a line, - for stdin");
    compare->add_option("--sample", options.sample, "How many keys to make up instead")
        ->capture_default_str()
        ->check(whole_number)
        ->excludes(keys);
    return compare;
}

CLI::App* add_schemes(CLI::App& tool, std::vector<std::string>& names) {
    CLI::App* const schemes = tool.add_subcommand(
        "schemes", "Lists every scheme in one line, or all there is to know of those named");
    schemes->add_option("name", names, "Schemes")->type_name("NAME");
    return schemes;
}

// CLI11 takes every number that strtod does, and says the type of what it does not take.
std::string interval_in_range(const std::string& text) {
    char* end = nullptr;
    const double seconds = std::strtod(text.c_str(), &end);
    const bool is_number = !text.empty() && *end == '\0' && text.front() != ' ';
    return is_number && seconds >= 0.1 && seconds <= 3600
               ? std::string()
               : fmt::format("{} is no number of seconds from 0.1 to 3600",
                             memring::tool::quoted(text));
}

CLI::App* add_top(CLI::App& tool, top_options& options) {
    CLI::App* const top = tool.add_subcommand(
        "top", "Shows what each server of a cluster holds and does, again every few seconds");
    CLI::Option* const servers = top->add_option(
        "--servers", options.servers,
        "host[:port] or the path of a socket; separated by commas, or @FILE with one a line");
    top->add_option(
           "--config", options.endpoint,
           "host[:port] of a configuration endpoint that tells the servers, and is followed")
        ->excludes(servers);
    top->add_option("--interval", options.interval, "Seconds between two tables, 0.1 to 3600")
        ->check(interval_in_range)
        ->capture_default_str();
    CLI::Option* const count =
        top->add_option("--count", options.count, "End after so many tables")->check(whole_number);
    top->add_flag("--once", options.is_once, "Print one table, of what happens in one interval")
        ->excludes(count);
    top->add_option("--sort", options.sort,
                    "The column to sort by (node, items, bytes, hit, gets, requests, ...); else in "
                    "the order of the list");
    top->add_flag("--json", options.is_json, "Print a line of JSON for each table");
    top->footer(
        "Where the output is no terminal, one table is printed; with --json one line after the\n"
        "other. A server that does not answer is a row that says why. NO_COLOR is respected.\n"
        "The exit status is 1 if no server answered, and 2 for a bad option.");
    return top;
}

// CLI11 says of an unknown command only that one is missing.
std::string sentence_of(const CLI::ParseError& problem, int argc, char** argv) {
    const bool has_command = argc > 1 && *argv[1] != '-' && *argv[1] != '\0';
    if (problem.get_name() != "RequiredError" || !has_command) return problem.what();
    const std::string_view command = argv[1];
    for (const std::string_view known :
         {"demo", "route", "compare", "schemes", "top", "application"}) {
        if (command == known) return problem.what();
    }
    return fmt::format("unknown command {}; known: route, compare, schemes, top, demo",
                       memring::tool::quoted(command));
}

int run(int argc, char** argv) {
    CLI::App tool("Tools for clusters of memcached servers", "memring");
    tool.set_version_flag("--version", fmt::format("memring {}.{}.{}", MEMRING_VERSION_MAJOR,
                                                   MEMRING_VERSION_MINOR, MEMRING_VERSION_PATCH));
    tool.require_subcommand(1);
    demo_options demo;
    route_options route;
    compare_options compare;
    std::vector<std::string> scheme_names;
    top_options top;
    application_options application;
    const CLI::App* const demo_command = add_demo(tool, demo);
    const CLI::App* const route_command = add_route(tool, route);
    const CLI::App* const compare_command = add_compare(tool, compare);
    const CLI::App* const schemes_command = add_schemes(tool, scheme_names);
    const CLI::App* const top_command = add_top(tool, top);
    add_application(tool, application);
    try {
        std::vector<std::string> arguments = guarded_arguments(argc, argv);
        std::ranges::reverse(arguments);  // as CLI11 wants them
        tool.parse(std::move(arguments));
        remove_guards(route);
    } catch (const CLI::ParseError& problem) {
        if (problem.get_exit_code() == 0) return tool.exit(problem);
        throw usage_error(sentence_of(problem, argc, argv));
    }
    if (demo_command->parsed()) return run_demo(demo, path_of(argv[0]));
    if (route_command->parsed()) return run_route(route), 0;
    if (compare_command->parsed()) return run_compare(compare), 0;
    if (schemes_command->parsed()) return run_schemes(scheme_names), 0;
    if (top_command->parsed()) return run_top(top);
    run_application(application);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const int status = run(argc, argv);
        if (std::fflush(stdout) != 0) {
            throw std::system_error(errno, std::generic_category(), "cannot write");
        }
        return status;
    } catch (const usage_error& problem) {
        fmt::print(stderr, "memring: {}\n", problem.what());
        return bad_input_status;
    } catch (const std::exception& problem) {
        std::fflush(stdout);
        fmt::print(stderr, "memring: {}\n", problem.what());
        return 1;
    }
}
