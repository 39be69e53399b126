#include "workload.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <memring/error.hpp>
#include <memring/item.hpp>

#include "pacing.hpp"
#include "run_all.hpp"

namespace memring::tool {

namespace {

constexpr std::size_t audit_batch = 500;
constexpr std::size_t longest_value = 400;

// Half of the items never expire, the others long after the demo: both kinds have to travel.
store_options options_for(const key_record& record) {
    return {.expires_in = std::chrono::seconds(record.writes % 2 == 0 ? 0 : 3600),
            .flags = static_cast<std::uint32_t>(record.writes % 1000)};
}

}  // namespace

asio::awaitable<void> workload::fill() {
    const auto start = [this](std::size_t worker) { return fill_share(worker); };
    co_await run_all(x_options.workers, start);
}

asio::awaitable<void> workload::run() {
    const auto start = [this](std::size_t worker) { return work(worker); };
    co_await run_all(x_options.workers, start);
}

asio::awaitable<void> workload::fill_share(std::size_t worker) {
    auto& records = x_keys.records();
    for (std::size_t i = worker; i < records.size(); i += x_options.workers) {
        co_await set(records[i]);
    }
}

asio::awaitable<void> workload::work(std::size_t worker) {
    auto& records = x_keys.records();
    const std::size_t share = records.size() / x_options.workers;
    const auto interval =
        std::chrono::duration_cast<pacing::clock::duration>(std::chrono::duration<double>(
            static_cast<double>(x_options.workers) / x_options.operations_per_second));
    const auto offset =
        interval * static_cast<std::int64_t>(worker) / static_cast<std::int64_t>(x_options.workers);
    const auto executor = co_await asio::this_coro::executor;
    pacing pace(executor, interval, pacing::clock::now() + offset);
    random_engine random(static_cast<unsigned>(worker) + 1);
    while (!x_is_stopping && share > 0) {
        co_await pace.turn();
        co_await operate(records[random() % share * x_options.workers + worker], random);
    }
}

asio::awaitable<void> workload::operate(key_record& record, random_engine& random) {
    const auto choice = random() % 100;
    // What an unanswered write left behind can only be told by a get.
    const bool is_certain = record.maybe.empty();
    if (choice < 66 || !is_certain) co_return co_await get(record);
    if (choice < 84) co_return co_await set(record);
    if (choice < 89) co_return co_await remove(record);
    if (choice < 93) co_return co_await add(record);
    if (record.is_counter) co_return co_await increment(record);
    co_await append(record);
}

bool workload::has_answer(std::error_code error) noexcept {
    ++x_keys.counters().operations;
    if (!error) return true;
    ++x_keys.counters().errors;
    return false;
}

void workload::failed_write(key_record& record, std::error_code error,
                            std::optional<std::string> left) {
    // An operation of a change has several commands, and the error tells of the last one only.
    if (error == condition::not_sent && !x_keys.is_changing()) return;
    key_ledger::may_have_written(record, std::move(left));
}

asio::awaitable<void> workload::get(key_record& record) {
    std::error_code error;
    const std::optional<item> hit =
        co_await x_cache.async_get(record.key, asio::redirect_error(asio::use_awaitable, error));
    if (!has_answer(error)) {
        x_keys.could_not_read(record);
        co_return;
    }
    std::optional<std::string> found;
    if (hit) found = hit->value;
    x_keys.read(record, found);
    // As a cache does with what it had to fetch from elsewhere.
    if (!found) co_await set(record);
}

asio::awaitable<void> workload::set(key_record& record) {
    std::string value = key_ledger::next_value(record);
    const store_options options = options_for(record);
    std::error_code error;
    co_await x_cache.async_set(record.key, value, options,
                               asio::redirect_error(asio::use_awaitable, error));
    if (has_answer(error)) {
        x_keys.wrote(record, std::move(value));
    } else {
        failed_write(record, error, std::move(value));
    }
}

asio::awaitable<void> workload::remove(key_record& record) {
    ++record.writes;
    std::error_code error;
    const bool was_there =
        co_await x_cache.async_remove(record.key, asio::redirect_error(asio::use_awaitable, error));
    if (!has_answer(error)) co_return failed_write(record, error, std::nullopt);
    x_keys.found_present(record, was_there);
    x_keys.wrote(record, std::nullopt);
}

asio::awaitable<void> workload::add(key_record& record) {
    std::string value = key_ledger::next_value(record);
    const store_options options = options_for(record);
    std::error_code error;
    const store_result result = co_await x_cache.async_add(
        record.key, value, options, asio::redirect_error(asio::use_awaitable, error));
    if (!has_answer(error)) co_return failed_write(record, error, std::move(value));
    const bool was_there = result != store_result::stored;
    const bool is_as_known = was_there == record.is_stored();
    x_keys.found_present(record, was_there);
    if (!was_there) co_return x_keys.wrote(record, std::move(value));
    if (!is_as_known) co_await set(record);
}

asio::awaitable<void> workload::append(key_record& record) {
    if (record.is_stored() && record.value->size() > longest_value) co_return co_await set(record);
    const std::string suffix = key_ledger::next_suffix(record);
    std::error_code error;
    const store_result result = co_await x_cache.async_append(
        record.key, suffix, asio::redirect_error(asio::use_awaitable, error));
    std::optional<std::string> longer;
    if (record.is_stored()) longer = *record.value + suffix;
    if (!has_answer(error)) co_return failed_write(record, error, std::move(longer));
    const bool was_there = result == store_result::stored;
    const bool is_as_known = was_there == record.is_stored();
    x_keys.found_present(record, was_there);
    if (!is_as_known) co_return co_await set(record);
    if (was_there) x_keys.wrote(record, std::move(longer));
}

asio::awaitable<void> workload::increment(key_record& record) {
    ++record.writes;
    std::error_code error;
    const std::optional<std::uint64_t> number = co_await x_cache.async_increment(
        record.key, 1, asio::redirect_error(asio::use_awaitable, error));
    std::optional<std::string> larger;
    if (record.is_stored()) larger = std::to_string(number_from(*record.value) + 1);
    if (!has_answer(error)) co_return failed_write(record, error, std::move(larger));
    const bool is_as_known = number.has_value() == record.is_stored();
    x_keys.found_present(record, number.has_value());
    if (!is_as_known) co_return co_await set(record);
    if (number) {
        // The answer is judged as a get's would be.
        x_keys.wrote(record, std::move(larger));
        x_keys.read(record, std::to_string(*number));
    }
}

asio::awaitable<void> workload::audit() {
    auto& records = x_keys.records();
    for (std::size_t begin = 0; begin < records.size(); begin += audit_batch) {
        const std::size_t end = std::min(begin + audit_batch, records.size());
        std::vector<std::string_view> keys;
        for (std::size_t i = begin; i < end; ++i) keys.emplace_back(records[i].key);
        const auto results = co_await x_cache.async_get_many(keys, asio::use_awaitable);
        for (std::size_t i = begin; i < end; ++i) {
            const auto& result = results[i - begin];
            if (!has_answer(result.error)) {
                x_keys.could_not_read(records[i]);
                continue;
            }
            std::optional<std::string> found;
            if (result.value) found = result.value->value;
            x_keys.read(records[i], found);
        }
    }
}

}  // namespace memring::tool
