// What an application is told when its input is bad, when servers misbehave, when the transport
// fails at any step, and when the cluster changes under way.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/error.hpp>
#include <asio/io_context.hpp>

#include <doctest/doctest.h>

#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>
#include <memring/testing/faults.hpp>
#include <memring/testing/memory_network.hpp>
#include <memring/testing/memory_server.hpp>
#include <memring/testing/memory_transport.hpp>

#include "../support/clients.hpp"
#include "../support/completions.hpp"

namespace {

using namespace std::chrono_literals;
using namespace memring;
using memring::testing::error_only;
using memring::testing::every_key_operation;
using memring::testing::every_operation;
using memring::testing::faults;
using memring::testing::memory_network;
using memring::testing::memory_server;
using memring::testing::memory_transport;
using memring::testing::named_operation;
using memring::testing::recorder;
using memring::testing::run_ready;
using memring::testing::runs_out_of_work;

using client_type = client<ketama, memory_transport>;
using hit = std::optional<item>;

const std::vector<node> three{{"cache1"}, {"cache2"}, {"cache3"}};
const client_options patient{
    .timeout = 20s, .connect_timeout = 20s, .backoff = {.first = 0ms}};
const client_options hasty{.timeout = 200ms, .connect_timeout = 20s};

struct fixture {
    explicit fixture(std::vector<node> nodes = {{"cache1"}}, client_options options = patient,
                     std::size_t write_limit = 0)
        : network(make_network()),
          cache(io.get_executor(), std::move(nodes), options,
                memring::testing::memory_options{network, write_limit}) {}

    static std::shared_ptr<memory_network> make_network() {
        auto made = std::make_shared<memory_network>();
        for (const node& n : three) made->add(n);
        return made;
    }
    memory_server& server(std::size_t index = 0) { return network->server(three[index]); }
    void set_faults(const faults& misbehaviour) { server().set_faults(misbehaviour); }

    // Runs one operation to its end.
    std::error_code run(const named_operation<client_type>& operation, std::string_view key) {
        int calls = 0;
        std::error_code result;
        operation.start(cache, key, {[&](std::error_code error) {
                            ++calls;
                            result = error;
                        }});
        CHECK(runs_out_of_work(io));
        CHECK(calls == 1);
        return result;
    }
    recorder<hit> get(std::string_view key) {
        recorder<hit> got;
        cache.async_get(key, got);
        CHECK(runs_out_of_work(io));
        CHECK(got.is_done());
        return got;
    }
    bool stores(std::string_view key, std::string_view value) {
        recorder<store_result> stored;
        cache.async_set(key, value, stored);
        CHECK(runs_out_of_work(io));
        return stored.is_done() && !stored->error && stored->value == store_result::stored;
    }
    bool reads(std::string_view key, std::string_view value) {
        const auto got = get(key);
        return !got->error && got->value && got->value->value == value;
    }
    [[nodiscard]] std::uint64_t connections() {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < three.size(); ++i) sum += server(i).counters().connections;
        return sum;
    }

    asio::io_context io{1};
    std::shared_ptr<memory_network> network;
    client_type cache;
};

constexpr std::size_t never = 1'000'000;
const auto refused = std::make_error_code(std::errc::connection_refused);

bool says_whether_to_repeat(std::error_code error) {
    return (error == condition::not_sent) != (error == condition::maybe_applied);
}

}  // namespace

// ---- bad input ----------------------------------------------------------------------------------

