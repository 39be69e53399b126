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
#include <memring/node_outcome.hpp>

namespace memring {

/// Part of `blocking_client`. Each does what `Client::async_NAME` does.
template <class Client>
class blocking_node_operations : public blocking_batch_operations<Client> {
public:
    /// What a node says about itself: names and values.
    using statistics = std::vector<std::pair<std::string, std::string>>;

    std::vector<node_outcome<bool>> flush_all(
        std::chrono::seconds delay = std::chrono::seconds(0)) {
        return this->checked([&](std::error_code& error) { return flush_all(delay, error); });
    }
    std::vector<node_outcome<bool>> flush_all(std::chrono::seconds delay, std::error_code& error) {
        return this->template run<std::vector<node_outcome<bool>>>(
            error, [&](Client& client, auto done) { client.async_flush_all(delay, done); });
    }

    std::vector<node_outcome<bool>> verbosity(std::uint32_t level) {
        return this->checked([&](std::error_code& error) { return verbosity(level, error); });
    }
    std::vector<node_outcome<bool>> verbosity(std::uint32_t level, std::error_code& error) {
        return this->template run<std::vector<node_outcome<bool>>>(
            error, [&](Client& client, auto done) { client.async_verbosity(level, done); });
    }

    std::vector<node_outcome<std::string>> version() {
        return this->checked([&](std::error_code& error) { return version(error); });
    }
    std::vector<node_outcome<std::string>> version(std::error_code& error) {
        return this->template run<std::vector<node_outcome<std::string>>>(
            error, [&](Client& client, auto done) { client.async_version(done); });
    }

    std::vector<node_outcome<statistics>> stats(std::string_view group = {}) {
        return this->checked([&](std::error_code& error) { return stats(group, error); });
    }
    std::vector<node_outcome<statistics>> stats(std::string_view group, std::error_code& error) {
        return this->template run<std::vector<node_outcome<statistics>>>(
            error, [&](Client& client, auto done) { client.async_stats(group, done); });
    }

protected:
    using blocking_batch_operations<Client>::blocking_batch_operations;
};

}  // namespace memring
