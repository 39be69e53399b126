// Policies chosen at run time: the same owners as the static types, and errors that help.

#include <memring/hashing/any_policy.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <doctest/doctest.h>

#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/jump.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/prefix_hashing.hpp>
#include <memring/hashing/scheme.hpp>
#include <memring/hashing/scheme_registry.hpp>
#include <memring/hashing/schemes.hpp>

#include "sample_nodes.hpp"

MEMRING_DECLARE_SCHEMES;

using namespace memring;

namespace {

constexpr std::size_t sampled_keys = 1000;

// Hosts, ports, weights, addresses and names all matter to some peer.
std::vector<node> fleet() {
    std::vector<node> nodes = sample::nodes(7);
    nodes[2].port = 11300;
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i].address = nodes[i].host;
    return nodes;
}

// Every scheme text there is: each name, and each name with each choice of each option.
std::set<std::string> every_text() {
    std::set<std::string> texts;
    for (const scheme& entry : builtin_schemes().schemes()) {
        texts.insert(entry.name);
        for (const scheme_option& option : entry.options) {
            for (const std::string& choice : option.choices) {
                texts.insert(entry.name + ":" + choice);
            }
        }
    }
    return texts;
}

template <class Action>
std::string refusal_of(const Action& action) {
    try {
        action();
    } catch (const std::system_error& error) {
        CHECK(error.code() == std::errc::invalid_argument);
        return error.what();
    }
    FAIL_CHECK("accepted");
    return {};
}

std::string refusal_of_scheme(std::string_view text) {
    return refusal_of([&] { (void)any_policy(text, fleet()); });
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// Sends every key to the last node.
class last_node {
public:
    explicit last_node(std::span<const node> nodes)
        : x_node_count(static_cast<std::uint32_t>(nodes.size())) {}
    [[nodiscard]] std::uint32_t owner_of(std::string_view) const noexcept {
        return x_node_count - 1;
    }
    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_node_count; }

private:
    std::uint32_t x_node_count;
};

}  // namespace

TEST_CASE("a list of nodes alone is routed by ketama") {
    const std::vector<node> nodes = fleet();
    const any_policy policy{std::span<const node>(nodes)};
    const ketama expected(nodes);
    for (const std::string& key : sample::keys(sampled_keys)) {
        REQUIRE(policy.owner_of(key) == expected.owner_of(key));
    }
}

TEST_CASE(
    "every scheme of the list can be built, and its batch form gives what its single form gives") {
    const std::vector<node> nodes = fleet();
    const std::vector<std::string> keys = sample::keys(sampled_keys);
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    for (const std::string& text : every_text()) {
        CAPTURE(text);
        const any_policy policy(text, nodes);
        CHECK(policy.node_count() == nodes.size());
        std::vector<std::uint32_t> owners(views.size());
        policy.owners_of(views, owners);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            REQUIRE(owners[i] < nodes.size());
            REQUIRE(owners[i] == policy.owner_of(keys[i]));
            std::array<std::uint32_t, 1> first{};
            REQUIRE(policy.candidates_of(keys[i], first) == 1);
            REQUIRE(first[0] == owners[i]);
        }
    }
}

TEST_CASE("every scheme takes an empty list, and has no candidates then") {
    for (const std::string& text : every_text()) {
        CAPTURE(text);
        const any_policy policy(text, {});
        CHECK(policy.node_count() == 0);
        std::array<std::uint32_t, 2> out{};
        CHECK(policy.candidates_of("key", out) == 0);
        policy.owners_of({}, {});
    }
}

TEST_CASE("every scheme says in one line what it is") {
    for (const scheme& entry : builtin_schemes().schemes()) {
        CAPTURE(entry.name);
        CHECK(!entry.description.empty());
        CHECK(!contains(entry.description, "\n"));
        CHECK(entry.description.size() <= 100);
    }
}

