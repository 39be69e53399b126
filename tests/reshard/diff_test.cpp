#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/reshard/diff.hpp>

using namespace memring;

namespace {

// The first byte of a key names its node: '0' is node 0, whatever there is beyond goes to the last.
class first_digit {
public:
    explicit first_digit(std::span<const node> nodes)
        : x_count(static_cast<std::uint32_t>(nodes.size())) {}
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        const auto digit = static_cast<std::uint32_t>(key.front() - '0');
        return digit < x_count ? digit : x_count - 1;
    }
    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_count; }

private:
    std::uint32_t x_count;
};

std::vector<node> named(std::initializer_list<const char*> hosts) {
    std::vector<node> nodes;
    for (const char* host : hosts) nodes.push_back({.host = host});
    return nodes;
}

constexpr std::array<std::string_view, 5> keys{"0a", "1a", "1b", "2a", "2b"};

}  // namespace

TEST_CASE("a node keeps its keys whatever its place in the list, its weight or its address") {
    auto moved_about = named({"b", "a"});
    moved_about[0].weight = 3;
    moved_about[1].address = "10.0.0.1";
    const placement_change change{topology<first_digit>(named({"a", "b"})),
                                  topology<first_digit>(moved_about)};
    CHECK(change.nodes().size() == 2);
    CHECK(change.old_owner_of("0x") == 0);
    CHECK(change.next_owner_of("0x") == 1);  // index 0 of the newer list, which is b
    CHECK(change.moves("0x"));

    const placement_change nothing{topology<first_digit>(named({"a", "b"})),
                                   topology<first_digit>(named({"a", "b"}))};
    CHECK(nothing.sample(1000).moved_share() == 0.0);
}

TEST_CASE("the same name on another port is another node") {
    auto other = named({"a"});
    other[0].port = 11212;
    const placement_change change{topology<first_digit>(named({"a"})),
                                  topology<first_digit>(other)};
    CHECK(change.nodes().size() == 2);
    CHECK(change.moves("0x"));
}

TEST_CASE("every node's gains and losses are counted") {
    const placement_change change{topology<first_digit>(named({"a", "b", "c"})),
                                  topology<first_digit>(named({"a", "d", "b"}))};
    const change_report report = change.count(keys);
    CHECK(report.keys == 5);
    CHECK(report.moved == 4);
    CHECK(report.moved_share() == doctest::Approx(0.8));
    REQUIRE(report.nodes.size() == 4);
    const auto check = [&](std::size_t i, const char* host, std::vector<std::uint64_t> counts) {
        const node_change& n = report.nodes[i];
        CHECK(n.who.host == host);
        CHECK(std::vector{n.before, n.after, n.leaving, n.arriving} == counts);
    };
    check(0, "a", {1, 1, 0, 0});
    check(1, "b", {2, 2, 2, 2});
    check(2, "c", {2, 0, 2, 0});
    check(3, "d", {0, 2, 0, 2});
}

TEST_CASE("a key found on a node stays, moves, or is a leftover") {
    const placement_change change{topology<first_digit>(named({"a", "b"})),
                                  topology<first_digit>(named({"a", "c"}))};
    const auto at = [&](const char* host) { return *change.index_of({.host = host}); };
    CHECK(change.fate_of("0x", at("a")) == key_fate::stays);
    CHECK(change.fate_of("1x", at("b")) == key_fate::moves);
    CHECK(change.fate_of("1x", at("a")) == key_fate::orphan);
    // On a node that joins, everything is left from before, even what it is going to own.
    CHECK(change.fate_of("1x", at("c")) == key_fate::orphan);
    CHECK_FALSE(change.index_of({.host = "d"}));
}

TEST_CASE("no keys, no share") {
    const placement_change change{topology<first_digit>(named({"a"})),
                                  topology<first_digit>(named({"b"}))};
    CHECK(change.count(std::vector<std::string>{}).moved_share() == 0.0);
    CHECK(change.sample(0).keys == 0);
}

TEST_CASE("taking one of four ketama nodes out moves its keys and no others") {
    const placement_change change{topology<ketama>(named({"a", "b", "c", "d"})),
                                  topology<ketama>(named({"a", "b", "d"}))};
    const change_report report = change.sample(20'000);
    CHECK(report.moved == report.nodes[2].before);
    CHECK(report.nodes[2].after == 0);
    CHECK(report.moved_share() > 0.15);
    CHECK(report.moved_share() < 0.35);
    for (const std::size_t i : {0U, 1U, 3U}) CHECK(report.nodes[i].leaving == 0);
}

TEST_CASE("a change of policy alone is a change like any other") {
    const auto nodes = named({"a", "b", "c"});
    const placement_change change{topology<ketama>(nodes), topology<jump>(nodes)};
    const double share = change.sample(20'000).moved_share();
    CHECK(share > 0.55);
    CHECK(share < 0.78);  // two keys of three, on average
}
