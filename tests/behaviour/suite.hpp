#pragma once
// What every operation does, over three nodes of each kind of server and over each protocol:
// written once, so that the servers this library ships for tests are held to the real one, and all
// transports and protocols to one another. A translation unit defines MEMRING_BACKENDS, the classes
// to run it over, and includes this.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/blocking_client.hpp>
#include <memring/client.hpp>
#include <memring/error.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/item.hpp>

#include "../support/completions.hpp"

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace memring;
using memring::testing::recorder;
using memring::testing::runs_out_of_work;

const client_options patient{.timeout = 20s, .connect_timeout = 20s};

// Runs the case it is called from once over each protocol. A parameter of the template would
// compile the client's tests three times.
protocol spoken_this_time() {
    protocol spoken = protocol::meta;
    SUBCASE("over meta") { spoken = protocol::meta; }
    SUBCASE("over classic") { spoken = protocol::classic; }
    SUBCASE("over binary") { spoken = protocol::binary; }
    return spoken;
}

client_options speaking(client_options options, protocol spoken) {
    options.speaks = spoken;
    return options;
}

// The servers of one kind, started once and emptied for each case, and a client.
template <class Backend>
struct fixture {
    using client_type = client<ketama, typename Backend::transport_type>;

    explicit fixture(const client_options& options = patient)
        : speaks(spoken_this_time()),
          cache(servers().nodes(), speaking(options, speaks), servers().stream_options()) {
        for (const auto& flushed : cache.flush_all()) REQUIRE_FALSE(flushed.error);
    }

    static Backend& servers() {
        static Backend running;
        return running;
    }
    std::size_t owner_of(std::string_view key) {
        return cache.async().topology_now()->owner_of(key);
    }
    // What the owner says about the key, asked past the client.
    std::string meta(const std::string& key, const std::string& flags) {
        return servers().ask(owner_of(key), "mg " + key + " " + flags + "\r\n");
    }
    std::int64_t seconds_left(const std::string& key) {
        const auto reply = meta(key, "t");
        REQUIRE(reply.starts_with("HD t"));
        return std::stoll(reply.substr(4));
    }
    std::string value_of(std::string_view key) {
        const auto got = cache.get(key);
        return got ? got->value : "(miss)";
    }
    template <class Call>
    std::error_code error_of(Call call) {
        std::error_code error;
        call(error);
        return error;
    }

    // Whether the owner has the key under exactly this name.
    bool is_on(std::size_t index, const std::string& wire_key) {
        return servers().ask(index, "mg " + wire_key + " s\r\n").starts_with("HD");
    }

    const protocol speaks;
    blocking_client<client_type> cache;
};

using key_list = std::vector<std::string_view>;

}  // namespace

TEST_CASE_TEMPLATE("get: a miss is nothing, a hit is value, flags and cas", Backend,
                   MEMRING_BACKENDS) {
    CAPTURE(Backend::name);
    fixture<Backend> f;
    CHECK_FALSE(f.cache.get("k"));
    CHECK(f.cache.set("k", "value", {.flags = 42}) == store_result::stored);
    const auto got = f.cache.get("k");
    REQUIRE(got);
    CHECK(got->value == "value");
    CHECK(got->flags == 42);
    CHECK(got->cas != 0);
    CHECK(f.meta("k", "s f") == "HD s5 f42\r\n");
}

TEST_CASE_TEMPLATE("set, add and replace store always, if absent, if present", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    CHECK(f.cache.replace("k", "0") == store_result::not_stored);
    CHECK_FALSE(f.cache.get("k"));
    CHECK(f.cache.add("k", "1") == store_result::stored);
    CHECK(f.cache.add("k", "2") == store_result::not_stored);
    CHECK(f.value_of("k") == "1");
    CHECK(f.cache.replace("k", "3", {.flags = 5}) == store_result::stored);
    CHECK(f.value_of("k") == "3");
    CHECK(f.cache.get("k")->flags == 5);
    CHECK(f.cache.set("k", "4") == store_result::stored);
    CHECK(f.value_of("k") == "4");
    CHECK(f.cache.get("k")->flags == 0);
}

TEST_CASE_TEMPLATE("append and prepend extend what is there, keep its flags and its expiry",
                   Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    CHECK(f.cache.append("k", "x") == store_result::not_stored);
    CHECK(f.cache.prepend("k", "x") == store_result::not_stored);
    CHECK_FALSE(f.cache.get("k"));
    f.cache.set("k", "b", {.expires_in = 1000s, .flags = 9});
    CHECK(f.cache.append("k", "c\r\n") == store_result::stored);
    CHECK(f.cache.prepend("k", "a") == store_result::stored);
    CHECK(f.cache.append("k", "") == store_result::stored);
    CHECK(f.value_of("k") == "abc\r\n");
    CHECK(f.cache.get("k")->flags == 9);
    CHECK(f.seconds_left("k") > 900);
    CHECK(f.seconds_left("k") <= 1000);
}

TEST_CASE_TEMPLATE("remove tells whether there was something", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    CHECK_FALSE(f.cache.remove("k"));
    f.cache.set("k", "1");
    CHECK(f.cache.remove("k"));
    CHECK_FALSE(f.cache.remove("k"));
    CHECK_FALSE(f.cache.get("k"));
}

TEST_CASE_TEMPLATE("touch and get_and_touch set the expiry, 0 s for never", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    CHECK_FALSE(f.cache.touch("k", 100s));
    CHECK_FALSE(f.cache.get_and_touch("k", 100s));
    f.cache.set("k", "1", {.flags = 3});
    CHECK(f.seconds_left("k") == -1);
    CHECK(f.cache.touch("k", 500s));
    CHECK(f.seconds_left("k") > 400);
    CHECK(f.seconds_left("k") <= 500);
    const auto got = f.cache.get_and_touch("k", 2000s);
    REQUIRE(got);
    CHECK(got->value == "1");
    CHECK(got->flags == 3);
    CHECK(f.seconds_left("k") > 1900);
    CHECK(f.cache.touch("k", 0s));
    CHECK(f.seconds_left("k") == -1);
    f.cache.touch("k", 500s);
    CHECK(f.cache.get_and_touch("k", 0s));
    CHECK(f.seconds_left("k") == -1);
}

