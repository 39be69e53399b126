#pragma once
// The order of things on one connection: queued -> written -> answered | abandoned. Replies come
// in the order of the commands, so the front entry is always the one the next reply belongs to.
// Plain bookkeeping on bytes and pointers; the connection does what this decides.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <memring/detail/ring_queue.hpp>
#include <memring/protocol/admin_command.hpp>
#include <memring/protocol/command.hpp>

namespace memring {

/// What kind of reply a written command is owed.
enum class reply_shape : std::uint8_t {
    single,   ///< the answer to one command, checked against verb and opaque
    classic,  ///< the answer to one classic command, over meta, too
    replies,  ///< the answers to `count` commands, in their order
    sparse,   ///< to those of `count` commands that have anything to say, then the barrier's
    values,   ///< VALUE and its block for each key that is there, then END
    admin     ///< what a command to the node as a whole is answered with
};

/// A reply that is owed, as far as what comes must fit it.
struct owed_reply {
    reply_shape shape = reply_shape::single;
    verb what = verb::get;
    std::uint32_t count = 1;   ///< commands that were sent as one
    std::uint32_t opaque = 0;  ///< of the first of them; the others count up
    admin_command::kind admin = admin_command::kind::version;
    std::uint32_t key_sum = 0;  ///< `key_sum_of` what a single classic read asks for; 0: any key
};

/// Tells a key from nearly all others. A classic reply has no opaque: that its VALUE has the key
/// that was asked for is all there is to check.
[[nodiscard]] inline std::uint32_t key_sum_of(std::string_view key) noexcept {
    return static_cast<std::uint32_t>(std::hash<std::string_view>()(key));
}

/// Nothing.
struct no_stamp {};

/// The commands of one connection. `Operation` is whatever waits for the answer; the pipeline
/// keeps the pointer, never follows it. `Stamp` is something else to keep for each command. Not
/// thread-safe.
template <class Operation, class Stamp = no_stamp>
class pipeline {
public:
    /// Names an entry for its whole life; the low 32 bits are its opaque on the wire (of a burst,
    /// that of its first command).
    using ticket = std::uint64_t;

    struct entry {
        Operation* waiter = nullptr;  ///< null once abandoned
        std::size_t length = 0;       ///< bytes on the wire
        owed_reply owed;
        [[no_unique_address]] Stamp stamp;
    };

    /// Queues a command, or a burst of `count` of them: `encode(out, opaque)` appends its bytes.
    template <class Encode>
    ticket push(Operation& waiter, owed_reply owed, Encode&& encode, Stamp stamp = {}) {
        const ticket name = x_first + x_entries.size();
        const std::size_t before = x_queued_bytes.size();
        owed.opaque = static_cast<std::uint32_t>(name);
        std::forward<Encode>(encode)(x_queued_bytes, owed.opaque);
        x_entries.push_back({&waiter, x_queued_bytes.size() - before, owed, stamp});
        return name;
    }

    /// Precondition: the entry is still in the pipeline.
    [[nodiscard]] const entry& at(ticket name) const noexcept {
        return x_entries[static_cast<std::size_t>(name - x_first)];
    }

    /// The ticket the next entry will get.
    [[nodiscard]] ticket next_ticket() const noexcept { return x_first + x_entries.size(); }
    /// The ticket of the front entry; equals `next_ticket()` when empty.
    [[nodiscard]] ticket front_ticket() const noexcept { return x_first; }

    [[nodiscard]] bool empty() const noexcept { return x_entries.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return x_entries.size(); }
    /// Whether bytes wait to be written.
    [[nodiscard]] bool has_queued() const noexcept { return !x_queued_bytes.empty(); }
    /// Whether an answer is owed for something written (or being written).
    [[nodiscard]] bool has_written() const noexcept { return x_written != 0; }

    /// Moves everything queued into the write under way and returns its bytes, valid until the
    /// next call. Precondition: the write before has ended.
    [[nodiscard]] std::string_view begin_write() noexcept {
        x_is_untouched = x_written == 0;
        x_writing_bytes.clear();
        std::swap(x_writing_bytes, x_queued_bytes);
        x_written = x_entries.size();
        drop_unsent_front();
        return x_writing_bytes;
    }

    /// The entry whose reply comes next. Precondition: `has_written()`.
    [[nodiscard]] const entry& front() const noexcept { return x_entries[0]; }

    entry pop_front() noexcept {
        x_is_untouched = false;
        const entry popped = pop_entry();
        drop_unsent_front();
        return popped;
    }

