#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/bounded_load.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/maglev.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/hashing/rehash_modulus.hpp>
#include <memring/hashing/stable_jump.hpp>

#include "sample_nodes.hpp"

using namespace memring;

namespace {

/// Knows no successor, and sends everything to the first node: the least a ranked policy can do.
class first_node {
public:
    first_node() noexcept = default;
    explicit first_node(std::span<const node> nodes)
        : x_node_count(static_cast<std::uint32_t>(nodes.size())) {}

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_node_count; }
    [[nodiscard]] std::uint32_t owner_of(std::string_view) const noexcept { return 0; }
    std::size_t candidates_of(std::string_view, std::span<std::uint32_t> out) const noexcept {
        if (out.empty() || x_node_count == 0) return 0;
        out[0] = 0;
        return 1;
    }

private:
    std::uint32_t x_node_count = 0;
};

static_assert(ranked_hash_policy<first_node>);
static_assert(ranked_hash_policy<bounded_load<first_node>>);
static_assert(ranked_hash_policy<bounded_load<ketama>>);
static_assert(ranked_hash_policy<bounded_load<maglev>>);
static_assert(ranked_hash_policy<bounded_load<bounded_load<stable_jump>>>);
static_assert(std::is_nothrow_copy_constructible_v<bounded_load<ketama>>);

[[nodiscard]] std::vector<std::size_t> slots_of_each(std::span<const std::uint16_t> slots,
                                                     std::size_t nodes) {
    std::vector<std::size_t> counts(nodes);
    for (const std::uint16_t owner : slots) ++counts.at(owner);
    return counts;
}

/// The rule of the docstring in its plainest form: every slot asks for the whole ranking.
template <class Policy>
[[nodiscard]] std::vector<std::uint16_t> assigned(const std::vector<node>& nodes,
                                                  bounded_load_options options) {
    const Policy policy(nodes);
    std::uint64_t weights = 0;
    for (const node& n : nodes) weights += n.weight;
    std::vector<std::uint64_t> used(nodes.size());
    const auto is_full = [&](std::uint32_t i) {
        return used[i] * 100 * weights >=
               std::uint64_t{options.percent} * options.slots * nodes[i].weight;
    };
    std::vector<std::uint16_t> slots;
    for (std::uint32_t slot = 0; slot < options.slots; ++slot) {
        std::vector<std::uint32_t> order(nodes.size());
        order.resize(policy.candidates_of("slot-" + std::to_string(slot), order));
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            order.push_back(static_cast<std::uint32_t>((slot + i) % nodes.size()));
        }
        const std::uint32_t owner = *std::ranges::find_if_not(order, is_full);
        ++used[owner];
        slots.push_back(static_cast<std::uint16_t>(owner));
    }
    return slots;
}

template <class Make>
[[nodiscard]] std::string refusal(Make make, std::error_code expected) {
    try {
        (void)make();
    } catch (const std::system_error& error) {
        CHECK(error.code() == expected);
        return error.what();
    }
    FAIL_CHECK("accepted");
    return {};
}

[[nodiscard]] bool says(const std::string& text, std::string_view part) {
    CAPTURE(text);
    return text.find(part) != std::string::npos;
}

const auto invalid_argument = std::make_error_code(std::errc::invalid_argument);

}  // namespace

TYPE_TO_STRING(ketama);
TYPE_TO_STRING(maglev);
TYPE_TO_STRING(modulus);
TYPE_TO_STRING(rehash_modulus);
TYPE_TO_STRING(stable_jump);
TYPE_TO_STRING(first_node);

#define RANKED_POLICIES ketama, maglev, modulus, rehash_modulus, stable_jump, first_node

TEST_CASE_TEMPLATE("no node owns more slots than its limit", Policy, RANKED_POLICIES) {
    for (const std::size_t size : {1U, 3U, 10U, 41U}) {
        for (const std::uint32_t percent : {100U, 105U, 125U}) {
            CAPTURE(size);
            CAPTURE(percent);
            const bounded_load<Policy> policy(sample::nodes(size),
                                              {.percent = percent, .slots = 5000});
            const auto counts = slots_of_each(policy.slots(), size);
            const std::size_t limit = (percent * 5000 + 100 * size - 1) / (100 * size);
            CHECK(policy.slots().size() == 5000);
            CHECK(std::ranges::max(counts) <= limit);
        }
    }
}

