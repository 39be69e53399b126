#pragma once
// The load of one application: sets, gets, deletes and a few of the other operations, each checked
// against the ledger.

#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <system_error>

#include <asio/awaitable.hpp>

#include <memring/client.hpp>

#include "key_ledger.hpp"

namespace memring::tool {

struct workload_options {
    std::size_t workers = 50;              ///< coroutines; each owns every `workers`th key
    double operations_per_second = 20000;  ///< of all workers together
};

/// Coroutines that own a share of the keys each, so that a key has one operation at a time and its
/// value is known exactly.
class workload {
public:
    workload(client<>& cache, key_ledger& keys, const workload_options& options)
        : x_cache(cache), x_keys(keys), x_options(options) {}

    /// Stores every key once, as fast as it goes.
    [[nodiscard]] asio::awaitable<void> fill();
    /// Runs until `stop`; returns when every worker has returned.
    [[nodiscard]] asio::awaitable<void> run();
    void stop() noexcept { x_is_stopping = true; }
    /// Reads every key once more and checks it.
    [[nodiscard]] asio::awaitable<void> audit();

private:
    using random_engine = std::minstd_rand;

    [[nodiscard]] asio::awaitable<void> fill_share(std::size_t worker);
    [[nodiscard]] asio::awaitable<void> work(std::size_t worker);
    [[nodiscard]] asio::awaitable<void> operate(key_record& record, random_engine& random);

    [[nodiscard]] asio::awaitable<void> get(key_record& record);
    [[nodiscard]] asio::awaitable<void> set(key_record& record);
    [[nodiscard]] asio::awaitable<void> remove(key_record& record);
    [[nodiscard]] asio::awaitable<void> add(key_record& record);
    [[nodiscard]] asio::awaitable<void> append(key_record& record);
    [[nodiscard]] asio::awaitable<void> increment(key_record& record);

    /// Counts an operation; true if it went well.
    bool has_answer(std::error_code error) noexcept;
    void failed_write(key_record& record, std::error_code error, std::optional<std::string> left);

    client<>& x_cache;
    key_ledger& x_keys;
    workload_options x_options;
    bool x_is_stopping = false;
};

}  // namespace memring::tool
