// A client routes by the policy it was given, and by one like it after every change of the list.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/stable_jump.hpp>
#include <memring/item.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_transport.hpp>

#include "../support/completions.hpp"
#include "../support/memory_cluster.hpp"

namespace {

using namespace memring;
using memring::testing::hosts_in_memory;
using memring::testing::memory_network;
using memring::testing::memory_transport;
using memring::testing::recorder;
using memring::testing::runs_out_of_work;

template <class Policy>
struct fixture {
    explicit fixture(std::vector<node> nodes, const Policy& policy)
        : cache(io.get_executor(), std::move(nodes), {}, memring::testing::memory_options{network},
                policy) {
        for (const node& n : hosts_in_memory(9)) network->add(n);
    }

    // Where a key that the client stores turns up: the node's index in `nodes`.
    std::size_t home_of(const std::string& key, const std::vector<node>& nodes) {
        recorder<store_result> stored;
        cache.async_set(key, "value", stored);
        CHECK(runs_out_of_work(io));
        CHECK((stored.is_done() && !stored->error));
        std::size_t home = nodes.size();
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (!network->server(nodes[i]).peek(key)) continue;
            CHECK(home == nodes.size());
            home = i;
        }
        return home;
    }

    void check_routes(const Policy& expected, const std::vector<node>& nodes) {
        for (int i = 0; i < 50; ++i) {
            const std::string key = "key" + std::to_string(keys_used++);
            CHECK(home_of(key, nodes) == expected.owner_of(key));
        }
    }

    asio::io_context io{1};
    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    client<Policy, memory_transport> cache;
    int keys_used = 0;  // no key is stored twice
};

}  // namespace

TEST_CASE("a client keeps the seed of its policy through every change of the list") {
    const jump_options seeded{.seed = xxh3("pool")};
    fixture<jump> f(hosts_in_memory(4), jump({}, seeded));
    f.check_routes(jump(hosts_in_memory(4), seeded), hosts_in_memory(4));
    CHECK_FALSE(f.cache.update(hosts_in_memory(7)));
    f.check_routes(jump(hosts_in_memory(7), seeded), hosts_in_memory(7));
    CHECK_FALSE(f.cache.update({}));
    CHECK_FALSE(f.cache.update(hosts_in_memory(5)));
    f.check_routes(jump(hosts_in_memory(5), seeded), hosts_in_memory(5));
}

TEST_CASE("a client moves only a removed node's keys where its policy does") {
    const auto before = hosts_in_memory(6);
    auto after = before;
    after.erase(after.begin() + 2);
    fixture<stable_jump> f(before, stable_jump());
    f.check_routes(stable_jump(before), before);
    CHECK_FALSE(f.cache.update(after));
    f.check_routes(stable_jump(before).rebuilt(after), after);
    CHECK_FALSE(f.cache.update(before));
    f.check_routes(stable_jump(before), before);
}
