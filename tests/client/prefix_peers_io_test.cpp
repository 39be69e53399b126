// Keys with a prefix (namespace) against the clients that the presets are named for, over several
// real memcached: what one side stores the other finds, and it is on the node that the preset
// names. The scripts in peers/ run the clients; a client that is not installed fails the test with
// the name of its Debian package.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/hashing/compat/php_memcached.hpp>
#include <memring/hashing/compat/pylibmc.hpp>
#include <memring/hashing/compat/pymemcache.hpp>
#include <memring/hashing/compat/python_memcached.hpp>
#include <memring/item.hpp>

#include "../support/clients.hpp"
#include "../support/foreign_clients.hpp"
#include "../support/forked_memcached.hpp"

namespace {

using namespace memring;
using memring::testing::forked_memcached;
using memring::testing::require_good_script;

constexpr std::size_t node_total = 5;
constexpr std::size_t key_total = 100;
constexpr std::string_view prefix = "app:";

/// Five nodes, and another client that uses them.
class shared_nodes {
public:
    shared_nodes(std::string interpreter, std::string script)
        : x_interpreter(std::move(interpreter)), x_script(std::move(script)) {
        for (const forked_memcached& server : x_servers) {
            nodes.push_back({"127.0.0.1", server.port()});
            x_direct.push_back(std::make_unique<blocking_client<>>(std::vector{nodes.back()}));
        }
    }

    void let_peer(std::string_view action) {
        std::string arguments(action);
        arguments.append(" ").append(prefix).append(" ").append(std::to_string(key_total));
        for (const node& n : nodes) arguments += " " + std::to_string(n.port);
        require_good_script(x_interpreter, x_script + " " + arguments);
    }

    /// Where a key is stored under exactly this name: the nodes' indices.
    std::vector<std::size_t> homes_of(const std::string& stored_key) {
        std::vector<std::size_t> homes;
        for (std::size_t i = 0; i < node_total; ++i) {
            if (x_direct[i]->get(stored_key)) homes.push_back(i);
        }
        return homes;
    }

    std::vector<node> nodes;

private:
    std::vector<forked_memcached> x_servers = std::vector<forked_memcached>(node_total);
    std::vector<std::unique_ptr<blocking_client<>>> x_direct;
    std::string x_interpreter;
    std::string x_script;
};

enum class looked_up : unsigned char { without_prefix, with_prefix };

template <class Policy>
void check_peer(shared_nodes& shared, looked_up how, std::optional<bool> told = {}) {
    using cache_type = blocking_client<client<Policy, tcp_transport>>;
    client_options options{.key_prefix = std::string(prefix), .hashes_prefix = told};
    cache_type cache(shared.nodes, options);
    options.hashes_prefix = how == looked_up::without_prefix;
    cache_type mistaken(shared.nodes, options);
    const Policy policy(shared.nodes);

    shared.let_peer("write");
    std::size_t told_apart = 0;
    for (std::size_t i = 0; i < key_total; ++i) {
        const std::string key = "key" + std::to_string(i);
        CAPTURE(key);
        const std::size_t with = policy.owner_of(std::string(prefix) + key);
        const std::size_t without = policy.owner_of(key);
        const std::vector home{how == looked_up::with_prefix ? with : without};
        CHECK(shared.homes_of(std::string(prefix) + key) == home);
        const auto hit = cache.get(key);
        REQUIRE(hit.has_value());
        CHECK(hit->value == "theirs " + std::to_string(i));
        CHECK(mistaken.get(key).has_value() == (with == without));
        told_apart += with != without ? 1 : 0;

        CHECK(cache.set(key, "ours " + std::to_string(i)) == store_result::stored);
        CHECK(shared.homes_of(std::string(prefix) + key) == home);
    }
    CHECK(told_apart > key_total / 2);
    shared.let_peer("check");
}

shared_nodes with_python(const std::string& client_name) {
    return {"/usr/bin/python3", MEMRING_PEERS_DIR "/prefix_python.py " + client_name};
}

shared_nodes with_php(const std::string& client_name) {
    return {"/usr/bin/php", MEMRING_PEERS_DIR "/prefix_php.php " + client_name};
}

}  // namespace

TEST_CASE("pylibmc's namespace is not hashed, unless it is told to") {
    shared_nodes plain = with_python("pylibmc");
    check_peer<compat::pylibmc_ketama>(plain, looked_up::without_prefix);
    shared_nodes hashed = with_python("pylibmc-hashed");
    check_peer<compat::pylibmc_ketama>(hashed, looked_up::with_prefix, true);
}

TEST_CASE("php-memcached's prefix is not hashed, unless it is told to") {
    shared_nodes plain = with_php("php");
    check_peer<compat::php_libketama_compatible>(plain, looked_up::without_prefix);
    shared_nodes hashed = with_php("php-hashed");
    check_peer<compat::php_libketama_compatible>(hashed, looked_up::with_prefix, true);
}

TEST_CASE("pymemcache's key_prefix is not hashed") {
    shared_nodes shared = with_python("pymemcache");
    check_peer<compat::pymemcache_rendezvous>(shared, looked_up::without_prefix);
}

TEST_CASE("python-memcached's key_prefix is hashed") {
    shared_nodes shared = with_python("python-memcached");
    check_peer<compat::python_memcached_1_59>(shared, looked_up::with_prefix);
}