TEST_CASE_TEMPLATE("increment wraps at 2^64, decrement stops at 0", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    CHECK_FALSE(f.cache.increment("n", 1));
    CHECK_FALSE(f.cache.decrement("n", 1));
    CHECK_FALSE(f.cache.get("n"));
    f.cache.set("n", "41", {.flags = 8});
    CHECK(f.cache.increment("n", 1) == 42u);
    CHECK(f.cache.increment("n", 0) == 42u);
    CHECK(f.cache.decrement("n", 2) == 40u);
    CHECK(f.value_of("n") == "40");
    CHECK(f.cache.get("n")->flags == 8);
    CHECK(f.cache.decrement("n", 41) == 0u);
    f.cache.set("n", std::to_string(largest));
    CHECK(f.cache.increment("n", 0) == largest);
    CHECK(f.cache.increment("n", 1) == 0u);
    f.cache.set("n", "5");
    CHECK(f.cache.increment("n", largest) == 4u);
    CHECK(f.cache.decrement("n", largest) == 0u);
}

TEST_CASE_TEMPLATE("a number that got shorter is still a number", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("n", "1000");
    CHECK(f.cache.decrement("n", 1) == 999u);
    CHECK(f.cache.increment("n", 2) == 1001u);
}

TEST_CASE_TEMPLATE("counting what is no number is an error and changes nothing", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    for (const auto& value : {"ten"s, ""s, "-1"s, "18446744073709551616"s, "1x"s}) {
        CAPTURE(value);
        f.cache.set("n", value);
        CHECK(f.error_of([&](auto& e) { f.cache.increment("n", 1, e); }) == errc::not_a_number);
        CHECK(f.error_of([&](auto& e) { f.cache.decrement("n", 1, e); }) == errc::not_a_number);
        CHECK(f.value_of("n") == value);
    }
    CHECK_THROWS_AS(f.cache.increment("n", 1), std::system_error);
}

TEST_CASE_TEMPLATE("compare_and_swap stores only over what was read", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    CHECK(f.cache.compare_and_swap("k", "x", 1) == store_result::not_found);
    CHECK_FALSE(f.cache.get("k"));
    f.cache.set("k", "1");
    const auto read = f.cache.get("k");
    REQUIRE(read);
    CHECK(f.cache.compare_and_swap("k", "2", read->cas, {.expires_in = 50s, .flags = 6}) ==
          store_result::stored);
    CHECK(f.value_of("k") == "2");
    CHECK(f.cache.get("k")->flags == 6);
    CHECK(f.seconds_left("k") <= 50);
    CHECK(f.cache.compare_and_swap("k", "3", read->cas) == store_result::exists);
    CHECK(f.value_of("k") == "2");
    CHECK(f.error_of([&](auto& e) { f.cache.compare_and_swap("k", "4", 0, e); }) ==
          std::errc::invalid_argument);
    CHECK(f.value_of("k") == "2");
}

TEST_CASE_TEMPLATE("every change gives an item a new cas number, reading does not", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    std::set<std::uint64_t> seen;
    const auto cas = [&] { return f.cache.get("n")->cas; };
    f.cache.set("n", "10");
    CHECK(seen.insert(cas()).second);
    CHECK_FALSE(seen.insert(cas()).second);
    f.cache.increment("n", 1);
    CHECK(seen.insert(cas()).second);
    f.cache.append("n", "0");
    CHECK(seen.insert(cas()).second);
    f.cache.replace("n", "7");
    CHECK(seen.insert(cas()).second);
}

// ---- many keys, all nodes -----------------------------------------------------------------------

TEST_CASE_TEMPLATE("batches are aligned with their keys, whatever the keys are", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    const std::string too_long(251, 'k');
    const std::array<entry, 6> entries{entry{"a", "1"}, entry{"not a key", "x"}, entry{"b", "2"},
                                       entry{"", "x"},  entry{too_long, "x"},    entry{"c", "3"}};
    const auto stored = f.cache.set_many(entries, {.expires_in = 300s, .flags = 4});
    REQUIRE(stored.size() == entries.size());
    for (const std::size_t i : {0u, 2u, 5u}) {
        CHECK_FALSE(stored[i].error);
        CHECK(stored[i].value == store_result::stored);
    }
    for (const std::size_t i : {1u, 3u, 4u}) CHECK(stored[i].error == errc::invalid_key);

    const std::array<std::string_view, 7> keys{"c", "absent", "a", "not a key", "b", "a", "\x7f"};
    const auto got = f.cache.get_many(keys);
    REQUIRE(got.size() == keys.size());
    const auto is = [&](std::size_t i, const char* value) {
        return got[i] && got[i].value && got[i].value->value == value && got[i].value->flags == 4;
    };
    CHECK(is(0, "3"));
    CHECK((got[1] && !got[1].value));
    CHECK(is(2, "1"));
    CHECK(got[3].error == errc::invalid_key);
    CHECK(is(4, "2"));
    CHECK(is(5, "1"));
    CHECK(got[6].error == errc::invalid_key);
    CHECK(f.seconds_left("a") <= 300);

    const auto removed = f.cache.remove_many(keys);
    REQUIRE(removed.size() == keys.size());
    CHECK((removed[0] && removed[0].value));
    CHECK((removed[1] && !removed[1].value));
    CHECK((removed[2] && removed[2].value));
    CHECK(removed[3].error == errc::invalid_key);
    CHECK((removed[5] && !removed[5].value));  // the first of the two was there
    CHECK_FALSE(f.cache.get("a"));
}

