#pragma once
// Loads that go through the client: the same keys by coroutines, by callbacks, as batches, or one
// after the other.

#include <chrono>
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

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>

#include "data_set.hpp"
#include "stopwatch.hpp"

namespace memring::benchmark {

/// A machine that is busy with other things must not end the run.
[[nodiscard]] inline client_options patient_options() {
    client_options options;
    options.timeout = options.connect_timeout = std::chrono::seconds(30);
    return options;
}

/// A client on one thread, and what it is made to do. Each load runs until the stopwatch is over
/// and leaves nothing under way. A miss, a wrong size or an error throws: a fast wrong answer is
/// no result.
template <class Client>
class client_load {
public:
    using stream_options = typename Client::transport_options;

    client_load(const std::vector<node>& nodes, const data_set& data,
                const stream_options& stream = {})
        : x_data(data), x_client(x_context.get_executor(), nodes, patient_options(), stream) {}

    void store_all() {
        spawn(set_many(*this));
        run_context();
    }

    /// Each of `coroutines` gets one key again and again.
    void coroutine_gets(stopwatch& watch, std::size_t coroutines) {
        for (std::size_t i = 0; i < coroutines; ++i) {
            spawn(get_until_over(*this, x_data.keys()[i % x_data.count()], watch));
        }
        run_context();
    }

    void coroutine_sets(stopwatch& watch, std::size_t coroutines) {
        for (std::size_t i = 0; i < coroutines; ++i) {
            spawn(set_until_over(*this, x_data.entries()[i % x_data.count()], watch));
        }
        run_context();
    }

    void callback_gets(stopwatch& watch) {
        std::vector<repeated_get> loops;
        for (const auto key : x_data.keys()) loops.push_back({this, &watch, key});
        for (const auto& loop : loops) loop.start();
        run_context();
    }

    /// Batches of all keys, one after the other.
    void batch_gets(stopwatch& watch) {
        spawn(get_many_until_over(*this, watch));
        run_context();
    }

    /// `gets`, half of them by 100 coroutines and half in batches.
    void fixed_gets(std::size_t gets) {
        constexpr std::size_t coroutines = 100;
        for (std::size_t i = 0; i < coroutines; ++i) {
            spawn(get_times(*this, x_data.keys()[i % x_data.count()], gets / 2 / coroutines));
        }
        run_context();
        spawn(get_many_times(*this, gets / 2 / x_data.count()));
        run_context();
    }

    /// Batches of all keys; each of `at_a_time` begins its next one when the last has ended.
    void batch_sets(stopwatch& watch, std::size_t at_a_time = 1) {
        for (std::size_t i = 0; i < at_a_time; ++i) spawn(set_many_until_over(*this, watch));
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
            if (one.value != store_result::stored) throw std::runtime_error("a set was not stored");
        }
    }

    static asio::awaitable<void> get_until_over(client_load& self, std::string_view key,
                                                stopwatch& watch) {
        do {
            self.check(co_await self.x_client.async_get(key, asio::use_awaitable));
        } while (watch.count());
    }

    static asio::awaitable<void> get_times(client_load& self, std::string_view key,
                                           std::size_t times) {
        for (; times > 0; --times) {
            self.check(co_await self.x_client.async_get(key, asio::use_awaitable));
        }
    }

    static asio::awaitable<void> get_many_times(client_load& self, std::size_t times) {
        for (; times > 0; --times) {
            const auto found =
                co_await self.x_client.async_get_many(self.x_data.keys(), asio::use_awaitable);
            for (const auto& one : found) self.check(one.value);
        }
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
        } while (watch.count(self.x_data.count()));
    }

    static asio::awaitable<void> set_many_until_over(client_load& self, stopwatch& watch) {
        do {
            co_await set_many(self);
        } while (watch.count(self.x_data.count()));
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

/// The same without coroutines: each call returns its result.
class blocking_load {
public:
    blocking_load(const std::vector<node>& nodes, const data_set& data)
        : x_data(data), x_client(nodes, patient_options()) {}

    void get_many(stopwatch& watch) {
        do {
            for (const auto& one : x_client.get_many(x_data.keys())) {
                if (one.error) throw std::system_error(one.error);
                check(one.value);
            }
        } while (watch.count(x_data.count()));
    }

    void visit_many(stopwatch& watch) {
        do {
            std::size_t hits = 0;
            (void)x_client.visit_many(x_data.keys(), [&](std::size_t, const auto& one) {
                hits += one.value && one.value->value.size() == x_data.value().size() ? 1 : 0;
            });
            if (hits != x_data.count()) throw std::runtime_error("a get missed");
        } while (watch.count(x_data.count()));
    }

    void set_many(stopwatch& watch) {
        do {
            for (const auto& one : x_client.set_many(x_data.entries())) {
                if (one.error) throw std::system_error(one.error);
            }
        } while (watch.count(x_data.count()));
    }

    void get_one() {
        check(x_client.get(x_data.keys()[x_next]));
        x_next = (x_next + 1) % x_data.count();
    }

    void set_one() {
        if (x_client.set(x_data.keys()[x_next], x_data.value()) != store_result::stored) {
            throw std::runtime_error("a set was not stored");
        }
        x_next = (x_next + 1) % x_data.count();
    }

private:
    void check(const std::optional<item>& hit) const {
        if (!hit) throw std::runtime_error("a get missed");
        if (hit->value.size() != x_data.value().size()) {
            throw std::runtime_error("a get returned a value of another size");
        }
    }

    const data_set& x_data;
    blocking_client<> x_client;
    std::size_t x_next = 0;
};

}  // namespace memring::benchmark
