#pragma once
// Read, change, compare-and-swap, and again if somebody else was faster.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <asio/error.hpp>

#include <memring/detail/composed_operation.hpp>
#include <memring/detail/made_value.hpp>
#include <memring/detail/operation.hpp>
#include <memring/detail/results.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/protocol/command.hpp>

namespace memring::detail {

/// `Change` is called with a `const std::optional<item>&`; what it may return is said in
/// made_value.hpp.
template <class Core, class Change>
class update_operation final : public composed_operation<Core> {
public:
    /// `store`: a set of the key with expiry and the flags of a new item.
    static void start(std::shared_ptr<Core> core, operation& waiter, command&& store,
                      std::string server_key, Change change) {
        auto* const made = new update_operation(std::move(core), waiter, std::move(store),
                                                std::move(server_key), std::move(change));
        made->resume();
    }

private:
    update_operation(std::shared_ptr<Core> core, operation& waiter, command&& store,
                     std::string server_key, Change change)
        : composed_operation<Core>(std::move(core), waiter, std::move(server_key)),
          x_store(std::move(store)),
          x_change(std::move(change)) {}

    void resume() override {
        command read;
        read.key = x_store.key;
        x_is_storing = false;
        this->execute(std::move(read));
    }

    void next(answer&& got) override {
        if (x_is_storing) return after_store(std::move(got));
        if (got.error) return this->finish(std::move(got));
        x_token = got.won ? got.cas : 0;
        // Over the placeholder of a lease it stores too: whoever computes finds it taken.
        const bool is_there = got.what == status::ok && !got.is_placeholder();
        const bool is_leased = got.what == status::ok && !is_there &&
                               !this->core().is_moving_key(x_store.key.view(), this->server_key());
        if (is_there && got.cas == 0) return this->finish(errc::unsupported);  // nothing to compare
        answer seen = got;
        const std::optional<item> current = to_item::convert(std::move(got), {});
        std::optional<made_value> called;
        try {
            called.emplace(call_change(x_change, current));
        } catch (...) {
            give_back();
            this->finish(asio::error::operation_aborted);
            throw;
        }
        made_value& changed = *called;
        if (changed.error || !changed.bytes) {
            give_back();
            if (changed.error) return this->finish(changed.error);
            if (x_token != 0) seen.cas = 0;  // the item gets another
            return this->finish(std::move(seen));
        }
        if (changed.bytes->size() > this->core().options().max_value_size) {
            give_back();
            return this->finish(errc::value_too_large);
        }
        x_value = std::move(*changed.bytes);
        command store = x_store;
        store.what = is_there || is_leased ? verb::set : verb::add;
        store.compare = is_there || is_leased ? seen.cas : 0;
        if (changed.flags)
            store.flags |= *changed.flags;
        else if (is_there)
            store.flags = seen.flags;
        x_flags = store.flags;
        store.value = x_value;
        x_is_storing = true;
        this->execute(std::move(store));
    }

    // What a read wins of a stale item is for whoever renews it.
    void give_back() {
        if (x_token == 0) return;
        command back;
        back.what = verb::invalidate;
        back.key = x_store.key;
        back.compare = x_token;
        operation& nobody = unheard_operation::create();
        nobody.deadline = later(clock::now(), this->core().options().timeout);
        this->core().execute(nobody, std::move(back), this->server_key());
    }

    void after_store(answer&& got) {
        if (got.error) {  // if it was stored all the same, nothing is given back
            give_back();
            return this->finish(std::move(got));
        }
        if (got.what != status::ok) return this->pause();
        got.value = std::move(x_value);
        got.flags = x_flags;
        this->finish(std::move(got));
    }

    command x_store;
    Change x_change;
    std::string x_value;
    std::uint64_t x_token = 0;  // won by the last read
    std::uint32_t x_flags = 0;
    bool x_is_storing = false;
};

}  // namespace memring::detail
