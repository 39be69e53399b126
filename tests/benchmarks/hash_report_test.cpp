// What the report on hash schemes makes of its measurements: a page of wrong figures looks as good
// as one of right ones.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "../../benchmarks/hashing/expected.hpp"
#include "../../benchmarks/hashing/measured_schemes.hpp"
#include "../../benchmarks/hashing/quality.hpp"
#include "../../benchmarks/hashing/ratios.hpp"
#include "../../benchmarks/hashing/sample.hpp"
#include "../../benchmarks/support/figures.hpp"

namespace {

using namespace memring::benchmark;
using memring::node;

/// Key "…N" of the sample goes to node N modulo nodes: every figure can be worked out by hand.
class by_order {
public:
    by_order() noexcept = default;
    explicit by_order(std::span<const node> nodes)
        : x_count(static_cast<std::uint32_t>(nodes.size())) {}

    [[nodiscard]] std::uint32_t node_count() const noexcept { return x_count; }
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        std::uint32_t number = 0;
        for (const char c : key) number = number * 10 + static_cast<std::uint32_t>(c - '0');
        return number % x_count;
    }

private:
    std::uint32_t x_count = 0;
};

/// The same, but a leaving node's keys go to the first that stays and nobody else's move.
class remembering : public by_order {
public:
    using by_order::by_order;

    [[nodiscard]] remembering rebuilt(std::span<const node> now) const {
        remembering next = *this;
        for (std::uint32_t i = 0; i < node_count(); ++i) {
            const auto is_it = [&](const node& n) { return n == sample_node(i); };
            const auto found = std::ranges::find_if(now, is_it);
            const bool is_there = found != now.end();
            next.x_places.push_back(is_there ? static_cast<std::uint32_t>(found - now.begin()) : 0);
        }
        return next;
    }
    [[nodiscard]] std::uint32_t owner_of(std::string_view key) const noexcept {
        const std::uint32_t owner = by_order::owner_of(key);
        return x_places.empty() ? owner : x_places[owner];
    }

private:
    std::vector<std::uint32_t> x_places;
};

std::vector<std::string> numbers_as_text(std::size_t count) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(std::to_string(i));
    return texts;
}

std::string temporary_file(const std::string& name) {
    return (std::filesystem::temp_directory_path() / ("memring_hash_report_test_" + name)).string();
}

const ratio_definition& ratio_called(std::string_view name) {
    return *std::ranges::find(ratio_definitions, name, &ratio_definition::name);
}

}  // namespace

