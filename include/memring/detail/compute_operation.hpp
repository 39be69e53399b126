#pragma once
// Get or compute: of all who miss a key at the same time, one computes its value. Built on the win
// tokens of the meta protocol (memcached 1.6, doc/protocol.txt: N, R, W, Z, X).

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <asio/error.hpp>

#include <memring/detail/composed_operation.hpp>
#include <memring/detail/compute_handler.hpp>
#include <memring/detail/late_answer.hpp>
#include <memring/detail/made_value.hpp>
#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/item.hpp>
#include <memring/protocol/command.hpp>
#include <memring/values/encoded_value.hpp>

namespace memring::detail {

/// Where the answer of a compute operation says what became of it.
struct to_cached_value {
    using result = cached_value;
    static result convert(answer&& got, const std::error_code& error) {
        if (error) return {};
        const value_source source = got.won     ? value_source::computed
                                    : got.stale ? value_source::stale
                                                : value_source::hit;
        const bool is_stored = !got.won || got.what == status::ok;
        const std::uint32_t flags = got.flags;
        return {got.take_value(), flags, source, is_stored};
    }
};

template <class Core, class Compute>
class compute_operation final : public composed_operation<Core> {
public:
    struct settings {
        std::int64_t lease = 0;
        std::int64_t recache = 0;
        std::chrono::milliseconds timeout{0};
        bool accepts_stale = true;
    };

    /// `store`: a set of the key with expiry and flags.
    static void start(std::shared_ptr<Core> core, operation& waiter, command&& store,
                      std::string server_key, const settings& options, Compute compute) {
        auto* const made =
            new compute_operation(std::move(core), waiter, std::move(store), std::move(server_key),
                                  options, std::move(compute));
        made->resume();
    }

private:
    enum class stage : std::uint8_t { asking, computing, storing, giving_back };

    compute_operation(std::shared_ptr<Core> core, operation& waiter, command&& store,
                      std::string server_key, const settings& options, Compute compute)
        : composed_operation<Core>(std::move(core), waiter, std::move(server_key)),
          x_store(std::move(store)),
          x_options(options),
          x_compute(std::move(compute)) {}
    ~compute_operation() override {
        if (x_late) x_late->withdraw();
    }

    void resume() override {
        if (x_stage == stage::asking) {
            x_is_renewing = false;
            return this->ask();
        }
        x_late.reset();
        computed(std::move(*x_made));
    }

    // A key with two owners has no lease for applications: it is read, and computed on a miss.
    void ask() {
        command ask;
        ask.key = x_store.key;
        x_asks_for_lease = !this->core().is_moving_key(x_store.key.view(), this->server_key());
        if (x_asks_for_lease) {
            ask.what = verb::lease;
            ask.expiry = x_options.lease;
            ask.wants_ttl = x_options.recache != 0;
            if (x_is_renewing) ask.recache = x_options.recache;
        }
        this->execute(std::move(ask));
    }

    void next(answer&& got) override {
        const bool is_aborted = got.error == asio::error::operation_aborted;
        switch (x_stage) {
            case stage::asking: return after_asking(std::move(got));
            case stage::computing: return;  // has no command under way
            case stage::storing:
                if (is_aborted) return this->finish(got.error);
                return finish_computed(!got.error && got.what == status::ok);
            case stage::giving_back: return this->finish(is_aborted ? got.error : x_error);
        }
    }

    void after_asking(answer&& got) {
        if (got.error) return this->finish(std::move(got));
        const bool is_value = got.what == status::ok && !got.is_placeholder();
        if (is_value && !got.won && (!got.stale || x_options.accepts_stale)) {
            if (!is_due(got)) return this->finish(std::move(got));
            x_is_renewing = true;
            return this->ask();
        }
        if (got.what == status::ok && !got.won && this->has_waiter())
            return this->pause();  // somebody else computes
        x_token = got.won ? got.cas : 0;
        x_was_empty = !is_value;
        x_was_stale = got.stale;
        if (!this->has_waiter()) return give_back(asio::error::operation_aborted);
        if constexpr (guards_old_value<Compute>) {
            // An invalidated value is to go; one that is only renewed early is still good.
            const bool is_good = is_value && !got.stale;
            if (is_good) x_error = x_compute.why_keep(got.bytes(), got.flags);
            if (x_error) return this->finish(x_error);
        }
        call_function();
    }

