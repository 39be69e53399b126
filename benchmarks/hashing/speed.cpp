#include "speed.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <memring/hashing/digest/md5_lanes.hpp>
#include <memring/hashing/digest/xxh3.hpp>
#include <memring/hashing/hash_policy.hpp>
#include <memring/hashing/python_memcached.hpp>

#include "baselines.hpp"
#include "measured_schemes.hpp"
#include "sample.hpp"
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
#include "libmemcached_ring.hpp"
#endif

namespace memring::benchmark {

namespace {

namespace gb = ::benchmark;

// Enough that no branch predictor learns them by heart, few enough to stay in the second cache.
constexpr std::size_t key_count = 8192;
constexpr std::size_t keys_a_pass = 1024;

/// Hands out the keys in parts of `keys_a_pass`, round and round.
class key_walk {
public:
    explicit key_walk(std::span<const std::string_view> keys) : x_keys(keys) {}

    [[nodiscard]] std::span<const std::string_view> next() noexcept {
        const auto part = x_keys.subspan(x_place, keys_a_pass);
        x_place = (x_place + keys_a_pass) % x_keys.size();
        return part;
    }

private:
    std::span<const std::string_view> x_keys;
    std::size_t x_place = 0;
};

/// Built when a benchmark first needs it, and kept for its other repetitions.
template <class Value>
class lazy {
public:
    explicit lazy(std::function<Value()> make) : x_make(std::move(make)) {}
    [[nodiscard]] const Value& get() {
        if (!x_value) x_value.emplace(x_make());
        return *x_value;
    }

private:
    std::function<Value()> x_make;
    std::optional<Value> x_value;
};

class registration {
public:
    explicit registration(const speed_options& options)
        : x_options(options), x_keys(std::make_shared<const sample_keys>(key_count)) {}

    [[nodiscard]] int count() const noexcept { return x_count; }

    /// A benchmark of what `body(state)` does with each of the state's iterations.
    template <class Body>
    void add(const std::string& name, Body body) {
        gb::IterationCount before = 0;
        const auto run = [=, this_name = name,
                          call = x_options.on_repetition](gb::State& state) mutable {
            // The library looks for a number of iterations, the larger the later; the last of these
            // runs is the first repetition.
            if (call && (before == 0 || before == state.max_iterations)) call(this_name);
            before = state.max_iterations;
            body(state);
        };
        auto* const added = gb::RegisterBenchmark(name.c_str(), run);
        if (x_options.seconds > 0) added->MinTime(x_options.seconds);
        if (x_options.repetitions > 0) added->Repetitions(x_options.repetitions);
        ++x_count;
    }

    /// One call of `owner_of(key)` for each key.
    template <class Value, class Lookup>
    void add_single(const std::string& name, std::shared_ptr<lazy<Value>> value, Lookup lookup) {
        add(name, [=, keys = x_keys](gb::State& state) {
            const Value& built = value->get();
            key_walk walk(keys->keys());
            for (auto _ : state) {
                for (const std::string_view key : walk.next()) {
                    auto owner = lookup(built, key);
                    gb::DoNotOptimize(owner);
                }
            }
            state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(keys_a_pass));
        });
    }

    /// One call of `lookup(value, keys, owners)` for each `batch` keys.
    template <class Value, class Lookup>
    void add_batch(const std::string& name, std::size_t batch, std::shared_ptr<lazy<Value>> value,
                   Lookup lookup) {
        add(name, [=, keys = x_keys](gb::State& state) {
            const Value& built = value->get();
            key_walk walk(keys->keys());
            std::array<std::uint32_t, keys_a_pass> owners{};
            for (auto _ : state) {
                const auto part = walk.next();
                for (std::size_t i = 0; i < part.size(); i += batch) {
                    lookup(built, part.subspan(i, batch), std::span(owners).first(batch));
                    gb::DoNotOptimize(owners.data());
                    gb::ClobberMemory();
                }
            }
            state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(keys_a_pass));
        });
    }

private:
    speed_options x_options;
    std::shared_ptr<const sample_keys> x_keys;
    int x_count = 0;
};

[[nodiscard]] std::string stem_of(std::string_view name, std::uint32_t count) {
    return "routing." + std::string(name) + "." + std::to_string(count) + ".";
}

// ---- schemes ------------------------------------------------------------------------------------

template <class Policy>
void add_lookups(registration& all, const std::string& stem, std::shared_ptr<lazy<Policy>> policy) {
    all.add_single(stem + "single", policy,
                   [](const Policy& p, std::string_view key) { return p.owner_of(key); });
    const auto in_batch = [](const Policy& p, std::span<const std::string_view> keys,
                             std::span<std::uint32_t> owners) { owners_of(p, keys, owners); };
    all.add_batch(stem + "batch64", 64, policy, in_batch);
    all.add_batch(stem + "batch1024", 1024, policy, in_batch);
}

template <class Scheme>
void add_build(registration& all, const std::string& stem, const std::vector<node>& nodes) {
    all.add(stem + "build", [nodes](gb::State& state) {
        for (auto _ : state) {
            auto policy = Scheme::make(nodes);
            gb::DoNotOptimize(policy);
        }
        state.SetItemsProcessed(state.iterations());
    });
}

