#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/compat/libmemcached.hpp>
#include <memring/hashing/compat/php_memcached.hpp>
#include <memring/hashing/modulus.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

// The hash of a key is the key.
template <class Value>
struct number_hash {
    [[nodiscard]] constexpr Value operator()(std::string_view key) const noexcept {
        Value value = 0;
        for (const char c : key)
            value = static_cast<Value>(10 * value + static_cast<Value>(c - '0'));
        return value;
    }
};

using weighted_rule = bucket_rule<bucket_weights::counted>;

// The owners of these hashes, one by one; as a batch they must be the same.
template <class Policy>
std::vector<std::uint32_t> owners_at(const Policy& policy, const std::vector<std::string>& hashes) {
    const std::vector<std::string_view> keys(hashes.begin(), hashes.end());
    std::vector<std::uint32_t> owners(keys.size());
    owners_of(policy, keys, owners);
    for (std::size_t i = 0; i < keys.size(); ++i) REQUIRE(policy.owner_of(keys[i]) == owners[i]);
    return owners;
}

using ten = std::array<std::uint32_t, 10>;
using list = std::vector<std::uint32_t>;

}  // namespace

// Attempts of python-memcached 1.59 (Debian) with servers of weight 1, 2 and 3.
TEST_CASE("weights repeat a server's bucket, for the owner and for those tried after it") {
    const std::vector<node> nodes{{"10.0.0.1"}, {"10.0.0.2", 11211, 2}, {"10.0.0.3", 11211, 3}};
    const modulus policy(nodes);
    const auto attempts = [&](std::string_view key) {
        std::array<std::uint32_t, 10> out{};
        CHECK(policy.candidates_of(key, out) == 10);
        return out;
    };
    CHECK(attempts("4") == ten{0, 2, 1, 1, 1, 2, 2, 0, 2, 2});
    CHECK(attempts("X") == ten{1, 2, 1, 2, 1, 1, 1, 2, 1, 2});
    CHECK(attempts("l&C?aX&!>S7P1|_t2No*Dn2") == ten{1, 2, 0, 1, 0, 2, 1, 2, 1, 2});
    CHECK(policy.owner_of("ob") == 1);
}

TEST_CASE("no more than ten attempts are named, and as few as asked for") {
    const modulus policy(sample::nodes(3));
    std::array<std::uint32_t, 20> out{};
    REQUIRE(policy.candidates_of("key", out) == 10);
    std::array<std::uint32_t, 4> few{};
    REQUIRE(policy.candidates_of("key", few) == 4);
    CHECK(std::ranges::equal(few, std::span(out).first(4)));
    CHECK(policy.candidates_of("key", {}) == 0);
}

TEST_CASE("buckets past the largest hash cost no memory and change nothing") {
    const std::vector<node> nodes{{"a", 11211, 20000}, {"b", 11211, 4000000000}};
    const modulus policy(nodes);
    for (const std::string& key : sample::keys(2000)) {
        REQUIRE(policy.owner_of(key) == (python_memcached_hash(key) < 20000 ? 0 : 1));
    }
}

TEST_CASE("the largest hash wraps around where there is one bucket too few for it") {
    // 32767 buckets, 0 to 32766: of all hashes only 32767 has to wrap.
    const std::vector<node> nodes{{"a", 11211, 1}, {"b", 11211, 32766}};
    const modulus policy(nodes);
    std::size_t wrapped = 0;
    for (const std::string& key : sample::keys(200000)) {
        const bool wraps = python_memcached_hash(key) == 32767;
        REQUIRE(policy.owner_of(key) == (wraps ? 0 : 1));
        if (wraps) ++wrapped;
    }
    CHECK(wrapped > 0);
}

TEST_CASE("a node no hash can reach is refused by name") {
    const std::vector<node> nodes{{"a", 11211, 32768}, {"b", 11212}};
    try {
        const modulus policy(nodes);
        FAIL("accepted");
    } catch (const std::system_error& error) {
        CHECK(error.code() == errc::invalid_node);
        CHECK(std::string(error.what()).find("node 1 \"b:11212\"") != std::string::npos);
    }
}

