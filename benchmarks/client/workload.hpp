#pragma once
// All measurements for values of one size: who is compared with whom.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/node.hpp>

#include "client_load.hpp"
#include "counting_transport.hpp"
#include "data_set.hpp"
#include "measurement.hpp"
#include "plain_socket.hpp"
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
#include "libmemcached_load.hpp"
#endif

namespace memring::benchmark {

class workload {
public:
    workload(std::uint16_t port, std::size_t value_size)
        : x_data(value_size),
          x_nodes{node{.host = "127.0.0.1", .port = port}},
          x_async(x_nodes, x_data),
          x_blocking(x_nodes),
          x_plain(std::make_unique<plain_socket>(port))
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
          ,
          x_libmemcached(port, x_data)
#endif
    {
        x_async.store_all();
    }

    [[nodiscard]] std::size_t value_size() const noexcept { return x_data.value().size(); }

    [[nodiscard]] std::vector<measurement_group> groups() {
        return {gets_in_flight(), sets_in_flight(), gets_one_by_one()};
    }

    /// How many commands leave in one write, and how many replies come in one read, with 100
    /// coroutines.
    struct batching {
        double commands_per_write = 0;
        double replies_per_read = 0;
    };
    [[nodiscard]] batching measure_batching(clock::duration length) {
        using counted_client = client<ketama, counting_transport>;
        traffic counted;
        counting_options options;
        options.counted = &counted;
        client_load<counted_client> load(x_nodes, x_data, options);
        stopwatch watch(length);
        load.coroutine_gets(watch);
        const auto operations = static_cast<double>(watch.counted());
        return {operations / static_cast<double>(counted.writes),
                operations / static_cast<double>(counted.reads)};
    }

    [[nodiscard]] client_load<client<>>& async() noexcept { return x_async; }

private:
    // The same bytes again and again over the plain socket, `count` commands a round trip.
    [[nodiscard]] measurement plain(std::string name, std::string flat_name, std::string commands,
                                    std::size_t count) {
        return {std::move(name), std::move(flat_name),
                [this, commands = std::move(commands), count](stopwatch& watch) {
                    // A cas number in a reply grows with the stores of other loads.
                    const std::size_t reply_size = x_plain->learn(commands);
                    do {
                        x_plain->round_trip(commands, reply_size);
                    } while (watch.count(count));
                }};
    }

    [[nodiscard]] measurement_group gets_in_flight() {
        // memcached answers each classic get with a write of its own, and meta gets with one write
        // for all it has read: the second is the baseline to beat.
        measurement_group group{"100 gets in flight", "gets"};
        group.members = {
            plain("plain socket, mg", "plain_mg", x_data.meta_gets(), key_count),
            plain("plain socket, get", "plain_get", x_data.classic_gets(), key_count),
            {"100 coroutines", "coroutines",
             [this](auto& watch) { x_async.coroutine_gets(watch); }},
            {"100 callbacks", "callbacks", [this](auto& watch) { x_async.callback_gets(watch); }},
            {"get_many of 100", "get_many", [this](auto& watch) { x_async.batch_gets(watch); }}};
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
        group.members.push_back({"libmemcached mget of 100", "libmemcached_mget",
                                 [this](auto& watch) { x_libmemcached.batch_gets(watch); }});
#endif
        return group;
    }

    [[nodiscard]] measurement_group sets_in_flight() {
        measurement_group group{"100 sets in flight", "sets"};
        group.members = {plain("plain socket, ms", "plain_ms", x_data.meta_sets(), key_count),
                         {"100 coroutines", "coroutines",
                          [this](auto& watch) { x_async.coroutine_sets(watch); }}};
        return group;
    }

    [[nodiscard]] measurement_group gets_one_by_one() {
        measurement_group group{"one get at a time", "latency", true};
        const std::string gets = x_data.classic_gets();
        group.members = {
            plain("plain socket, get", "plain_get", gets.substr(0, gets.size() / key_count), 1),
            {"blocking_client", "blocking_client", [this](auto& watch) { blocking_gets(watch); }}};
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
        group.members.push_back({"libmemcached", "libmemcached_get",
                                 [this](auto& watch) { x_libmemcached.single_gets(watch); }});
#endif
        return group;
    }

    void blocking_gets(stopwatch& watch) {
        std::size_t next = 0;
        do {
            const auto hit = x_blocking.get(x_data.keys()[next]);
            if (!hit) throw std::runtime_error("a get missed");
            next = (next + 1) % key_count;
        } while (watch.count());
    }

    data_set x_data;
    std::vector<node> x_nodes;
    client_load<client<>> x_async;
    blocking_client<> x_blocking;
    std::unique_ptr<plain_socket> x_plain;
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
    libmemcached_load x_libmemcached;
#endif
};

}  // namespace memring::benchmark