    // Whether this hit is to be asked for again, with a wish to renew it. Not an empty one: with
    // the marks of a win or of somebody else's, everybody would take it for a placeholder.
    [[nodiscard]] bool is_due(const answer& hit) const noexcept {
        return !x_is_renewing && this->has_waiter() && !hit.leased && !hit.bytes().empty() &&
               hit.ttl >= 0 && hit.ttl < x_options.recache;
    }

    void call_function() {
        x_stage = stage::computing;
        if constexpr (computes_at_once<Compute>) {
            std::optional<made_value> made;
            try {
                made.emplace(call_compute(x_compute));
            } catch (...) {
                give_back(asio::error::operation_aborted);
                throw;
            }
            computed(std::move(*made));
        } else {
            x_late = std::make_shared<late_answer<made_value>>(this->core().executor(),
                                                               [this](made_value&& made) {
                                                                   x_made = std::move(made);
                                                                   this->come_back();
                                                               });
            this->wait_outside();
            x_compute(compute_handler(x_late));
        }
    }

    // The client does not wait for the application.
    void stopped() noexcept override {
        if (!x_late) return composed_operation<Core>::stopped();
        x_late->withdraw();
        x_made = aborted_value();
        this->come_back();
    }

    void computed(made_value made) {
        this->deadline = later(clock::now(), x_options.timeout);
        if (made.error) return give_back(made.error);
        x_store.value = std::move(*made.bytes);
        x_store.flags |= made.flags.value_or(0);
        if (x_store.value.size() > this->core().options().max_value_size) {
            x_is_too_large = true;
            return give_back({});
        }
        command store = x_store;
        store.compare = x_token;
        x_stage = stage::storing;
        this->execute(std::move(store));
    }

    // Others need not wait for the end of a lease that nobody will fill. Of an item that was to be
    // renewed early the token cannot be given back: it just expires.
    void give_back(std::error_code error) {
        x_error = error;
        command back;
        back.key = x_store.key;
        back.what = x_was_empty ? verb::remove : verb::invalidate;
        back.compare = x_token;
        const bool has_something = x_token != 0 && (x_was_empty || x_was_stale);
        if (x_is_too_large && !has_something) return finish_computed(false);
        if (!has_something) return this->finish(error);
        x_stage = x_is_too_large ? stage::storing : stage::giving_back;
        this->execute(std::move(back));
    }

    void finish_computed(bool is_stored) {
        answer result;
        result.what = is_stored && !x_is_too_large ? status::ok : status::not_stored;
        result.won = true;
        result.flags = x_store.flags;
        result.value = std::move(x_store.value);
        this->finish(std::move(result));
    }

    // The application is told; for the others the value is still stored, or the lease given back
    // (which may just be on its way here).
    [[nodiscard]] bool outlives_its_waiter() const noexcept override {
        return x_stage != stage::asking || x_asks_for_lease;
    }
    void cancelled_between() noexcept override {
        this->complete_waiter_later(asio::error::operation_aborted);
    }

    command x_store;
    settings x_options;
    Compute x_compute;
    std::shared_ptr<late_answer<made_value>> x_late;  // while an asynchronous function is at work
    std::optional<made_value> x_made;                 // by that function
    std::uint64_t x_token = 0;
    std::error_code x_error;
    stage x_stage = stage::asking;
    bool x_asks_for_lease = false;
    bool x_is_renewing = false;  // has found a hit near its end and asks again, to renew it
    bool x_was_empty = true;
    bool x_was_stale = false;
    bool x_is_too_large = false;
};

}  // namespace memring::detail