TEST_CASE("sample keys are distinct, 16 to 64 bytes long, and the same in each run") {
    const sample_keys sample(20'000);
    const auto keys = sample.keys();
    REQUIRE(keys.size() == 20'000);
    CHECK(std::set<std::string_view>(keys.begin(), keys.end()).size() == keys.size());
    const auto [shortest, longest] =
        std::ranges::minmax(keys, {}, [](std::string_view key) { return key.size(); });
    CHECK(shortest.size() == 16);
    CHECK(longest.size() > 56);
    CHECK(longest.size() <= 64);
    CHECK(std::ranges::equal(sample_keys(100).keys(), keys.first(100)));
}

TEST_CASE("sample nodes are distinct") {
    const auto nodes = sample_nodes(node_counts.back() + 1);
    std::set<std::string> hosts;
    for (const node& n : nodes) hosts.insert(n.host);
    CHECK(hosts.size() == nodes.size());
}

TEST_CASE("balance is told in multiples of the mean load") {
    const auto balance = balance_of(std::array<std::uint64_t, 4>{50, 100, 100, 150});
    CHECK(balance.most == doctest::Approx(1.5));
    CHECK(balance.least == doctest::Approx(0.5));
    CHECK(balance.deviation == doctest::Approx(0.353553));
    CHECK(balance_of(std::array<std::uint64_t, 3>{7, 7, 7}).deviation == 0);
}

TEST_CASE("a node without keys counts in the balance") {
    const auto loads = loads_of(std::array<std::uint32_t, 4>{0, 0, 2, 2}, 4);
    CHECK(loads == std::vector<std::uint64_t>{2, 0, 2, 0});
    CHECK(balance_of(loads).least == 0);
}

TEST_CASE("the deviation of chance is that of a multinomial draw") {
    CHECK(deviation_of_chance(1'000'000, 40) == doctest::Approx(0.006245));
    CHECK(deviation_of_chance(100, 1) == 0);
}

TEST_CASE("a key has moved when its node has changed, not when only the index has") {
    const std::array<std::uint32_t, 4> before{0, 1, 2, 3};
    const auto places = places_without(4, 1);
    CHECK(places == std::vector<std::uint32_t>{0, 2, 3});
    CHECK(moved_share(before, std::array<std::uint32_t, 4>{0, 0, 1, 2}, places) == 0.25);
    CHECK(moved_share(before, std::array<std::uint32_t, 4>{0, 1, 2, 0}, places) == 0.75);
}

TEST_CASE("quality of a modulus is what can be worked out by hand") {
    const auto texts = numbers_as_text(60);
    const std::vector<std::string_view> keys(texts.begin(), texts.end());
    const auto measured = quality_of<plain_scheme<by_order>>(4, keys);
    CHECK(measured.balance.most == 1);
    CHECK(measured.balance.deviation == 0);
    // Of 12 keys in a row, modulo 4 and modulo 3: 0, 1 and 2 agree, and where node 2 is gone 3 now
    // has the index 2, which 0, 1 and 11 keep.
    CHECK(measured.moved.last_leaves == doctest::Approx(0.75));
    CHECK(measured.moved.middle_leaves == doctest::Approx(0.75));
    CHECK(measured.moved.joins == doctest::Approx(0.8));
}

TEST_CASE("a policy that can be rebuilt follows a change that way") {
    const auto texts = numbers_as_text(60);
    const std::vector<std::string_view> keys(texts.begin(), texts.end());
    const auto measured = quality_of<plain_scheme<remembering>>(4, keys);
    CHECK(measured.moved.last_leaves == doctest::Approx(0.25));
    CHECK(measured.moved.middle_leaves == doctest::Approx(0.25));
    CHECK(measured.moved.joins == 0);
}

TEST_CASE("figures read back as they were written, in the order of their names") {
    figures written;
    written.set("b.time_ns", 0.1);
    written.set("a.count", 1e15);
    written.set("c.negative", -2.5e-9);
    written.set_text("b.means", R"(times "as" fast \ slow)");
    const auto path = temporary_file("figures.json");
    written.write(path);
    const auto read = figures::read(path);
    std::filesystem::remove(path);
    CHECK(read.numbers() == written.numbers());
    CHECK(read.text("b.means") == written.text("b.means"));
    CHECK(read.json() == written.json());
    const std::string json = written.json();
    CHECK(json.find("a.count") < json.find("b.means"));
    CHECK(json.find("b.means") < json.find("b.time_ns"));
}

TEST_CASE("a file that is none of figures is refused with its line") {
    const auto path = temporary_file("bad.json");
    for (const std::string_view line : {"  \"a\": ", "  a: 1", "  \"a: 1", "  \"a\": 1 2", "x"}) {
        CAPTURE(line);
        std::ofstream(path) << "{\n" << line << "\n}\n";
        CHECK_THROWS_WITH_AS(static_cast<void>(figures::read(path)),
                             (path + ":2: not a figure").c_str(), std::runtime_error);
    }
    std::filesystem::remove(path);
}

TEST_CASE("a ratio of speeds is baseline over own, at its number of nodes") {
    figures all;
    all.set("routing.ketama.40.single_ns", 100);
    all.set("routing.libmemcached.40.single_ns", 190);
    all.set("routing.ketama.10.single_ns", 95);
    all.set("routing.libmemcached.10.single_ns", 171);
    add_ratios(all, "");
    CHECK(all.number("routing.ketama.single.vs_libmemcached") == doctest::Approx(1.9));
    CHECK(all.number("routing.ketama.10.single.vs_libmemcached") == doctest::Approx(1.8));
    CHECK_FALSE(all.text("routing.ketama.single.vs_libmemcached.means").empty());
}

TEST_CASE("a ratio of costs is own over baseline, the worst of all numbers of nodes") {
    figures all;
    all.set("routing.key_hash.crc.single_ns", 10);
    for (const std::uint32_t count : node_counts) {
        all.set("routing.modulus." + std::to_string(count) + ".single_ns", count == 200 ? 14 : 11);
    }
    add_ratios(all, "");
    CHECK(all.number("routing.modulus.vs_key_hash") == doctest::Approx(1.4));
    CHECK(all.number("routing.modulus.4.vs_key_hash") == doctest::Approx(1.1));
    const auto& speed = ratio_called("routing.jump.single.vs_canonical");
    CHECK(ratio_sheet::name_at(speed, 4) == "routing.jump.4.single.vs_canonical");
}

TEST_CASE("a ratio that cannot be made says why") {
    figures all;
    add_ratios(all, "libmemcached is not installed");
    CHECK_FALSE(all.number("routing.ketama.batch.vs_libmemcached"));
    CHECK(all.text("routing.ketama.batch.vs_libmemcached.absent") ==
          "libmemcached is not installed");
    CHECK(all.text("routing.jump.batch.vs_canonical.absent") == "not measured");
}

TEST_CASE("only a run without libmemcached may lack its ratios") {
    figures all;
    const auto lacks = [&](const std::string& name) {
        const auto missing = missing_figures(all);
        return std::ranges::find(missing, name) != missing.end();
    };
    CHECK(lacks("routing.ketama.single.vs_libmemcached"));
    CHECK(lacks("routing.ketama.update_vs_build"));
    CHECK(lacks("routing.maglev.1000.disruption.joins"));
    all.set_text("run.libmemcached", "libmemcached is not installed");
    CHECK_FALSE(lacks("routing.ketama.single.vs_libmemcached"));
    CHECK(lacks("routing.ketama.update_vs_build"));
    all.set("routing.maglev.1000.disruption.joins", 0.001);
    CHECK_FALSE(lacks("routing.maglev.1000.disruption.joins"));
}

TEST_CASE("the names that others read are among the ratios") {
    for (const std::string_view name :
         {"routing.ketama.single.vs_libmemcached", "routing.ketama.batch.vs_libmemcached",
          "routing.jump.single.vs_canonical", "routing.jump.batch.vs_canonical",
          "routing.rehash_modulus.vs_key_hash", "routing.modulus.vs_key_hash",
          "routing.maglev.vs_table_read", "routing.stable_jump.vs_jump",
          "routing.ketama.update_vs_build"}) {
        CAPTURE(name);
        CHECK(std::ranges::count(ratio_definitions, name, &ratio_definition::name) == 1);
    }
}

TEST_CASE("measured schemes have names of their own, fit for figures") {
    std::set<std::string_view> names;
    std::size_t count = 0;
    measured_schemes::for_each([&]<class Scheme>() {
        ++count;
        names.insert(Scheme::facts.name);
        CAPTURE(Scheme::facts.name);
        CHECK(Scheme::facts.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
              std::string_view::npos);
        CHECK(Scheme::make(sample_nodes(10)).node_count() == 10);
    });
    CHECK(names.size() == count);
}

TEST_CASE("the worn stable jump has lost a quarter of its nodes and no other") {
    const sample_keys sample(20'000);
    for (const std::uint32_t nodes : node_counts) {
        CAPTURE(nodes);
        const auto worn = stable_jump_quarter_out::make(sample_nodes(nodes));
        const auto owners = owners_of_all(worn, sample.keys());
        const std::set<std::uint32_t> used(owners.begin(), owners.end());
        CHECK(used.size() == nodes - nodes / 4);
    }
}

TEST_CASE("what a scheme moves is told rightly for the real ones") {
    const sample_keys sample(20'000);
    const auto modulus_quality = quality_of<modulus_scheme>(10, sample.keys());
    CHECK(modulus_quality.moved.joins > 0.85);
    const auto jump_quality = quality_of<jump_scheme>(10, sample.keys());
    CHECK(jump_quality.moved.last_leaves < 0.12);
    CHECK(jump_quality.moved.middle_leaves > 0.4);
    const auto stable = quality_of<stable_jump_scheme>(10, sample.keys());
    CHECK(stable.moved.middle_leaves < 0.12);
    CHECK(stable.balance.most == doctest::Approx(jump_quality.balance.most));
}
