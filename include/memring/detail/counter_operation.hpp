#pragma once
// Counting with an initial value where no single command does that: over the classic protocol, and
// while the key has two owners.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <memring/detail/composed_operation.hpp>
#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/protocol/command.hpp>

namespace memring::detail {

/// Counts; where there is nothing to count, adds the initial value; where somebody else has added
/// meanwhile, counts again.
template <class Core>
class counter_operation final : public composed_operation<Core> {
public:
    static void start(std::shared_ptr<Core> core, operation& waiter, command&& request,
                      std::string server_key) {
        auto* const made = new counter_operation(std::move(core), waiter, std::move(request),
                                                 std::move(server_key));
        made->resume();
    }

private:
    counter_operation(std::shared_ptr<Core> core, operation& waiter, command&& request,
                      std::string server_key)
        : composed_operation<Core>(std::move(core), waiter, std::move(server_key)),
          x_request(std::move(request)) {}

    void resume() override {
        command count = x_request;
        count.has_initial = false;
        count.expiry = 0;
        x_is_adding = false;
        this->execute(std::move(count));
    }

    void next(answer&& got) override {
        if (got.error) return this->finish(std::move(got));
        if (x_is_adding) {
            if (got.what != status::ok) return this->pause();
            got.number = x_request.initial;
            return this->finish(std::move(got));
        }
        if (got.what != status::miss) return this->finish(std::move(got));
        command add;
        add.what = verb::add;
        add.key = x_request.key;
        add.value = std::to_string(x_request.initial);
        add.expiry = x_request.expiry;
        x_is_adding = true;
        this->execute(std::move(add));
    }

    command x_request;
    bool x_is_adding = false;
};

}  // namespace memring::detail
