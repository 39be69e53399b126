#include "server_list.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <memring/error.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/hashing/scheme_registry.hpp>

#include "scheme_list.hpp"
#include "usage_error.hpp"

namespace memring::tool {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // editors of Windows begin with it

// One server as it was given, and where.
struct entry {
    std::string text;
    std::string place;  // "servers.txt:7"
};

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view without_comment(std::string_view line) {
    for (std::size_t at = line.find('#'); at < line.size(); at = line.find('#', at + 1)) {
        if (at == 0 || blanks.find(line[at - 1]) != std::string_view::npos) {
            return line.substr(0, at);
        }
    }
    return line;
}

std::vector<entry> entries_of_file(std::string_view option, const std::string& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::vector<entry> entries;
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        if (number == 1 && line.starts_with(byte_order_mark)) {
            line.erase(0, byte_order_mark.size());
        }
        const std::string_view text = trimmed(without_comment(line));
        if (!text.empty()) {
            entries.push_back({std::string(text), fmt::format("{}:{}", path, number)});
        }
    }
    if (!file.eof() || file.bad()) {
        const std::error_code reason(errno != 0 ? errno : EIO, std::generic_category());
        throw usage_error(
            fmt::format("{}: cannot read {}: {}", option, quoted(path), reason.message()));
    }
    if (entries.empty())
        throw usage_error(fmt::format("{}: no server in {}", option, quoted(path)));
    return entries;
}

std::vector<entry> entries_of_list(std::string_view option, std::string_view list) {
    if (trimmed(list).empty()) throw usage_error(fmt::format("{}: the list is empty", option));
    std::vector<entry> entries;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        entries.push_back({std::string(trimmed(list.substr(begin, end - begin))),
                           fmt::format("server {} of {}", entries.size() + 1, option)});
        begin = end + 1;
    }
    return entries;
}

[[noreturn]] void refuse(const entry& given, std::string_view reason) {
    throw usage_error(fmt::format("{}: {} {}", given.place, quoted(given.text), reason));
}

bool is_ipv6(std::string host) {
    host.resize(std::min(host.find('%'), host.size()));  // a zone may follow
    in6_addr ignored{};
    return ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

// `host|ip|port`; the IP may be missing.
std::string address_taken_from(std::string& text) {
    const std::size_t first = text.find('|');
    const std::size_t second = text.find('|', first + 1);
    if (first == std::string::npos || second == std::string::npos) return {};
    std::string address = text.substr(first + 1, second - first - 1);
    const bool is_bare_ipv6 = text.find(':') < first && text.front() != '[';
    const std::string host =
        is_bare_ipv6 ? "[" + text.substr(0, first) + "]" : text.substr(0, first);
    text = host + ":" + text.substr(second + 1);
    return address;
}

node server_from(const entry& given) {
    constexpr std::string_view wanted =
        "is no server: want host[:port[:weight]] [name], port 1 to 65535, weight 1 or more";
    const std::size_t blank = std::min(given.text.find_first_of(blanks), given.text.size());
    std::string text = given.text.substr(0, blank);
    std::string address = address_taken_from(text);
    std::error_code error;
    node server = parse_node(text, error);
    // Too many colons read as an IPv6 literal.
    const bool has_colons = server.host.find(':') != std::string::npos;
    if (error || (has_colons && !is_unix_socket(server) && !is_ipv6(server.host))) {
        refuse(given, wanted);
    }
    server.address = std::move(address);
    server.name = trimmed(std::string_view(given.text).substr(blank));
    if (server.name.find_first_of(blanks) != std::string::npos) refuse(given, wanted);
    return server;
}

}  // namespace

std::vector<node> read_servers(std::string_view option, const std::string& value) {
    const std::vector<entry> entries = value.starts_with('@')
                                           ? entries_of_file(option, value.substr(1))
                                           : entries_of_list(option, value);
    std::vector<node> servers;
    std::map<std::string, const entry*> known;
    for (const entry& given : entries) {
        servers.push_back(server_from(given));
        const auto [first, is_new] = known.try_emplace(to_string(servers.back()), &given);
        if (!is_new) {
            refuse(given, fmt::format("comes twice, first at {}", first->second->place));
        }
    }
    return servers;
}

routed_servers route_servers(std::string_view scheme_option, const std::string& scheme,
                             std::string_view option, const std::string& value) {
    std::string_view culprit = scheme_option;
    try {
        const memring::scheme& chosen = known_schemes().find(scheme);
        const scheme_arguments arguments = chosen.parse(scheme);
        std::vector<node> servers = read_servers(option, value);
        culprit = option;
        erased_policy_ptr policy = chosen.make(servers, arguments);
        return {std::move(servers), std::move(policy)};
    } catch (const std::system_error& refusal) {
        // A bad value of an option shows only when the policy is made.
        if (refusal.code() == std::make_error_code(std::errc::invalid_argument)) {
            culprit = scheme_option;
        }
        throw usage_error(fmt::format("{}: {}", culprit, reason_in(refusal)));
    }
}

}  // namespace memring::tool