TEST_CASE("taking out one of five nodes moves about four keys in five") {
    const modulus before(sample::nodes(5));
    const modulus after(sample::nodes(4));
    std::size_t moved = 0;
    for (const std::string& key : sample::keys(10000)) {
        if (before.owner_of(key) != after.owner_of(key)) ++moved;
    }
    CHECK(moved > 7800);
    CHECK(moved < 8200);
}

TEST_CASE("more buckets than are stored are searched") {
    const std::vector<node> nodes{
        {"a", 11211, 65000}, {"b", 11211, 1000}, {"c", 11211, 2000000000}};
    const basic_modulus<weighted_rule, number_hash<std::uint32_t>> policy(nodes);
    CHECK(owners_at(policy, {"0", "64999", "65000", "65536", "65537", "65999", "66000",
                             "2000065999", "2000066000", "2000131000", "4294967295"}) ==
          list{0, 0, 1, 1, 1, 1, 2, 2, 0, 1, 2});
}

TEST_CASE("more buckets than 32 bits count have every hash for themselves") {
    const std::vector<node> nodes{{"a", 11211, 4000000000}, {"b", 11211, 4000000000}};
    const basic_modulus<weighted_rule, number_hash<std::uint32_t>> narrow(nodes);
    CHECK(owners_at(narrow, {"0", "3999999999", "4000000000", "4294967295"}) == list{0, 0, 1, 1});
    const basic_modulus<weighted_rule, number_hash<std::uint64_t>> wide(nodes);
    CHECK(owners_at(wide, {"3999999999", "4000000000", "7999999999", "8000000000",
                           "12000000000"}) == list{0, 1, 1, 0, 1});
}

TEST_CASE("a hash of 64 bits is divided as a whole, one of 16 bits too") {
    const auto nodes = sample::nodes(3);
    const basic_modulus<bucket_rule<>, number_hash<std::uint64_t>> wide(nodes);
    CHECK(owners_at(wide, {"4294967295", "4294967296", "18446744073709551615"}) == list{0, 1, 0});
    const basic_modulus<bucket_rule<>, number_hash<std::uint16_t>> narrow(nodes);
    CHECK(owners_at(narrow, {"0", "1", "65535"}) == list{0, 1, 0});
}

TEST_CASE("weights count only where the rule says so") {
    const std::vector<node> nodes{{"a", 11211, 3}, {"b"}};
    using hash = number_hash<std::uint32_t>;
    CHECK(owners_at(basic_modulus<bucket_rule<>, hash>(nodes), {"0", "1", "2", "3"}) ==
          list{0, 1, 0, 1});
    CHECK(owners_at(basic_modulus<weighted_rule, hash>(nodes), {"0", "1", "2", "3"}) ==
          list{0, 0, 0, 1});
}

TEST_CASE("sorted servers are counted in their order and named by their place in the list") {
    const std::vector<node> nodes{{"bbb", 1}, {"cc", 11211, 2}, {"bbb", 10}, {"dd"}};
    using hash = number_hash<std::uint32_t>;
    using by_host = bucket_rule<bucket_weights::ignored, by_host_and_port>;
    using by_length = bucket_rule<bucket_weights::counted, by_name_length>;
    CHECK(owners_at(basic_modulus<by_host, hash>(nodes), {"0", "1", "2", "3"}) == list{0, 2, 1, 3});
    CHECK(owners_at(basic_modulus<by_length, hash>(nodes), {"0", "1", "2", "3", "4"}) ==
          list{1, 1, 3, 0, 2});
}

TEST_CASE("a preset refuses nodes in the name of its peer") {
    const std::vector<node> nodes{{"a", 11211, 2}, {"a"}};
    const auto message = [&](auto make) -> std::string {
        try {
            make();
        } catch (const std::system_error& error) {
            return error.what();
        }
        return "accepted";
    };
    CHECK(message([&] {
              return compat::libmemcached_modula<>(nodes);
          }).starts_with("libmemcached: node 1 \"a:11211\" comes twice"));
    CHECK(message([&] {
              return compat::php_libketama_compatible(nodes);
          }).starts_with("php-memcached: node 1 \"a:11211\" comes twice"));
}
