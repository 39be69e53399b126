#pragma once
// Continuous traffic on keys of its own by one coroutine, checked against what it knows: every
// value it reads must be the one it last had acknowledged.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/use_awaitable.hpp>

#include <memring/client_options.hpp>
#include <memring/item.hpp>

namespace memring::testing {

/// What all the traffic of a test has seen.
struct tally {
    std::uint64_t operations = 0;
    std::uint64_t misses = 0;  ///< of keys that are there
    std::uint64_t wrong = 0;   ///< a value that was never the key's, or no longer
    std::uint64_t errors = 0;
    std::string first_wrong;
    std::string first_error;
};

/// What a key may hold. One state after an acknowledged operation; after a failed one those before
/// and behind it, and from then on also those that follow, for a command that timed out may still
/// lie in its node's queue.
class key_model {
public:
    using state = std::optional<std::string>;  ///< nothing: the key is absent

    [[nodiscard]] bool is_certain() const noexcept { return !x_in_doubt; }
    [[nodiscard]] bool allows(const state& seen) const { return x_states.contains(seen); }
    [[nodiscard]] const state& value() const noexcept { return *x_states.begin(); }
    [[nodiscard]] std::string text() const {
        std::string all;
        for (const auto& one : x_states) all += one ? " [" + one->substr(0, 40) + "]" : " absent";
        return all;
    }

    /// `made` was acknowledged.
    void becomes(state made) {
        if (!x_in_doubt) x_states.clear();
        x_states.insert(std::move(made));
    }
    /// The key was to become one of `made`, and nobody knows. A failed operation may cost the key.
    void may_become(std::vector<state> made) {
        x_in_doubt = true;
        x_states.insert(std::nullopt);
        for (auto& one : made) x_states.insert(std::move(one));
    }
    /// A failure elsewhere may have cost it.
    void may_be_lost() { x_states.insert(std::nullopt); }

private:
    std::set<state> x_states{std::nullopt};
    bool x_in_doubt = false;
};

/// One user of the cache. Keeps the client and the tally by reference.
template <class Client>
class checked_load {
public:
    checked_load(Client& cache, tally& counts, const bool& stop, unsigned id, std::size_t keys)
        : x_cache(cache), x_counts(counts), x_stop(stop), x_random(id) {
        for (std::size_t i = 0; i < keys; ++i) {
            x_keys.push_back({"u" + std::to_string(id) + ":" + std::to_string(i), {}, 0});
        }
    }

    /// Gives every key a value, then works until it is told to stop, then reads all once more.
    asio::awaitable<void> run() {
        for (auto& one : x_keys) co_await set(one);
        x_has_begun = true;
        while (!x_stop) {
            auto& one = x_keys[x_random() % x_keys.size()];
            co_await work(one, static_cast<unsigned>(x_random() % 20));
        }
        for (auto& one : x_keys) co_await get(one);
        x_has_ended = true;
    }

    [[nodiscard]] bool has_begun() const noexcept { return x_has_begun; }
    [[nodiscard]] bool has_ended() const noexcept { return x_has_ended; }

    /// A node was killed with whatever it held: any key may be missed, none may be wrong.
    void expect_losses() noexcept { x_expects_losses = true; }

private:
    struct owned_key {
        std::string name;
        key_model model;
        std::uint64_t cas;  // of the last get; 0 for none since the last change
    };
    using state = key_model::state;

    asio::awaitable<void> work(owned_key& one, unsigned kind) {
        ++x_counts.operations;
        if (x_expects_losses) one.model.may_be_lost();
        if (kind < 5) return get(one);
        // What an operation makes of a value that is not known cannot be checked.
        if (!one.model.is_certain() || x_expects_losses) return kind < 14 ? set(one) : remove(one);
        switch (kind) {
            case 5:
            case 6: return set(one);
            case 7: return remove(one);
            case 8: return add(one);
            case 9: return replace(one);
            case 10: return extend(one, true);
            case 11: return extend(one, false);
            case 12: return count(one, true);
            case 13: return count(one, false);
            case 14:
            case 15: return compare_and_swap(one);
            case 16: return touch(one);
            case 17: return get_and_touch(one);
            case 18: return start_counting(one);
            default: return get_some();
        }
    }

