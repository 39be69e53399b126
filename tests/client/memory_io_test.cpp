// What a client keeps of the heap: for a connection that rests, and after a million gets.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/client_options.hpp>
#include <memring/node.hpp>
#include <memring/observer.hpp>

#include "../support/completions.hpp"
#include "../support/forked_memcached.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMRING_TEST_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEMRING_TEST_IS_SANITIZED 1
#endif
#endif

#ifdef MEMRING_TEST_IS_SANITIZED
// Of the sanitizers' allocator; g++ of Debian comes without its header.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#else
#include <malloc.h>
#endif

namespace {

using namespace memring;
using memring::testing::forked_memcached;
using memring::testing::runs_out_of_work;
using namespace std::chrono_literals;

#ifdef MEMRING_TEST_IS_SANITIZED
constexpr std::size_t a_million = 40'000;  // a tenth of the speed
std::size_t heap_in_use() { return __sanitizer_get_current_allocated_bytes(); }
#else
constexpr std::size_t a_million = 1'000'000;
std::size_t heap_in_use() {
    const auto now = ::mallinfo2();
    return now.uordblks + now.hblkhd;
}
#endif

std::size_t growth(std::size_t before, std::size_t after) {
    return after > before ? after - before : 0;
}

/// The connections of one client that are open.
struct open_counter {
    std::shared_ptr<std::size_t> open = std::make_shared<std::size_t>(0);