TEST_CASE_TEMPLATE("each slot goes to its first candidate with room", Policy, RANKED_POLICIES) {
    auto nodes = sample::nodes(30);
    nodes[4].weight = 3;
    nodes[17].weight = 2;
    for (const std::uint32_t percent : {100U, 110U, 400U}) {
        CAPTURE(percent);
        const bounded_load_options options{.percent = percent, .slots = 1500};
        const bounded_load<Policy> policy(nodes, options);
        CHECK(std::ranges::equal(policy.slots(), assigned<Policy>(nodes, options)));
    }
}

TEST_CASE("keys are as evenly spread as slots") {
    const auto keys = sample::keys(40000);
    const auto load_of = [&](const auto& policy) {
        return static_cast<double>(std::ranges::max(sample::load(policy, keys))) / 2000;
    };
    // 2000 keys a node: five standard deviations are 11 %.
    CHECK(load_of(bounded_load<ketama>(sample::nodes(20), {.percent = 100})) < 1.11);
    CHECK(load_of(bounded_load<first_node>(sample::nodes(20), {.percent = 105})) < 1.17);
}

TEST_CASE("limits follow the weights, whatever the policy makes of them") {
    auto nodes = sample::nodes(4);
    nodes[1].weight = 2;
    nodes[3].weight = 5;
    const auto counts =
        slots_of_each(bounded_load<stable_jump>(nodes, {.percent = 100, .slots = 9000}).slots(), 4);
    CHECK(counts == std::vector<std::size_t>{1000, 2000, 1000, 5000});
    nodes[0].weight = 4294967295;
    const auto skewed = slots_of_each(
        bounded_load<stable_jump>(nodes, {.percent = 100, .slots = 1048576}).slots(), 4);
    CHECK(skewed[0] >= 1048573);
}

TEST_CASE("far from every limit a slot is where the policy has it") {
    const auto nodes = sample::nodes(12);
    const bounded_load<ketama> bounded(nodes, {.percent = 1000, .slots = 3000});
    const ketama plain(nodes);
    for (std::uint32_t slot = 0; slot < 3000; ++slot) {
        REQUIRE(bounded.slots()[slot] == plain.owner_of("slot-" + std::to_string(slot)));
    }
}

TEST_CASE("a key's slot is its hash scaled to the table") {
    const bounded_load<ketama> policy(sample::nodes(12), {.slots = 3000});
    for (const std::string& key : sample::keys(500)) {
        REQUIRE(policy.owner_of(key) == policy.slots()[((xxh3(key) >> 32) * 3000) >> 32]);
    }
}

TEST_CASE("few slots move that need not when a node leaves") {
    const auto nodes = sample::nodes(40);
    for (const std::uint32_t percent : {105U, 110U, 125U}) {
        const double bound = percent == 105 ? 0.40 : percent == 110 ? 0.20 : 0.02;
        CAPTURE(percent);
        std::size_t its_own = 0;
        std::size_t others = 0;
        const bounded_load<ketama> before(nodes, {.percent = percent});
        for (const std::size_t place : {0U, 13U, 39U}) {
            const bounded_load<ketama> after(sample::without(nodes, place), {.percent = percent});
            for (std::size_t slot = 0; slot < before.slots().size(); ++slot) {
                const std::size_t owner = before.slots()[slot];
                const std::size_t now = after.slots()[slot] + (after.slots()[slot] >= place);
                if (owner == place) {
                    ++its_own;
                } else if (owner != now) {
                    ++others;
                }
            }
        }
        CHECK(static_cast<double>(others) < bound * static_cast<double>(its_own));
    }
}

