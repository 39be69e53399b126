#pragma once
// Storing many encoded values. A batch of the client has one set of flags for all its entries, so
// values that differ in theirs (one is compressed, another is not) take a batch for each.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/cancellation_state.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/error.hpp>

#include <memring/client_options.hpp>
#include <memring/item.hpp>
#include <memring/values/typed_item.hpp>
#include <memring/values/value.hpp>

namespace memring::detail {

/// Encoded entries and what became of them; hands out one batch after the other.
class typed_stores {
public:
    template <class Dialect, class T>
    typed_stores(const Dialect& dialect, std::span<const typed_entry<T>> entries)
        : x_results(entries.size()) {
        x_keys.reserve(entries.size());
        x_encoded.reserve(entries.size());
        for (const auto& each : entries) {
            auto encoded = dialect.encode(each.value);
            x_results[x_keys.size()].error = encoded.error;
            x_is_done.push_back(static_cast<bool>(encoded.error));
            x_keys.emplace_back(each.key);
            x_encoded.push_back(std::move(encoded.value));
        }
    }

    /// The next entries that share their flags; none when all have been handed out.
    [[nodiscard]] std::span<const entry> next(std::uint32_t& flags) {
        x_batch.clear();
        x_places.clear();
        for (std::size_t i = 0; i != x_keys.size(); ++i) {
            if (x_is_done[i] || (!x_batch.empty() && x_encoded[i].flags != flags)) continue;
            flags = x_encoded[i].flags;
            x_is_done[i] = true;
            x_places.push_back(i);
            x_batch.push_back({x_keys[i], x_encoded[i].bytes});
        }
        return x_batch;
    }

    /// What became of the last batch. Of an entry given up with the whole, the whole's error.
    void add(std::error_code error, const std::vector<outcome<store_result>>& results) {
        for (std::size_t i = 0; i != x_places.size(); ++i) {
            auto& result = x_results[x_places[i]];
            if (i < results.size())
                result = results[i];
            else
                result.error = error;
        }
    }

    [[nodiscard]] bool is_exhausted() const noexcept {
        return std::ranges::find(x_is_done, false) == x_is_done.end();
    }

    /// Gives up what has not been handed out.
    void give_up(std::error_code error) {
        for (std::size_t i = 0; i != x_keys.size(); ++i) {
            if (!x_is_done[i]) x_results[i].error = error;
        }
    }

    [[nodiscard]] std::vector<outcome<store_result>> take() noexcept {
        return std::move(x_results);
    }

private:
    std::vector<std::string> x_keys;
    std::vector<encoded_value> x_encoded;
    std::vector<bool> x_is_done;
    std::vector<std::size_t> x_places;  // of the last batch
    std::vector<entry> x_batch;
    std::vector<outcome<store_result>> x_results;
};

/// The batches on an asynchronous client, one after the other; for `asio::async_compose`.
template <class Client>
class set_typed {
public:
    set_typed(Client& client, typed_stores stores, const store_options& options)
        : x_client(&client), x_stores(std::move(stores)), x_options(options) {}

    // The first batch leaves even if it is empty: the client says then what is wrong with it.
    template <class Self>
    void operator()(Self& self) {
        self.reset_cancellation_state(asio::enable_total_cancellation());
        start(self);
    }

    template <class Self>
    void operator()(Self& self, std::error_code error, std::vector<outcome<store_result>> results) {
        x_stores.add(error, results);
        // A client that was stopped or destroyed is not to be asked again.
        const bool is_stopped = std::ranges::any_of(
            results, [](const auto& each) { return each.error == asio::error::operation_aborted; });
        if (x_stores.is_exhausted()) return self.complete(error, x_stores.take());
        if (!error && (is_stopped || is_cancelled(self))) {
            error = asio::error::operation_aborted;
        }
        if (!error) return start(self);
        x_stores.give_up(error);
        self.complete(error, x_stores.take());
    }

private:
    // Asio before 1.23 keeps it to itself; a batch under way is cancelled all the same.
    template <class Self>
    [[nodiscard]] static bool is_cancelled(const Self& self) noexcept {
        if constexpr (requires { self.cancelled(); }) {
            return self.cancelled() != asio::cancellation_type::none;
        } else {
            return false;
        }
    }

    template <class Self>
    void start(Self& self) {
        auto options = x_options;
        const auto batch = x_stores.next(options.flags);
        options.flags |= x_options.flags;
        x_client->async_set_many(batch, options, std::move(self));
    }

    Client* x_client;
    typed_stores x_stores;
    store_options x_options;
};

}  // namespace memring::detail