    void on_node_event(const node&, const node_event& event) noexcept {
        if (event.kind == node_event_kind::connected) ++*open;
        if (event.kind == node_event_kind::closed) --*open;
    }
};

using counted_client = client<ketama, tcp_transport, open_counter>;

/// So many files may be open: the soft limit is raised, a hard one is not.
void allow_open_files(rlim_t wanted) {
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const std::string needed = "needs a hard limit of " + std::to_string(wanted) +
                               " open files (ulimit -Hn), which is " +
                               std::to_string(limit.rlim_max);
    REQUIRE_MESSAGE(limit.rlim_max >= wanted, needed);
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/// `count` operations, `started(index, handler)`, so many at a time; how many failed.
class many_at_a_time {
public:
    using start_function = std::function<void(std::size_t, std::function<void(bool)>)>;

    many_at_a_time(std::size_t count, start_function start)
        : x_count(count), x_start(std::move(start)) {}

    std::size_t run(asio::io_context& io, std::size_t at_a_time) {
        for (std::size_t i = 0; i < at_a_time; ++i) next();
        io.restart();
        io.run_for(60s);
        return x_failures + (x_count - x_ended);
    }

private:
    void next() {
        if (x_begun == x_count) return;
        x_start(x_begun++, [this](bool is_good) {
            ++x_ended;
            if (!is_good) ++x_failures;
            next();
        });
    }

    std::size_t x_count;
    start_function x_start;
    std::size_t x_begun = 0;
    std::size_t x_ended = 0;
    std::size_t x_failures = 0;
};

template <class Outcomes>
std::size_t count_failures(const Outcomes& outcomes) {
    return static_cast<std::size_t>(std::ranges::count_if(
        outcomes, [](const auto& each) { return each.error || !each.value; }));
}

std::vector<node> addresses(const std::vector<forked_memcached>& servers) {
    std::vector<node> nodes;
    for (const auto& server : servers) nodes.push_back({"127.0.0.1", server.port()});
    return nodes;
}

}  // namespace

TEST_CASE("ten thousand connections are open at once, and one that rests keeps at most 16 KB") {
    constexpr std::size_t per_node = 1000;
    constexpr std::size_t connections = 10 * per_node;
    constexpr std::size_t most_bytes = 16 * 1024;
    allow_open_files(connections + 200);
    std::vector<forked_memcached> servers;
    for (std::size_t i = 0; i < 10; ++i) {
        servers.emplace_back(std::vector<std::string>{"-c", "2000", "-m", "256"});
    }
    asio::io_context io{1};
    const std::size_t before = heap_in_use();
    const open_counter counter;
    counted_client cache(io.get_executor(), addresses(servers),
                         {.timeout = 60s, .connect_timeout = 60s, .connections_per_node = per_node},
                         {}, counter);

    // A key takes one connection of its node. Some of any hundred thousand are left out by chance:
    // more keys until none is.
    std::vector<std::string> keys;
    std::vector<std::string_view> views;
    const auto store_under_more_keys = [&](std::size_t count) {
        const std::size_t first = keys.size();
        for (std::size_t i = 0; i < count; ++i) keys.push_back(std::to_string(first + i));
        return many_at_a_time(count,
                              [&](std::size_t i, auto done) {
                                  cache.async_set(
                                      keys[first + i], "small",
                                      [done](std::error_code error, auto) { done(!error); });
                              })
            .run(io, 500);
    };
    while (*counter.open < connections && keys.size() < 1'000'000) {
        REQUIRE(store_under_more_keys(20'000) == 0);
    }
    REQUIRE(*counter.open == connections);

    const auto bytes_each = [&] {
        const std::size_t of_the_test =
            keys.capacity() * sizeof(std::string) + views.capacity() * sizeof(std::string_view);
        return growth(before + of_the_test, heap_in_use()) / connections;
    };
    const std::size_t fresh = bytes_each();
    MESSAGE("bytes for each idle connection, after one small value at a time: ", fresh);

    // Bursts of several sizes make every buffer grow, to what is kept and beyond: a few commands on
    // each connection, then dozens, then values of up to 40 KB that go out and come back.
    std::size_t most_kept = fresh;
    views.assign(keys.begin(), keys.end());
    for (const std::size_t burst : {4u, 8u, 16u, 24u, 32u}) {
        const std::size_t count = std::min(views.size(), burst * connections);
        std::size_t failures = count;
        cache.async_touch_many(std::span(views).first(count), 1000s,
                               [&](std::error_code error, const auto& touched) {
                                   if (!error) failures = count_failures(touched);
                               });
        REQUIRE(runs_out_of_work(io, 60s));
        CHECK(failures == 0);
        most_kept = std::max(most_kept, bytes_each());
    }
    const std::string large(40'000, 'v');
    const std::string_view all(large);
    const auto part_of = [&](std::size_t i) { return all.substr(0, (i * 7919) % all.size()); };
    const std::size_t used = std::min<std::size_t>(keys.size(), 2 * connections);
    const auto gets_them_back = [&] {
        return many_at_a_time(used,
                              [&](std::size_t i, auto done) {
                                  cache.async_get(keys[i], [=](std::error_code error, auto hit) {
                                      done(!error && hit && hit->value.size() == part_of(i).size());
                                  });
                              })
            .run(io, 500);
    };
    CHECK(many_at_a_time(used, [&](std::size_t i, auto done) {
              cache.async_set(keys[i], part_of(i),
                              [done](std::error_code error, auto) { done(!error); });
          }).run(io, 500) == 0);
    most_kept = std::max(most_kept, bytes_each());
    CHECK(gets_them_back() == 0);
    most_kept = std::max(most_kept, bytes_each());

    MESSAGE("bytes for each idle connection, after bursts: ", bytes_each(), ", at most ",
            most_kept);
    CHECK(most_kept <= most_bytes);
    CHECK(most_kept >= sizeof(node));  // they are counted at all
    CHECK(gets_them_back() == 0);      // and of use still
    CHECK(*counter.open == connections);

    for (auto& server : servers) server.kill();  // a polite end takes each a second
}

TEST_CASE("a million gets leave the heap where it was") {
    std::vector<forked_memcached> servers(2);
    asio::io_context io{1};
    counted_client cache(io.get_executor(), addresses(servers), {.timeout = 60s});
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < 1000; ++i) keys.push_back("key" + std::to_string(i));
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    const auto value_of = [](std::size_t i) { return std::string(1 + i % 200, 'v'); };
    REQUIRE(many_at_a_time(keys.size(), [&](std::size_t i, auto done) {
                cache.async_set(keys[i], value_of(i),
                                [done](std::error_code error, auto) { done(!error); });
            }).run(io, 100) == 0);

    // Half of them one by one, a hundred at a time; half of them a thousand in one call.
    const auto gets = [&](std::size_t count) {
        std::size_t failures =
            many_at_a_time(count / 2, [&](std::size_t i, auto done) {
                const std::size_t place = i % keys.size();
                cache.async_get(keys[place], [=](std::error_code error, auto hit) {
                    done(!error && hit && hit->value.size() == 1 + place % 200);
                });
            }).run(io, 100);
        failures += many_at_a_time(count / 2 / views.size(), [&](std::size_t, auto done) {
                        cache.async_get_many(views, [=](std::error_code error, auto found) {
                            done(!error && count_failures(found) == 0);
                        });
                    }).run(io, 2);
        return failures;
    };
    REQUIRE(gets(a_million / 20) == 0);
    const std::size_t before = heap_in_use();
    REQUIRE(gets(a_million) == 0);
    const std::size_t after = heap_in_use();
    MESSAGE("bytes more in use after the gets: ", growth(before, after));
    // A byte for each get would be a megabyte. The allocator itself counts what it caches.
    CHECK(growth(before, after) <= a_million / 100);
}
