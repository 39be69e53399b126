#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/emcache.hpp>
#include <memring/hashing/compat/pymemcache.hpp>

#include "sample_nodes.hpp"

using namespace memring;
using compat::emcache;
using compat::pymemcache_rendezvous;
using compat::pymemcache_rendezvous_bytes;

TYPE_TO_STRING(emcache);
TYPE_TO_STRING(pymemcache_rendezvous);
TYPE_TO_STRING(pymemcache_rendezvous_bytes);

#define ALL_POLICIES emcache, pymemcache_rendezvous, pymemcache_rendezvous_bytes

namespace {

std::string low_bytes(std::string_view utf8) {
    std::string out(utf8.size(), '?');
    out.resize(detail::write_low_bytes(utf8, out.data()));
    return out;
}

std::string bytes_repr(std::string_view bytes) {
    std::string out(4 * bytes.size() + 3, '?');
    out.resize(detail::write_bytes_repr(bytes, out.data()));
    return out;
}

// All nodes by score, then by whatever decides among equals; the best first.
template <class Standing>
std::vector<std::uint32_t> sorted_places(std::size_t count, Standing standing) {
    std::vector<std::uint32_t> places;
    for (std::size_t i = 0; i < count; ++i) places.push_back(static_cast<std::uint32_t>(i));
    std::ranges::sort(places, [&](auto a, auto b) { return standing(a) > standing(b); });
    return places;
}

template <class Policy, class Standing>
void check_order(const Policy& policy, const std::string& key, Standing standing) {
    const auto want = sorted_places(policy.node_count(), standing);
    std::vector<std::uint32_t> all(want.size() + 1);
    REQUIRE(policy.candidates_of(key, all) == want.size());
    all.pop_back();
    REQUIRE(all == want);
    REQUIRE(policy.owner_of(key) == want.front());
    std::array<std::uint32_t, 2> two{};
    REQUIRE(policy.candidates_of(key, two) == 2);
    REQUIRE(two[1] == want[1]);
}

std::vector<std::string> odd_keys() {
    auto keys = sample::keys(200);
    for (const std::size_t size : {1U, 250U, 255U, 256U, 512U, 513U, 5000U}) {
        keys.emplace_back(size, 'k');
        std::string text;
        while (text.size() < size) text += "ключ🔑ü'\\";
        keys.push_back(text);
    }
    return keys;
}

// A rule of one score for all.
struct level_rule {
    static constexpr std::string_view peer = "level";
    using naming = host_only;

    struct scorers {
        explicit scorers(std::span<const std::string> names) : count(names.size()) {}
        std::uint32_t score(std::uint32_t, std::string_view) const noexcept { return 7; }
        std::uint32_t highest(std::string_view) const noexcept {
            return static_cast<std::uint32_t>(count - 1);
        }
        std::size_t count;
    };

    static std::vector<std::uint32_t> ranks(const std::vector<std::string>& names) {
        return detail::ranks_by(names.size(), [&](auto a, auto b) { return names[a] < names[b]; });
    }

    template <class Use>
    static auto with_text(std::string_view key, Use use) noexcept {
        return use(key);
    }
};

}  // namespace

TEST_CASE("of a str key pymemcache sees the low 8 bits of each code point") {
    CHECK(low_bytes("") == "");
    CHECK(low_bytes("user:1") == "user:1");
    CHECK(low_bytes("für") == "f\xfcr");
    CHECK(low_bytes("ключ") == "\x3a\x3b\x4e\x47");
    CHECK(low_bytes("a🔑b") ==
          "a\x11"
          "b");
}

TEST_CASE("invalid UTF-8 is read as U+FFFD") {
    CHECK(low_bytes("a\xff"
                    "b") ==
          "a\xfd"
          "b");
    CHECK(low_bytes("\xc3") == "\xfd");
}

// As CPython 3.11 prints them.
TEST_CASE("of a bytes key pymemcache sees what Python prints") {
    using namespace std::string_view_literals;
    CHECK(bytes_repr("") == "b''");
    CHECK(bytes_repr("user:1") == "b'user:1'");
    CHECK(bytes_repr("it's") == "b\"it's\"");
    CHECK(bytes_repr("say \"so\"") == "b'say \"so\"'");
    CHECK(bytes_repr("'\"") == "b'\\'\"'");
    CHECK(bytes_repr("a\\b") == "b'a\\\\b'");
    CHECK(bytes_repr("\t\n\r") == "b'\\t\\n\\r'");
    CHECK(bytes_repr("\0\x1f\x7f\x80\xff~ "sv) == "b'\\x00\\x1f\\x7f\\x80\\xff~ '");
    CHECK(bytes_repr("ü") == "b'\\xc3\\xbc'");
    CHECK(bytes_repr(std::string(250, '\0')).size() == 1003);
}

TEST_CASE("pymemcache asks every node for the hash of name, dash and key") {
    auto nodes = sample::nodes(9);
    nodes.push_back({.host = "/run/ключ.sock", .port = 0});
    nodes.push_back({.host = "::1", .port = 1});
    std::vector<std::string> names(11);
    std::ranges::transform(nodes, names.begin(), compat::pymemcache_name{});
    CHECK(names[0] == "10.0.0.1:11211");
    CHECK(names[9] == "/run/ключ.sock");
    CHECK(names[10] == "::1:1");
    const pymemcache_rendezvous by_text(nodes);
    const pymemcache_rendezvous_bytes by_bytes(nodes);
    for (const std::string& key : odd_keys()) {
        check_order(by_text, key, [&](std::uint32_t i) {
            return std::tuple(murmur3_32(low_bytes(names[i] + "-" + key)), names[i]);
        });
        check_order(by_bytes, key, [&](std::uint32_t i) {
            return std::tuple(murmur3_32(low_bytes(names[i] + "-" + bytes_repr(key))), names[i]);
        });
    }
}

