#pragma once
// Who is compared with whom. A new form of the client is one more row here.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <memring/client.hpp>
#include <memring/node.hpp>

#include "client_load.hpp"
#include "counting_transport.hpp"
#include "data_set.hpp"
#include "measurement.hpp"
#include "plain_sockets.hpp"
#include "python_peers.hpp"
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
#include "libmemcached_load.hpp"
#endif

namespace memring::benchmark {

/// Values of one size under a number of keys, on some nodes, and every client that works on them.
class workload {
public:
    enum class peers : unsigned char { without_python, all };

    workload(const std::vector<node>& nodes, std::size_t keys, std::size_t value_size, peers whom)
        : x_nodes(nodes),
          x_data(keys, value_size),
          x_async(nodes, x_data),
          x_blocking(nodes, x_data),
          x_plain(nodes, x_data)
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
          ,
          x_ascii(nodes, x_data, libmemcached_load::protocol::ascii),
          x_binary(nodes, x_data, libmemcached_load::protocol::binary)
#endif
    {
        x_async.store_all();
        if (whom == peers::all) x_python = std::make_unique<python_peers>(nodes, x_data);
    }

    [[nodiscard]] client_load<client<>>& async() noexcept { return x_async; }
    [[nodiscard]] const python_peers* python() const noexcept { return x_python.get(); }

    [[nodiscard]] measurement_group get_many(std::string title, std::string flat_name) {
        measurement_group group{std::move(title), std::move(flat_name)};
        group.members = {raw("plain sockets, gets k1 .. kn", "raw_gets", wire_form::classic_gets),
                         raw("plain sockets, mg", "raw_mg", wire_form::meta_gets)};
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
        group.members.push_back({"libmemcached mget, ascii", "libmemcached_ascii",
                                 [this](auto& watch) { x_ascii.get_many(watch); }});
        group.members.push_back({"libmemcached mget, binary", "libmemcached_binary",
                                 [this](auto& watch) { x_binary.get_many(watch); }});
#endif
        add_python(group, "get_many");
        group.members.push_back(
            {"memring get_many", "memring", [this](auto& watch) { x_async.batch_gets(watch); }});
        group.members.push_back({"memring get_many, blocking", "memring_blocking",
                                 [this](auto& watch) { x_blocking.get_many(watch); }});
        group.members.push_back({"memring visit_many, blocking", "memring_visit",
                                 [this](auto& watch) { x_blocking.visit_many(watch); }});
        return group;
    }

    [[nodiscard]] measurement_group set_many(std::string title, std::string flat_name) {
        measurement_group group{std::move(title), std::move(flat_name)};
        group.members = {raw("plain sockets, set", "raw_set", wire_form::classic_sets),
                         raw("plain sockets, ms", "raw_ms", wire_form::meta_sets),
                         raw("plain sockets, ms q and mn", "raw_quiet_ms", wire_form::quiet_sets)};
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
        group.members.push_back({"libmemcached set, buffered, ascii", "libmemcached_ascii",
                                 [this](auto& watch) { x_ascii.set_many(watch); }});
#endif
        add_python(group, "set_many");
        group.members.push_back(
            {"memring set_many", "memring", [this](auto& watch) { x_async.batch_sets(watch); }});
        group.members.push_back({"memring set_many, blocking", "memring_blocking",
                                 [this](auto& watch) { x_blocking.set_many(watch); }});
        // As libmemcached, which has up to ten batches of 100 under way before it reads replies.
        group.members.push_back({"memring set_many, 4 in flight", "memring_in_flight",
                                 [this](auto& watch) { x_async.batch_sets(watch, 4); }});
        return group;
    }

    [[nodiscard]] measurement_group one_get() {
        measurement_group group{"One get at a time, blocking", "blocking_get"};
        group.members = {raw_single("plain socket, get", "raw_get", wire_form::classic_get),
                         raw_single("plain socket, mg", "raw_mg", wire_form::meta_get)};
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
        group.members.push_back(in_turn("libmemcached get, ascii", "libmemcached_ascii",
                                        [this] { x_ascii.get_one(); }));
        group.members.push_back(in_turn("libmemcached get, binary", "libmemcached_binary",
                                        [this] { x_binary.get_one(); }));
#endif
        group.members.push_back(
            in_turn("memring blocking_client", "memring", [this] { x_blocking.get_one(); }));
        add_python(group, "get");
        return group;
    }