    std::string fresh(const owned_key& one) {
        ++x_written;
        return one.name + "=" + std::to_string(x_written) +
               std::string(x_random() % 300, static_cast<char>('a' + x_written % 26));
    }

    void fail(owned_key& one, const std::system_error& error, std::vector<state> made) {
        if (x_counts.errors++ == 0) x_counts.first_error = error.what();
        one.model.may_become(std::move(made));
        one.cas = 0;
    }
    void wrong(const owned_key& one, std::string_view operation, const std::string& seen) {
        if (x_counts.wrong++ != 0) return;
        x_counts.first_wrong = one.name + ": " + std::string(operation) + " saw " + seen +
                               ", expected" + one.model.text();
    }
    // What a read brought.
    void check(const owned_key& one, std::string_view operation, const state& seen) {
        if (one.model.allows(seen) || (!seen && x_expects_losses)) return;
        if (!seen) {
            ++x_counts.misses;
        } else {
            wrong(one, operation, seen->substr(0, 60));
        }
    }
    // Whether a conditional operation found what it had to find.
    void check_outcome(const owned_key& one, std::string_view operation, bool found) {
        const bool expected = one.model.value().has_value();
        if (found == expected) return;
        if (expected) {
            ++x_counts.misses;
        } else {
            wrong(one, operation, "an absent key");
        }
    }
    void learn(owned_key& one, state made) {
        one.model.becomes(std::move(made));
        one.cas = 0;
    }

    asio::awaitable<void> get(owned_key& one) {
        try {
            const auto found = co_await x_cache.async_get(one.name, asio::use_awaitable);
            state seen;
            if (found) seen = found->value;
            check(one, "get", seen);
            one.cas = found ? found->cas : 0;
        } catch (const std::system_error& error) {
            fail(one, error, {});
        }
    }

    asio::awaitable<void> get_some() {
        std::vector<owned_key*> asked;
        std::vector<std::string_view> names;
        for (std::size_t i = x_random() % x_keys.size(), n = 0; n < 10; ++n, i += 7) {
            asked.push_back(&x_keys[i % x_keys.size()]);
            names.push_back(asked.back()->name);
        }
        try {
            const auto found = co_await x_cache.async_get_many(names, asio::use_awaitable);
            for (std::size_t i = 0; i < asked.size(); ++i) {
                if (found[i].error) {
                    fail(*asked[i], std::system_error(found[i].error), {});
                    continue;
                }
                state seen;
                if (found[i].value) seen = found[i].value->value;
                check(*asked[i], "get_many", seen);
            }
        } catch (const std::system_error& error) {
            for (auto* one : asked) fail(*one, error, {});
        }
    }

    asio::awaitable<void> set(owned_key& one) {
        const std::string made = fresh(one);
        try {
            (void)co_await x_cache.async_set(one.name, made, asio::use_awaitable);
            learn(one, made);
        } catch (const std::system_error& error) {
            fail(one, error, {made});
        }
    }

    asio::awaitable<void> start_counting(owned_key& one) {
        const std::string made = std::to_string(1000 + x_random() % 1000000);
        try {
            (void)co_await x_cache.async_set(one.name, made, asio::use_awaitable);
            learn(one, made);
        } catch (const std::system_error& error) {
            fail(one, error, {made});
        }
    }

    asio::awaitable<void> remove(owned_key& one) {
        try {
            const bool found = co_await x_cache.async_remove(one.name, asio::use_awaitable);
            if (one.model.is_certain() && !x_expects_losses) check_outcome(one, "remove", found);
            learn(one, std::nullopt);
        } catch (const std::system_error& error) {
            fail(one, error, {});
        }
    }

    asio::awaitable<void> add(owned_key& one) {
        const std::string made = fresh(one);
        try {
            const auto got = co_await x_cache.async_add(one.name, made, asio::use_awaitable);
            check_outcome(one, "add", got != store_result::stored);
            if (got == store_result::stored) learn(one, made);
        } catch (const std::system_error& error) {
            fail(one, error, {made});
        }
    }