TEST_CASE_TEMPLATE("of a key given twice the later value stays", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    std::vector<entry> entries(20, entry{"k", "earlier"});
    entries.push_back({"k", "last"});
    for (const auto& stored : f.cache.set_many(entries))
        CHECK(stored.value == store_result::stored);
    CHECK(f.value_of("k") == "last");
}

TEST_CASE_TEMPLATE("a batch over many keys reaches all nodes", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    std::vector<std::string> names;
    for (int i = 0; i < 3000; ++i) names.push_back("key:" + std::to_string(i));
    std::vector<entry> entries;
    for (const auto& name : names) entries.push_back({name, name});
    for (const auto& stored : f.cache.set_many(entries))
        REQUIRE(stored.value == store_result::stored);
    std::vector<std::string_view> keys(names.begin(), names.end());
    const auto got = f.cache.get_many(keys);
    std::array<int, 3> on_node{};
    for (std::size_t i = 0; i < names.size(); ++i) {
        REQUIRE(got[i].value);
        REQUIRE(got[i].value->value == names[i]);
        ++on_node[f.owner_of(names[i])];
    }
    for (const int count : on_node) CHECK(count > 500);
}

TEST_CASE_TEMPLATE("each key is stored on its owner and nowhere else", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    for (int i = 0; i < 30; ++i) {
        const auto key = "key" + std::to_string(i);
        f.cache.set(key, "1");
        for (std::size_t n = 0; n < 3; ++n) {
            const auto reply = f.servers().ask(n, "mg " + key + " s\r\n");
            CHECK(reply == (n == f.owner_of(key) ? "HD s1\r\n" : "EN\r\n"));
        }
    }
}

TEST_CASE_TEMPLATE("flush_all empties all nodes", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    for (int i = 0; i < 30; ++i) f.cache.set("key" + std::to_string(i), "1");
    const auto flushed = f.cache.flush_all();
    REQUIRE(flushed.size() == 3);
    const auto nodes = f.servers().nodes();
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK_FALSE(flushed[i].error);
        CHECK(flushed[i].value);
        CHECK(flushed[i].where == nodes[i]);
    }
    for (int i = 0; i < 30; ++i) CHECK_FALSE(f.cache.get("key" + std::to_string(i)));
    f.cache.set("key1", "2");
    CHECK(f.value_of("key1") == "2");
}

TEST_CASE_TEMPLATE("flush_all with a delay lets items live until then", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("k", "1");
    CHECK(f.cache.flush_all(2s).size() == 3);
    CHECK(f.value_of("k") == "1");
    CHECK(f.servers().comes_true([&] { return !f.cache.get("k"); }, 4s));
}

TEST_CASE_TEMPLATE("flush_all in more than thirty days does not flush now", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("k", "1");
    f.cache.flush_all(24h * 31);
    CHECK(f.value_of("k") == "1");
    f.cache.flush_all();
    CHECK_FALSE(f.cache.get("k"));
}

TEST_CASE_TEMPLATE("version names each node's", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    const auto versions = f.cache.version();
    REQUIRE(versions.size() == 3);
    const auto nodes = f.servers().nodes();
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK_FALSE(versions[i].error);
        CHECK(versions[i].where == nodes[i]);
        CHECK(versions[i].value.starts_with("1."));
    }
}

TEST_CASE_TEMPLATE("stats are names and values, of the group asked for", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("k", "1");
    const auto all = f.cache.stats();
    REQUIRE(all.size() == 3);
    for (const auto& each : all) {
        CHECK_FALSE(each.error);
        const std::map<std::string, std::string> values(each.value.begin(), each.value.end());
        CHECK(values.contains("pid"));
        CHECK(values.contains("cmd_set"));
        CHECK(values.at("version").starts_with("1."));
    }
    for (const auto& each : f.cache.stats("settings")) {
        const std::map<std::string, std::string> values(each.value.begin(), each.value.end());
        CHECK(values.at("item_size_max") == "1048576");
        CHECK(values.at("cas_enabled") == "yes");
    }
    for (const auto& each : f.cache.stats("nosuchgroup")) CHECK(each.error == errc::client_error);
    CHECK(f.value_of("k") == "1");
}

// ---- more operations on many keys ---------------------------------------------------------------

TEST_CASE_TEMPLATE("add_many and replace_many store what is absent, what is present", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("here", "0");
    const std::array<entry, 5> entries{entry{"a", "1"}, entry{"here", "2"}, entry{"not a key", "x"},
                                       entry{"b", ""}, entry{"a", "3"}};
    const auto added = f.cache.add_many(entries, {.expires_in = 300s, .flags = 7});
    REQUIRE(added.size() == entries.size());
    CHECK(added[0].value == store_result::stored);
    CHECK((added[1] && added[1].value == store_result::not_stored));
    CHECK(added[2].error == errc::invalid_key);
    CHECK(added[3].value == store_result::stored);
    CHECK((added[4] && added[4].value == store_result::not_stored));
    CHECK(f.value_of("a") == "1");
    CHECK(f.cache.get("a")->flags == 7);
    CHECK(f.seconds_left("a") > 200);
    CHECK(f.value_of("here") == "0");
    CHECK(f.value_of("b").empty());

    const std::array<entry, 3> others{entry{"absent", "1"}, entry{"here", "2"}, entry{"a", "4"}};
    const auto replaced = f.cache.replace_many(others);
    REQUIRE(replaced.size() == others.size());
    CHECK((replaced[0] && replaced[0].value == store_result::not_stored));
    CHECK(replaced[1].value == store_result::stored);
    CHECK(replaced[2].value == store_result::stored);
    CHECK_FALSE(f.cache.get("absent"));
    CHECK(f.value_of("here") == "2");
    CHECK(f.value_of("a") == "4");
    CHECK(f.cache.get("a")->flags == 0);
}

