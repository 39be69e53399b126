#include "route.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <memring/hashing/erased_policy.hpp>
#include <memring/node.hpp>

#include "key_lines.hpp"
#include "server_list.hpp"
#include "usage_error.hpp"

namespace memring::tool {

namespace {

constexpr std::size_t batch_size = 1024;

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ::ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "cannot write");
        }
    }
}

class answer_writer {
public:
    explicit answer_writer(const routed_servers& routed) : x_policy(*routed.policy) {
        for (std::size_t i = 0; i < routed.servers.size(); ++i) {
            x_endings.push_back(fmt::format("\t{}\t{}\n", i, to_string(routed.servers[i])));
        }
    }

    // One line for each key, written at once.
    void answer(std::span<const std::string_view> keys) {
        x_text.clear();
        std::array<std::uint32_t, batch_size> owners{};
        while (!keys.empty()) {
            const auto batch = keys.first(std::min(keys.size(), batch_size));
            x_policy.owners_of(batch, owners);
            for (std::size_t i = 0; i < batch.size(); ++i) {
                x_text.append(batch[i]).append(x_endings[owners[i]]);
            }
            keys = keys.subspan(batch.size());
        }
        write_all(x_text);
    }

private:
    const erased_policy& x_policy;
    std::vector<std::string> x_endings;
    std::string x_text;
};

void check_arguments(const route_options& options) {
    if (options.keys.empty() && !options.reads_stdin) {
        throw usage_error("no key: give keys, or --from-stdin");
    }
    for (std::size_t i = 0; i < options.keys.size(); ++i) {
        const std::string complaint = complaint_about_key(options.keys[i]);
        if (complaint.empty()) continue;
        throw usage_error(fmt::format("key {} {} {}", i + 1, quoted(options.keys[i]), complaint));
    }
}

}  // namespace

void run_route(const route_options& options) {
    check_arguments(options);
    const routed_servers routed =
        route_servers("--scheme", options.scheme, "--servers", options.servers);
    answer_writer writer(routed);
    std::vector<std::string_view> keys(options.keys.begin(), options.keys.end());
    if (!keys.empty()) writer.answer(keys);
    if (!options.reads_stdin) return;
    key_lines lines(STDIN_FILENO, "stdin");
    while (lines.next(keys)) writer.answer(keys);
}

}  // namespace memring::tool
