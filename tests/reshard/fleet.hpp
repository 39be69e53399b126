#pragma once
// A few nodes, in process or real, with a client on them, and ways to look at what each node has.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/connection.hpp>
#include <memring/detail/operation.hpp>
#include <memring/item.hpp>
#include <memring/node.hpp>
#include <memring/protocol/command.hpp>
#include <memring/reshard/reshard.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_transport.hpp>
#include <memring/transport/tcp.hpp>

#include "../support/clients.hpp"
#include "../support/forked_memcached.hpp"
#include "../support/stepper.hpp"

namespace memring::testing {

/// In-process servers over the memory transport.
class memory_nodes : public stepper {
public:
    using transport_type = memory_transport;

    explicit memory_nodes(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            nodes.push_back({"cache" + std::to_string(i), 11211});
            network->add(nodes.back());
        }
    }
    [[nodiscard]] memory_options stream() const { return {network, 0}; }
    [[nodiscard]] memory_server& server(std::size_t i) { return network->server(nodes[i]); }
    void kill(std::size_t i) { network->stop(nodes[i]); }

    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    std::vector<node> nodes;
};

/// Real memcached processes.
class real_nodes : public stepper {
public:
    using transport_type = tcp_transport;

    explicit real_nodes(std::size_t count, const std::vector<std::string>& arguments = {}) {
        for (std::size_t i = 0; i < count; ++i) {
            processes.emplace_back(arguments);
            nodes.push_back({"127.0.0.1", processes.back().port()});
        }
    }
    real_nodes(real_nodes&&) = delete;
    ~real_nodes() {
        for (auto& process : processes) process.kill();  // asked politely it takes a second
    }
    [[nodiscard]] static tcp_options stream() { return {}; }
    void kill(std::size_t i) { processes[i].kill(); }

    std::vector<forked_memcached> processes;
    std::vector<node> nodes;
};

/// Waits for one answer of one node, below the client.
class probe final : public memring::detail::operation {
public:
    probe() : operation(&probe::take) {
        deadline = memring::detail::clock::now() + std::chrono::seconds(5 * slowness);
    }
    std::optional<answer> got;

private:
    static void take(operation* base, answer* result) {
        if (result != nullptr) static_cast<probe*>(base)->got = std::move(*result);
    }
};

/// Nodes with a client on them.
template <class Nodes, class Policy = ketama>
class fleet : public Nodes {
public:
    using client_type = client<Policy, typename Nodes::transport_type>;

    /// The client starts with the first `used` nodes, or with all.
    explicit fleet(std::size_t count, std::size_t used = 0, const client_options& settings = {})
        : Nodes(count), cache(make(used == 0 ? count : used, settings)) {}

    [[nodiscard]] std::unique_ptr<client_type> make(std::size_t used,
                                                    const client_options& settings = {}) {
        std::vector<node> list(this->nodes.begin(),
                               this->nodes.begin() + static_cast<std::ptrdiff_t>(used));
        return std::make_unique<client_type>(this->io.get_executor(), std::move(list), settings,
                                             this->stream());
    }

    void set(std::string_view key, std::string_view value, const store_options& options = {}) {
        const auto stored = this->template finish<store_result>(
            [&](auto handler) { cache->async_set(key, value, options, handler); });
        REQUIRE_MESSAGE(!stored.error, stored.error.message());
        REQUIRE(stored.value == store_result::stored);
    }
    [[nodiscard]] completed<std::optional<item>> read(std::string_view key) {
        return this->template finish<std::optional<item>>(
            [&](auto handler) { cache->async_get(key, handler); });
    }
    [[nodiscard]] std::optional<std::string> get(std::string_view key) {
        auto found = read(key);
        REQUIRE_MESSAGE(!found.error, found.error.message());
        if (!found.value) return std::nullopt;
        return std::move(found.value->value);
    }
    void set_many(const std::map<std::string, std::string>& items) {
        std::vector<entry> entries;
        for (const auto& [key, value] : items) entries.push_back({key, value});
        const auto stored = this->template finish<std::vector<outcome<store_result>>>(
            [&](auto handler) { cache->async_set_many(entries, {}, handler); });
        REQUIRE_FALSE(stored.error);
        for (const auto& one : stored.value) REQUIRE_FALSE(one.error);
    }
    /// How many of `items` a get finds with their values; a wrong value fails the test.
    [[nodiscard]] std::size_t hits(const std::map<std::string, std::string>& items) {
        std::vector<std::string_view> keys;
        for (const auto& [key, value] : items) keys.push_back(key);
        const auto found = this->template finish<std::vector<outcome<std::optional<item>>>>(
            [&](auto handler) { cache->async_get_many(keys, handler); });
        REQUIRE_FALSE(found.error);
        std::size_t count = 0;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto& one = found.value[i];
            if (one.error || !one.value) continue;
            ++count;
            const auto expected = items.find(std::string(keys[i]));
            CHECK_MESSAGE(one.value->value == expected->second, "key ", expected->first);
        }
        return count;
    }

    /// What one node answers to one command, over a connection of its own.
    [[nodiscard]] answer ask(const node& where, command what) {
        const auto line = std::make_shared<connection<typename Nodes::transport_type>>(
            this->io.get_executor(), where, connection_options{}, this->stream());
        probe waiting;
        line->submit(waiting, what);
        REQUIRE(this->until([&] { return waiting.got.has_value(); }));
        line->stop();
        return std::move(*waiting.got);
    }
    /// The copy a node has, read without bumping it.
    [[nodiscard]] answer copy_on(const node& where, std::string_view key) {
        command what;
        what.key = key_buffer(key);
        what.keeps_lru = true;
        what.wants_ttl = true;
        return ask(where, what);
    }
    [[nodiscard]] bool has(const node& where, std::string_view key) {
        return copy_on(where, key).what == status::ok;
    }
    [[nodiscard]] node owner_of(std::string_view key) const {
        const auto now = cache->topology_now();
        return now->nodes()[now->owner_of(key)];
    }
    [[nodiscard]] bool is_used(const node& where) const {
        const auto now = cache->topology_now();
        return find_node(now->nodes(), where) < now->nodes().size();
    }

    [[nodiscard]] completed<reshard_report> drain(const node& leaving,
                                                  const reshard_options& options = {}) {
        return this->template finish<reshard_report>(
            [&](auto handler) { async_drain(*cache, leaving, options, handler); });
    }
    [[nodiscard]] completed<reshard_report> fill(const node& joining,
                                                 const reshard_options& options = {}) {
        return this->template finish<reshard_report>(
            [&](auto handler) { async_fill(*cache, joining, options, handler); });
    }
    [[nodiscard]] completed<reshard_report> reshard(const std::vector<node>& next,
                                                    const reshard_options& options = {}) {
        return this->template finish<reshard_report>(
            [&](auto handler) { async_reshard(*cache, next, options, handler); });
    }

    std::unique_ptr<client_type> cache;
};

/// `count` items with values that differ.
[[nodiscard]] inline std::map<std::string, std::string> many_items(
    std::size_t count, const std::string& prefix = "key:") {
    std::map<std::string, std::string> items;
    for (std::size_t i = 0; i < count; ++i) {
        items[prefix + std::to_string(i)] = "value of " + std::to_string(i);
    }
    return items;
}

/// Every key a reshard had to deal with, by what became of it.
[[nodiscard]] inline std::uint64_t accounted(const reshard_report& report) noexcept {
    return report.moved + report.already_there + report.vanished + report.lost_race +
           report.left_stale + report.failed;
}

}  // namespace memring::testing
