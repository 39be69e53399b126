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
#include <memring/protocol/pipeline.hpp>

namespace memring::detail {

class held_list {
public:
    [[nodiscard]] bool empty() const noexcept { return x_waiting.empty(); }

    /// Tickets of this list are told from a pipeline's by their highest bit.
    [[nodiscard]] static bool is_held(std::uint64_t ticket) noexcept { return ticket >> 63 != 0; }

    /// Who waits, and for what kind of reply.
    struct held {
        operation* waiter = nullptr;  ///< none: a mark
        owed_reply owed{};
    };

    /// `submit` hands the waiter to the connection again. Sets the waiter's ticket.
    void add(held what, std::function<void()> submit) {
        what.waiter->ticket = x_next++;
        x_waiting.push_back({what, std::move(submit)});
    }

    /// `passed` is called once all that was added before has been submitted or taken out.
    void add_mark(std::function<void()> passed) { x_waiting.push_back({{}, std::move(passed)}); }

    /// Precondition: it is there.
    held remove(const operation& waiter) {
        const auto place =
            std::ranges::find(x_waiting, &waiter, [](const entry& e) { return e.what.waiter; });
        const held removed = place->what;
        x_waiting.erase(place);
        return removed;
    }

    /// Submits all, in their order.
    void release() {
        for (auto all = std::exchange(x_waiting, {}); !all.empty(); all.pop_front()) {
            all.front().submit();
        }
    }

    /// Empties the list; who waited, oldest first.
    [[nodiscard]] std::vector<held> drop_all() {
        std::vector<held> waiters;
        for (auto all = std::exchange(x_waiting, {}); !all.empty(); all.pop_front()) {
            if (all.front().what.waiter) {
                waiters.push_back(all.front().what);
            } else {
                all.front().submit();
            }
        }
        return waiters;
    }

    /// Takes out those whose waiter fits: `fits(waiter)`, then `given_up(held)`.
    template <class Fits, class GivenUp>
    void abandon_if(Fits&& fits, GivenUp&& given_up) {
        std::erase_if(x_waiting, [&](const entry& e) {
            if (!e.what.waiter || !fits(*e.what.waiter)) return false;
            given_up(e.what);
            return true;
        });
    }

private:
    struct entry {
        held what;
        std::function<void()> submit;
    };

    std::deque<entry> x_waiting;
    std::uint64_t x_next = std::uint64_t{1} << 63;
};

}  // namespace memring::detail