TEST_CASE("an illegal key is refused by every operation, and nothing is sent") {
    fixture f;
    const std::vector<std::string> illegal{
        "",     std::string(251, 'k'),  "a b",   "a\tb", "a\nb", "a\r\nflush_all\r\n",
        "a\rb", std::string("a\0b", 3), "a\x7f", " ",    "\x1f", std::string(70'000, 'k')};
    for (const auto& key : illegal) {
        for (const auto& operation : every_key_operation<client_type>()) {
            CAPTURE(operation.name);
            CAPTURE(key.substr(0, 20));
            const auto error = f.run(operation, key);
            CHECK(error == errc::invalid_key);
            CHECK(error == condition::not_sent);
        }
    }
    CHECK(f.connections() == 0);
}

TEST_CASE("an illegal statistics group is refused, and nothing is sent") {
    fixture f;
    for (const char* group : {"a\r\nflush_all", "a\nb", "\x01"}) {
        recorder<std::vector<node_outcome<std::vector<std::pair<std::string, std::string>>>>> got;
        f.cache.async_stats(group, got);
        CHECK(runs_out_of_work(f.io));
        CHECK(got->error == errc::invalid_key);
    }
    CHECK(f.connections() == 0);
}

TEST_CASE("a value over the limit is refused by every store, and nothing is sent") {
    fixture f({{"cache1"}}, {.timeout = 20s, .connect_timeout = 20s, .max_value_size = 10});
    const std::string_view eleven = "12345678901";
    std::vector<recorder<store_result>> stores(6);
    f.cache.async_set("a", eleven, stores[0]);
    f.cache.async_add("a", eleven, stores[1]);
    f.cache.async_replace("a", eleven, stores[2]);
    f.cache.async_append("a", eleven, stores[3]);
    f.cache.async_prepend("a", eleven, stores[4]);
    f.cache.async_compare_and_swap("a", eleven, 1, stores[5]);
    CHECK(runs_out_of_work(f.io));
    for (const auto& stored : stores) CHECK(stored->error == errc::value_too_large);
    CHECK(f.connections() == 0);
    const std::array entries{entry{"big", eleven}, entry{"fits", eleven.substr(1)}};
    recorder<std::vector<outcome<store_result>>> many;
    f.cache.async_set_many(entries, many);
    CHECK(runs_out_of_work(f.io));
    CHECK_FALSE(many->error);
    REQUIRE(many->value.size() == 2);
    CHECK(many->value[0].error == errc::value_too_large);
    CHECK(many->value[1].value == store_result::stored);
    CHECK(f.server().counters().commands == 1);
}

TEST_CASE("an expiry that is negative, or later than a server can count, is refused unsent") {
    fixture f;
    for (const std::chrono::seconds wrong :
         {-1s, std::chrono::seconds::min(), std::chrono::seconds::max(),
          std::chrono::seconds(std::numeric_limits<std::int32_t>::max())}) {
        const store_options options{.expires_in = wrong};
        std::vector<recorder<store_result>> stores(4);
        f.cache.async_set("a", "1", options, stores[0]);
        f.cache.async_add("a", "1", options, stores[1]);
        f.cache.async_replace("a", "1", options, stores[2]);
        f.cache.async_compare_and_swap("a", "1", 1, options, stores[3]);
        recorder<bool> touched;
        f.cache.async_touch("a", wrong, touched);
        recorder<hit> got;
        f.cache.async_get_and_touch("a", wrong, got);
        recorder<std::vector<outcome<store_result>>> many;
        f.cache.async_set_many(std::array{entry{"a", "1"}}, options, many);
        recorder<std::vector<node_outcome<bool>>> flushed;
        f.cache.async_flush_all(wrong, flushed);
        CHECK(runs_out_of_work(f.io));
        for (const auto& stored : stores) CHECK(stored->error == errc::invalid_expiry);
        CHECK(touched->error == errc::invalid_expiry);
        CHECK(got->error == errc::invalid_expiry);
        REQUIRE(many->value.size() == 1);
        CHECK(many->value[0].error == errc::invalid_expiry);
        CHECK(flushed->error == errc::invalid_expiry);
    }
    CHECK(f.connections() == 0);
}

TEST_CASE("without nodes every operation fails with no_nodes, until there are some") {
    fixture f(std::vector<node>{});
    for (const auto& operation : every_operation<client_type>()) {
        CAPTURE(operation.name);
        const auto error = f.run(operation, "a");
        CHECK(error == errc::no_nodes);
        CHECK(error == condition::not_sent);
    }
    CHECK_FALSE(f.cache.update(three));
    CHECK(f.stores("a", "1"));
    CHECK_FALSE(f.cache.update({}));
    CHECK(f.get("a")->error == errc::no_nodes);
}

TEST_CASE("an empty batch completes with nothing") {
    fixture f;
    recorder<std::vector<outcome<hit>>> got;
    f.cache.async_get_many(std::vector<std::string_view>{}, got);
    CHECK(got->calls == 0);
    CHECK(runs_out_of_work(f.io));
    CHECK(got.is_done());
    CHECK_FALSE(got->error);
    CHECK(got->value.empty());
}

TEST_CASE("a bad node list is refused by the constructor, naming the node, and by update") {
    struct bad_list {
        std::vector<node> nodes;
        errc error;
        const char* place;
    };
    const std::vector<bad_list> lists{
        {{{"a"}, {"b", 0}}, errc::invalid_node, "node 1"},
        {{{"", 11211}}, errc::invalid_node, "node 0"},
        {{{"a"}, {"b"}, {"a"}}, errc::duplicate_node, "node 2"},
        {{{"a", 1, 0}}, errc::invalid_node, "node 0"},
        {{{"a b"}}, errc::invalid_node, "node 0"},
    };
    fixture f;
    REQUIRE(f.stores("a", "1"));
    const auto before = f.cache.topology_now();
    for (const auto& bad : lists) {
        try {
            const client_type made(f.io.get_executor(), bad.nodes);
            FAIL("no exception");
        } catch (const std::system_error& error) {
            CHECK(error.code() == bad.error);
            CHECK(std::string_view(error.what()).find(bad.place) != std::string_view::npos);
        }
        CHECK(f.cache.update(bad.nodes) == bad.error);
        CHECK(f.cache.topology_now() == before);
    }
    CHECK(f.reads("a", "1"));
    CHECK(f.connections() == 1);
}

// ---- servers that misbehave ---------------------------------------------------------------------

TEST_CASE("a reply cut at any byte is an error, and the next operation has a new connection") {
    for (const auto& operation : every_operation<client_type>()) {
        CAPTURE(operation.name);
        bool has_succeeded = false;
        for (std::size_t size = 0; !has_succeeded; ++size) {
            CAPTURE(size);
            REQUIRE(size < 4096);
            fixture f;
            f.server().put("a", {.value = "12345"});
            f.set_faults({.cut_after_bytes = size});
            const auto error = f.run(operation, "a");
            has_succeeded = !error;
            if (error) {
                CHECK(error == errc::connection_lost);
                CHECK(error == condition::maybe_applied);
            }
            f.set_faults({});
            f.server().put("b", {.value = "of b"});
            CHECK(f.reads("b", "of b"));
            CHECK(f.connections() == 2);
        }
    }
}

TEST_CASE("replies that come byte by byte, and commands taken byte by byte, work") {
    fixture whole;
    fixture parts({{"cache1"}}, patient, 1);
    parts.set_faults({.split_sizes = {1}});
    for (const auto& operation : every_operation<client_type>()) {
        CAPTURE(operation.name);
        whole.server().put("a", {.value = "12345"});
        parts.server().put("a", {.value = "12345"});
        CHECK(parts.run(operation, "a") == whole.run(operation, "a"));
        const auto expected = whole.server().peek("a");
        const auto got = parts.server().peek("a");
        REQUIRE(expected.has_value() == got.has_value());
        if (expected) CHECK(got->value == expected->value);
    }
    CHECK(parts.connections() == 1);
}

TEST_CASE("garbage is malformed_reply, never a value, and the connection is replaced") {
    const std::vector<std::string> garbage{
        "\x01garbage\r\n",
        "\r\n",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "VA 5 f0 c1 O99\r\nwrong\r\n",  // another command's
        "VA 5 f0 c1\r\nwrong\r\n",      // nobody's
        "VA 5 f0 c1 O0\r\nwrong too long\r\n",
        "VA -1 f0 c1 O0\r\n\r\n",
        "VA 99999999999999999999 f0 c1 O0\r\n",
        "VA 5 fx c1 O0\r\nwrong\r\n",
        "VALUE a 0 5\r\nwrong\r\nEND\r\n",
        "HD O0\r\n",
        "NS O0\r\n",
        "STORED\r\n",
        "OK\r\n",
        std::string(100'000, 'x'),
    };
    for (const auto& bytes : garbage) {
        CAPTURE(bytes.substr(0, 30));
        fixture f;
        f.server().put("a", {.value = "right"});
        f.set_faults({.garbage_at_command = 0, .garbage = bytes});
        const auto got = f.get("a");
        CHECK(got->error == errc::malformed_reply);
        CHECK_FALSE(got->value);
        f.set_faults({});
        CHECK(f.reads("a", "right"));
        CHECK(f.connections() == 2);
    }
}

TEST_CASE("no operation takes garbage for an answer") {
    for (const auto& operation : every_operation<client_type>()) {
        CAPTURE(operation.name);
        for (const char* bytes : {"\x01garbage\r\n", "HD O99\r\n", "VA 1 O99\r\nx\r\n",
                                  "VA 1\r\n1\r\n", "XX\r\n", "TOUCHED\r\n"}) {
            CAPTURE(bytes);
            fixture f;
            f.server().put("a", {.value = "12345"});
            f.set_faults({.garbage_at_command = 0, .garbage = bytes});
            const auto error = f.run(operation, "a");
            CHECK(error == errc::malformed_reply);
            CHECK(error == condition::maybe_applied);
        }
    }
}

TEST_CASE("error lines are the errors they name, for every operation") {
    struct error_line {
        const char* bytes;
        errc error;
        bool keeps_connection_of_get;
    };
    const std::vector<error_line> lines{
        {"SERVER_ERROR backend failure\r\n", errc::server_error, true},
        {"SERVER_ERROR out of memory storing object\r\n", errc::out_of_memory, true},
        {"SERVER_ERROR object too large for cache\r\n", errc::value_too_large, true},
        {"CLIENT_ERROR bad command line format\r\n", errc::client_error, true},
        {"ERROR\r\n", errc::client_error, false},
        {"ERROR Too many open connections\r\n", errc::client_error, false},
    };
    for (const auto& line : lines) {
        CAPTURE(line.bytes);
        for (const auto& operation : every_operation<client_type>()) {
            CAPTURE(operation.name);
            fixture f;
            f.set_faults({.garbage_at_command = 0, .garbage = line.bytes});
            CHECK(f.run(operation, "a") == line.error);
            f.set_faults({});
            CHECK(f.stores("b", "1"));
            CHECK(f.reads("b", "1"));
            if (operation.name == "get") {
                CHECK((f.connections() == 1) == line.keeps_connection_of_get);
            }
        }
    }
}

TEST_CASE("a stalled server times operations out, and serves later ones when it is back") {
    fixture f({{"cache1"}}, hasty);
    f.set_faults({.stall_after_commands = 0});
    const auto started = std::chrono::steady_clock::now();
    std::vector<std::error_code> errors;
    for (const auto& operation : every_operation<client_type>()) {
        operation.start(f.cache, "a", {[&](std::error_code error) { errors.push_back(error); }});
    }
    CHECK(runs_out_of_work(f.io));
    const auto took = std::chrono::steady_clock::now() - started;
    CHECK(took >= 200ms);
    CHECK(took < 10s);
    CHECK(errors.size() == every_operation<client_type>().size());
    for (const auto error : errors) {
        CHECK(error == errc::timed_out);
        CHECK(error == condition::maybe_applied);
        CHECK(error == std::errc::timed_out);
    }
    f.set_faults({});
    CHECK(f.stores("b", "1"));
    CHECK(f.reads("b", "1"));
}

TEST_CASE("a node that refuses costs its operations only, unsent, and comes back") {
    fixture f;
    REQUIRE(f.stores("a", "1"));
    f.network->stop(three[0]);
    for (const auto& operation : every_operation<client_type>()) {
        CAPTURE(operation.name);
        const auto error = f.run(operation, "a");
        CHECK(error == std::errc::connection_refused);
        CHECK(error == condition::not_sent);
    }
    f.network->start(three[0]);
    CHECK(f.reads("a", "1"));
}

TEST_CASE("a connection cut while idle costs no operation") {
    fixture f;
    REQUIRE(f.stores("a", "1"));
    for (int i = 0; i < 5; ++i) {
        f.network->cut_connections(three[0]);
        CHECK(f.reads("a", "1"));
    }
    CHECK(f.connections() == 6);
}

TEST_CASE("one dead node costs a batch its own keys only") {
    fixture f(three);
    std::vector<std::string> names;
    for (int i = 0; i < 60; ++i) names.push_back("key" + std::to_string(i));
    std::vector<entry> entries;
    for (const auto& name : names) entries.push_back({name, name});
    recorder<std::vector<outcome<store_result>>> stored;
    f.cache.async_set_many(entries, stored);
    CHECK(runs_out_of_work(f.io));
    f.network->stop(three[1]);
    std::vector<std::string_view> keys(names.begin(), names.end());
    recorder<std::vector<outcome<hit>>> got;
    f.cache.async_get_many(keys, got);
    CHECK(runs_out_of_work(f.io));
    CHECK_FALSE(got->error);
    REQUIRE(got->value.size() == names.size());
    std::size_t lost = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool is_dead = f.cache.topology_now()->owner_of(names[i]) == 1;
        lost += is_dead ? 1 : 0;
        CHECK((got->value[i].error == std::errc::connection_refused) == is_dead);
        if (is_dead) continue;
        REQUIRE(got->value[i].value);
        CHECK(got->value[i].value->value == names[i]);
    }
    CHECK(lost > 0);
    CHECK(lost < names.size());
    recorder<std::vector<node_outcome<std::string>>> versions;
    f.cache.async_version(versions);
    CHECK(runs_out_of_work(f.io));
    REQUIRE(versions->value.size() == 3);
    for (const auto& each : versions->value) {
        CHECK((each.error == std::errc::connection_refused) == (each.where == three[1]));
    }
}

// ---- a transport that fails at any step ---------------------------------------------------------

TEST_CASE("whichever step of the transport fails, every operation ends once and tells the truth") {
    bool has_failed = true;
    std::size_t steps = 0;
    for (; has_failed; ++steps) {
        CAPTURE(steps);
        REQUIRE(steps < 1000);
        fixture f;
        f.server().put("n", {.value = "0"});
        f.network->fail_step(steps, refused);
        std::uint64_t done = 0;
        std::uint64_t doubtful = 0;
        int calls = 0;
        for (int wave = 0; wave < 4; ++wave) {
            for (int i = 0; i < 5; ++i) {
                f.cache.async_increment("n", 1, error_only{[&](std::error_code error) {
                                            ++calls;
                                            if (!error) ++done;
                                            if (error == condition::maybe_applied) ++doubtful;
                                            if (error) CHECK(says_whether_to_repeat(error));
                                        }});
            }
            if (wave % 2 == 1) CHECK(runs_out_of_work(f.io));
        }
        CHECK(calls == 20);
        const auto counted = std::stoull(f.server().peek("n")->value);
        CHECK(counted >= done);
        CHECK(counted <= done + doubtful);
        CHECK(f.connections() <= 2);
        has_failed = f.network->has_failed();
        f.network->fail_step(never);
        if (!has_failed) CHECK(done == 20);
        CHECK(f.stores("later", "1"));
    }
    CHECK(steps > 3);  // a connect, a write and a read at least
}

TEST_CASE("whichever step fails, every kind of operation ends once, and later ones work") {
    for (const auto& operation : every_operation<client_type>()) {
        CAPTURE(operation.name);
        bool has_failed = true;
        for (std::size_t step = 0; has_failed; ++step) {
            CAPTURE(step);
            REQUIRE(step < 100);
            fixture f({{"cache1"}}, patient, 7);
            f.server().put("a", {.value = "12345"});
            f.network->fail_step(step, refused);
            const auto error = f.run(operation, "a");
            has_failed = f.network->has_failed();
            f.network->fail_step(never);
            CHECK(!!error == has_failed);
            if (error) CHECK(says_whether_to_repeat(error));
            CHECK(f.stores("later", "1"));
        }
    }
}

// ---- a cluster that changes ---------------------------------------------------------------------

TEST_CASE("a new node is connected to before anything is asked of it") {
    fixture f;
    CHECK_FALSE(f.cache.update(three));
    CHECK(runs_out_of_work(f.io));
    for (std::size_t i = 0; i < 3; ++i) CHECK(f.server(i).counters().connections == 1);
    CHECK_FALSE(f.cache.update(three));  // the same again changes nothing
    CHECK(runs_out_of_work(f.io));
    CHECK(f.connections() == 3);
}

TEST_CASE("nodes come and go under traffic without an error") {
    fixture f(three);
    for (std::size_t i = 0; i < 3; ++i) f.server(i).set_faults({.delay = 1ms});
    int left = 2000;
    int errors = 0;
    std::function<void(std::error_code, hit)> again = [&](std::error_code error, const hit&) {
        errors += error ? 1 : 0;
        if (left-- <= 0) return;
        if (left % 50 == 0) {
            auto nodes = three;
            if (left % 100 == 0) nodes.erase(nodes.begin() + left / 100 % 3);
            CHECK_FALSE(f.cache.update(nodes));
        }
        f.cache.async_get("key" + std::to_string(left), again);
    };
    for (int i = 0; i < 20; ++i) f.cache.async_get("key" + std::to_string(i), again);
    CHECK(runs_out_of_work(f.io));
    CHECK(left <= 0);
    CHECK(errors == 0);
    CHECK(f.connections() > 3);
}

TEST_CASE("a node that changes its weight keeps its connection, and gets other keys") {
    fixture f(three);
    REQUIRE(f.stores("a", "1"));
    auto heavier = three;
    heavier[0].weight = 10;
    const auto before = f.cache.topology_now();
    CHECK(runs_out_of_work(f.io));
    CHECK_FALSE(f.cache.update(heavier));
    CHECK(f.cache.topology_now() != before);
    int moved = 0;
    for (int i = 0; i < 100; ++i) {
        const auto key = "key" + std::to_string(i);
        CHECK(f.stores(key, key));
        moved += f.cache.topology_now()->owner_of(key) != before->owner_of(key) ? 1 : 0;
    }
    CHECK(moved > 0);
    CHECK(f.connections() == 3);
}
