#pragma once
// The commands of a batch that go to one node together: takes their answers in order, tells who has
// had none, and asks again where an answer left open whether there is a value.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <memring/detail/operation.hpp>
#include <memring/error.hpp>
#include <memring/protocol/binary_decoder.hpp>
#include <memring/protocol/command.hpp>
#include <memring/protocol/command_batch.hpp>
#include <memring/protocol/protocol.hpp>
#include <memring/protocol/reply_reader.hpp>
#include <memring/protocol/wire.hpp>

namespace memring::detail {

/// Where bursts go: a connection.
class burst_target {
public:
    virtual void submit(burst& waiter, const burst_commands& asked) = 0;
    /// Writes what was submitted now, not when the executor comes to it: for whoever knows that no
    /// more will follow at once.
    virtual void flush_now() = 0;
    /// What it speaks; `automatic` while it does not know.
    [[nodiscard]] virtual protocol speaks() const noexcept = 0;

protected:
    ~burst_target() = default;
};

/// Whose commands they are.
class group_owner {
public:
    /// The answer to the command at `place` of the batch.
    virtual void take(std::size_t place, answer&& got) = 0;
    /// A group has no commands left to be answered, or was dropped with its io_context.
    virtual void group_ended(bool is_dropped) = 0;

protected:
    ~group_owner() = default;
};

class burst_group final : public burst {
public:
    burst_group(group_owner& whole, const command_batch& batch,
                std::shared_ptr<burst_target> target, std::span<const std::uint32_t> which,
                bool one_by_one)
        : burst(&burst_group::finish, &burst_group::take_part),
          x_whole(whole),
          x_batch(batch),
          x_target(std::move(target)),
          x_which(which),
          x_one_by_one(one_by_one) {}

    void start() { x_target->submit(*this, {&x_batch, x_which, x_one_by_one}); }
    void flush() { x_target->flush_now(); }

private:
    static bool take_part(burst& base, std::uint32_t index, answer&& got) {
        auto& self = static_cast<burst_group&>(base);
        if (index == reply_reader::unknown_part) return self.note_failure(got.error);
        const std::size_t found =
            got.key.data() ? self.place_of(got.key) : static_cast<std::size_t>(index);
        if (found < self.x_next || found >= self.x_which.size()) return false;
        if (found != self.x_next && !self.may_skip()) return false;
        self.answer_up_to(found);
        self.hand_over(std::move(got));
        return true;
    }

    static void finish(operation* base, answer* got) {
        auto& self = *static_cast<burst_group*>(base);
        if (!got) return self.x_whole.group_ended(true);
        if (self.x_is_doubtful && !got->error) return self.ask_again(self.x_which);
        if (got->error) {
            while (self.x_next < self.x_which.size()) self.hand_over(failed(got->error));
        } else if (!self.refuse_largest()) {
            return self.ask_again(self.x_which);
        } else {
            self.answer_up_to(self.x_which.size());
        }
        if (!self.x_unsure.empty()) {
            self.x_asked_again = std::exchange(self.x_unsure, {});
            return self.ask_again(self.x_asked_again);
        }
        self.x_whole.group_ended(false);
    }

    // Whether those of which there is nothing to say have no answer.
    [[nodiscard]] bool may_skip() const noexcept {
        const auto shape = burst_shape(x_target->speaks(), {&x_batch, x_which, x_one_by_one});
        return shape != reply_shape::replies;
    }

    // An error that does not say whose it is. Those that are too large can be found out.
    bool note_failure(std::error_code error) noexcept {
        if (error == errc::value_too_large) {
            ++x_too_large;
        } else {
            x_is_doubtful = true;
        }
        return true;
    }

    // What is too large for the server is larger than what is not: they all share the flags, so key
    // and value decide. To ask again would do, too, but might overtake what was asked since. False
    // if it does not come out even.
    [[nodiscard]] bool refuse_largest() {
        if (x_too_large == 0) return true;
        const auto size_of = [&](std::uint32_t place) {
            return x_batch.key(place).size() + x_batch.value(place).size();
        };
        std::vector<std::size_t> sizes;
        for (const std::uint32_t place : x_which) sizes.push_back(size_of(place));
        if (x_too_large > sizes.size()) return false;
        const auto last = sizes.begin() + static_cast<std::ptrdiff_t>(x_too_large) - 1;
        std::ranges::nth_element(sizes, last, std::ranges::greater());
        const std::size_t least = *last;
        if (std::ranges::any_of(last + 1, sizes.end(), [&](auto size) { return size == least; })) {
            return false;
        }
        while (x_next < x_which.size()) {
            if (size_of(x_which[x_next]) >= least) {
                hand_over(failed(errc::value_too_large));
            } else {
                answer_up_to(x_next + 1);
            }
        }
        return true;
    }

    // VALUEs come in the order of their keys: what is skipped is a miss.
    [[nodiscard]] std::size_t place_of(std::string_view key) const noexcept {
        std::size_t place = x_next;
        while (place < x_which.size() && x_batch.key(x_which[place]) != key) ++place;
        return place;
    }

    // Nothing is said of a miss, nor of a store that is done where the protocol is quiet.
    void answer_up_to(std::size_t end) {
        while (x_next < end) {
            answer unsaid;
            assume_silence(x_batch.shared().what, unsaid);
            hand_over(std::move(unsaid));
        }
    }

    void hand_over(answer&& got) {
        const std::uint32_t place = x_which[x_next++];
        if (is_unsure(got)) {
            x_unsure.push_back(place);
        } else {
            x_whole.take(place, std::move(got));
        }
    }

    // A classic line does not tell the placeholder of a lease from an empty value.
    [[nodiscard]] bool is_unsure(const answer& got) const noexcept {
        return got.key.data() && got.view.empty() && !x_one_by_one &&
               x_target->speaks() == protocol::meta;
    }

    // A set that is sent twice is the same set, as long as nobody was told that it is done.
    void ask_again(std::span<const std::uint32_t> which) {
        x_which = which;
        x_next = 0;
        x_one_by_one = true;
        x_is_doubtful = false;
        x_too_large = 0;
        start();
    }

    group_owner& x_whole;
    const command_batch& x_batch;
    std::shared_ptr<burst_target> x_target;
    std::span<const std::uint32_t> x_which;
    std::size_t x_next = 0;  // in x_which: the first without an answer
    bool x_one_by_one;
    bool x_is_doubtful = false;   // some command failed, nobody knows which
    std::size_t x_too_large = 0;  // so many failed for their size
    std::vector<std::uint32_t> x_unsure;
    std::vector<std::uint32_t> x_asked_again;
};

}  // namespace memring::detail