TEST_CASE("of equal scores of pymemcache the larger name wins") {
    CHECK(compat::pymemcache_rule::ranks({"b:1", "a:2", "b:10", "\xff:1"}) ==
          std::vector<std::uint32_t>{1, 0, 2, 3});
}

TEST_CASE("emcache asks every node for the hash of key and name, and equal scores for the name's") {
    std::vector<node> nodes;
    for (int i = 1; i <= 30; ++i)
        nodes.push_back({"cache-" + std::to_string(i) + ".example", 11211});
    nodes.push_back({.host = "/run/m.sock", .port = 0});
    std::vector<std::string> names(nodes.size());
    std::ranges::transform(nodes, names.begin(), host_joined_port{});
    CHECK(names[0] == "cache-1.example11211");
    const emcache policy(nodes);
    std::size_t ties = 0;
    for (const std::string& key : odd_keys()) {
        const auto standing = [&](std::uint32_t i) {
            return std::tuple(compat::emcache_hash(key + names[i]), compat::emcache_hash(names[i]),
                              nodes.size() - i);
        };
        check_order(policy, key, standing);
        const auto best = sorted_places(nodes.size(), standing);
        if (std::get<0>(standing(best[0])) == std::get<0>(standing(best[1]))) ++ties;
    }
    CHECK(ties > 5);
}

TEST_CASE("emcache's hash has the first byte and the signs of three") {
    std::size_t seen[16] = {};
    for (const std::string& text : sample::keys(1000)) {
        const auto bytes = static_cast<std::uint32_t>(murmur3_128(text)[0]);
        const std::uint32_t hash = compat::emcache_hash(text);
        CHECK((hash & 0xff) == (bytes & 0xff));
        CHECK((hash >> 8 & 0xff) == ((bytes & 0x8080) != 0 ? 0xffU : 0U));
        CHECK((hash >> 16 & 0xff) == ((bytes & 0x808080) != 0 ? 0xffU : 0U));
        CHECK((hash >> 24) == ((bytes & 0x80808080) != 0 ? 0xffU : 0U));
        ++seen[(bytes >> 7 & 1) | (bytes >> 14 & 2) | (bytes >> 21 & 4) | (bytes >> 28 & 8)];
    }
    for (const std::size_t count : seen) CHECK(count > 20);
}

TEST_CASE("where all scores are equal the ranks decide") {
    const peer_rendezvous<level_rule> policy(std::vector<node>{{"b"}, {"d"}, {"a"}, {"c"}});
    std::array<std::uint32_t, 4> all{};
    CHECK(policy.candidates_of("key", all) == 4);
    CHECK(all == std::array<std::uint32_t, 4>{1, 3, 0, 2});
    CHECK(policy.owner_of("key") == 1);
}

TEST_CASE_TEMPLATE("a client that loses a node moves its keys only", Policy, ALL_POLICIES) {
    const auto nodes = sample::nodes(12);
    const Policy before(nodes);
    for (const std::size_t gone : {0U, 5U, 11U}) {
        const Policy after(sample::without(nodes, gone));
        for (const std::string& key : sample::keys(1000)) {
            std::array<std::uint32_t, 2> ranked{};
            before.candidates_of(key, ranked);
            std::uint32_t want = ranked[0] == gone ? ranked[1] : ranked[0];
            if (want > gone) --want;
            REQUIRE(after.owner_of(key) == want);
        }
    }
}

TEST_CASE_TEMPLATE("an empty list is a policy of no nodes, a single node owns everything", Policy,
                   ALL_POLICIES) {
    std::array<std::uint32_t, 2> out{};
    CHECK(Policy().node_count() == 0);
    CHECK(Policy().candidates_of("key", out) == 0);
    CHECK(Policy(std::span<const node>()).node_count() == 0);
    const Policy alone(sample::nodes(1));
    CHECK(alone.owner_of("key") == 0);
    CHECK(alone.candidates_of("key", out) == 1);
    CHECK(alone.candidates_of("key", {}) == 0);
}

TEST_CASE_TEMPLATE("bad nodes are refused in the peer's name", Policy, ALL_POLICIES) {
    auto nodes = sample::nodes(3);
    nodes[2].port = 0;
    CHECK_THROWS_WITH_AS(Policy{nodes}, doctest::Contains("node 2 \"10.0.0.3:0\" has port 0"),
                         std::system_error);
    nodes[2] = nodes[0];
    CHECK_THROWS_WITH_AS(Policy{nodes}, doctest::Contains("cache: node 2 "), std::system_error);
}

TEST_CASE("two nodes that emcache cannot tell apart are refused") {
    const std::vector<node> nodes{{"a", 11211}, {"b", 1}, {"a1", 1211}};
    CHECK_THROWS_WITH_AS(
        emcache{nodes},
        doctest::Contains("emcache: node 2 \"a1:1211\" has the name of another node, \"a11211\""),
        std::system_error);
}
