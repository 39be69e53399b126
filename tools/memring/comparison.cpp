#include "comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <random>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <memring/client.hpp>
#include <memring/hashing/ketama.hpp>
#include <memring/hashing/modulus.hpp>
#include <memring/node.hpp>
#include <memring/reshard/reshard.hpp>

#include "cache_server.hpp"
#include "pacing.hpp"
#include "run_all.hpp"
#include "text.hpp"

namespace memring::tool {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t getters = 100;
constexpr std::size_t load_batch = 500;
constexpr std::size_t leaving_place = 1;

enum class removal : std::uint8_t { list_change, drain };

clock::duration duration_of(double seconds) {
    return std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
}

std::size_t whole(double number) { return static_cast<std::size_t>(std::llround(number)); }

// One cluster, one load, one removal.
template <class Policy>
class removal_trial {
public:
    removal_trial(const asio::any_io_executor& executor, const comparison_options& options,
                  removal how)
        : x_options(options),
          x_how(how),
          x_servers(start_servers(options)),
          x_cache(executor, nodes_of(x_servers)),
          x_timer(executor),
          x_hits(whole((options.before + options.after) / options.interval)),
          x_gets(x_hits.size()) {}

    removal_trial(const removal_trial&) = delete;
    removal_trial& operator=(const removal_trial&) = delete;
    ~removal_trial() {
        for (cache_server& server : x_servers) server.ask_to_stop();
    }

    asio::awaitable<void> run(removal_curve& curve);

private:
    static std::vector<cache_server> start_servers(const comparison_options& options) {
        std::vector<cache_server> servers;
        for (std::size_t i = 0; i < options.nodes; ++i) {
            servers.emplace_back(options.has_real_servers);
        }
        return servers;
    }
    static std::vector<node> nodes_of(const std::vector<cache_server>& servers) {
        std::vector<node> nodes;
        for (const cache_server& server : servers) nodes.push_back(server.where());
        return nodes;
    }
    static std::string value_of(std::string_view key) {
        return fmt::format("the value of {}", key);
    }

    asio::awaitable<void> load();
    asio::awaitable<void> get_steadily(std::size_t getter);
    asio::awaitable<void> get(const std::string& key);
    asio::awaitable<void> remove_node();
    asio::awaitable<void> wait_until(clock::time_point time) {
        x_timer.expires_at(time);
        co_await x_timer.async_wait(asio::use_awaitable);
    }
    void count(bool is_hit);

