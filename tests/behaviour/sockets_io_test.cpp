// The behaviour suite without TLS, and what a blocking client adds to it.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>

#include "backends.hpp"

using memring::testing::forked_backend;
using memring::testing::loopback_backend;
using memring::testing::memory_backend;
using memring::testing::mixed_backend;

#define MEMRING_BACKENDS memory_backend, loopback_backend, forked_backend, mixed_backend
#include "suite.hpp"

TEST_CASE("a blocking client in each of four threads") {
    fixture<loopback_backend> f;
    f.cache.set("n", "0");
    std::array<int, 4> failures{};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < failures.size(); ++t) {
        threads.emplace_back([&failures, t, nodes = f.servers().nodes()] {
            blocking_client<client<>> mine(nodes, patient);
            for (int i = 0; i < 200; ++i) {
                const auto key = std::to_string(t) + ":" + std::to_string(i);
                mine.set(key, key);
                mine.increment("n", 1);
                const std::array<std::string_view, 2> keys{key, "n"};
                const auto got = mine.get_many(keys);
                failures[t] += got[0].value && got[0].value->value == key ? 0 : 1;
                failures[t] += got[1].value ? 0 : 1;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    for (const int count : failures) CHECK(count == 0);
    CHECK(f.value_of("n") == "800");
}

TEST_CASE("a blocking client reports errors by throwing, or where it is told to") {
    fixture<memory_backend> f;
    CHECK_THROWS_AS((void)f.cache.get("not a key"), std::system_error);
    std::error_code error = errc::timed_out;
    CHECK_FALSE(f.cache.get("k", error));
    CHECK_FALSE(error);
    CHECK_FALSE(f.cache.get("not a key", error));
    CHECK(error == errc::invalid_key);
    CHECK(f.cache.update({{"", 0}}) == errc::invalid_node);
    CHECK_FALSE(f.cache.update({}));
    CHECK(f.cache.set("k", "1", error) == store_result::not_stored);
    CHECK(error == errc::no_nodes);
    CHECK_THROWS_AS(f.cache.flush_all(), std::system_error);
}

TEST_CASE("a blocking call from within a handler of one is refused at once") {
    fixture<memory_backend> f;
    f.cache.set("k", "1");
    std::error_code inner;
    f.cache.async().async_get("absent", [&](std::error_code, const std::optional<item>&) {
        CHECK_FALSE(f.cache.get("k", inner));
    });
    CHECK(f.value_of("k") == "1");
    CHECK(inner == std::errc::resource_deadlock_would_occur);
    CHECK(f.value_of("k") == "1");
}

TEST_CASE("a handler that throws out of a blocking call leaves the call nothing to write to") {
    fixture<memory_backend> f;
    f.cache.set("k", "1");
    struct thrown {};
    f.cache.async().async_get("absent",
                              [](std::error_code, const std::optional<item>&) { throw thrown(); });
    CHECK_THROWS_AS((void)f.cache.get("k"), thrown);
    f.cache.poll();  // would complete a call whose locals are gone
    CHECK(f.value_of("k") == "1");
}
