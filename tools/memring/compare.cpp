#include "compare.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <memring/cluster/topology.hpp>
#include <memring/hashing/erased_policy.hpp>
#include <memring/node.hpp>
#include <memring/reshard/diff.hpp>

#include "compare_report.hpp"
#include "key_lines.hpp"
#include "server_list.hpp"
#include "terminal.hpp"
#include "usage_error.hpp"

namespace memring::tool {

namespace {

constexpr std::size_t batch_size = 4096;

// Counts keys by the server each has in A and in B.
class counter {
public:
    counter(const routed_servers& a, const routed_servers& b)
        : x_a(*a.policy), x_b(*b.policy), x_owners_a(batch_size), x_owners_b(batch_size) {
        for (const node& server : a.servers) x_report.nodes.push_back({.who = server});
        for (const node& server : b.servers) {
            const std::size_t place = find_node(a.servers, server);
            if (place == a.servers.size()) {
                x_place_of_b.push_back(x_report.nodes.size());
                x_report.nodes.push_back({.who = server});
            } else {
                x_place_of_b.push_back(place);
            }
        }
    }

    void count(std::span<const std::string_view> keys) {
        while (!keys.empty()) {
            const auto batch = keys.first(std::min(keys.size(), batch_size));
            x_a.owners_of(batch, x_owners_a);
            x_b.owners_of(batch, x_owners_b);
            for (std::size_t i = 0; i < batch.size(); ++i) {
                tally(x_owners_a[i], x_place_of_b[x_owners_b[i]]);
            }
            keys = keys.subspan(batch.size());
        }
    }

    [[nodiscard]] const change_report& report() const noexcept { return x_report; }

private:
    void tally(std::size_t from, std::size_t to) {
        ++x_report.keys;
        ++x_report.nodes[from].before;
        ++x_report.nodes[to].after;
        if (from == to) return;
        ++x_report.moved;
        ++x_report.nodes[from].leaving;
        ++x_report.nodes[to].arriving;
    }

    const erased_policy& x_a;
    const erased_policy& x_b;
    std::vector<std::uint32_t> x_owners_a;
    std::vector<std::uint32_t> x_owners_b;
    std::vector<std::size_t> x_place_of_b;  // indices into the report
    change_report x_report;
};

class open_file {
public:
    explicit open_file(const std::string& path)
        : x_handle(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (x_handle < 0) {
            throw usage_error(fmt::format("--keys: cannot read {}: {}", quoted(path),
                                          std::generic_category().message(errno)));
        }
        struct stat about {};
        if (::fstat(x_handle, &about) == 0 && S_ISDIR(about.st_mode)) {
            close();
            throw usage_error(fmt::format("--keys: cannot read {}: {}", quoted(path),
                                          std::generic_category().message(EISDIR)));
        }
    }
    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;
    ~open_file() { close(); }

    [[nodiscard]] int handle() const noexcept { return x_handle; }

    // In bytes; 0 where it cannot be told.
    [[nodiscard]] std::uint64_t size() const noexcept {
        struct stat about {};
        const bool is_file = ::fstat(x_handle, &about) == 0 && S_ISREG(about.st_mode);
        return is_file ? static_cast<std::uint64_t>(about.st_size) : 0;
    }

private:
    void close() const noexcept {
        if (x_handle != STDIN_FILENO) ::close(x_handle);
    }

    int x_handle;
};

void count_file(const std::string& path, counter& keys_by_server) {
    const open_file file(path);
    const std::string name = path == "-" ? "stdin" : path;
    key_lines lines(file.handle(), name);
    progress_bar progress("Reading keys");
    const std::uint64_t size = file.size();
    std::vector<std::string_view> keys;
    while (lines.next(keys)) {
        keys_by_server.count(keys);
        if (size > 0) {
            progress.show(lines.bytes_read(), size, "bytes");
        } else {
            progress.show(keys_by_server.report().keys, 0, "keys");
        }
    }
    if (keys_by_server.report().keys == 0) {
        throw usage_error(fmt::format("--keys: no key in {}", quoted(name)));
    }
}

void count_sample(std::uint64_t size, counter& keys_by_server) {
    progress_bar progress("Placing keys");
    std::vector<std::string> texts;
    std::vector<std::string_view> keys;
    for (std::uint64_t begin = 0; begin < size; begin += batch_size) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(size - begin, batch_size));
        texts.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            texts[i].assign("key:");
            texts[i] += std::to_string(begin + i);
        }
        keys.assign(texts.begin(), texts.end());
        keys_by_server.count(keys);
        progress.show(begin + count, size, "keys");
    }
}

}  // namespace

void run_compare(const compare_options& options) {
    const routed_servers a =
        route_servers("--a", options.scheme_a, "--servers-a", options.servers_a);
    const routed_servers b =
        route_servers("--b", options.scheme_b, "--servers-b", options.servers_b);
    if (options.sample == 0) throw usage_error("--sample: want at least one key");
    counter keys_by_server(a, b);
    if (options.keys.empty()) {
        count_sample(options.sample, keys_by_server);
    } else {
        count_file(options.keys, keys_by_server);
    }
    const std::string keys =
        options.keys.empty() ? fmt::format("generated, key:0 to key:{}", options.sample - 1)
                             : "of " + (options.keys == "-" ? std::string("stdin") : options.keys);
    fmt::print("{}", text_of(keys_by_server.report(), {.scheme_a = options.scheme_a,
                                                       .servers_a = a.servers.size(),
                                                       .scheme_b = options.scheme_b,
                                                       .servers_b = b.servers.size(),
                                                       .keys = keys,
                                                       .is_utf8 = has_utf8_locale()}));
}

}  // namespace memring::tool