TEST_CASE_TEMPLATE("append_many and prepend_many extend those that are there", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("a", "-", {.flags = 3});
    f.cache.set("b", "+");
    const std::array<entry, 4> entries{entry{"a", "1"}, entry{"absent", "x"}, entry{"b", "2"},
                                       entry{"a", "3"}};
    const auto appended = f.cache.append_many(entries);
    const auto prepended = f.cache.prepend_many(entries);
    for (const auto& each : {appended, prepended}) {
        REQUIRE(each.size() == entries.size());
        CHECK(each[0].value == store_result::stored);
        CHECK((each[1] && each[1].value == store_result::not_stored));
        CHECK(each[2].value == store_result::stored);
        CHECK(each[3].value == store_result::stored);
    }
    CHECK(f.value_of("a") == "31-13");
    CHECK(f.cache.get("a")->flags == 3);
    CHECK(f.value_of("b") == "2+2");
    CHECK_FALSE(f.cache.get("absent"));
}

TEST_CASE_TEMPLATE("compare_and_swap_many tells each key its own truth", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    for (const char* key : {"a", "b", "c", "d"}) f.cache.set(key, "0");
    const auto cas_of = [&](const char* key) { return f.cache.get(key)->cas; };
    const auto old = cas_of("b");
    f.cache.set("b", "1");
    const std::array<entry, 5> entries{entry{"a", "2", cas_of("a")}, entry{"b", "2", old},
                                       entry{"absent", "2", 1}, entry{"c", "2", cas_of("c")},
                                       entry{"d", "2"}};
    const auto got = f.cache.compare_and_swap_many(entries, {.flags = 2});
    REQUIRE(got.size() == entries.size());
    CHECK(got[0].value == store_result::stored);
    CHECK((got[1] && got[1].value == store_result::exists));
    CHECK((got[2] && got[2].value == store_result::not_found));
    CHECK(got[3].value == store_result::stored);
    CHECK(got[4].error == errc::invalid_cas);
    CHECK(f.value_of("a") == "2");
    CHECK(f.value_of("b") == "1");
    CHECK_FALSE(f.cache.get("absent"));
    CHECK(f.value_of("c") == "2");
    CHECK(f.value_of("d") == "0");
    CHECK(f.cache.get("c")->flags == 2);
}

TEST_CASE_TEMPLATE("stores of many keys that compare nothing do not look at the cas of an entry",
                   Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("there", "0");
    const auto with_cas = [](const char* key, const char* value) {
        return std::array<entry, 2>{entry{key, value, 999'999'999}, entry{"another", value, 1}};
    };
    CHECK(f.cache.add_many(with_cas("new", "1"))[0].value == store_result::stored);
    CHECK(f.cache.set_many(with_cas("there", "2"))[0].value == store_result::stored);
    CHECK(f.value_of("there") == "2");
    CHECK(f.cache.replace_many(with_cas("there", "3"))[0].value == store_result::stored);
    CHECK(f.value_of("there") == "3");
    const auto appended = f.cache.append_many(with_cas("there", "4"));
    CHECK((appended[0] && appended[0].value == store_result::stored));
    const auto prepended = f.cache.prepend_many(with_cas("there", "5"));
    CHECK((prepended[0] && prepended[0].value == store_result::stored));
    CHECK(f.value_of("there") == "534");
    CHECK(f.value_of("another") == "534");
    CHECK(f.value_of("new") == "1");
}

TEST_CASE_TEMPLATE("touch_many and get_and_touch_many set each key's expiry", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("a", "1", {.flags = 5});
    f.cache.set("b", "");
    const key_list keys{"a", "absent", "b", "not a key"};
    const auto touched = f.cache.touch_many(keys, 500s);
    REQUIRE(touched.size() == keys.size());
    CHECK((touched[0] && touched[0].value));
    CHECK((touched[1] && !touched[1].value));
    CHECK((touched[2] && touched[2].value));
    CHECK(touched[3].error == errc::invalid_key);
    CHECK(f.seconds_left("a") > 400);
    CHECK(f.seconds_left("b") > 400);

    const auto got = f.cache.get_and_touch_many(keys, 2000s);
    REQUIRE(got.size() == keys.size());
    REQUIRE(got[0].value);
    CHECK(got[0].value->value == "1");
    CHECK(got[0].value->flags == 5);
    CHECK(got[0].value->cas != 0);
    CHECK((got[1] && !got[1].value));
    REQUIRE(got[2].value);
    CHECK(got[2].value->value.empty());
    CHECK(got[3].error == errc::invalid_key);
    CHECK(f.seconds_left("a") > 1900);
    CHECK(f.seconds_left("b") > 1900);
}

TEST_CASE_TEMPLATE("increment_many and decrement_many count each key", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("a", "10");
    f.cache.set("b", "1");
    f.cache.set("word", "ten");
    const key_list keys{"a", "absent", "word", "b", "a"};
    const auto up = f.cache.increment_many(keys, 5);
    REQUIRE(up.size() == keys.size());
    CHECK(up[0].value == 15u);
    CHECK((up[1] && !up[1].value));
    CHECK(up[2].error == errc::not_a_number);
    CHECK(up[3].value == 6u);
    CHECK(up[4].value == 20u);
    const auto down = f.cache.decrement_many(keys, 8);
    CHECK(down[0].value == 12u);
    CHECK((down[1] && !down[1].value));
    CHECK(down[2].error == errc::not_a_number);
    CHECK(down[3].value == 0u);
    CHECK(down[4].value == 4u);
    CHECK(f.value_of("word") == "ten");
}