TEST_CASE("the policy of no nodes answers what can be asked of it") {
    const any_policy none;
    std::array<std::uint32_t, 2> out{};
    CHECK(none.node_count() == 0);
    CHECK(!none.is_ranked());
    CHECK(none.candidates_of("key", out) == 0);
    none.owners_of({}, {});
}

TEST_CASE("a policy that is not ranked names its owner as the only candidate") {
    const any_policy policy("jump", fleet());
    std::array<std::uint32_t, 3> out{};
    CHECK(policy.candidates_of("key", out) == 1);
    CHECK(out[0] == policy.owner_of("key"));
    CHECK(policy.candidates_of("key", {}) == 0);
}

TEST_CASE("an unknown scheme is refused with all known ones, nearest first") {
    const std::string text = refusal_of_scheme("ketma");
    CHECK(text.starts_with("unknown scheme \"ketma\"; known, nearest first: ketama, "));
    for (const scheme& entry : builtin_schemes().schemes()) {
        CAPTURE(entry.name);
        CHECK(contains(text, entry.name));
    }
    CHECK(contains(refusal_of_scheme("rehash-modulus"), "first: rehash_modulus, "));
    CHECK(contains(refusal_of_scheme("jmup:seed=x"), "first: jump, "));
    CHECK(contains(refusal_of_scheme("KETAMA"), "first: ketama, "));
    CHECK(contains(refusal_of_scheme("compat:twemproxy"), "first: compat:twemproxy_ketama, "));
    CHECK(contains(refusal_of_scheme("twemproxy"), "first: compat:twemproxy_ketama, "));
    CHECK(contains(refusal_of_scheme("compat:emcach:x=y"), "first: compat:emcache, "));
    CHECK(contains(refusal_of_scheme(""), "unknown scheme \"\""));
    CHECK(contains(refusal_of_scheme("ketama2"), "first: ketama, "));
    CHECK(contains(refusal_of_scheme(std::string(100000, 'k')), "first: "));
}