TEST_CASE("the owner comes first and the policy's order follows") {
    const auto nodes = sample::nodes(8);
    const bounded_load<ketama> policy(nodes, {.percent = 100, .slots = 1000});
    const ketama plain(nodes);
    std::size_t elsewhere = 0;
    for (const std::string& key : sample::keys(300)) {
        const auto slot = ((xxh3(key) >> 32) * 1000) >> 32;
        std::array<std::uint32_t, 8> expected{};
        REQUIRE(plain.candidates_of("slot-" + std::to_string(slot), expected) == 8);
        const std::uint32_t owner = policy.owner_of(key);
        if (owner != expected[0]) ++elsewhere;
        const auto place = std::find(expected.begin(), expected.end(), owner);
        std::rotate(expected.begin(), place, place + 1);
        std::array<std::uint32_t, 8> found{};
        REQUIRE(policy.candidates_of(key, found) == 8);
        CHECK(found == expected);
        std::array<std::uint32_t, 2> two{};
        REQUIRE(policy.candidates_of(key, two) == 2);
        CHECK(two[0] == owner);
        CHECK(two[1] != owner);
        CHECK(policy.candidates_of(key, std::span(two).first(0)) == 0);
    }
    CHECK(elsewhere > 0);
}

TEST_CASE("an owner its policy does not name comes before the one it names") {
    const bounded_load<first_node> policy(sample::nodes(5), {.percent = 100});
    for (const std::string& key : sample::keys(100)) {
        std::array<std::uint32_t, 5> out{};
        const std::uint32_t owner = policy.owner_of(key);
        REQUIRE(policy.candidates_of(key, out) == (owner == 0 ? 1 : 2));
        CHECK(out[0] == owner);
        CHECK(out[1] == 0);
        std::array<std::uint32_t, 1> one{9};
        REQUIRE(policy.candidates_of(key, one) == 1);
        CHECK(one[0] == owner);
    }
}

TEST_CASE("a policy with options of its own can be bounded") {
    const auto nodes = sample::nodes(9);
    const bounded_load<stable_jump> seeded(nodes, stable_jump(nodes, {.seed = 7}), {.slots = 2000});
    const bounded_load<stable_jump> plain(nodes, {.slots = 2000});
    CHECK_FALSE(std::ranges::equal(seeded.slots(), plain.slots()));
    CHECK(says(
        refusal([&] { return bounded_load<stable_jump>(nodes, stable_jump(sample::nodes(8))); },
                invalid_argument),
        "bounded_load: a policy of 8 nodes for a list of 9"));
}

TEST_CASE("the batch form gives the bounded single owners") {
    const bounded_load<ketama> policy(sample::nodes(9));
    const auto keys = sample::keys(333);
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    std::vector<std::uint32_t> found(views.size() + 1, 77);
    owners_of(policy, views, found);
    for (std::size_t i = 0; i < views.size(); ++i) CHECK(found[i] == policy.owner_of(views[i]));
    CHECK(found.back() == 77);
    owners_of(bounded_load<ketama>(), {}, found);
}

TEST_CASE("bounding no nodes gives no nodes") {
    std::array<std::uint32_t, 2> out{};
    CHECK(bounded_load<ketama>().node_count() == 0);
    CHECK(bounded_load<ketama>().candidates_of("key", out) == 0);
    CHECK(bounded_load<ketama>(std::span<const node>()).slots().empty());
}

TEST_CASE("options and nodes that will not do are refused with what would") {
    const auto nodes = sample::nodes(6);
    const auto refuse = [&](bounded_load_options options, std::error_code code) {
        return refusal([&] { return bounded_load<ketama>(nodes, options); }, code);
    };
    CHECK(says(refuse({.percent = 99}, invalid_argument),
               "a capacity of 99 % is not from 100 to 1000"));
    CHECK(says(refuse({.percent = 1001}, invalid_argument), "a capacity of 1001 %"));
    CHECK(says(refuse({.slots = 0}, invalid_argument), "0 slots are not from 1 to 1048576"));
    CHECK(says(refuse({.slots = 1048577}, invalid_argument), "1048577 slots"));
    CHECK(says(refuse({.slots = 5}, errc::invalid_node),
               "node 5 \"10.0.0.6:11211\" is one more than 5 slots can hold"));
    CHECK(bounded_load<ketama>(nodes, {.percent = 100, .slots = 6}).slots().size() == 6);
    auto twice = nodes;
    twice.push_back(nodes[2]);
    CHECK(says(refusal([&] { return bounded_load<ketama>(twice); }, errc::duplicate_node),
               "node 6 \"10.0.0.3:11211\" comes twice"));
}
