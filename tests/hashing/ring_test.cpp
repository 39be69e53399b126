// Rings of any rule, and rings made from other rings.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/ring.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

// Few values and so many ties: 12 bits of a hash, spread over the circle.
struct coarse_hash {
    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        return hash::one_at_a_time{}(key)&0xfff00000;
    }
};

using coarse_ring =
    ring<ring_rule<hash_points<coarse_hash>, host_and_port, equal_texts<40>>, coarse_hash>;
using last_writer_ring = ring<ring_rule<hash_points<coarse_hash>, host_and_port,
                                        texts_by_weight<40, 1>, as_listed, shared_value::to_last>,
                              coarse_hash>;
using sorted_ring =
    ring<ring_rule<hash_points<coarse_hash>, host_and_port, texts_by_weight<40, 1>, by_name_length>,
         coarse_hash>;
using crc_ring = compat::libmemcached_ketama<hash::crc>;
using implicit_ring = compat::libmemcached_ketama<hash::md5>;

}  // namespace

TYPE_TO_STRING(ketama);
TYPE_TO_STRING(coarse_ring);
TYPE_TO_STRING(last_writer_ring);
TYPE_TO_STRING(sorted_ring);
TYPE_TO_STRING(crc_ring);
TYPE_TO_STRING(implicit_ring);

namespace {

// A list that changes as fleets do, only faster.
class changing_fleet {
public:
    explicit changing_fleet(std::uint32_t seed, std::size_t count) : x_random(seed) {
        for (std::size_t i = 0; i < count; ++i) add();
    }

    [[nodiscard]] const std::vector<node>& nodes() const noexcept { return x_nodes; }

    void change() {
        switch (below(7)) {
            case 0: add(); break;
            case 1: remove(); break;
            case 2: *any() = fresh(); break;
            case 3: any()->weight = 1 + below(5); break;
            case 4: std::swap(*any(), *any()); break;
            case 5: std::shuffle(x_nodes.begin(), x_nodes.end(), x_random); break;
            default:
                for (std::uint32_t i = below(4); i < 4; ++i) remove();
                for (std::uint32_t i = below(4); i < 4; ++i) add();
        }
    }

private:
    [[nodiscard]] std::uint32_t below(std::size_t end) {
        return static_cast<std::uint32_t>(x_random() % end);
    }
    [[nodiscard]] std::vector<node>::iterator any() {
        return x_nodes.begin() + below(x_nodes.size());
    }
    [[nodiscard]] node fresh() {
        return {"cache-" + std::to_string(x_next++), static_cast<std::uint16_t>(11211 + below(2))};
    }
    void add() { x_nodes.insert(x_nodes.begin() + below(x_nodes.size() + 1), fresh()); }
    void remove() {
        if (x_nodes.size() > 1) x_nodes.erase(any());
    }

    std::mt19937 x_random;
    std::vector<node> x_nodes;
    std::uint32_t x_next = 0;
};

// That both answer alike for hashes at, before and after every point of one of them.
template <class Policy>
void require_same(const Policy& got, const Policy& want, std::span<const std::string_view> keys) {
    REQUIRE(got.node_count() == want.node_count());
    std::array<std::uint32_t, 4> got_candidates{};
    std::array<std::uint32_t, 4> want_candidates{};
    for (const std::string_view key : keys) {
        REQUIRE(got.owner_of(key) == want.owner_of(key));
        REQUIRE(got.candidates_of(key, got_candidates) == want.candidates_of(key, want_candidates));
        REQUIRE(got_candidates == want_candidates);
    }
}

// The hash of a key is the key.
struct number_hash {
    [[nodiscard]] constexpr std::uint32_t operator()(std::string_view key) const noexcept {
        std::uint32_t value = 0;
        for (const char c : key) value = 10 * value + static_cast<std::uint32_t>(c - '0');
        return value;
    }
};

// A point at each port.
struct port_name {
    [[nodiscard]] std::string operator()(const node& n) const { return std::to_string(n.port); }
};
struct number_before_hyphen {
    [[nodiscard]] std::array<std::uint32_t, 1> operator()(std::string_view text) const noexcept {
        return {number_hash{}(text.substr(0, text.find('-')))};
    }
};
struct port_rule : ring_rule<number_before_hyphen, port_name, equal_texts<1>> {};
struct pointless : ring_rule<md5_points, host_and_port, equal_texts<0>> {
    static constexpr std::string_view name = "pointless";
};
using port_ring = ring<port_rule, number_hash>;

}  // namespace

TEST_CASE("a hash belongs to the first point at or after it, and past the last to the first") {
    const std::vector<node> nodes{{"c", 3000}, {"a", 1000}, {"b", 2000}};
    const port_ring policy(nodes);
    CHECK(policy.owner_of("0") == 1);
    CHECK(policy.owner_of("1000") == 1);
    CHECK(policy.owner_of("1001") == 2);
    CHECK(policy.owner_of("2000") == 2);
    CHECK(policy.owner_of("2001") == 0);
    CHECK(policy.owner_of("3000") == 0);
    CHECK(policy.owner_of("3001") == 1);
    CHECK(policy.owner_of("4294967295") == 1);
}

