// Many threads with one configuration: a client for each, one topology for all, and who ends what.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/client_per_thread.hpp>
#include <memring/cluster/topology.hpp>
#include <memring/error.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/observer.hpp>
#include <memring/reshard/reshard.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_transport.hpp>

#include "support/clients.hpp"
#include "support/completions.hpp"
#include "support/forked_memcached.hpp"

namespace {

using namespace memring;
using memring::testing::forked_memcached;
using memring::testing::memory_network;
using memring::testing::memory_transport;
using memring::testing::recorder;
using memring::testing::runs_out_of_work;

constexpr int thread_count = 4;

node at(const forked_memcached& server) { return {"127.0.0.1", server.port()}; }

/// Runs `work(index)` on threads of their own, to the end.
template <class Work>
void on_threads(int count, Work work) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
}

/// Counts connections of all clients that have a copy.
struct connection_counter {
    struct counts {
        std::atomic<int> connected{0};
        std::atomic<int> closed{0};
    };
    std::shared_ptr<counts> seen = std::make_shared<counts>();

    void on_node_event(const node&, const node_event& event) noexcept {
        if (event.kind == node_event_kind::connected) ++seen->connected;
        if (event.kind == node_event_kind::closed) ++seen->closed;
    }
};

using counted_clients =
    client_per_thread<blocking_client<client<ketama, tcp_transport, connection_counter>>>;

/// All keys on the first node, and no more than two nodes.
class at_most_two {
public:
    at_most_two() = default;
    explicit at_most_two(std::span<const node> nodes)
        : x_count(static_cast<std::uint32_t>(nodes.size())) {
        if (nodes.size() > 2) throw std::system_error(errc::invalid_node, "too many");
    }
    [[nodiscard]] std::uint32_t owner_of(std::string_view) const noexcept { return 0; }
    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_count; }

private:
    std::uint32_t x_count = 0;
};

}  // namespace

TEST_CASE("each thread has one client of its own, and all have the same topology") {
    const forked_memcached first;
    const forked_memcached second;
    client_per_thread<> clients({at(first), at(second)});
    const auto topology = clients.topology_now();
    std::vector<const void*> seen(thread_count);
    std::latch all_made(thread_count);  // a client that ended would leave its address to the next
    std::atomic<int> good{0};
    on_threads(thread_count, [&](int index) {
        const auto place = static_cast<std::size_t>(index);
        seen[place] = &clients.local();
        all_made.arrive_and_wait();
        const std::string name = "thread" + std::to_string(index);
        for (int i = 0; i < 200; ++i) {
            const std::string key = name + ":" + std::to_string(i);
            if (clients.local().set(key, name) != store_result::stored) return;
            const auto hit = clients.local().get(key);
            if (!hit || hit->value != name) return;
            if (&clients.local() != seen[place]) return;
            if (clients.local().async().topology_now() != topology) return;
        }
        ++good;
    });
    CHECK(good == thread_count);
    CHECK(std::set<const void*>(seen.begin(), seen.end()).size() == seen.size());
}

TEST_CASE("a list that changes is followed by every thread at its next use") {
    const forked_memcached first;
    const forked_memcached second;
    const std::vector<std::vector<node>> lists{
        {at(first)}, {at(first), at(second)}, {at(second)}, {at(second), at(first)}};
    client_per_thread<> clients(lists[0]);
    std::atomic<bool> is_last{false};
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> threads;
        for (int index = 0; index < thread_count; ++index) {
            threads.emplace_back([&] {
                std::error_code error;
                for (bool ends = false; !ends && !error;) {
                    ends = is_last;  // one more after the last change
                    clients.local().set("key", "value", error);
                }
                const auto followed = clients.local().async().topology_now();
                if (!error && followed == clients.topology_now()) ++good;
            });
        }
        for (std::size_t i = 1; i <= 200; ++i) {
            CHECK(!clients.update(lists[i % lists.size()]));
            clients.local().get("key");
            CHECK(clients.local().async().topology_now() == clients.topology_now());
        }
        is_last = true;
    }
    CHECK(good == thread_count);
    CHECK(clients.topology_now()->nodes() == lists[0]);
}

