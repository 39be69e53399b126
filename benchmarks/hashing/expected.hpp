#pragma once
// The names that a whole run gives: what reads the figures may count on them.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <memring/node.hpp>

#include "../support/figures.hpp"
#include "measured_schemes.hpp"
#include "ratios.hpp"
#include "sample.hpp"

namespace memring::benchmark {

/// What each scheme has at each number of nodes.
inline constexpr std::array scheme_figures{
    "single_ns",
    "single_median_ns",
    "batch64_ns",
    "batch64_median_ns",
    "batch1024_ns",
    "batch1024_median_ns",
    "build_ms",
    "build_median_ms",
    "memory_bytes",
    "balance.most",
    "balance.least",
    "balance.deviation",
    "disruption.joins",
    "disruption.middle_leaves",
    "disruption.last_leaves",
};

/// What `all` lacks of them. Comparisons with libmemcached may be lacking where the run says why.
[[nodiscard]] inline std::vector<std::string> missing_figures(const figures& all) {
    std::vector<std::string> missing;
    const auto expect = [&](const std::string& name) {
        if (!all.number(name)) missing.push_back(name);
    };
    measured_schemes::for_each([&]<class Scheme>() {
        for (const std::uint32_t count : node_counts) {
            const std::string stem =
                "routing." + std::string(Scheme::facts.name) + "." + std::to_string(count) + ".";
            for (const std::string_view figure : scheme_figures) expect(stem + std::string(figure));
            if constexpr (requires(const typename Scheme::policy& p) {
                              p.rebuilt(std::span<const node>());
                          }) {
                expect(stem + "update_ms");
            }
        }
    });
    for (const ratio_definition& ratio : ratio_definitions) {
        const std::string name(ratio.name);
        const bool is_compared = !is_to_libmemcached(ratio) || all.text("run.libmemcached").empty();
        if (is_compared) expect(name);
        if (all.text(name + ".means").empty()) missing.push_back(name + ".means");
    }
    expect("routing.ketama.build_1000_ms");
    return missing;
}

}  // namespace memring::benchmark