TEST_CASE("points that crowd a small part of the circle are found too") {
    std::vector<node> nodes;
    for (std::uint16_t i = 0; i < 500; ++i)
        nodes.push_back({"a", static_cast<std::uint16_t>(i + 1)});
    nodes.push_back({"a", 65535});
    const port_ring policy(nodes);
    for (std::uint32_t i = 0; i <= 500; ++i) {
        REQUIRE(policy.owner_of(std::to_string(i)) == (i == 0 ? 0 : i == 500 ? 499 : i - 1));
    }
    CHECK(policy.owner_of("501") == 500);
    CHECK(policy.owner_of("65535") == 500);
    CHECK(policy.owner_of("65536") == 0);
}

TEST_CASE_TEMPLATE("a ring made from another one is the ring of its list", Policy, ketama,
                   coarse_ring, last_writer_ring, sorted_ring, crc_ring, implicit_ring) {
    const auto keys = sample::keys(600);
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    for (const std::size_t start : {1U, 3U, 22U, 45U, 60U}) {
        changing_fleet fleet(static_cast<std::uint32_t>(start), start);
        Policy policy(fleet.nodes());
        for (int step = 0; step < 60; ++step) {
            fleet.change();
            policy = policy.rebuilt(fleet.nodes());
            require_same(policy, Policy(fleet.nodes()), views);
        }
    }
}

TEST_CASE("a ring is made from another one where every node loses or wins a point") {
    const auto keys = sample::keys(2000);
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    for (const std::size_t count : {24U, 46U, 49U, 54U}) {
        const ketama before(sample::nodes(count));
        const ketama after = before.rebuilt(sample::nodes(count + 1));
        require_same(after, ketama(sample::nodes(count + 1)), views);
        require_same(after.rebuilt(sample::nodes(count)), before, views);
    }
}

TEST_CASE("a ring is made from one of no nodes, and of none from any") {
    CHECK(ketama().rebuilt(sample::nodes(3)).node_count() == 3);
    CHECK(ketama(sample::nodes(3)).rebuilt({}).node_count() == 0);
}

TEST_CASE("making a ring from another one refuses what the constructor refuses") {
    const ketama policy(sample::nodes(3));
    auto nodes = sample::nodes(4);
    nodes[3].weight = 0;
    CHECK_THROWS_AS((void)policy.rebuilt(nodes), std::system_error);
    nodes[3] = nodes[1];
    CHECK_THROWS_AS((void)policy.rebuilt(nodes), std::system_error);
    const std::vector<node> one_name{{"::1", 11212}, {"::1:11212"}};
    CHECK_THROWS_AS((void)policy.rebuilt(one_name), std::system_error);
}

TEST_CASE("a value of two nodes belongs to the last where the last writer wins") {
    struct same_value {
        [[nodiscard]] std::string operator()(const node& n) const {
            return "7" + std::string(n.host.size() % 2, '0') + "-" + n.host;
        }
    };
    struct first_of_equal : ring_rule<number_before_hyphen, same_value, equal_texts<1>> {};
    struct last_of_equal : ring_rule<number_before_hyphen, same_value, equal_texts<1>, as_listed,
                                     shared_value::to_last> {};
    const std::vector<node> nodes{{"aa"}, {"bb"}, {"cc"}};
    CHECK(ring<first_of_equal, number_hash>(nodes).owner_of("7") == 0);
    CHECK(ring<last_of_equal, number_hash>(nodes).owner_of("7") == 2);
}

TEST_CASE("sorted servers keep the indices of the list, and the first in order has a value") {
    struct same_value {
        [[nodiscard]] std::string operator()(const node& n) const { return "7-" + n.host; }
    };
    struct by_length : ring_rule<number_before_hyphen, same_value, equal_texts<1>, by_name_length> {
    };
    struct by_host : ring_rule<number_before_hyphen, same_value, equal_texts<1>, by_host_and_port> {
    };
    const std::vector<node> nodes{{"ccc"}, {"bb"}, {"bbb"}, {"aaaa"}};
    CHECK(ring<by_length, number_hash>(nodes).owner_of("7") == 1);
    CHECK(ring<by_host, number_hash>(nodes).owner_of("7") == 3);
}

TEST_CASE("a rule under which no node has a point is refused by its name") {
    try {
        const ring<pointless> policy(sample::nodes(2));
        FAIL("accepted");
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::invalid_node);
        CHECK(std::string(error.what()).starts_with("pointless: node 0"));
    }
}

TEST_CASE("the parts of ketama can be chosen one by one") {
    const auto keys = sample::keys(500);
    const ketama same(sample::nodes(5));
    const basic_ketama<> parts(sample::nodes(5));
    const basic_ketama<hash::md5, md5_points, host_and_port> with_ports(sample::nodes(5));
    std::size_t different = 0;
    for (const std::string& key : keys) {
        REQUIRE(parts.owner_of(key) == same.owner_of(key));
        if (with_ports.owner_of(key) != same.owner_of(key)) ++different;
    }
    CHECK(different > 300);
}