TEST_CASE("any thread may update, and the last list is everybody's") {
    client_per_thread<> clients;
    on_threads(thread_count, [&](int index) {
        for (std::uint16_t port = 1; port <= 50; ++port) {
            if (clients.update({{"thread" + std::to_string(index), port}})) return;
            clients.local();
        }
    });
    const auto last = clients.topology_now()->nodes();
    REQUIRE(last.size() == 1);
    CHECK(last[0].port == 50);
    CHECK(clients.local().async().topology_now() == clients.topology_now());
}

TEST_CASE("a list that is bad or that the policy refuses is an error and changes nothing") {
    client_per_thread<blocking_client<client<at_most_two>>> clients({{"a"}, {"b"}});
    const auto before = clients.topology_now();
    CHECK(clients.local().async().topology_now() == before);
    CHECK(clients.update({{"a"}, {"a"}}) == errc::duplicate_node);
    CHECK(clients.update({{"a"}, {"not a host"}}) == errc::invalid_node);
    CHECK(clients.update({{"a"}, {"b"}, {"c"}}) == errc::invalid_node);
    CHECK(clients.topology_now() == before);
    CHECK(clients.local().async().topology_now() == before);

    CHECK(!clients.update({{"a"}, {"b"}}));  // no change at all
    CHECK(clients.topology_now() == before);
    CHECK(!clients.update({}));
    CHECK(clients.local().async().topology_now()->empty());
    CHECK_THROWS_AS(client_per_thread<>({{"a"}, {"a"}}), std::system_error);
}

TEST_CASE("options, policy and observer are those of every thread's client") {
    const forked_memcached server;
    const std::vector<node> nodes{at(server), {"localhost", server.port()}, {"unused", 1}};
    const jump seeded({}, {.seed = xxh3("pool")});
    const jump expected(std::span<const node>(nodes), {.seed = xxh3("pool")});
    connection_counter counter;
    client_per_thread<blocking_client<client<jump, tcp_transport, connection_counter>>> clients(
        {nodes[0]}, {.max_value_size = 4, .key_prefix = "all:"}, {}, seeded, counter);
    std::atomic<int> good{0};
    std::latch all_stored(thread_count + 1);
    std::latch is_updated(1);
    const auto work = [&] {
        std::error_code error;
        clients.local().set("key", "12345", error);
        bool is_good = error == errc::value_too_large;
        clients.local().set("key", "1234", error);
        is_good = is_good && !error;
        all_stored.arrive_and_wait();
        is_updated.wait();
        const auto followed = clients.local().async().topology_now();
        for (int i = 0; i < 100; ++i) {
            const std::string key = "key" + std::to_string(i);
            is_good = is_good && followed->owner_of(key) == expected.owner_of(key);
        }
        if (is_good) ++good;
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < thread_count; ++i) threads.emplace_back(work);
        all_stored.arrive_and_wait();
        CHECK(!clients.update(nodes));
        is_updated.count_down();
    }
    CHECK(good == thread_count);
    CHECK(counter.seen->connected >= thread_count);
    blocking_client<> plain({nodes[0]});
    CHECK(plain.get("all:key")->value == "1234");
}

TEST_CASE("a thread's client ends with the thread") {
    const forked_memcached server;
    const connection_counter counter;
    std::optional<counted_clients> clients(std::in_place, std::vector<node>{at(server)},
                                           client_options(), tcp_options(), counter);
    const auto use_it = [&] { clients->local().set("key", "value"); };
    use_it();
    for (int threads = 1; threads <= 3; ++threads) {
        std::jthread(use_it).join();
        CHECK(counter.seen->connected == threads + 1);
        CHECK(counter.seen->closed == threads);
    }
    clients.reset();
    CHECK(counter.seen->closed == 4);
}