TEST_CASE_TEMPLATE("visit_many shows every key once, hit or miss, where it was read", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    const std::string large(50'000, 'v');
    f.cache.set("a", "1", {.flags = 9});
    f.cache.set("empty", "");
    f.cache.set("large", large);
    const key_list keys{"a", "absent", "empty", "not a key", "large", "a"};
    std::vector<std::string> seen(keys.size());
    std::vector<int> calls(keys.size());
    const auto visitor = [&](std::size_t i, const outcome<std::optional<item_view>>& got) {
        ++calls[i];
        seen[i] = got.error ? got.error.message() : got.value ? std::string(got.value->value) : "-";
        if (i == 0 && got.value) {
            CHECK(got.value->flags == 9);
            CHECK(got.value->cas != 0);
        }
    };
    CHECK(f.cache.visit_many(keys, visitor) == 4);
    CHECK(calls == std::vector<int>(keys.size(), 1));
    CHECK(seen == std::vector<std::string>{
                      "1", "-", "", make_error_code(errc::invalid_key).message(), large, "1"});
}

// ---- counters that are made ---------------------------------------------------------------------

TEST_CASE_TEMPLATE("a counter with an initial value is made where it is absent", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    if (f.speaks == protocol::classic) return;  // composed of several commands there
    CHECK(f.cache.increment("n", 5, {.initial = 100, .expires_in = 500s}) == 100u);
    CHECK(f.value_of("n") == "100");
    CHECK(f.seconds_left("n") > 400);
    CHECK(f.cache.increment("n", 5, {.initial = 7, .expires_in = 5000s}) == 105u);
    CHECK(f.seconds_left("n") <= 500);
    CHECK(f.cache.decrement("m", 5, {.initial = 3}) == 3u);
    CHECK(f.seconds_left("m") == -1);
    CHECK(f.cache.decrement("m", 2, {.initial = 9}) == 1u);
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    CHECK(f.cache.increment("big", 1, {.initial = largest}) == largest);
    CHECK(f.value_of("big") == std::to_string(largest));
    CHECK(f.cache.increment("zero", 1, {.initial = 0}) == 0u);
    CHECK(f.cache.increment("zero", 1, {.initial = 0}) == 1u);

    const key_list keys{"p", "n", "p"};
    const auto counted = f.cache.increment_many(keys, 1, {.initial = 50, .expires_in = 300s});
    CHECK(counted[0].value == 50u);
    CHECK(counted[1].value == 106u);
    CHECK(counted[2].value == 51u);
    CHECK(f.seconds_left("p") <= 300);
    CHECK(f.error_of([&](auto& e) {
        f.cache.increment("q", 1, e, {.initial = 1, .expires_in = -1s});
    }) == errc::invalid_expiry);
    CHECK_FALSE(f.cache.get("q"));
}

// ---- what only meta can -------------------------------------------------------------------------

TEST_CASE_TEMPLATE("invalidate marks an item stale: readable still, until it is stored again",
                   Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("k", "old");
    const auto error = f.error_of([&](auto& e) { f.cache.invalidate("k", 60s, e); });
    const key_list keys{"k", "absent"};
    if (f.speaks != protocol::meta) {
        CHECK(error == errc::unsupported);
        const auto each = f.cache.invalidate_many(keys, 60s);
        for (const auto& one : each) CHECK(one.error == errc::unsupported);
        CHECK(f.seconds_left("k") == -1);
        CHECK(f.value_of("k") == "old");
        return;
    }
    CHECK_FALSE(error);
    CHECK(f.seconds_left("k") <= 60);
    CHECK(f.meta("k", "v").find(" X") != std::string::npos);
    CHECK(f.value_of("k") == "old");
    CHECK(f.cache.get_many(keys)[0].value->value == "old");
    CHECK_FALSE(f.cache.invalidate("absent", 60s));
    f.cache.set("k", "new");
    CHECK(f.meta("k", "v").find(" X") == std::string::npos);
    CHECK(f.value_of("k") == "new");

    const auto each = f.cache.invalidate_many(keys, 90s);
    CHECK((each[0] && each[0].value));
    CHECK((each[1] && !each[1].value));
    CHECK(f.seconds_left("k") <= 90);
    CHECK(f.meta("k", "v").find(" X") != std::string::npos);
}

TEST_CASE_TEMPLATE("inspect tells what is known of an item, and leaves it as it was", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("k", std::string(1000, 'v'), {.expires_in = 500s});
    f.cache.set("forever", "");
    const key_list keys{"forever", "absent", "k"};
    if (f.speaks != protocol::meta) {
        CHECK(f.error_of([&](auto& e) { (void)f.cache.inspect("k", e); }) == errc::unsupported);
        for (const auto& one : f.cache.inspect_many(keys)) CHECK(one.error == errc::unsupported);
        CHECK(f.value_of("k").size() == 1000);
        return;
    }
    auto known = f.cache.inspect("k");
    REQUIRE(known);
    CHECK_FALSE(known->hit_before);
    CHECK(known->size > 1000);
    CHECK(known->size < 1200);
    REQUIRE(known->expires_in);
    CHECK(*known->expires_in > 400s);
    CHECK(*known->expires_in <= 500s);
    CHECK(known->idle < 60s);
    CHECK_FALSE(f.cache.inspect("k")->hit_before);
    const auto read = f.cache.get("k");
    known = f.cache.inspect("k");
    CHECK(known->hit_before);
    CHECK(known->cas == read->cas);
    const auto each = f.cache.inspect_many(keys);
    REQUIRE(each.size() == 3);
    REQUIRE(each[0].value);
    CHECK_FALSE(each[0].value->expires_in);
    CHECK((each[1] && !each[1].value));
    REQUIRE(each[2].value);
    CHECK(each[2].value->size == known->size);
    CHECK_FALSE(f.cache.inspect("absent"));
}

// ---- where a key goes, and under which name -----------------------------------------------------

TEST_CASE_TEMPLATE("a server key finds the node in the key's place", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    const std::size_t home = f.owner_of("user:7");
    for (int i = 0; i < 20; ++i) {
        const auto key = "part" + std::to_string(i);
        f.cache.set(key, "1", {.server_key = "user:7"});
        CHECK(f.is_on(home, key));
        CHECK(f.cache.get(key, {.server_key = "user:7"})->value == "1");
        CHECK(f.cache.increment(key, 1, {.server_key = "user:7"}) == 2u);
        CHECK(f.cache.get(key).has_value() == (f.owner_of(key) == home));
    }
    const std::array<entry, 3> entries{entry{"x", "1"}, entry{"y", "2"}, entry{"z", "3"}};
    const key_list keys{"x", "y", "z", "part3"};
    for (const auto& each : f.cache.set_many(entries, {.server_key = "user:7"}))
        CHECK(each.value == store_result::stored);
    const auto got = f.cache.get_many(keys, {.server_key = "user:7"});
    for (const auto& each : got) CHECK(each.value.has_value());
    for (const auto& key : keys) CHECK(f.is_on(home, std::string(key)));
    for (const auto& each : f.cache.remove_many(keys, {.server_key = "user:7"})) CHECK(each.value);
}

TEST_CASE_TEMPLATE("a key prefix stands before every key on the wire, and in no other place",
                   Backend, MEMRING_BACKENDS) {
    client_options options = patient;
    options.key_prefix = "app:";
    SUBCASE("the node is found without it") {}
    SUBCASE("the node is found without it, as told") { options.hashes_prefix = false; }
    SUBCASE("the node is found with it") { options.hashes_prefix = true; }
    fixture<Backend> f(options);
    const auto home = [&](const std::string& key) {
        return f.owner_of(options.hashes_prefix.value_or(false) ? "app:" + key : key);
    };
    std::vector<std::string> names;
    for (int i = 0; i < 20; ++i) names.push_back("key" + std::to_string(i));
    std::vector<entry> entries;
    for (const auto& name : names) entries.push_back({name, name});
    for (const auto& each : f.cache.set_many(entries)) CHECK(each.value == store_result::stored);
    const auto got = f.cache.get_many(key_list(names.begin(), names.end()));
    for (std::size_t i = 0; i < names.size(); ++i) {
        CHECK(f.is_on(home(names[i]), "app:" + names[i]));
        for (std::size_t n = 0; n < 3; ++n) CHECK_FALSE(f.is_on(n, names[i]));
        REQUIRE(got[i].value);
        CHECK(got[i].value->value == names[i]);
        CHECK(f.value_of(names[i]) == names[i]);
    }
    CHECK(f.cache.append("key1", "+") == store_result::stored);
    CHECK(f.value_of("key1") == "key1+");
    CHECK(f.cache.remove("key1"));
    CHECK_FALSE(f.is_on(home("key1"), "app:key1"));
    CHECK(f.cache.set(std::string(246, 'k'), "1") == store_result::stored);
    CHECK(f.error_of([&](auto& e) { f.cache.set(std::string(247, 'k'), "1", e); }) ==
          errc::invalid_key);
    CHECK(f.error_of([&](auto& e) { (void)f.cache.get("", e); }) == errc::invalid_key);
}

TEST_CASE_TEMPLATE("binary keys are any bytes over meta and binary, refused over classic", Backend,
                   MEMRING_BACKENDS) {
    client_options options = patient;
    options.binary_keys = true;
    fixture<Backend> f(options);
    std::string all_bytes;  // in keys of 128, because 186 is the most
    for (int byte = 0; byte < 128; ++byte) all_bytes += static_cast<char>(byte);
    const std::vector<std::string> keys{all_bytes, "a b", "\r\nflush_all\r\n", "a\0b"s, "\0"s,
                                        " ",       "key", "\x7f\xff"s,         "k\r"s,  "+/=="};
    if (f.speaks == protocol::classic) {
        for (const auto& key : keys) {
            const bool is_text = key == "key" || key == "+/==";
            const auto expected = is_text ? std::error_code() : make_error_code(errc::invalid_key);
            CHECK(f.error_of([&](auto& e) { f.cache.set(key, "1", e); }) == expected);
        }
        return;
    }
    for (const auto& key : keys) {
        CAPTURE(key);
        CHECK(f.cache.set(key, "1") == store_result::stored);
        CHECK(f.value_of(key) == "1");
        CHECK(f.cache.increment(key, 1) == 2u);
        CHECK(f.cache.touch(key, 100s));
        CHECK(f.cache.append(key, "0") == store_result::stored);
        CHECK(f.cache.get_and_touch(key, 100s)->value == "20");
        CHECK(f.cache.remove(key));
        CHECK_FALSE(f.cache.get(key));
    }
    std::vector<entry> entries;
    for (const auto& key : keys) entries.push_back({key, key});
    for (const auto& each : f.cache.set_many(entries)) CHECK(each.value == store_result::stored);
    const key_list asked(keys.begin(), keys.end());
    const auto got = f.cache.get_many(asked);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        REQUIRE(got[i].value);
        CHECK(got[i].value->value == keys[i]);
    }
    for (const auto& each : f.cache.remove_many(asked)) CHECK(each.value);

    const std::size_t longest = f.speaks == protocol::binary ? 250 : 186;
    const std::string fits = std::string(longest - 1, 'k') + ' ';
    CHECK(f.cache.set(fits, "1") == store_result::stored);
    CHECK(f.value_of(fits) == "1");
    CHECK(f.error_of([&](auto& e) { f.cache.set("k" + fits, "1", e); }) == errc::invalid_key);
    const std::string text(250, 'k');
    CHECK(f.cache.set(text, "1") == store_result::stored);
    CHECK(f.value_of(text) == "1");
}

