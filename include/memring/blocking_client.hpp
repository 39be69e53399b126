#pragma once
// The client's operations on the calling thread: it runs the client's own execution context until
// the answer is in. No thread is created.

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>
#include <memring/node_outcome.hpp>

namespace memring {

/// A client whose operations return their result.
///
///     memring::blocking_client<> cache({{"10.0.0.1"}, {"10.0.0.2"}});
///     cache.set("greeting", "hello", {.expires_in = 60s});
///     if (auto hit = cache.get("greeting")) use(hit->value);
///
/// Each operation does what `Client::async_NAME` does and either throws `std::system_error` or,
/// given a `std::error_code&` before the options, reports there and returns an empty result.
/// Many-key operations report a single key's error in that key's result.
///
/// Not from within a handler that runs inside such a call: that is
/// `std::errc::resource_deadlock_would_occur`.
///
/// Thread-safety: none; one thread at a time. It is at work only inside a call: `poll()` lets it
/// do what is due (a watcher's timer, a reshard started on `async()`), without waiting.
template <class Client = client<>>
class blocking_client {
public:
    using client_type = Client;
    using transport_options = typename Client::transport_options;

    /// As the client's constructor.
    explicit blocking_client(std::vector<node> nodes = {}, const client_options& options = {},
                             const transport_options& stream = {})
        : x_client(x_context.get_executor(), std::move(nodes), options, stream) {}
    blocking_client(std::vector<node> nodes, const client_options& options,
                    const transport_options& stream, const typename Client::policy_type& policy)
        : x_client(x_context.get_executor(), std::move(nodes), options, stream, policy) {}

    /// The client underneath, for what is only asynchronous; its handlers run inside the calls.
    [[nodiscard]] Client& async() noexcept { return x_client; }
    [[nodiscard]] asio::io_context& context() noexcept { return x_context; }

    std::error_code update(std::vector<node> nodes) { return x_client.update(std::move(nodes)); }

    void poll() {
        x_context.restart();
        x_context.poll();
    }

    // ---- one key ----

    std::optional<item> get(std::string_view key, const operation_options& options = {}) {
        return checked<std::optional<item>>(
            [&](std::error_code& error) { return get(key, error, options); });
    }
    std::optional<item> get(std::string_view key, std::error_code& error,
                            const operation_options& options = {}) {
        return run<std::optional<item>>(error,
                                        [&](auto done) { x_client.async_get(key, options, done); });
    }

    store_result set(std::string_view key, std::string_view value,
                     const store_options& options = {}) {
        return checked<store_result>(
            [&](std::error_code& error) { return set(key, value, error, options); });
    }
    store_result set(std::string_view key, std::string_view value, std::error_code& error,
                     const store_options& options = {}) {
        return run<store_result>(error,
                                 [&](auto done) { x_client.async_set(key, value, options, done); });
    }

    store_result add(std::string_view key, std::string_view value,
                     const store_options& options = {}) {
        return checked<store_result>(
            [&](std::error_code& error) { return add(key, value, error, options); });
    }
    store_result add(std::string_view key, std::string_view value, std::error_code& error,
                     const store_options& options = {}) {
        return run<store_result>(error,
                                 [&](auto done) { x_client.async_add(key, value, options, done); });
    }

    store_result replace(std::string_view key, std::string_view value,
                         const store_options& options = {}) {
        return checked<store_result>(
            [&](std::error_code& error) { return replace(key, value, error, options); });
    }
    store_result replace(std::string_view key, std::string_view value, std::error_code& error,
                         const store_options& options = {}) {
        return run<store_result>(
            error, [&](auto done) { x_client.async_replace(key, value, options, done); });
    }

    store_result append(std::string_view key, std::string_view value,
                        const operation_options& options = {}) {
        return checked<store_result>(
            [&](std::error_code& error) { return append(key, value, error, options); });
    }
    store_result append(std::string_view key, std::string_view value, std::error_code& error,
                        const operation_options& options = {}) {
        return run<store_result>(
            error, [&](auto done) { x_client.async_append(key, value, options, done); });
    }

