#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <memring/cluster/topology.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>

using namespace memring;

namespace {

std::vector<node> hosts(std::size_t count) {
    std::vector<node> nodes;
    for (std::size_t i = 0; i < count; ++i) nodes.push_back({"cache-" + std::to_string(i)});
    return nodes;
}

// Counts how it is made: how often it was rebuilt since it was built.
class counting_policy {
public:
    counting_policy() = default;
    explicit counting_policy(std::span<const node> nodes)
        : x_count(static_cast<std::uint32_t>(nodes.size())) {}

    [[nodiscard]] counting_policy rebuilt(std::span<const node> nodes) const {
        counting_policy result(nodes);
        result.x_rebuilds = x_rebuilds + 1;
        return result;
    }
    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_count; }
    [[nodiscard]] std::uint32_t owner_of(std::string_view) const noexcept { return 0; }
    [[nodiscard]] int rebuilds() const noexcept { return x_rebuilds; }

private:
    std::uint32_t x_count = 0;
    int x_rebuilds = 0;
};

template <class Make>
void check_refused(errc code, std::string_view message, Make make) {
    try {
        make();
        FAIL_CHECK("accepted: ", std::string(message));
    } catch (const std::system_error& error) {
        CHECK(error.code() == code);
        CAPTURE(error.what());
        CHECK(std::string_view(error.what()).starts_with(message));
    }
}

}  // namespace

TEST_CASE_TEMPLATE("a changed topology is the topology of its list", Policy, ketama, jump) {
    topology<Policy> changed;
    for (const std::size_t count : {3U, 4U, 2U, 9U, 1U}) {
        changed = changed.changed_to(hosts(count));
        const topology<Policy> fresh(hosts(count));
        REQUIRE(changed.nodes() == fresh.nodes());
        REQUIRE(changed.policy().node_count() == count);
        for (int i = 0; i < 500; ++i) {
            const std::string key = "key-" + std::to_string(i);
            REQUIRE(changed.owner_of(key) == fresh.owner_of(key));
        }
    }
    CHECK(changed.changed_to({}).empty());
}

TEST_CASE("a policy that can be rebuilt is, where there was one") {
    const topology<counting_policy> first(hosts(3));
    const auto second = first.changed_to(hosts(4));
    CHECK(first.policy().rebuilds() == 0);
    CHECK(second.policy().rebuilds() == 1);
    CHECK(second.changed_to(hosts(2)).policy().rebuilds() == 2);
    CHECK(second.changed_to({}).changed_to(hosts(2)).policy().rebuilds() == 3);
}

TEST_CASE("the first thing wrong with a list is named, changed or new") {
    const topology<ketama> before(hosts(2));
    auto nodes = hosts(5);
    nodes[3] = nodes[1];
    const auto check = [&](errc code, std::string_view message) {
        check_refused(code, message, [&] { return topology<ketama>(nodes); });
        check_refused(code, message, [&] { return before.changed_to(nodes); });
    };
    check(errc::duplicate_node, "node 3 (cache-1:11211)");
    nodes[4].weight = 0;
    check(errc::duplicate_node, "node 3 (cache-1:11211)");
    nodes[2].port = 0;
    check(errc::invalid_node, "node 2 (cache-2:0)");
}

TEST_CASE("a topology made like a policy keeps its options through every list, an empty one too") {
    counting_policy like;
    for (int i = 0; i < 3; ++i) like = like.rebuilt({});
    topology<counting_policy> now({}, like);
    CHECK(now.empty());
    now = now.changed_to(hosts(2));
    CHECK(now.policy().node_count() == 2);
    now = now.changed_to({}).changed_to(hosts(5));
    CHECK(now.policy().node_count() == 5);
    CHECK(now.policy().rebuilds() == 7);
    check_refused(errc::duplicate_node, "node 1", [&] {
        (void)topology<counting_policy>({{"a"}, {"a"}}, like);
    });
}