TEST_CASE("the distance of two words counts what a typist gets wrong") {
    CHECK(detail::edit_distance("", "") == 0);
    CHECK(detail::edit_distance("jump", "") == 4);
    CHECK(detail::edit_distance("", "jump") == 4);
    CHECK(detail::edit_distance("jump", "jump") == 0);
    CHECK(detail::edit_distance("jmup", "jump") == 1);
    CHECK(detail::edit_distance("jum", "jump") == 1);
    CHECK(detail::edit_distance("jumpp", "jump") == 1);
    CHECK(detail::edit_distance("bump", "jump") == 1);
    CHECK(detail::edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("a bad option is refused with its place and what there is") {
    CHECK(contains(refusal_of_scheme("jump:sead=x"),
                   "scheme \"jump:sead=x\": option \"sead=x\" at character 6 is not known: jump "
                   "knows seed=..."));
    CHECK(contains(refusal_of_scheme("ketama:fast"),
                   "option \"fast\" at character 8 is not known: ketama takes no option"));
    CHECK(contains(refusal_of_scheme("jump:seed=x:seed=y"),
                   "option \"seed=y\" at character 13 gives \"seed\" again"));
    CHECK(contains(refusal_of_scheme("jump:"), "option \"\" at character 6 is not known"));
    CHECK(contains(refusal_of_scheme("jump:seed=x:"), "option \"\" at character 13"));
}

TEST_CASE("what the policy refuses is passed on") {
    std::vector<node> nodes = fleet();
    nodes.push_back(nodes[1]);
    const std::string text = refusal_of([&] { (void)any_policy("jump", nodes); });
    CHECK(text.starts_with("jump: node 7 \"10.0.0.2:11211\" comes twice"));
}

TEST_CASE("a registry takes schemes of one's own, with options checked") {
    scheme_registry mine = builtin_schemes();
    mine.add<last_node>("last", "always the last");
    const auto choose = [](std::span<const node> nodes, const scheme_arguments& arguments) {
        const auto count = arguments.number<std::uint32_t>("first", 1, 5, 2);
        if (arguments["how"] == "odd") arguments.refuse("how", "is odd");
        return erase_policy(last_node(nodes.first(count)));
    };
    mine.add({.name = "last:of",
              .description = "the last of the first few",
              .options = {{.name = "first"}, {.name = "how", .choices = {"even", "odd"}}},
              .make = choose});
    const std::vector<node> nodes = fleet();
    CHECK(any_policy("last", nodes, mine).owner_of("key") == 6);
    CHECK(any_policy("last:of", nodes, mine).owner_of("key") == 1);
    CHECK(any_policy("last:of:first=5:even", nodes, mine).owner_of("key") == 4);
    CHECK(any_policy("last:of:how=even", nodes, mine).owner_of("key") == 1);
    CHECK(any_policy("ketama", nodes, mine).owner_of("key") == ketama(nodes).owner_of("key"));
    CHECK(mine.find("last:of").option_usage() == "[:first=...][:how=even]");
    const auto refusal = [&](std::string_view text) {
        return refusal_of([&] { (void)any_policy(text, nodes, mine); });
    };
    CHECK(contains(refusal("last:of:first=6"),
                   "option \"first=6\" at character 9 is no number from 1 to 5"));
    CHECK(contains(refusal("last:of:first="), "is no number from 1 to 5"));
    CHECK(contains(refusal("last:of:first=2x"), "is no number from 1 to 5"));
    CHECK(contains(refusal("last:of:first=2:odd"), "option \"odd\" at character 17 is odd"));
    CHECK(contains(refusal("last:of:how=strange"),
                   "is not known: last:of knows first=..., how=even|odd"));
}

TEST_CASE("a registry refuses a scheme it could not find again or not make") {
    scheme_registry mine;
    mine.add<ketama>("ring", "a ring");
    CHECK(contains(refusal_of([&] { mine.add<jump>("ring", "again"); }), "is already known"));
    CHECK(contains(refusal_of([&] { mine.add<jump>("", "no name"); }), "has no name"));
    CHECK(contains(refusal_of([&] { mine.add({.name = "x", .description = {}, .make = {}}); }),
                   "has no factory"));
    CHECK(mine.schemes().size() == 1);
}

TEST_CASE("a policy says of prefixes what its peer does") {
    const std::vector<std::string_view> key_alone{"compat:libmemcached_", "compat:pylibmc_",
                                                  "compat:php_", "compat:aws_libmemcached_",
                                                  "compat:pymemcache"};
    const std::vector<std::string_view> says_nothing{"compat:rj_ketama",
                                                     "compat:python_consistent_memcached"};
    const std::vector<node> nodes = fleet();
    for (const std::string& text : every_text()) {
        CAPTURE(text);
        const auto is_of = [&](const std::vector<std::string_view>& beginnings) {
            return std::ranges::any_of(beginnings, [&](std::string_view beginning) {
                return text.starts_with(beginning);
            });
        };
        std::optional<bool> expected;
        if (text.starts_with("compat:") && !is_of(says_nothing)) expected = !is_of(key_alone);
        const any_policy policy(text, nodes);
        CHECK(policy.hashes_prefix() == expected);
        CHECK(policy.rebuilt(nodes).hashes_prefix() == expected);
    }
    CHECK(any_policy("compat:twemproxy_modula:hash_tag={}", nodes).hashes_prefix() == true);
    CHECK(hashes_prefix(any_policy("compat:pylibmc_ketama", nodes)) == false);
    CHECK_FALSE(any_policy().hashes_prefix());
}

TEST_CASE("a policy of any type can be held") {
    const std::vector<node> nodes = fleet();
    const any_policy policy(erase_policy(last_node(nodes)));
    const any_policy copy = policy;
    CHECK(copy.node_count() == 7);
    CHECK(copy.owner_of("key") == 6);
}
