#pragma once
// The ratios of a run: what they are called, what they divide by what, and what they mean.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../support/figures.hpp"
#include "sample.hpp"

namespace memring::benchmark {

enum class ratio_kind : unsigned char {
    times_as_fast,   ///< baseline / own: more is better
    times_the_cost,  ///< own / baseline: less is better
};

/// `own` and `baseline` name figures; a `*` in them stands for the number of nodes. With `nodes` 0
/// the ratio is the worst of all numbers of nodes that have both figures.
struct ratio_definition {
    std::string_view name;
    ratio_kind kind;
    std::string_view own;
    std::string_view baseline;
    std::uint32_t nodes;
    std::string_view meaning;
};

inline constexpr std::array ratio_definitions{
    ratio_definition{"routing.ketama.single.vs_libmemcached", ratio_kind::times_as_fast,
                     "routing.ketama.*.single_ns", "routing.libmemcached.*.single_ns", 40,
                     "times as fast as memcached_generate_hash of libmemcached with "
                     "KETAMA_WEIGHTED, one key at a time, 40 nodes"},
    ratio_definition{"routing.ketama.batch.vs_libmemcached", ratio_kind::times_as_fast,
                     "routing.ketama.*.batch64_ns", "routing.libmemcached.*.single_ns", 40,
                     "times as fast, in batches of 64 keys, as memcached_generate_hash of "
                     "libmemcached with KETAMA_WEIGHTED, which has no batches; 40 nodes"},
    ratio_definition{"routing.ketama.batch1024.vs_libmemcached", ratio_kind::times_as_fast,
                     "routing.ketama.*.batch1024_ns", "routing.libmemcached.*.single_ns", 40,
                     "the same in batches of 1024 keys"},
    ratio_definition{"routing.ketama.build.vs_libmemcached", ratio_kind::times_as_fast,
                     "routing.ketama.*.build_ms", "routing.libmemcached.*.build_ms", 40,
                     "times as fast as libmemcached builds a ring of 40 nodes from one list"},
    ratio_definition{"routing.ketama.update_vs_build", ratio_kind::times_as_fast,
                     "routing.ketama.*.update_ms", "routing.ketama.*.build_ms", 1000,
                     "times as fast to replace one node of 1000 as to build the ring anew"},
    ratio_definition{"routing.jump.single.vs_canonical", ratio_kind::times_as_fast,
                     "routing.jump.*.single_ns", "routing.canonical_jump.*.single_ns", 40,
                     "times as fast as XXH3 and the loop printed in the paper, 40 nodes"},
    ratio_definition{"routing.jump.batch.vs_canonical", ratio_kind::times_as_fast,
                     "routing.jump.*.batch64_ns", "routing.canonical_jump.*.single_ns", 40,
                     "times as fast, in batches of 64 keys, as XXH3 and the loop printed in the "
                     "paper, 40 nodes"},
    ratio_definition{"routing.jump.batch1024.vs_canonical", ratio_kind::times_as_fast,
                     "routing.jump.*.batch1024_ns", "routing.canonical_jump.*.single_ns", 40,
                     "the same in batches of 1024 keys"},
    ratio_definition{"routing.rehash_modulus.vs_key_hash", ratio_kind::times_the_cost,
                     "routing.rehash_modulus.*.single_ns", "routing.key_hash.crc.single_ns", 0,
                     "times the cost of its key hash alone; the worst of all numbers of nodes"},
    ratio_definition{"routing.modulus.vs_key_hash", ratio_kind::times_the_cost,
                     "routing.modulus.*.single_ns", "routing.key_hash.crc.single_ns", 0,
                     "times the cost of its key hash alone; the worst of all numbers of nodes"},
    ratio_definition{"routing.maglev.vs_table_read", ratio_kind::times_the_cost,
                     "routing.maglev.*.single_ns", "routing.table_read.single_ns", 0,
                     "times the cost of XXH3 and one read from a table of the same size; the worst "
                     "of all numbers of nodes"},
    ratio_definition{"routing.stable_jump.vs_jump", ratio_kind::times_the_cost,
                     "routing.stable_jump_quarter_out.*.single_ns", "routing.jump.*.single_ns", 0,
                     "times the cost of jump over the same list, once a quarter of the nodes have "
                     "left anywhere in it; the worst of all numbers of nodes"},
};

[[nodiscard]] constexpr bool is_to_libmemcached(const ratio_definition& ratio) noexcept {
    return ratio.baseline.find("libmemcached") != ratio.baseline.npos;
}

/// Works out the ratios.
class ratio_sheet {
public:
    explicit ratio_sheet(const figures& all) : x_all(all) {}

    /// For `nodes` nodes; nothing where a figure is missing.
    [[nodiscard]] std::optional<double> at(const ratio_definition& ratio,
                                           std::uint32_t nodes) const {
        const auto own = x_all.number(filled(ratio.own, nodes));
        const auto baseline = x_all.number(filled(ratio.baseline, nodes));
        if (!own || !baseline || *own == 0 || *baseline == 0) return std::nullopt;
        return ratio.kind == ratio_kind::times_as_fast ? *baseline / *own : *own / *baseline;
    }

    /// As its definition asks for.
    [[nodiscard]] std::optional<double> value(const ratio_definition& ratio) const {
        if (ratio.nodes != 0) return at(ratio, ratio.nodes);
        std::optional<double> worst;
        for (const std::uint32_t nodes : node_counts) {
            const auto here = at(ratio, nodes);
            if (!here) continue;
            const bool is_worse =
                !worst ||
                (ratio.kind == ratio_kind::times_as_fast ? *here < *worst : *here > *worst);
            if (is_worse) worst = here;
        }
        return worst;
    }

    /// `pattern` with its `*` replaced.
    [[nodiscard]] static std::string filled(std::string_view pattern, std::uint32_t nodes) {
        std::string name(pattern);
        if (const auto star = name.find('*'); star != name.npos) {
            name.replace(star, 1, std::to_string(nodes));
        }
        return name;
    }

    /// The name of the ratio at one number of nodes: `routing.jump.single.vs_canonical` at 4 is
    /// `routing.jump.4.single.vs_canonical`.
    [[nodiscard]] static std::string name_at(const ratio_definition& ratio, std::uint32_t nodes) {
        const std::string name(ratio.name);
        const auto after_scheme = name.find('.', name.find('.') + 1);
        return name.substr(0, after_scheme) + "." + std::to_string(nodes) +
               name.substr(after_scheme);
    }

private:
    const figures& x_all;
};

/// Adds every ratio to the figures it is made of: its value, `NAME.means`, and its value at each
/// number of nodes. Where there is none, `NAME.absent` says why.
inline void add_ratios(figures& all, std::string_view why_no_libmemcached) {
    const figures measured = all;
    const ratio_sheet sheet(measured);
    for (const ratio_definition& ratio : ratio_definitions) {
        const std::string name(ratio.name);
        all.set_text(name + ".means", ratio.meaning);
        if (const auto value = sheet.value(ratio)) {
            all.set(name, *value);
        } else {
            all.set_text(name + ".absent",
                         is_to_libmemcached(ratio) ? why_no_libmemcached : "not measured");
        }
        for (const std::uint32_t nodes : node_counts) {
            if (const auto value = sheet.at(ratio, nodes)) {
                all.set(ratio_sheet::name_at(ratio, nodes), *value);
            }
        }
    }
    if (const auto build = measured.number("routing.ketama.1000.build_ms")) {
        all.set("routing.ketama.build_1000_ms", *build);
    }
}

}  // namespace memring::benchmark
