#pragma once
// Storing many encoded values. A batch of the client has one set of flags for all its entries, so
// values that differ in theirs (one is compressed, another is not) take a batch for each.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/cancellation_type.hpp>

#include <memring/client_options.hpp>
#include <memring/item.hpp>
#include <memring/values/typed_item.hpp>
#include <memring/values/value.hpp>

namespace memring::detail {

/// Entries that share their flags, and their places in the whole.
struct typed_batch {
    std::uint32_t flags = 0;
    std::vector<entry> entries;  // into the typed_stores it came from
    std::vector<std::size_t> places;
};

/// Encoded entries and what became of them.
class typed_stores {
public:
    template <class Dialect, class T>
    typed_stores(const Dialect& dialect, std::span<const typed_entry<T>> entries)
        : x_results(entries.size()) {
        x_keys.reserve(entries.size());
        x_encoded.reserve(entries.size());
        x_cas.reserve(entries.size());
        for (const auto& each : entries) {
            auto encoded = dialect.encode(each.value);
            x_results[x_keys.size()].error = encoded.error;
            x_keys.emplace_back(each.key);
            x_encoded.push_back(std::move(encoded.value));
            x_cas.push_back(each.cas);
        }
    }

    /// At least one, if an empty one: the client says then whether it could have stored anything.
    /// A key that is there twice comes in its order: not in an earlier batch than before.
    [[nodiscard]] std::vector<typed_batch> batches() const {
        std::vector<typed_batch> all;
        std::unordered_map<std::string_view, std::ptrdiff_t> last_of_key;
        for (std::size_t i = 0; i != x_keys.size(); ++i) {
            if (x_results[i].error) continue;
            const auto flags = x_encoded[i].flags;
            auto& last = last_of_key[x_keys[i]];
            auto mine = std::find_if(all.begin() + last, all.end(),
                                     [&](const auto& batch) { return batch.flags == flags; });
            if (mine == all.end()) mine = all.insert(all.end(), typed_batch{flags, {}, {}});
            mine->entries.push_back({x_keys[i], x_encoded[i].bytes, x_cas[i]});
            mine->places.push_back(i);
            last = mine - all.begin();
        }
        if (all.empty()) all.emplace_back();
        return all;
    }

    /// What became of a batch; of an entry without a result of its own, the batch's error.
    void add(const typed_batch& batch, std::error_code error,
             const std::vector<outcome<store_result>>& results) {
        for (std::size_t i = 0; i != batch.places.size(); ++i) {
            auto& result = x_results[batch.places[i]];
            if (i < results.size())
                result = results[i];
            else
                result.error = error;
        }
    }

    [[nodiscard]] std::vector<outcome<store_result>> take() noexcept {
        return std::move(x_results);
    }

private:
    std::vector<std::string> x_keys;
    std::vector<encoded_value> x_encoded;
    std::vector<std::uint64_t> x_cas;
    std::vector<outcome<store_result>> x_results;
};

/// Batches under way together. Each has a cancellation signal of its own, because a slot serves one
/// operation only.
template <class Self>
class typed_batches {
public:
    typed_batches(Self&& self, typed_stores stores)
        : x_self(std::move(self)),
          x_stores(std::move(stores)),
          x_batches(x_stores.batches()),
          x_signals(x_batches.size()),
          x_pending(x_batches.size()) {}

    /// Everything is asked of the client here and now: later it may be gone. `send` is which of
    /// its operations.
    template <class Client, class Send>
    static void start(const std::shared_ptr<typed_batches>& all, Client& client,
                      const store_options& options, const Send& send) {
        all->pass_cancellation_on(all);
        const auto executor = asio::get_associated_executor(all->x_self, client.get_executor());
        for (std::size_t i = 0; i != all->x_batches.size(); ++i) {
            auto with = options;
            with.flags |= all->x_batches[i].flags;
            auto done = [all, i](std::error_code error, const auto& results) {
                all->finish(i, error, results);
            };
            send(client, std::span<const entry>(all->x_batches[i].entries), with,
                 asio::bind_cancellation_slot(all->x_signals[i].slot(),
                                              asio::bind_executor(executor, std::move(done))));
        }
    }

private:
    void pass_cancellation_on(const std::weak_ptr<typed_batches>& all) {
        auto slot = asio::get_associated_cancellation_slot(x_self);
        if (!slot.is_connected()) return;
        slot.assign([all](asio::cancellation_type type) {
            const auto held = all.lock();  // a batch may complete, and with it all, in the loop
            if (!held) return;
            for (auto& signal : held->x_signals) signal.emit(type);
        });
    }

    void finish(std::size_t index, std::error_code error,
                const std::vector<outcome<store_result>>& results) {
        x_stores.add(x_batches[index], error, results);
        if (error) x_error = error;
        if (--x_pending == 0) std::move(x_self)(x_error, x_stores.take());
    }

    Self x_self;
    typed_stores x_stores;
    std::vector<typed_batch> x_batches;
    std::vector<asio::cancellation_signal> x_signals;
    std::size_t x_pending;
    std::error_code x_error;
};

/// All batches on an asynchronous client, each by `send(client, entries, options, handler)`; for
/// `asio::async_compose`.
template <class Client, class Send>
class store_typed {
public:
    store_typed(Client& client, typed_stores stores, const store_options& options, Send send)
        : x_client(&client),
          x_stores(std::move(stores)),
          x_options(options),
          x_send(std::move(send)) {}

    template <class Self>
    void operator()(Self& self) {
        self.reset_cancellation_state(asio::enable_total_cancellation());
        auto& client = *x_client;
        auto stores = std::move(x_stores);
        const auto options = x_options;  // moving `self` moves this object
        const auto send = x_send;
        typed_batches<Self>::start(
            std::make_shared<typed_batches<Self>>(std::move(self), std::move(stores)), client,
            options, send);
    }

    template <class Self>
    void operator()(Self& self, std::error_code error, std::vector<outcome<store_result>> results) {
        self.complete(error, std::move(results));
    }

private:
    Client* x_client;
    typed_stores x_stores;
    store_options x_options;
    [[no_unique_address]] Send x_send;
};

}  // namespace memring::detail
