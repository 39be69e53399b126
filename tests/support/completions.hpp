#pragma once
// Handlers that remember how they were called, all operations of a client in one table, and runs
// of a context that must come to an end.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>

#include <memring/client_options.hpp>
#include <memring/item.hpp>
#include <memring/node_outcome.hpp>
#include <memring/protocol/protocol.hpp>

namespace memring::testing {

/// What became of one operation.
template <class Result>
struct completion {
    int calls = 0;
    std::error_code error;
    Result value{};
};

/// A handler that writes down its call. Copies share what they write.
template <class Result>
struct recorder {
    std::shared_ptr<completion<Result>> seen = std::make_shared<completion<Result>>();

    void operator()(std::error_code error, Result value) const {
        ++seen->calls;
        seen->error = error;
        seen->value = std::move(value);
    }
    [[nodiscard]] bool is_done() const noexcept { return seen->calls == 1; }
    [[nodiscard]] const completion<Result>* operator->() const noexcept { return seen.get(); }
};

/// Runs what is ready, without waiting.
inline void run_ready(asio::io_context& io) {
    io.restart();
    io.poll();
}

/// Runs until there is nothing left to do; false if that takes longer than `limit`.
[[nodiscard]] inline bool runs_out_of_work(
    asio::io_context& io, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    io.restart();
    io.run_for(limit);
    return io.stopped();
}

/// A handler for any operation that passes only the error on: of a batch of one, its key's.
struct error_only {
    std::function<void(std::error_code)> done;

    template <class Result>
    void operator()(std::error_code error, const Result&) const {
        done(error);
    }
    template <class T>
    void operator()(std::error_code error, const std::vector<outcome<T>>& results) const {
        done(error || results.empty() ? error : results.front().error);
    }
    template <class T>
    void operator()(std::error_code error, const std::vector<node_outcome<T>>& results) const {
        done(error || results.empty() ? error : results.front().error);
    }
};

template <class Client>
struct named_operation {
    std::string name;
    std::function<void(Client&, std::string_view key, error_only)> start;
    bool needs_meta = false;
    bool needs_text = false;

