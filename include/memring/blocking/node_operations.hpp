#pragma once
// The blocking operations on all nodes.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/blocking/batch_operations.hpp>
#include <memring/client_options.hpp>
#include <memring/detail/checked.hpp>
#include <memring/node_outcome.hpp>

namespace memring {

/// Part of `blocking_client`. Each does what `Client::async_NAME` does.
template <class Client>
class blocking_node_operations : public blocking_batch_operations<Client> {
public:
    /// What a node says about itself: names and values.
    using statistics = std::vector<std::pair<std::string, std::string>>;

    std::vector<node_outcome<bool>> flush_all(std::chrono::seconds delay = std::chrono::seconds(0),
                                              const node_operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return flush_all(delay, error, options); });
    }
    std::vector<node_outcome<bool>> flush_all(std::chrono::seconds delay, std::error_code& error,
                                              const node_operation_options& options = {}) {
        return this->template run<std::vector<node_outcome<bool>>>(
            error,
            [&](Client& client, auto done) { client.async_flush_all(delay, options, done); });
    }

    std::vector<node_outcome<bool>> verbosity(std::uint32_t level,
                                              const node_operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return verbosity(level, error, options); });
    }
    std::vector<node_outcome<bool>> verbosity(std::uint32_t level, std::error_code& error,
                                              const node_operation_options& options = {}) {
        return this->template run<std::vector<node_outcome<bool>>>(
            error,
            [&](Client& client, auto done) { client.async_verbosity(level, options, done); });
    }

    std::vector<node_outcome<std::string>> version(const node_operation_options& options = {}) {
        return detail::checked([&](std::error_code& error) { return version(error, options); });
    }
    std::vector<node_outcome<std::string>> version(std::error_code& error,
                                                   const node_operation_options& options = {}) {
        return this->template run<std::vector<node_outcome<std::string>>>(
            error, [&](Client& client, auto done) { client.async_version(options, done); });
    }

    std::vector<node_outcome<statistics>> stats(std::string_view group = {},
                                                const node_operation_options& options = {}) {
        return detail::checked(
            [&](std::error_code& error) { return stats(group, error, options); });
    }
    std::vector<node_outcome<statistics>> stats(std::string_view group, std::error_code& error,
                                                const node_operation_options& options = {}) {
        return this->template run<std::vector<node_outcome<statistics>>>(
            error, [&](Client& client, auto done) { client.async_stats(group, options, done); });
    }

protected:
    using blocking_batch_operations<Client>::blocking_batch_operations;
};

}  // namespace memring