    store_result prepend(std::string_view key, std::string_view value,
                         const operation_options& options = {}) {
        return checked<store_result>(
            [&](std::error_code& error) { return prepend(key, value, error, options); });
    }
    store_result prepend(std::string_view key, std::string_view value, std::error_code& error,
                         const operation_options& options = {}) {
        return run<store_result>(
            error, [&](auto done) { x_client.async_prepend(key, value, options, done); });
    }

    store_result compare_and_swap(std::string_view key, std::string_view value, std::uint64_t cas,
                                  const store_options& options = {}) {
        return checked<store_result>([&](std::error_code& error) {
            return compare_and_swap(key, value, cas, error, options);
        });
    }
    store_result compare_and_swap(std::string_view key, std::string_view value, std::uint64_t cas,
                                  std::error_code& error, const store_options& options = {}) {
        return run<store_result>(error, [&](auto done) {
            x_client.async_compare_and_swap(key, value, cas, options, done);
        });
    }

    bool remove(std::string_view key, const operation_options& options = {}) {
        return checked<bool>([&](std::error_code& error) { return remove(key, error, options); });
    }
    bool remove(std::string_view key, std::error_code& error,
                const operation_options& options = {}) {
        return run<bool>(error, [&](auto done) { x_client.async_remove(key, options, done); });
    }

    bool touch(std::string_view key, std::chrono::seconds expires_in,
               const operation_options& options = {}) {
        return checked<bool>(
            [&](std::error_code& error) { return touch(key, expires_in, error, options); });
    }
    bool touch(std::string_view key, std::chrono::seconds expires_in, std::error_code& error,
               const operation_options& options = {}) {
        return run<bool>(error,
                         [&](auto done) { x_client.async_touch(key, expires_in, options, done); });
    }

    std::optional<item> get_and_touch(std::string_view key, std::chrono::seconds expires_in,
                                      const operation_options& options = {}) {
        return checked<std::optional<item>>(
            [&](std::error_code& error) { return get_and_touch(key, expires_in, error, options); });
    }
    std::optional<item> get_and_touch(std::string_view key, std::chrono::seconds expires_in,
                                      std::error_code& error,
                                      const operation_options& options = {}) {
        return run<std::optional<item>>(error, [&](auto done) {
            x_client.async_get_and_touch(key, expires_in, options, done);
        });
    }

    std::optional<std::uint64_t> increment(std::string_view key, std::uint64_t delta,
                                           const operation_options& options = {}) {
        return checked<std::optional<std::uint64_t>>(
            [&](std::error_code& error) { return increment(key, delta, error, options); });
    }
    std::optional<std::uint64_t> increment(std::string_view key, std::uint64_t delta,
                                           std::error_code& error,
                                           const operation_options& options = {}) {
        return run<std::optional<std::uint64_t>>(
            error, [&](auto done) { x_client.async_increment(key, delta, options, done); });
    }

    std::optional<std::uint64_t> decrement(std::string_view key, std::uint64_t delta,
                                           const operation_options& options = {}) {
        return checked<std::optional<std::uint64_t>>(
            [&](std::error_code& error) { return decrement(key, delta, error, options); });
    }
    std::optional<std::uint64_t> decrement(std::string_view key, std::uint64_t delta,
                                           std::error_code& error,
                                           const operation_options& options = {}) {
        return run<std::optional<std::uint64_t>>(
            error, [&](auto done) { x_client.async_decrement(key, delta, options, done); });
    }

    // ---- many keys ----

    std::vector<outcome<std::optional<item>>> get_many(std::span<const std::string_view> keys,
                                                       const operation_options& options = {}) {
        return checked<std::vector<outcome<std::optional<item>>>>(
            [&](std::error_code& error) { return get_many(keys, error, options); });
    }
    std::vector<outcome<std::optional<item>>> get_many(std::span<const std::string_view> keys,
                                                       std::error_code& error,
                                                       const operation_options& options = {}) {
        return run<std::vector<outcome<std::optional<item>>>>(
            error, [&](auto done) { x_client.async_get_many(keys, options, done); });
    }

