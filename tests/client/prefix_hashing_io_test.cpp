// A client with a key prefix looks a key's node up with the prefix or without it, as its policy
// says of its peer, unless the options say otherwise.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/cluster/topology.hpp>
#include <memring/hashing/any_policy.hpp>
#include <memring/hashing/compat/pylibmc.hpp>
#include <memring/hashing/compat/python_memcached.hpp>
#include <memring/hashing/erased_policy.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/key_part.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/item.hpp>
#include <memring/reshard/reshard.hpp>
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

constexpr std::string_view prefix = "app:";

std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < count; ++i) keys.push_back("key" + std::to_string(i));
    return keys;
}

enum class looked_up : unsigned char { without_prefix, with_prefix };

/// Four nodes of five, and a client with a prefix.
template <class Policy>
struct fixture {
    using topology_type = topology<Policy>;

    explicit fixture(std::optional<bool> told = {}, const Policy& policy = Policy())
        : cache(std::make_shared<const topology_type>(topology_like(policy)),
                {.key_prefix = std::string(prefix), .hashes_prefix = told},
                memring::testing::memory_options{network}) {
        for (const node& n : hosts_in_memory(5)) network->add(n);
    }

    static topology_type topology_like(const Policy& policy) {
        if constexpr (rebuildable_hash_policy<Policy>) {
            return topology_type(hosts_in_memory(4), policy);
        } else {
            return topology_type(hosts_in_memory(4));
        }
    }

    bool is_on(std::size_t place, const std::string& key) {
        const auto stored_under = std::string(prefix) + key;
        return network->server(hosts_in_memory(5)[place]).peek(stored_under).has_value();
    }

    /// Whether each key is on the one node that the client's topology names.
    void check_homes(const std::vector<std::string>& keys, looked_up how) {
        const auto now = cache.async().topology_now();
        std::size_t told_apart = 0;
        for (const std::string& key : keys) {
            CAPTURE(key);
            const std::size_t with = now->owner_of(std::string(prefix) + key);
            const std::size_t without = now->owner_of(key);
            const std::size_t home = how == looked_up::with_prefix ? with : without;
            for (std::size_t i = 0; i < 5; ++i) CHECK(is_on(i, key) == (i == home));
            told_apart += with != without ? 1 : 0;
        }
        CHECK(told_apart > keys.size() / 4);
    }

    /// Half of the keys one by one, half as a batch; what is stored must also be found.
    void check_routes(looked_up how) {
        const auto keys = names(60);
        std::vector<entry> entries;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (i % 2 == 0) {
                CHECK(cache.set(keys[i], "value") == store_result::stored);
            } else {
                entries.push_back({keys[i], "value"});
            }
        }
        for (const auto& each : cache.set_many(entries)) CHECK(each.value == store_result::stored);
        check_homes(keys, how);
        const std::vector<std::string_view> views(keys.begin(), keys.end());
        for (const auto& each : cache.get_many(views)) CHECK(each.value.has_value());
        for (const std::string& key : keys) CHECK(cache.remove(key));
    }

    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    blocking_client<client<Policy, memory_transport>> cache;
};

/// A policy for the same nodes, its type hidden: a client of each type takes long to compile.
template <class Policy, class... More>
any_policy hidden(const More&... more) {
    return any_policy(erase_policy(Policy(hosts_in_memory(4), more...)));
}

}  // namespace

TEST_CASE("the node of a key with a prefix is looked up as the preset's peer does it") {
    fixture<compat::python_memcached_1_59>().check_routes(looked_up::with_prefix);
    fixture<any_policy>({}, hidden<compat::pylibmc_ketama>())
        .check_routes(looked_up::without_prefix);
}

TEST_CASE("a policy that says nothing of prefixes does not see them") {
    fixture<ketama>().check_routes(looked_up::without_prefix);
}

TEST_CASE("what the options say of the prefix goes before what the policy says") {
    fixture<compat::python_memcached_1_59>(false).check_routes(looked_up::without_prefix);
    fixture<any_policy>(true, hidden<compat::pylibmc_ketama>())
        .check_routes(looked_up::with_prefix);
    fixture<ketama>(true).check_routes(looked_up::with_prefix);
}

TEST_CASE("a policy that adds the prefix itself is given the key alone") {
    fixture<any_policy> f({}, hidden<prefixed<compat::python_memcached_1_59>>(prefix));
    const auto keys = names(20);
    for (const std::string& key : keys) f.cache.set(key, "value");
    const compat::python_memcached_1_59 bare(hosts_in_memory(4));
    for (const std::string& key : keys) {
        CHECK(f.is_on(bare.owner_of(std::string(prefix) + key), key));
    }
}

TEST_CASE("a policy chosen by name knows its peer, also when another takes its place") {
    // Of builtin_schemes() these two only, which compile in a moment.
    scheme_registry known;
    known.add<compat::python_memcached_1_59>("hashes the prefix", "");
    known.add<compat::pylibmc_ketama>("does not see it", "");
    const any_policy hashing("hashes the prefix", hosts_in_memory(4), known);
    const any_policy ignoring("does not see it", hosts_in_memory(4), known);
    using shared = std::shared_ptr<const topology<any_policy>>;
    fixture<any_policy> f({}, hashing);
    f.check_routes(looked_up::with_prefix);
    const shared other = std::make_shared<const topology<any_policy>>(hosts_in_memory(4), ignoring);
    CHECK_FALSE(f.cache.async().update(other));
    f.check_routes(looked_up::without_prefix);
    CHECK_FALSE(f.cache.update(hosts_in_memory(3)));
    f.check_routes(looked_up::without_prefix);
    fixture<any_policy>(true, ignoring).check_routes(looked_up::with_prefix);
}

TEST_CASE("a reshard moves keys with a prefix to where the client looks for them") {
    fixture<compat::python_memcached_1_59> f;
    const auto keys = names(60);
    for (const std::string& key : keys) f.cache.set(key, "value");
    recorder<reshard_report> filled;
    async_fill(f.cache.async(), hosts_in_memory(5)[4], {}, filled);
    CHECK(runs_out_of_work(f.cache.context()));
    REQUIRE(filled.is_done());
    CHECK_FALSE(filled->error);
    CHECK(f.cache.async().topology_now()->nodes().size() == 5);
    f.check_homes(keys, looked_up::with_prefix);
    for (const std::string& key : keys) CHECK(f.cache.get(key).has_value());
}
