#pragma once
// What waits for a connection to learn which protocol its node speaks: nothing can be encoded
// before.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include <memring/detail/operation.hpp>

namespace memring::detail {

class held_list {
public:
    [[nodiscard]] bool empty() const noexcept { return x_waiting.empty(); }

    /// Tickets of this list are told from a pipeline's by their highest bit.
    [[nodiscard]] static bool is_held(std::uint64_t ticket) noexcept { return ticket >> 63 != 0; }

    /// `submit` hands the waiter to the connection again. Sets the waiter's ticket.
    void add(operation& waiter, std::function<void()> submit) {
        waiter.ticket = x_next++;
        x_waiting.push_back({&waiter, std::move(submit)});
    }

    /// `passed` is called once all that was added before has been submitted or taken out.
    void add_mark(std::function<void()> passed) {
        x_waiting.push_back({nullptr, std::move(passed)});
    }

    void remove(const operation& waiter) {
        std::erase_if(x_waiting, [&](const entry& held) { return held.waiter == &waiter; });
    }

    /// Submits all, in their order.
    void release() {
        for (auto all = std::exchange(x_waiting, {}); !all.empty(); all.pop_front()) {
            all.front().submit();
        }
    }

    /// Empties the list; who waited, oldest first.
    [[nodiscard]] std::vector<operation*> drop_all() {
        std::vector<operation*> waiters;
        for (auto all = std::exchange(x_waiting, {}); !all.empty(); all.pop_front()) {
            if (all.front().waiter) {
                waiters.push_back(all.front().waiter);
            } else {
                all.front().submit();
            }
        }
        return waiters;
    }

    /// Takes out those whose waiter fits: `fits(waiter)`, then `given_up(waiter)`.
    template <class Fits, class GivenUp>
    void abandon_if(Fits&& fits, GivenUp&& given_up) {
        std::erase_if(x_waiting, [&](const entry& held) {
            if (!held.waiter || !fits(*held.waiter)) return false;
            given_up(*held.waiter);
            return true;
        });
    }

private:
    struct entry {
        operation* waiter = nullptr;
        std::function<void()> submit;
    };

    std::deque<entry> x_waiting;
    std::uint64_t x_next = std::uint64_t{1} << 63;
};

}  // namespace memring::detail