TEST_CASE_TEMPLATE("three connections to each node keep what is asked of a key in order", Backend,
                   MEMRING_BACKENDS) {
    client_options options = patient;
    options.connections_per_node = 3;
    fixture<Backend> f(options);
    constexpr std::size_t key_count = 30;
    constexpr std::size_t rounds = 20;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < key_count; ++i) names.push_back("key" + std::to_string(i));
    std::vector<recorder<store_result>> stored(key_count * rounds);
    std::vector<recorder<std::optional<item>>> got(key_count * rounds);
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < key_count; ++i) {
            const std::size_t place = round * key_count + i;
            const std::string value = std::to_string(round) + std::string(place * 7, 'v');
            f.cache.async().async_set(names[i], value, stored[place]);
            f.cache.async().async_get(names[i], got[place]);
        }
    }
    recorder<std::vector<outcome<std::optional<item>>>> all;
    f.cache.async().async_get_many(key_list(names.begin(), names.end()), all);
    CHECK(runs_out_of_work(f.cache.context(), 60s));
    for (std::size_t place = 0; place < got.size(); ++place) {
        REQUIRE(got[place].is_done());
        REQUIRE(got[place]->value);
        const std::size_t round = place / key_count;
        CHECK(got[place]->value->value == std::to_string(round) + std::string(place * 7, 'v'));
    }
    REQUIRE(all->value.size() == key_count);
    for (const auto& each : all->value) {
        REQUIRE(each.value);
        CHECK(each.value->value.starts_with(std::to_string(rounds - 1)));
    }
    std::size_t open = 0;
    for (const auto& each : f.cache.stats()) {
        const std::map<std::string, std::string> values(each.value.begin(), each.value.end());
        open += std::stoul(values.at("curr_connections"));
    }
    CHECK(open > 5);
    for (const auto& flushed : f.cache.flush_all()) CHECK(flushed.value);
    CHECK_FALSE(f.cache.get("key0"));
}