/// Replaces a node in the middle of the list, and back.
template <class Scheme>
void add_update(registration& all, const std::string& stem, const std::vector<node>& nodes) {
    all.add(stem + "update", [nodes](gb::State& state) {
        const auto count = static_cast<std::uint32_t>(nodes.size());
        auto changed = nodes;
        changed[count / 2] = sample_node(count);
        auto policy = Scheme::make(nodes).rebuilt(nodes);
        bool is_changed = false;
        for (auto _ : state) {
            is_changed = !is_changed;
            policy = policy.rebuilt(is_changed ? changed : nodes);
            gb::DoNotOptimize(policy);
        }
        state.SetItemsProcessed(state.iterations());
    });
}

template <class Scheme>
void add_scheme(registration& all) {
    using policy = typename Scheme::policy;
    for (const std::uint32_t count : node_counts) {
        const std::string stem = stem_of(Scheme::facts.name, count);
        const auto nodes = sample_nodes(count);
        add_lookups(all, stem,
                    std::make_shared<lazy<policy>>([nodes] { return Scheme::make(nodes); }));
        add_build<Scheme>(all, stem, nodes);
        if constexpr (requires(const policy& p) { p.rebuilt(std::span<const node>()); }) {
            add_update<Scheme>(all, stem, nodes);
        }
    }
}

/// Lookups only.
template <class Scheme>
void add_worn_scheme(registration& all) {
    for (const std::uint32_t count : node_counts) {
        const auto make = [count] { return Scheme::make(sample_nodes(count)); };
        add_lookups(all, stem_of(Scheme::name, count),
                    std::make_shared<lazy<typename Scheme::policy>>(make));
    }
}

// ---- baselines ----------------------------------------------------------------------------------

void add_canonical_jump(registration& all) {
    for (const std::uint32_t count : node_counts) {
        const auto jump = std::make_shared<lazy<canonical_jump>>(
            [count] { return canonical_jump{static_cast<std::int32_t>(count)}; });
        all.add_single(
            stem_of("canonical_jump", count) + "single", jump,
            [](const canonical_jump& j, std::string_view key) { return j.owner_of(key); });
    }
}

template <class Hash>
void add_key_hash(registration& all, const std::string& name, Hash hash) {
    const auto nothing = std::make_shared<lazy<int>>([] { return 0; });
    all.add_single("routing.key_hash." + name + ".single", nothing,
                   [hash](int, std::string_view key) { return hash(key); });
}

void add_key_hashes(registration& all) {
    add_key_hash(all, "crc", [](std::string_view key) { return python_memcached_hash(key); });
    add_key_hash(all, "md5", [](std::string_view key) { return md5(key)[0]; });
    add_key_hash(all, "xxh3", [](std::string_view key) { return xxh3(key); });
    const auto nothing = std::make_shared<lazy<int>>([] { return 0; });
    for (const std::size_t batch : {64U, 1024U}) {
        all.add_batch("routing.key_hash.md5.batch" + std::to_string(batch), batch, nothing,
                      [](int, std::span<const std::string_view> keys,
                         std::span<std::uint32_t> out) { md5_first_words(keys, out); });
    }
}

void add_table_read(registration& all) {
    const auto table = std::make_shared<lazy<table_read>>([] { return table_read(); });
    all.add_single("routing.table_read.single", table,
                   [](const table_read& t, std::string_view key) { return t.owner_of(key); });
}

#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
void add_libmemcached(registration& all) {
    for (const std::uint32_t count : node_counts) {
        if (count > libmemcached_ring::most_nodes) continue;
        const std::string stem = stem_of("libmemcached", count);
        const auto servers = std::make_shared<libmemcached_ring::server_list>(sample_nodes(count));
        const auto ring = std::make_shared<lazy<libmemcached_ring>>(
            [servers] { return libmemcached_ring(*servers); });
        all.add_single(stem + "single", ring, [](const libmemcached_ring& r, std::string_view key) {
            return r.owner_of(key);
        });
        all.add(stem + "build", [servers](gb::State& state) {
            for (auto _ : state) {
                libmemcached_ring built(*servers);
                gb::DoNotOptimize(built);
            }
            state.SetItemsProcessed(state.iterations());
        });
    }
}
#endif

}  // namespace

int register_speed_benchmarks(const speed_options& options) {
    registration all(options);
    measured_schemes::for_each([&]<class Scheme>() { add_scheme<Scheme>(all); });
    worn_schemes::for_each([&]<class Scheme>() { add_worn_scheme<Scheme>(all); });
    add_canonical_jump(all);
    add_key_hashes(all);
    add_table_read(all);
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
    add_libmemcached(all);
#endif
    return all.count();
}

std::string_view why_no_libmemcached() noexcept {
#ifdef MEMRING_BENCHMARK_LIBMEMCACHED
    return {};
#else
    return "libmemcached is not installed (Debian: libmemcached-dev)";
#endif
}

}  // namespace memring::benchmark