    /// Whether a client sends it over `speaks`, or refuses it as unsupported.
    [[nodiscard]] bool is_known_to(protocol speaks) const noexcept {
        if (speaks == protocol::binary) return !needs_meta && !needs_text;
        return !needs_meta || speaks != protocol::classic;
    }
};

/// Every operation that takes a key, and those on many keys with one. A compare-and-swap uses a
/// number no item has, and what is computed is computed at once.
template <class Client>
std::vector<named_operation<Client>> every_key_operation() {
    using namespace std::chrono_literals;
    using text = std::string_view;
    using entries = std::span<const entry>;
    const auto made = [](const char* name, auto start) {
        return named_operation<Client>{name, start};
    };
    const auto made_of_meta = [](const char* name, auto start) {
        return named_operation<Client>{.name = name, .start = start, .needs_meta = true};
    };
    const auto made_of_entry = [&](const char* name, const entry& stored, auto start) {
        return made(name, [stored, start](Client& c, text key, error_only h) {
            const entry one{key, stored.value, stored.cas};
            start(c, entries(&one, 1), h);
        });
    };
    return {
        made("get", [](Client& c, text key, error_only h) { c.async_get(key, h); }),
        made("set", [](Client& c, text key, error_only h) { c.async_set(key, "12345", h); }),
        made("add", [](Client& c, text key, error_only h) { c.async_add(key, "12345", h); }),
        made("replace", [](Client& c, text key, error_only h) { c.async_replace(key, "123", h); }),
        made("append", [](Client& c, text key, error_only h) { c.async_append(key, "1", h); }),
        made("prepend", [](Client& c, text key, error_only h) { c.async_prepend(key, "1", h); }),
        made("compare_and_swap",
             [](Client& c, text key, error_only h) {
                 c.async_compare_and_swap(key, "12345", 999'999'999, h);
             }),
        made("remove", [](Client& c, text key, error_only h) { c.async_remove(key, h); }),
        made("touch", [](Client& c, text key, error_only h) { c.async_touch(key, 100s, h); }),
        made("get_and_touch",
             [](Client& c, text key, error_only h) { c.async_get_and_touch(key, 100s, h); }),
        made_of_meta("invalidate",
                     [](Client& c, text key, error_only h) { c.async_invalidate(key, 100s, h); }),
        made_of_meta("inspect", [](Client& c, text key, error_only h) { c.async_inspect(key, h); }),
        made("increment", [](Client& c, text key, error_only h) { c.async_increment(key, 2, h); }),
        made("decrement", [](Client& c, text key, error_only h) { c.async_decrement(key, 2, h); }),
        made("increment_from",
             [](Client& c, text key, error_only h) {
                 c.async_increment(key, 2, counter_options{.initial = 7}, h);
             }),
        made("decrement_from",
             [](Client& c, text key, error_only h) {
                 c.async_decrement(key, 2, counter_options{.initial = 7}, h);
             }),
        made("update",
             [](Client& c, text key, error_only h) {
                 c.async_update(
                     key, [](const std::optional<item>&) { return "12345"; }, h);
             }),
        made_of_meta("get_or_compute",
                     [](Client& c, text key, error_only h) {
                         c.async_get_or_compute(
                             key, [] { return "12345"; }, h);
                     }),
        made_of_meta("get_or_compute_later",
                     [](Client& c, text key, error_only h) {
                         c.async_get_or_compute(
                             key, [](auto done) { done({}, "12345"); }, h);
                     }),
        made("get_many",
             [](Client& c, text key, error_only h) { c.async_get_many(std::span(&key, 1), h); }),
        made_of_entry("set_many", {{}, "12345"},
                      [](Client& c, entries one, error_only h) { c.async_set_many(one, h); }),
        made_of_entry("add_many", {{}, "12345"},
                      [](Client& c, entries one, error_only h) { c.async_add_many(one, h); }),
        made_of_entry("replace_many", {{}, "123"},
                      [](Client& c, entries one, error_only h) { c.async_replace_many(one, h); }),
        made_of_entry("append_many", {{}, "1"},
                      [](Client& c, entries one, error_only h) { c.async_append_many(one, h); }),
        made_of_entry("prepend_many", {{}, "1"},
                      [](Client& c, entries one, error_only h) { c.async_prepend_many(one, h); }),
        made_of_entry(
            "compare_and_swap_many", {{}, "12345", 999'999'999},
            [](Client& c, entries one, error_only h) { c.async_compare_and_swap_many(one, h); }),
        made("remove_many",
             [](Client& c, text key, error_only h) { c.async_remove_many(std::span(&key, 1), h); }),
        made_of_meta("invalidate_many",
                     [](Client& c, text key, error_only h) {
                         c.async_invalidate_many(std::span(&key, 1), 100s, h);
                     }),
        made("touch_many", [](Client& c, text key,
                              error_only h) { c.async_touch_many(std::span(&key, 1), 100s, h); }),
        made("get_and_touch_many",
             [](Client& c, text key, error_only h) {
                 c.async_get_and_touch_many(std::span(&key, 1), 100s, h);
             }),
        made_of_meta(
            "inspect_many",
            [](Client& c, text key, error_only h) { c.async_inspect_many(std::span(&key, 1), h); }),
        made("increment_many",
             [](Client& c, text key, error_only h) {
                 c.async_increment_many(std::span(&key, 1), 2, h);
             }),
        made("decrement_many",
             [](Client& c, text key, error_only h) {
                 c.async_decrement_many(std::span(&key, 1), 2, h);
             }),
        made("increment_many_from",
             [](Client& c, text key, error_only h) {
                 c.async_increment_many(std::span(&key, 1), 2, counter_options{.initial = 7}, h);
             }),
        made("visit_many",
             [](Client& c, text key, error_only h) {
                 const auto seen = std::make_shared<std::error_code>();
                 c.async_visit_many(
                     std::span(&key, 1),
                     [seen](std::size_t, const outcome<std::optional<item_view>>& one) {
                         *seen = one.error;
                     },
                     [seen, h](std::error_code error, std::size_t) {
                         h.done(error ? error : *seen);
                     });
             }),
    };
}

/// Every operation; those on all nodes do not look at the key.
template <class Client>
std::vector<named_operation<Client>> every_operation() {
    auto all = every_key_operation<Client>();
    using text = std::string_view;
    const auto add = [&](const char* name, auto start) {
        all.push_back(named_operation<Client>{name, start});
    };
    add("flush_all", [](Client& c, text, error_only h) { c.async_flush_all(h); });
    add("version", [](Client& c, text, error_only h) { c.async_version(h); });
    add("stats", [](Client& c, text, error_only h) { c.async_stats(h); });
    all.push_back({.name = "verbosity",
                   .start = [](Client& c, text, error_only h) { c.async_verbosity(1, h); },
                   .needs_text = true});
    return all;
}

/// Every operation that is known to `speaks`.
template <class Client>
std::vector<named_operation<Client>> every_operation_of(protocol speaks) {
    auto all = every_operation<Client>();
    std::erase_if(all, [&](const auto& operation) { return !operation.is_known_to(speaks); });
    return all;
}

}  // namespace memring::testing