TEST_CASE_TEMPLATE("verbosity is heard by each node, but not over binary", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    const auto heard = f.cache.verbosity(0);
    REQUIRE(heard.size() == 3);
    for (const auto& each : heard) {
        if (f.speaks == protocol::binary) {
            CHECK(each.error == errc::unsupported);
        } else {
            CHECK_FALSE(each.error);
            CHECK(each.value);
        }
    }
    CHECK(f.cache.set("k", "in step") == store_result::stored);
    CHECK(f.value_of("k") == "in step");
}

TEST_CASE_TEMPLATE("the statistics of slabs and items are numbered", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("k", "1");
    const std::size_t home = f.owner_of("k");
    const auto slabs = f.cache.stats("slabs");
    const auto items = f.cache.stats("items");
    REQUIRE(slabs.size() == 3);
    REQUIRE(items.size() == 3);
    const auto& of_home = slabs[home].value;
    const std::map<std::string, std::string> values(of_home.begin(), of_home.end());
    CHECK(values.contains("active_slabs"));
    CHECK(values.contains("total_malloced"));
    const auto is_of_class_one = [](const auto& pair) { return pair.first == "items:1:number"; };
    CHECK(std::ranges::any_of(items[home].value, is_of_class_one));
}

// ---- expiry -------------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("items expire when their time has come, and not before", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    f.cache.set("short", "1", {.expires_in = 2s});
    f.cache.set("long", "1", {.expires_in = 1000s});
    f.cache.set("forever", "1");
    f.cache.set("touched", "1");
    CHECK(f.cache.touch("touched", 2s));
    CHECK(f.value_of("short") == "1");
    CHECK(f.value_of("touched") == "1");
    CHECK(f.servers().comes_true([&] { return !f.cache.get("short") && !f.cache.get("touched"); },
                                 5s));
    CHECK(f.value_of("long") == "1");
    CHECK(f.value_of("forever") == "1");
    CHECK(f.cache.add("short", "2") == store_result::stored);
}

TEST_CASE_TEMPLATE("an expiry means its seconds, on both sides of thirty days", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    const std::int64_t month = 24 * 60 * 60 * 30;
    for (const std::int64_t seconds :
         {std::int64_t{100}, month - 1, month, month + 1, month * 12}) {
        CAPTURE(seconds);
        const store_options options{.expires_in = std::chrono::seconds(seconds)};
        const auto is_right = [&](const std::string& key) {
            const auto left = f.seconds_left(key);
            return left <= seconds + 1 &&
                   left > seconds - 60;  // the server's clock ticks in seconds
        };
        f.cache.remove("added");
        f.cache.set("set", "1", options);
        f.cache.add("added", "1", options);
        f.cache.set("replaced", "1");
        f.cache.replace("replaced", "1", options);
        f.cache.set("touched", "1");
        CHECK(f.cache.touch("touched", options.expires_in));
        f.cache.set("read", "1");
        CHECK(f.cache.get_and_touch("read", options.expires_in));
        f.cache.set_many(std::array{entry{"many", "1"}}, options);
        for (const char* key : {"set", "added", "replaced", "touched", "read", "many"}) {
            CAPTURE(key);
            CHECK(is_right(key));
        }
    }
}

TEST_CASE_TEMPLATE("the placeholder that a lease leaves behind is a miss", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    CHECK(f.meta("k", "v c N60").starts_with("VA 0 c"));
    if (f.speaks != protocol::meta) {  // only meta says whether an empty value is one
        CHECK(f.value_of("k").empty());
        return;
    }
    CHECK_FALSE(f.cache.get("k"));
    CHECK_FALSE(f.cache.get_and_touch("k", 60s));
    const std::array<std::string_view, 1> keys{"k"};
    CHECK_FALSE(f.cache.get_many(keys)[0].value);
    CHECK(f.cache.set("k", "") == store_result::stored);
    CHECK(f.cache.get("k").has_value());
}

// ---- what keys, values and flags may be ---------------------------------------------------------