    /// Gives up an entry. One still queued is taken out, its bytes too: it is never sent (true).
    /// One already written stays, without waiter, to swallow its reply (false).
    bool abandon(ticket name) {
        const auto place = static_cast<std::size_t>(name - x_first);
        entry& given_up = x_entries[place];
        given_up.waiter = nullptr;
        if (place < x_written) return false;
        std::size_t offset = 0;
        for (std::size_t i = x_written; i < place; ++i) offset += x_entries[i].length;
        x_queued_bytes.erase(offset, given_up.length);
        given_up.length = 0;
        drop_unsent_front();
        return true;
    }

    /// Gives up every entry whose waiter fits, in one pass: `fits(waiter)`, then
    /// `given_up(entry, is_unsent)`, the entry as it was. What `abandon` does for each, without its
    /// cost for many.
    template <class Fits, class GivenUp>
    void abandon_if(Fits&& fits, GivenUp&& given_up) {
        std::size_t offset = 0;  // in the queued bytes
        std::size_t kept = 0;
        for (std::size_t i = 0; i < x_entries.size(); ++i) {
            entry& candidate = x_entries[i];
            const std::size_t length = i < x_written ? 0 : candidate.length;
            Operation* const waiter = candidate.waiter;
            if (waiter && fits(*waiter)) {
                given_up(std::as_const(candidate), i >= x_written);
                candidate.waiter = nullptr;
                if (i >= x_written) candidate.length = 0;
            } else {
                std::copy_n(x_queued_bytes.begin() + static_cast<std::ptrdiff_t>(offset), length,
                            x_queued_bytes.begin() + static_cast<std::ptrdiff_t>(kept));
                kept += length;
            }
            offset += length;
        }
        x_queued_bytes.resize(kept);
        drop_unsent_front();
    }

    /// Empties the written part, as when the connection is lost: no reply will come. Returns who
    /// still waited, oldest first. What is queued stays.
    [[nodiscard]] std::vector<entry> drop_written() {
        std::vector<entry> waiting;
        for (std::size_t left = x_written; left > 0; --left) {
            const entry dropped = pop_entry();
            if (dropped.waiter) waiting.push_back(dropped);
        }
        drop_unsent_front();
        return waiting;
    }

    /// Whether everything written left in one write and nothing of it has been answered: then
    /// `requeue_written` may send some of it again.
    [[nodiscard]] bool is_untouched() const noexcept { return x_is_untouched && has_written(); }

    /// Puts what was written back to the front of the queue as far as `may_repeat(entry)`, to be
    /// sent over a new connection. Returns who waited for the rest, oldest first. Precondition:
    /// `is_untouched()`.
    template <class MayRepeat>
    [[nodiscard]] std::vector<entry> requeue_written(MayRepeat&& may_repeat) {
        std::vector<entry> waiting;
        std::string again;
        std::size_t offset = 0;
        for (std::size_t i = 0; i < x_written; ++i) {
            entry& candidate = x_entries[i];
            const std::string_view bytes(x_writing_bytes.data() + offset, candidate.length);
            offset += candidate.length;
            if (candidate.waiter && may_repeat(candidate)) {
                again.append(bytes);
            } else {
                if (candidate.waiter) waiting.push_back(candidate);
                candidate.waiter = nullptr;
                candidate.length = 0;
            }
        }
        again.append(x_queued_bytes);
        x_queued_bytes.swap(again);
        x_written = 0;
        drop_unsent_front();
        return waiting;
    }

    /// Gives back the memory that a burst made the queues grow to. Precondition: empty.
    void shrink() {
        if (x_queued_bytes.capacity() > most_kept) std::string().swap(x_queued_bytes);
        if (x_writing_bytes.capacity() > most_kept) std::string().swap(x_writing_bytes);
        x_entries.shrink(most_kept / sizeof(entry));
    }

    /// Empties everything and returns who still waited, oldest first.
    [[nodiscard]] std::vector<entry> drop_all() {
        x_written = x_entries.size();
        x_queued_bytes.clear();
        return drop_written();
    }

    /// Whether the entry's bytes have left the queue.
    [[nodiscard]] bool is_written(ticket name) const noexcept { return name - x_first < x_written; }

private:
    entry pop_entry() noexcept {
        ++x_first;
        if (x_written > 0) --x_written;
        return x_entries.pop_front();
    }

    // An entry taken out before it was written keeps its place, with no bytes, so that tickets
    // stay consecutive; it must never be at the front, where it would wait for a reply.
    void drop_unsent_front() noexcept {
        while (!x_entries.empty() && x_entries[0].length == 0) pop_entry();
    }

    static constexpr std::size_t most_kept = 1024;  // bytes each, while idle

    detail::ring_queue<entry> x_entries;
    ticket x_first = 0;           // of the front entry
    std::size_t x_written = 0;    // entries, from the front
    bool x_is_untouched = false;  // what was written, since its write
    std::string x_queued_bytes;
    std::string x_writing_bytes;
};

}  // namespace memring