    [[nodiscard]] measurement_group one_set() {
        measurement_group group{"One set at a time, blocking", "blocking_set"};
        group.members = {raw_single("plain socket, set", "raw_set", wire_form::classic_sets),
                         raw_single("plain socket, ms", "raw_ms", wire_form::meta_sets)};
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
        group.members.push_back(in_turn("libmemcached set, ascii", "libmemcached_ascii",
                                        [this] { x_ascii.set_one(); }));
        group.members.push_back(in_turn("libmemcached set, binary", "libmemcached_binary",
                                        [this] { x_binary.set_one(); }));
#endif
        group.members.push_back(
            in_turn("memring blocking_client", "memring", [this] { x_blocking.set_one(); }));
        add_python(group, "set");
        return group;
    }

    /// Independent gets in flight, against batches of as many as the data set has keys.
    [[nodiscard]] measurement_group gets_in_flight() {
        measurement_group group{"100 independent gets in flight, one node", "async100"};
        group.members = {
            raw("plain socket, gets k1 .. k100", "raw_gets", wire_form::classic_gets),
            raw("plain socket, 100 mg", "raw_mg", wire_form::meta_gets),
            {"memring, 100 coroutines", "memring",
             [this](auto& watch) { x_async.coroutine_gets(watch, 100); }},
            {"memring, 100 callbacks", "memring_callbacks",
             [this](auto& watch) { x_async.callback_gets(watch); }},
        };
        return group;
    }

    [[nodiscard]] measurement_group many_gets_in_flight() {
        measurement_group group{"1000 independent gets in flight, one node", "async1000"};
        group.members = {
            {"memring, 100 coroutines", "memring_100",
             [this](auto& watch) { x_async.coroutine_gets(watch, 100); }},
            {"memring, 1000 coroutines", "memring",
             [this](auto& watch) { x_async.coroutine_gets(watch, 1000); }},
        };
        return group;
    }

    [[nodiscard]] measurement_group sets_in_flight() {
        measurement_group group{"100 independent sets in flight, one node", "async_sets100"};
        group.members = {
            raw("plain socket, 100 ms", "raw_ms", wire_form::meta_sets),
            {"memring, 100 coroutines", "memring",
             [this](auto& watch) { x_async.coroutine_sets(watch, 100); }},
        };
        return group;
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
        load.coroutine_gets(watch, 100);
        const auto operations = static_cast<double>(watch.counted());
        return {operations / static_cast<double>(counted.writes),
                operations / static_cast<double>(counted.reads)};
    }

private:
    /// The same bytes again and again.
    [[nodiscard]] measurement raw(std::string name, std::string flat_name, wire_form form) {
        auto commands = std::make_shared<plain_sockets::batch>(x_plain, form);
        return {std::move(name), std::move(flat_name), [this, commands](stopwatch& watch) {
                    commands->learn();  // one round of many
                    do {
                        commands->round_trip();
                    } while (watch.count(x_data.count()));
                }};
    }

    [[nodiscard]] measurement raw_single(std::string name, std::string flat_name, wire_form form) {
        auto commands = std::make_shared<plain_sockets::single>(x_plain, form);
        return in_turn(std::move(name), std::move(flat_name),
                       [commands] { commands->round_trip(); });
    }

    [[nodiscard]] static measurement in_turn(std::string name, std::string flat_name,
                                             std::function<void()> once) {
        measurement made{std::move(name), std::move(flat_name)};
        made.once = std::move(once);
        return made;
    }

    void add_python(measurement_group& group, const std::string& operation) {
        if (!x_python) return;
        for (const std::string peer : {"pylibmc", "pymemcache"}) {
            if (x_python->version(peer).empty()) continue;
            group.members.push_back(
                {peer + " (Python)", peer, [this, peer, operation](stopwatch& watch) {
                     x_python->run(peer, operation, watch);
                 }});
        }
    }

    std::vector<node> x_nodes;
    data_set x_data;
    client_load<client<>> x_async;
    blocking_load x_blocking;
    plain_sockets x_plain;
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
    libmemcached_load x_ascii;
    libmemcached_load x_binary;
#endif
    std::unique_ptr<python_peers> x_python;
};

}  // namespace memring::benchmark