    std::vector<outcome<store_result>> set_many(std::span<const entry> entries,
                                                const store_options& options = {}) {
        return checked<std::vector<outcome<store_result>>>(
            [&](std::error_code& error) { return set_many(entries, error, options); });
    }
    std::vector<outcome<store_result>> set_many(std::span<const entry> entries,
                                                std::error_code& error,
                                                const store_options& options = {}) {
        return run<std::vector<outcome<store_result>>>(
            error, [&](auto done) { x_client.async_set_many(entries, options, done); });
    }

    std::vector<outcome<bool>> remove_many(std::span<const std::string_view> keys,
                                           const operation_options& options = {}) {
        return checked<std::vector<outcome<bool>>>(
            [&](std::error_code& error) { return remove_many(keys, error, options); });
    }
    std::vector<outcome<bool>> remove_many(std::span<const std::string_view> keys,
                                           std::error_code& error,
                                           const operation_options& options = {}) {
        return run<std::vector<outcome<bool>>>(
            error, [&](auto done) { x_client.async_remove_many(keys, options, done); });
    }

    // ---- all nodes ----

    std::vector<node_outcome<bool>> flush_all(
        std::chrono::seconds delay = std::chrono::seconds(0)) {
        return checked<std::vector<node_outcome<bool>>>(
            [&](std::error_code& error) { return flush_all(delay, error); });
    }
    std::vector<node_outcome<bool>> flush_all(std::chrono::seconds delay, std::error_code& error) {
        return run<std::vector<node_outcome<bool>>>(
            error, [&](auto done) { x_client.async_flush_all(delay, done); });
    }

    std::vector<node_outcome<std::string>> version() {
        return checked<std::vector<node_outcome<std::string>>>(
            [&](std::error_code& error) { return version(error); });
    }
    std::vector<node_outcome<std::string>> version(std::error_code& error) {
        return run<std::vector<node_outcome<std::string>>>(
            error, [&](auto done) { x_client.async_version(done); });
    }

    std::vector<node_outcome<std::vector<std::pair<std::string, std::string>>>> stats(
        std::string_view group = {}) {
        return checked<std::vector<node_outcome<std::vector<std::pair<std::string, std::string>>>>>(
            [&](std::error_code& error) { return stats(group, error); });
    }
    std::vector<node_outcome<std::vector<std::pair<std::string, std::string>>>> stats(
        std::string_view group, std::error_code& error) {
        return run<std::vector<node_outcome<std::vector<std::pair<std::string, std::string>>>>>(
            error, [&](auto done) { x_client.async_stats(group, done); });
    }

private:
    struct running_mark {
        explicit running_mark(bool& flag) noexcept : is_running(flag) { is_running = true; }
        running_mark(const running_mark&) = delete;
        running_mark& operator=(const running_mark&) = delete;
        ~running_mark() { is_running = false; }
        bool& is_running;
    };

    template <class Result, class Start>
    Result run(std::error_code& error, Start start) {
        if (x_is_running) {
            error = std::make_error_code(std::errc::resource_deadlock_would_occur);
            return {};
        }
        const running_mark mark(x_is_running);
        std::optional<Result> got;
        start([&](std::error_code failure, Result result) {
            error = failure;
            got.emplace(std::move(result));
        });
        // Another operation's handler may throw out of here, or stop the context: not before this
        // call's own has run, because that writes to this frame.
        std::exception_ptr thrown;
        while (!got) {
            x_context.restart();
            try {
                x_context.run_one();
            } catch (...) {
                if (!thrown) thrown = std::current_exception();
            }
        }
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*got);
    }

    template <class Result, class Operation>
    static Result checked(Operation operation) {
        std::error_code error;
        Result result = operation(error);
        if (error) throw std::system_error(error);
        return result;
    }

    asio::io_context x_context{1};
    bool x_is_running = false;
    Client x_client;
};

}  // namespace memring