TEST_CASE_TEMPLATE("client flags are 32 bits", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    for (const std::uint32_t flags :
         {0u, 1u, 65'535u, 65'536u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
        CAPTURE(flags);
        f.cache.set("k", "1", {.flags = flags});
        const auto got = f.cache.get("k");
        REQUIRE(got);
        CHECK(got->flags == flags);
    }
}

TEST_CASE_TEMPLATE("values are any bytes", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    std::string all_bytes;
    for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
    const std::vector<std::string> values{"",    "\r\n",  "\r\nEN\r\n", "VA 1 f0 c1 O0\r\nx\r\n",
                                          "\0"s, "a\0b"s, all_bytes,    std::string(100'000, '\n')};
    for (const auto& value : values) {
        CAPTURE(value.size());
        CHECK(f.cache.set("k", value) == store_result::stored);
        CHECK(f.value_of("k") == value);
    }
    std::vector<std::string> names;
    std::vector<entry> entries;
    for (std::size_t i = 0; i < values.size(); ++i) names.push_back("key" + std::to_string(i));
    for (std::size_t i = 0; i < values.size(); ++i) entries.push_back({names[i], values[i]});
    f.cache.set_many(entries);
    const auto got = f.cache.get_many(std::vector<std::string_view>(names.begin(), names.end()));
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(got[i].value->value == values[i]);
}

TEST_CASE_TEMPLATE("an empty value is a value, not a miss", Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    CHECK(f.cache.set("k", "") == store_result::stored);
    const auto got = f.cache.get("k");
    REQUIRE(got);
    CHECK(got->value.empty());
    CHECK(f.cache.touch("k", 100s));
    CHECK(f.cache.get_and_touch("k", 100s).has_value());
    CHECK(f.cache.append("k", "x") == store_result::stored);
    CHECK(f.value_of("k") == "x");
}

TEST_CASE_TEMPLATE("values go up to the limit of client and server, whichever is lower", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    constexpr std::size_t megabyte = 1024 * 1024;
    const std::string fits(megabyte - 512, 'v');
    CHECK(f.cache.set("k", fits) == store_result::stored);
    CHECK(f.value_of("k") == fits);
    // The client lets it through; with key and header it is too much for the server, which says so
    // and has dropped the old value.
    const std::string too_much(megabyte, 'v');
    CHECK(f.error_of([&](auto& e) { f.cache.set("k", too_much, e); }) == errc::value_too_large);
    CHECK(f.error_of([&](auto& e) { f.cache.add("absent", too_much, e); }) ==
          errc::value_too_large);
    CHECK_FALSE(f.cache.get("k"));
    CHECK(f.error_of([&](auto& e) { f.cache.set("k", too_much + "v", e); }) ==
          errc::value_too_large);
    CHECK(f.cache.set("k", "in step") == store_result::stored);
    CHECK(f.value_of("k") == "in step");
}

TEST_CASE_TEMPLATE("of many stores each ends with its own truth where the server refuses some",
                   Backend, MEMRING_BACKENDS) {
    fixture<Backend> f;
    const std::string too_large(1024 * 1024, 'v');  // for the server, not for the client
    const std::string large(900'000, 'v');
    f.cache.set("b", "old");
    const std::array<entry, 6> entries{entry{"a", "1"},   entry{"b", too_large},
                                       entry{"c", large}, entry{"d", too_large},
                                       entry{"e", ""},    entry{"a", "6"}};
    const auto stored = f.cache.set_many(entries);
    REQUIRE(stored.size() == entries.size());
    for (const std::size_t i : {0u, 2u, 4u, 5u}) {
        CHECK_FALSE(stored[i].error);
        CHECK(stored[i].value == store_result::stored);
    }
    for (const std::size_t i : {1u, 3u}) CHECK(stored[i].error == errc::value_too_large);
    CHECK(f.value_of("a") == "6");
    CHECK_FALSE(f.cache.get("b"));
    CHECK(f.value_of("c") == large);
    CHECK_FALSE(f.cache.get("d"));
    CHECK(f.value_of("e").empty());
}

TEST_CASE_TEMPLATE("keys are up to 250 bytes, UTF-8 or any other above the control bytes", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    std::string high_bytes;
    for (int byte = 0x80; byte < 0x100; ++byte) high_bytes += static_cast<char>(byte);
    std::string printable;
    for (char byte = 0x21; byte < 0x7f; ++byte) printable += byte;
    for (const auto& key : {std::string(250, 'k'), "schl\xc3\xbcssel"s, "\xe9\x8d\xb5"s, "k"s,
                            high_bytes, printable}) {
        CAPTURE(key);
        CHECK(f.cache.set(key, "1") == store_result::stored);
        CHECK(f.value_of(key) == "1");
        CHECK(f.cache.increment(key, 1) == 2u);
        CHECK(f.cache.append(key, "0") == store_result::stored);
        CHECK(f.cache.touch(key, 100s));
        CHECK(f.cache.get_and_touch(key, 0s)->value == "20");
        CHECK(f.cache.compare_and_swap(key, "x", f.cache.get(key)->cas) == store_result::stored);
        CHECK(f.cache.remove(key));
    }
}

// ---- load ---------------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("ten thousand operations under way at once all get their own answers", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    constexpr std::size_t count = 10'000;
    std::vector<recorder<store_result>> stored(count);
    std::vector<recorder<std::optional<item>>> got(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto key = "key" + std::to_string(i);
        f.cache.async().async_set(key, "value of " + key, stored[i]);
        f.cache.async().async_get(key, got[i]);
    }
    CHECK(runs_out_of_work(f.cache.context(), 60s));
    for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(stored[i].is_done());
        REQUIRE(stored[i]->value == store_result::stored);
        REQUIRE(got[i].is_done());
        REQUIRE(got[i]->value);
        REQUIRE(got[i]->value->value == "value of key" + std::to_string(i));
    }
}

TEST_CASE_TEMPLATE("large values in both directions at once do not block each other", Backend,
                   MEMRING_BACKENDS) {
    fixture<Backend> f;
    const std::string large(300'000, 'v');
    f.cache.set("k", large);
    std::vector<recorder<store_result>> stored(30);
    std::vector<recorder<std::optional<item>>> got(30);
    for (std::size_t i = 0; i < stored.size(); ++i) {
        f.cache.async().async_get("k", got[i]);
        f.cache.async().async_set("k", large, stored[i]);
    }
    CHECK(runs_out_of_work(f.cache.context(), 60s));
    for (std::size_t i = 0; i < stored.size(); ++i) {
        CHECK(stored[i]->value == store_result::stored);
        REQUIRE(got[i]->value);
        CHECK(got[i]->value->value == large);
    }
}
