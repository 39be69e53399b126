#pragma once
// Loads that go through the client: the same 100 keys by coroutines, by callbacks, as batches.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

#include <memring/client.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>

#include "data_set.hpp"
#include "stopwatch.hpp"

namespace memring::benchmark {

/// A client on one thread, and what it is made to do. Each load runs until the stopwatch is over
/// and leaves nothing under way. A miss, a wrong size or an error throws: a fast wrong answer is
/// no result.
template <class Client>
class client_load {
public:
    using stream_options = typename Client::transport_options;

    client_load(const std::vector<node>& nodes, const data_set& data,
                const stream_options& stream = {})
        : x_data(data), x_client(x_context.get_executor(), nodes, {}, stream) {}

    void store_all() {
        spawn(set_many(*this));
        run_context();
    }

    void coroutine_gets(stopwatch& watch) {
        for (const auto key : x_data.keys()) spawn(get_until_over(*this, key, watch));
        run_context();
    }

    void coroutine_sets(stopwatch& watch) {
        for (const auto& what : x_data.entries()) spawn(set_until_over(*this, what, watch));
        run_context();
    }

    void callback_gets(stopwatch& watch) {
        std::vector<repeated_get> loops;
        for (const auto key : x_data.keys()) loops.push_back({this, &watch, key});
        for (const auto& loop : loops) loop.start();
        run_context();
    }

    void batch_gets(stopwatch& watch) {
        spawn(get_many_until_over(*this, watch));
        run_context();
    }

private:
    struct repeated_get {
        client_load* load;
        stopwatch* watch;
        std::string_view key;

        void start() const {
            load->x_client.async_get(key,
                                     [this](std::error_code error, const std::optional<item>& hit) {
                                         if (error) throw std::system_error(error);
                                         load->check(hit);
                                         if (watch->count()) start();
                                     });
        }
    };

    static asio::awaitable<void> set_many(client_load& self) {
        const auto results =
            co_await self.x_client.async_set_many(self.x_data.entries(), asio::use_awaitable);
        for (const auto& one : results) {
            if (one.error) throw std::system_error(one.error);
        }
    }

    static asio::awaitable<void> get_until_over(client_load& self, std::string_view key,
                                                stopwatch& watch) {
        do {
            self.check(co_await self.x_client.async_get(key, asio::use_awaitable));
        } while (watch.count());
    }

    static asio::awaitable<void> set_until_over(client_load& self, entry what, stopwatch& watch) {
        do {
            const auto done =
                co_await self.x_client.async_set(what.key, what.value, asio::use_awaitable);
            if (done != store_result::stored) throw std::runtime_error("a set was not stored");
        } while (watch.count());
    }

    static asio::awaitable<void> get_many_until_over(client_load& self, stopwatch& watch) {
        do {
            const auto found =
                co_await self.x_client.async_get_many(self.x_data.keys(), asio::use_awaitable);
            for (const auto& one : found) {
                if (one.error) throw std::system_error(one.error);
                self.check(one.value);
            }
        } while (watch.count(key_count));
    }

    void check(const std::optional<item>& hit) const {
        if (!hit) throw std::runtime_error("a get missed");
        if (hit->value.size() != x_data.value().size()) {
            throw std::runtime_error("a get returned a value of another size");
        }
    }

    void spawn(asio::awaitable<void> work) {
        asio::co_spawn(x_context, std::move(work), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
    }

    void run_context() {
        x_context.restart();
        x_context.run();
    }

    const data_set& x_data;
    asio::io_context x_context{1};
    Client x_client;
};

}  // namespace memring::benchmark