TEST_CASE("a thread's client ends with the helper while the thread lives on") {
    const forked_memcached server;
    const connection_counter counter;
    const auto made = [&] {
        return std::make_unique<counted_clients>(std::vector<node>{at(server)}, client_options(),
                                                 tcp_options(), counter);
    };
    auto clients = made();
    std::latch all_used(thread_count + 1);
    std::latch is_replaced(1);
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < thread_count; ++i) {
            threads.emplace_back([&] {
                clients->local().set("key", "value");
                all_used.arrive_and_wait();
                is_replaced.wait();
                if (clients->local().get("key")) ++good;
            });
        }
        all_used.arrive_and_wait();
        CHECK(counter.seen->closed == 0);
        clients.reset();
        CHECK(counter.seen->closed == thread_count);
        clients = made();  // as likely as not where the first one was
        is_replaced.count_down();
    }
    CHECK(good == thread_count);
    CHECK(counter.seen->connected == 2 * thread_count);
    CHECK(counter.seen->closed == 2 * thread_count);
}

TEST_CASE("threads and helper may end at the same time") {
    const connection_counter counter;
    for (int round = 0; round < 100; ++round) {
        auto clients = std::make_unique<counted_clients>(std::vector<node>{{"unused"}},
                                                         client_options(), tcp_options(), counter);
        std::latch all_used(thread_count + 1);
        std::vector<std::jthread> threads;
        for (int i = 0; i < thread_count; ++i) {
            threads.emplace_back([&clients, &all_used] {
                clients->local();
                all_used.arrive_and_wait();
            });
        }
        all_used.arrive_and_wait();
        clients.reset();
        // Whoever ended them, they have ended, and with them their observers.
        CHECK(counter.seen.use_count() == 1);
    }
}

TEST_CASE("one thread may use several helpers, each with its own client") {
    client_per_thread<> one({{"one"}});
    client_per_thread<> two({{"two"}});
    CHECK(&one.local() != &two.local());
    CHECK(!two.update({{"three"}}));
    CHECK(one.local().async().topology_now()->nodes() == std::vector<node>{{"one"}});
    CHECK(two.local().async().topology_now()->nodes() == std::vector<node>{{"three"}});
    for (int i = 0; i < 100; ++i) {
        client_per_thread<> passing({{"passing"}});
        CHECK(passing.local().async().topology_now() == passing.topology_now());
    }
    CHECK(one.local().async().topology_now() == one.topology_now());
}

TEST_CASE("clients take a ready topology as it is, and share it") {
    asio::io_context io{1};
    using memory_client = client<ketama, memory_transport>;
    const auto network = std::make_shared<memory_network>();
    const std::vector<node> nodes{{"cache-0"}, {"cache-1"}, {"cache-2"}};
    for (const node& n : nodes) network->add(n);
    const auto ready = std::make_shared<const topology<ketama>>(nodes);
    const memring::testing::memory_options stream{network};
    memory_client one(io.get_executor(), ready, {}, stream);
    memory_client other(io.get_executor(), std::vector<node>{nodes[0]}, {}, stream);
    CHECK(one.topology_now() == ready);
    CHECK(!other.update(ready));
    CHECK(other.topology_now() == ready);

    const auto same_list = std::make_shared<const topology<ketama>>(nodes);
    CHECK(!one.update(same_list));
    CHECK(one.topology_now() == same_list);

    recorder<store_result> stored;
    one.async_set("key", "value", stored);
    REQUIRE(runs_out_of_work(io));
    CHECK(!stored->error);
    CHECK(network->server(nodes[ready->owner_of("key")]).peek("key"));

    recorder<reshard_report> drained;
    async_drain(one, nodes[2], {}, recorder(drained));
    REQUIRE(runs_out_of_work(io));
    REQUIRE(!drained->error);
    CHECK(!one.update(same_list));  // lists the node that was drained
    CHECK(one.topology_now()->nodes() == std::vector<node>{nodes[0], nodes[1]});

    one.stop();
    CHECK(one.update(ready) == asio::error::operation_aborted);
}