    comparison_options x_options;
    removal x_how;
    std::vector<cache_server> x_servers;
    client<Policy> x_cache;
    asio::steady_timer x_timer;
    clock::time_point x_start{};
    std::vector<std::uint64_t> x_hits;
    std::vector<std::uint64_t> x_gets;
    std::uint64_t x_errors = 0;
    std::uint64_t x_wrong = 0;
};

template <class Policy>
asio::awaitable<void> removal_trial<Policy>::run(removal_curve& curve) {
    co_await load();
    x_start = clock::now();
    const auto start = [this](std::size_t i) {
        return i < getters ? get_steadily(i) : remove_node();
    };
    co_await run_all(getters + 1, start);
    double rate = 1;
    for (std::size_t i = 0; i < x_gets.size(); ++i) {
        // On a machine so busy that nothing was asked in an interval, the one before stands for it.
        if (x_gets[i] > 0) rate = static_cast<double>(x_hits[i]) / static_cast<double>(x_gets[i]);
        curve.hit_rates.push_back(rate);
        curve.gets += x_gets[i];
        curve.misses += x_gets[i] - x_hits[i];
    }
    curve.errors = x_errors;
    curve.wrong = x_wrong;
}

template <class Policy>
asio::awaitable<void> removal_trial<Policy>::load() {
    for (std::size_t begin = 0; begin < x_options.keys; begin += load_batch) {
        std::vector<std::string> keys;
        std::vector<std::string> values;
        for (std::size_t i = begin; i < std::min(begin + load_batch, x_options.keys); ++i) {
            keys.push_back(fmt::format("item:{}", i));
            values.push_back(value_of(keys.back()));
        }
        std::vector<entry> entries;
        for (std::size_t i = 0; i < keys.size(); ++i) entries.push_back({keys[i], values[i]});
        const auto results = co_await x_cache.async_set_many(entries, asio::use_awaitable);
        for (const auto& result : results) {
            if (result.error) throw std::system_error(result.error, "loading a fresh cluster");
        }
    }
}

template <class Policy>
asio::awaitable<void> removal_trial<Policy>::get_steadily(std::size_t getter) {
    const auto executor = co_await asio::this_coro::executor;
    const double interval = static_cast<double>(getters) / x_options.gets_per_second;
    const double offset = interval * static_cast<double>(getter) / static_cast<double>(getters);
    pacing pace(executor, duration_of(interval), x_start + duration_of(offset));
    std::minstd_rand random(static_cast<unsigned>(getter) + 1);
    const auto end = x_start + duration_of(x_options.before + x_options.after);
    while (clock::now() < end) {
        co_await pace.turn();
        const std::string key = fmt::format("item:{}", random() % x_options.keys);
        co_await get(key);
    }
}

template <class Policy>
asio::awaitable<void> removal_trial<Policy>::get(const std::string& key) {
    std::error_code error;
    const std::optional<item> hit =
        co_await x_cache.async_get(key, asio::redirect_error(asio::use_awaitable, error));
    count(hit.has_value());
    if (error) ++x_errors;
    const std::string value = value_of(key);
    if (hit && hit->value != value) ++x_wrong;
    if (hit) co_return;
    asio::steady_timer fetching(x_cache.get_executor(), x_options.fetch_time);
    co_await fetching.async_wait(asio::use_awaitable);
    co_await x_cache.async_set(key, value, asio::redirect_error(asio::use_awaitable, error));
    if (error) ++x_errors;
}

template <class Policy>
void removal_trial<Policy>::count(bool is_hit) {
    const double seconds = std::chrono::duration<double>(clock::now() - x_start).count();
    const auto place = static_cast<std::size_t>(seconds / x_options.interval);
    if (place >= x_gets.size()) return;
    ++x_gets[place];
    if (is_hit) ++x_hits[place];
}

template <class Policy>
asio::awaitable<void> removal_trial<Policy>::remove_node() {
    co_await wait_until(x_start + duration_of(x_options.before));
    if (x_how == removal::drain) {
        const node leaving = x_servers[leaving_place].where();
        const reshard_options options{};
        co_await async_drain(x_cache, leaving, options, asio::use_awaitable);
    } else {
        std::vector<node> nodes = nodes_of(x_servers);
        nodes.erase(nodes.begin() + leaving_place);
        if (const auto error = x_cache.update(std::move(nodes))) throw std::system_error(error);
        // What had been sent before is answered by now.
        co_await wait_until(clock::now() + 300ms);
    }
    x_servers[leaving_place].ask_to_stop();
}

template <class Policy>
asio::awaitable<void> try_removal(comparison_result& result, std::string name, removal how) {
    const auto executor = co_await asio::this_coro::executor;
    fmt::print("  {} ...\n", name);
    std::fflush(stdout);
    removal_trial<Policy> trial(executor, result.options, how);
    removal_curve curve;
    curve.name = std::move(name);
    co_await trial.run(curve);
    result.curves.push_back(std::move(curve));
}

}  // namespace

double removal_curve::lowest() const noexcept {
    return hit_rates.empty() ? 1.0 : *std::ranges::min_element(hit_rates);
}

std::size_t comparison_result::intervals_before() const noexcept {
    return whole(options.before / options.interval);
}

double comparison_result::hit_rate_at(const removal_curve& curve, double seconds) const {
    return curve.hit_rates.at(intervals_before() + whole(seconds / options.interval));
}

asio::awaitable<void> compare_removals(comparison_result& result) {
    co_await try_removal<modulus>(result, "modulus", removal::list_change);
    co_await try_removal<ketama>(result, "ketama, no drain", removal::list_change);
    co_await try_removal<ketama>(result, "ketama with drain", removal::drain);
}

std::string table_of(const comparison_result& result) {
    static constexpr std::array moments{0.0, 1.0};
    const double last = result.options.after - result.options.interval;
    std::string text = fmt::format("{:<18}{:<{}}", "", "hit rate over time",
                                   result.curves.front().hit_rates.size() + 2);
    for (const double moment : moments)
        text += fmt::format("{:>8}", fmt::format("+{:g} s", moment));
    text += fmt::format("{:>9}{:>8}\n", fmt::format("+{:g} s", last), "misses");
    for (const removal_curve& curve : result.curves) {
        text += fmt::format("{:<18}{}  ", curve.name, sparkline(curve.hit_rates, 1.0));
        for (const double moment : moments) {
            text += fmt::format("{:>8}", tenths(result.hit_rate_at(curve, moment)));
        }
        text += fmt::format("{:>9}{:>8}\n", tenths(result.hit_rate_at(curve, last)),
                            grouped(curve.misses));
    }
    return text;
}

}  // namespace memring::tool
