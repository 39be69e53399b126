// How the operations on many keys find the nodes of their keys.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_transport.hpp>

#include "../support/clients.hpp"
#include "../support/completions.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::memory_network;
using memring::testing::memory_transport;
using memring::testing::recorder;
using memring::testing::runs_out_of_work;

struct questions {
    std::size_t singles = 0;
    std::vector<std::size_t> batches;
};

// ketama, which counts what it is asked.
class counted_ketama {
public:
    explicit counted_ketama(std::span<const node> nodes) : x_ring(nodes) {}

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_ring.node_count(); }

    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        ++asked->singles;
        return x_ring.owner_of(key);
    }

    void owners_of(std::span<const std::string_view> keys,
                   std::span<std::uint32_t> owners) const noexcept {
        asked->batches.push_back(keys.size());
        memring::owners_of(x_ring, keys, owners);
    }

    static inline questions* asked = nullptr;

private:
    ketama x_ring;
};

static_assert(hash_policy<counted_ketama>);

using client_type = client<counted_ketama, memory_transport>;

struct fixture {
    fixture() {
        counted_ketama::asked = &asked;
        for (int i = 0; i < 5; ++i) nodes.push_back(node{"node-" + std::to_string(i)});
        for (const node& n : nodes) network->add(n);
        const client_options patient{.timeout = 20s, .connect_timeout = 20s};
        cache = std::make_unique<client_type>(io.get_executor(), nodes, patient,
                                              memring::testing::memory_options{network});
        for (int i = 0; i < 100; ++i) names.push_back("key:" + std::to_string(i));
        for (const std::string& name : names) {
            keys.emplace_back(name);
            entries.push_back({name, name});
        }
    }
    ~fixture() { counted_ketama::asked = nullptr; }

    void set_all() {
        recorder<std::vector<outcome<store_result>>> done;
        cache->async_set_many(entries, done);
        REQUIRE(runs_out_of_work(io));
        REQUIRE(done.is_done());
        for (const auto& one : done->value) REQUIRE(one.value == store_result::stored);
    }

    questions asked;
    asio::io_context io{1};
    std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
    std::vector<node> nodes;
    std::unique_ptr<client_type> cache;
    std::vector<std::string> names;
    std::vector<std::string_view> keys;
    std::vector<entry> entries;
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "setting many keys asks the policy once, for all of them") {
    set_all();
    CHECK(asked.batches == std::vector<std::size_t>{100});
    CHECK(asked.singles == 0);
}

TEST_CASE_FIXTURE(fixture,
                  "getting many keys asks the policy once, and finds what single sets put") {
    for (const std::string_view key : keys) {
        recorder<store_result> done;
        cache->async_set(key, key, done);
        REQUIRE(runs_out_of_work(io));
        REQUIRE(done.is_done());
    }
    CHECK(asked.singles == 100);
    asked = {};

    recorder<std::vector<outcome<std::optional<item>>>> got;
    cache->async_get_many(keys, got);
    REQUIRE(runs_out_of_work(io));
    REQUIRE(got.is_done());
    REQUIRE(got->value.size() == 100);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        REQUIRE(got->value[i].value.has_value());
        CHECK(got->value[i].value->value == keys[i]);
    }
    CHECK(asked.batches == std::vector<std::size_t>{100});
    CHECK(asked.singles == 0);
}

TEST_CASE_FIXTURE(fixture, "removing many keys asks the policy once, for all of them") {
    set_all();
    asked = {};
    recorder<std::vector<outcome<bool>>> removed;
    cache->async_remove_many(keys, removed);
    REQUIRE(runs_out_of_work(io));
    REQUIRE(removed.is_done());
    for (const auto& one : removed->value) CHECK(one.value);
    CHECK(asked.batches == std::vector<std::size_t>{100});
    CHECK(asked.singles == 0);
}

TEST_CASE_FIXTURE(fixture, "a key that cannot be sent leaves the others their nodes") {
    set_all();
    asked = {};
    const std::string endless(300, 'k');
    std::vector<std::string_view> mixed = keys;
    mixed.insert(mixed.begin() + 7, endless);
    mixed.insert(mixed.begin() + 50, "two words");
    recorder<std::vector<outcome<std::optional<item>>>> got;
    cache->async_get_many(mixed, got);
    REQUIRE(runs_out_of_work(io));
    REQUIRE(got.is_done());
    for (std::size_t i = 0; i < mixed.size(); ++i) {
        CAPTURE(i);
        const bool is_legal = i != 7 && i != 50;
        CHECK(got->value[i].value.has_value() == is_legal);
        CHECK((got->value[i].error == errc::invalid_key) == !is_legal);
    }
    CHECK(asked.batches == std::vector<std::size_t>{102});
}