    asio::awaitable<void> replace(owned_key& one) {
        const std::string made = fresh(one);
        try {
            const auto got = co_await x_cache.async_replace(one.name, made, asio::use_awaitable);
            check_outcome(one, "replace", got == store_result::stored);
            if (got == store_result::stored) learn(one, made);
        } catch (const std::system_error& error) {
            fail(one, error, {made});
        }
    }

    asio::awaitable<void> extend(owned_key& one, bool at_end) {
        const std::string part = "+" + std::to_string(++x_written);
        state made = one.model.value();
        // Not for ever: values would grow with the speed of the machine.
        if (made && made->size() > 2000) co_return;
        if (made) made = at_end ? *made + part : part + *made;
        try {
            store_result got = store_result::not_stored;
            if (at_end) {
                got = co_await x_cache.async_append(one.name, part, asio::use_awaitable);
            } else {
                got = co_await x_cache.async_prepend(one.name, part, asio::use_awaitable);
            }
            check_outcome(one, "extend", got == store_result::stored);
            if (got == store_result::stored && made) learn(one, made);
        } catch (const std::system_error& error) {
            fail(one, error, {made});
        }
    }

    asio::awaitable<void> count(owned_key& one, bool up) {
        const state before = one.model.value();
        if (before && !is_number(*before)) co_return;
        state made;
        // A shrinking decr leaves blanks, which are not this test's business: digits stay as many.
        const std::uint64_t delta = 1;
        if (before)
            made = std::to_string(up ? std::stoull(*before) + delta : std::stoull(*before) - delta);
        if (made && made->size() != before->size()) co_return;
        try {
            std::optional<std::uint64_t> got;
            if (up) {
                got = co_await x_cache.async_increment(one.name, delta, asio::use_awaitable);
            } else {
                got = co_await x_cache.async_decrement(one.name, delta, asio::use_awaitable);
            }
            check_outcome(one, "count", got.has_value());
            if (!got || !made) co_return;
            if (std::to_string(*got) != *made) wrong(one, "count", std::to_string(*got));
            learn(one, made);
        } catch (const std::system_error& error) {
            fail(one, error, {made});
        }
    }

    // A cas number from before a move may be refused though nobody wrote: `exists` is safe.
    asio::awaitable<void> compare_and_swap(owned_key& one) {
        if (one.cas == 0) co_return;
        const std::string made = fresh(one);
        try {
            const auto got = co_await x_cache.async_compare_and_swap(one.name, made, one.cas,
                                                                     asio::use_awaitable);
            if (got == store_result::stored) {
                learn(one, made);
            } else if (got != store_result::exists) {
                ++x_counts.misses;
            }
            one.cas = 0;
        } catch (const std::system_error& error) {
            fail(one, error, {made});
        }
    }

    asio::awaitable<void> touch(owned_key& one) {
        try {
            const bool found =
                co_await x_cache.async_touch(one.name, x_long_time, asio::use_awaitable);
            check_outcome(one, "touch", found);
            one.cas = 0;
        } catch (const std::system_error& error) {
            fail(one, error, {});
        }
    }

    asio::awaitable<void> get_and_touch(owned_key& one) {
        try {
            const auto found =
                co_await x_cache.async_get_and_touch(one.name, x_long_time, asio::use_awaitable);
            state seen;
            if (found) seen = found->value;
            check(one, "get_and_touch", seen);
            one.cas = 0;
        } catch (const std::system_error& error) {
            fail(one, error, {});
        }
    }

    static bool is_number(const std::string& text) {
        return !text.empty() &&
               std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    }

    Client& x_cache;
    tally& x_counts;
    const bool& x_stop;
    std::minstd_rand x_random;
    std::vector<owned_key> x_keys;
    std::uint64_t x_written = 0;
    std::chrono::seconds x_long_time{3600};
    bool x_has_begun = false;
    bool x_has_ended = false;
    bool x_expects_losses = false;
};

}  // namespace memring::testing
