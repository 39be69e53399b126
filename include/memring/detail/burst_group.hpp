#pragma once
// The commands of a batch that go to one node together: takes their answers in order, tells who has
// had none, and asks again where an answer left open whether there is a value.

#include <cstddef>
#include <cstdint>
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
    /// Gives back what a read won, so that somebody else renews or computes it. Precondition: the
    /// answer has a cas.
    virtual void give_back(std::string_view key, const answer& won) = 0;
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
        : burst(&burst_group::finish, &burst_group::take_part, &burst_group::key_of_part),
          x_whole(whole),
          x_batch(batch),
          x_target(std::move(target)),
          x_which(which),
          x_one_by_one(one_by_one) {}

    void start() { x_target->submit(*this, {&x_batch, x_which, x_one_by_one, x_looks}); }
    void flush() { x_target->flush_now(); }

private:
    static bool take_part(burst& base, std::uint32_t index, answer&& got) {
        auto& self = static_cast<burst_group&>(base);
        if (index == reply_reader::unknown_part) {
            self.x_doubt = got.error;
            return true;
        }
        const std::size_t found =
            got.key.data() ? self.place_of(got.key) : static_cast<std::size_t>(index);
        if (found < self.x_next || found >= self.x_which.size()) return false;
        if (found != self.x_next && !self.may_skip()) return false;
        self.answer_up_to(found);
        self.hand_over(std::move(got));
        return true;
    }

    static std::string_view key_of_part(const burst& base, std::uint32_t index) {
        const auto& self = static_cast<const burst_group&>(base);
        if (!is_plain_read(self.x_batch.shared().what)) return {};
        return self.x_batch.key(self.x_which[index]);
    }

    static void finish(operation* base, answer* got) {
        auto& self = *static_cast<burst_group*>(base);
        if (!got) return self.x_whole.group_ended(true);
        if (self.x_doubt && !self.x_looks && !got->error) {
            self.x_looks = true;
            return self.ask_again(self.x_which);
        }
        if (got->error) {
            while (self.x_next < self.x_which.size()) self.hand_over(failed(got->error));
        } else {
            self.answer_up_to(self.x_which.size());
        }
        if (got->error) {  // of the whole, which may be a cancellation
            for (const std::uint32_t place : self.x_unsure) {
                self.x_whole.take(place, failed(got->error));
            }
            self.x_unsure.clear();
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
        if (got.won && is_plain_read(x_batch.shared().what)) {
            x_target->give_back(x_batch.key(place), got);
            got.cas = 0;  // the item has another one now
        }
        if (x_looks && !got.error && got.what != status::ok) got.error = x_doubt;
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

    // A set that memcached refuses leaves no item under its key, not even the one before: what is
    // there was stored, by this set or a later one.
    void ask_again(std::span<const std::uint32_t> which) {
        x_which = which;
        x_next = 0;
        x_one_by_one = true;
        start();
    }

    group_owner& x_whole;
    const command_batch& x_batch;
    std::shared_ptr<burst_target> x_target;
    std::span<const std::uint32_t> x_which;
    std::size_t x_next = 0;  // in x_which: the first without an answer
    bool x_one_by_one;
    std::error_code x_doubt;  // of a set that failed, nobody knows which
    bool x_looks = false;     // for what became of them
    std::vector<std::uint32_t> x_unsure;
    std::vector<std::uint32_t> x_asked_again;
};

}  // namespace memring::detail
